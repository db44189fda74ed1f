"""A provider that answers wrongly, or not at all, and every forged signature, is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from tidewaiter.adapters.oidc import OidcProvider
from tidewaiter.core.sign_on import Refusal, SignOnRefused

ISSUER = "https://id.example/realm"
CALLBACK = "https://risk.example/api/v1/session/oidc/callback"
RSA = RSAKey.generate_key(2048, {"kid": "r1"}, auto_kid=False)
EC = ECKey.generate_key("P-256", {"kid": "e1"}, auto_kid=False)
ED = OKPKey.generate_key("Ed25519", {"kid": "o1"}, auto_kid=False)
STRANGER = RSAKey.generate_key(2048, {"kid": "r1"}, auto_kid=False)
CLAIMS = {"sub": "s-1", "iss": ISSUER, "email": "anna@customs.example"}


def part(data: Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Wire:
    """The provider as it answers; a test changes what it wants."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "userinfo_endpoint": "https://id.example/userinfo",
        }
        self.keys: list[Any] = [
            RSA.as_dict(private=False),
            EC.as_dict(private=False),
            ED.as_dict(private=False),
        ]
        self.token: Any = jwt.encode({"alg": "RS256", "kid": "r1"}, CLAIMS, RSA)
        self.userinfo: dict[str, Any] = {
            "sub": "s-1",
            "email": "other@customs.example",
            "email_verified": True,
        }
        self.answers: dict[str, Callable[[], httpx2.Response]] = {}
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        path = request.url.path
        if path in self.answers:
            return self.answers[path]()
        told: dict[str, Any] = {
            "/realm/.well-known/openid-configuration": self.metadata,
            "/keys": {"keys": self.keys},
            "/token": {"id_token": self.token, "access_token": "at", "token_type": "Bearer"},
            "/userinfo": self.userinfo,
        }
        return httpx2.Response(200, json=told[path])

    def count(self, path: str) -> int:
        return sum(request.url.path == path for request in self.asked)


class Watch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def provider(wire: Wire, watch: Watch) -> Iterator[OidcProvider]:
    made = OidcProvider(
        issuer=ISSUER, client_id="tide:waiter", secret="p@ss:word", redirect_uri=CALLBACK,
        two_factors=frozenset({"b", "a"}), transport=httpx2.MockTransport(wire), monotonic=watch,
    )  # fmt: skip
    yield made
    made.close()


def claims(provider: OidcProvider, issuer: str | None = ISSUER) -> dict[str, Any]:
    return dict(provider.claims(code="c-1", verifier="v-1", issuer=issuer))


def refusal(provider: OidcProvider, issuer: str | None = ISSUER) -> Refusal:
    with pytest.raises(SignOnRefused) as caught:
        claims(provider, issuer)
    return caught.value.refusal


def test_the_browser_is_sent_with_everything_that_binds_the_answer(provider: OidcProvider) -> None:
    address = provider.address(state="st", nonce="no", challenge="ch", max_age=0)
    assert address.startswith("https://id.example/authorize?")
    assert parse_qs(urlsplit(address).query) == {
        "response_type": ["code"], "client_id": ["tide:waiter"], "redirect_uri": [CALLBACK],
        "scope": ["openid email"], "state": ["st"], "nonce": ["no"], "code_challenge": ["ch"],
        "code_challenge_method": ["S256"], "max_age": ["0"], "prompt": ["login"], "acr_values": ["a b"],
    }  # fmt: skip
    assert "prompt" not in provider.address(state="st", nonce="no", challenge="ch", max_age=60)


def test_the_code_is_given_with_proof_key_secret_and_the_same_place(
    wire: Wire, provider: OidcProvider
) -> None:
    assert claims(provider) == CLAIMS
    (request,) = [each for each in wire.asked if each.url.path == "/token"]
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["authorization_code"], "code": ["c-1"], "redirect_uri": [CALLBACK],
        "code_verifier": ["v-1"],
    }  # fmt: skip
    shown = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    assert shown == "tide%3Awaiter:p%40ss%3Aword"


@pytest.mark.parametrize(
    ("algorithm", "key"), [("RS256", RSA), ("PS256", RSA), ("ES256", EC), ("Ed25519", ED)]
)
def test_signatures_with_a_private_key_hold(
    wire: Wire, provider: OidcProvider, algorithm: str, key: Any
) -> None:
    header = {"alg": algorithm, "kid": key.kid}
    wire.token = jwt.encode(header, CLAIMS, key, algorithms=[algorithm])
    assert claims(provider) == CLAIMS


def unsigned() -> str:
    return f"{part({'alg': 'none'})}.{part(CLAIMS)}."


def confused(secret: bytes) -> str:
    """A token signed with HMAC, the provider's public key as the shared secret (RFC 8725, 2.1)."""
    signed = f"{part({'alg': 'HS256', 'kid': 'r1'})}.{part(CLAIMS)}"
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def changed() -> str:
    header, _, signature = jwt.encode({"alg": "RS256", "kid": "r1"}, CLAIMS, RSA).split(".")
    return f"{header}.{part(CLAIMS | {'sub': 's-2'})}.{signature}"


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode({"alg": "RS256", "kid": "r1"}, CLAIMS, STRANGER),
        jwt.encode({"alg": "RS256", "kid": "r1", "jwk": STRANGER.as_dict(private=False)}, CLAIMS, STRANGER),
        jwt.encode({"alg": "RS512", "kid": "r1"}, CLAIMS, RSA, algorithms=["RS512"]),
        unsigned(), confused(RSA.as_pem(private=False)), confused(b""), changed(), "", "a.b.c", "e30.e30.e30",
        f"{part({'alg': 'RS256', 'kid': ['r1']})}.{part(CLAIMS)}.AAAA", f"{part([])}.{part(CLAIMS)}.AAAA",
        None, 7,
    ],
    ids=range(14),
)  # fmt: skip
def test_a_token_that_is_not_signed_by_the_provider_is_refused(
    wire: Wire, provider: OidcProvider, token: Any
) -> None:
    wire.token = token
    assert refusal(provider) is Refusal.REFUSED


def test_a_shared_secret_among_the_keys_is_no_key(wire: Wire, provider: OidcProvider) -> None:
    wire.keys = [*wire.keys, {"kty": "oct", "kid": "h1", "k": part(b"k" * 32)}]
    signed = f"{part({'alg': 'HS256', 'kid': 'h1'})}.{part(CLAIMS)}"
    wire.token = f"{signed}.{part(hmac.new(b'k' * 32, signed.encode(), hashlib.sha256).digest())}"
    assert refusal(provider) is Refusal.REFUSED


def test_new_keys_are_read_when_a_token_needs_them_but_not_at_everybodys_wish(
    wire: Wire, provider: OidcProvider, watch: Watch
) -> None:
    claims(provider)
    fresh = RSAKey.generate_key(2048, {"kid": "r2"}, auto_kid=False)
    wire.token = jwt.encode({"alg": "RS256", "kid": "r2"}, CLAIMS, fresh)
    assert refusal(provider) is Refusal.REFUSED
    wire.keys = KeySet([fresh]).as_dict(private=False)["keys"]  # type: ignore[assignment]
    assert refusal(provider) is Refusal.REFUSED
    assert wire.count("/keys") == 1
    watch.seconds += 30
    assert claims(provider) == CLAIMS
    assert wire.count("/keys") == 2
    # The old key is gone with the old set.
    wire.token = jwt.encode({"alg": "RS256", "kid": "r1"}, CLAIMS, RSA)
    assert refusal(provider) is Refusal.REFUSED


def test_what_the_provider_says_of_itself_is_read_once_an_hour(
    wire: Wire, provider: OidcProvider, watch: Watch
) -> None:
    for _ in range(3):
        claims(provider)
    described = "/realm/.well-known/openid-configuration"
    assert (wire.count(described), wire.count("/keys")) == (1, 1)
    watch.seconds += 3600
    claims(provider)
    assert (wire.count(described), wire.count("/keys")) == (2, 2)


@pytest.mark.parametrize(
    ("names_itself", "issuer", "good"),
    [(True, ISSUER, True), (True, None, False), (True, "https://evil.example", False), (False, None, True),
     (False, ISSUER, True), (False, "https://evil.example", False)],
)  # fmt: skip
def test_an_answer_says_who_sent_it_where_the_provider_does(
    wire: Wire, provider: OidcProvider, names_itself: bool, issuer: str | None, good: bool
) -> None:
    wire.metadata["authorization_response_iss_parameter_supported"] = names_itself
    if good:
        assert claims(provider, issuer) == CLAIMS
    else:
        assert refusal(provider, issuer) is Refusal.REFUSED
        assert wire.count("/token") == 0


def test_the_address_is_asked_for_where_the_token_has_none(wire: Wire, provider: OidcProvider) -> None:
    wire.token = jwt.encode({"alg": "RS256", "kid": "r1"}, {"sub": "s-1"}, RSA)
    assert claims(provider) == {"sub": "s-1", "email": "other@customs.example", "email_verified": True}
    wire.userinfo["sub"] = "s-2"
    assert refusal(provider) is Refusal.REFUSED


@pytest.mark.parametrize(
    "change",
    [{"issuer": "https://evil.example"}, {"issuer": ISSUER + "/"}, {"token_endpoint": "http://id.example/token"},
     {"token_endpoint": "http://127.0.0.1/token"}, {"token_endpoint": None}, {"jwks_uri": "ftp://id.example/keys"}],
)  # fmt: skip
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    wire: Wire, provider: OidcProvider, change: dict[str, Any]
) -> None:
    wire.metadata |= change
    assert refusal(provider) is Refusal.UNAVAILABLE


def unreachable() -> httpx2.Response:
    raise httpx2.ConnectError("no route")


@pytest.mark.parametrize("path", ["/realm/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    "answer",
    [
        unreachable, lambda: httpx2.Response(500), lambda: httpx2.Response(200, text="<html>"),
        lambda: httpx2.Response(200, text="[]"), lambda: httpx2.Response(200, text="[" * 100_000),
        lambda: httpx2.Response(302, headers={"location": "https://evil.example"}),
        lambda: httpx2.Response(200, content=b" " * (1024 * 1024 + 1)),
    ],
    ids=["unreachable", "500", "html", "list", "deep", "redirect", "endless"],
)  # fmt: skip
def test_a_provider_that_is_not_well_is_told_so(
    wire: Wire, provider: OidcProvider, path: str, answer: Any
) -> None:
    wire.answers[path] = answer
    assert refusal(provider) is Refusal.UNAVAILABLE


@pytest.mark.parametrize("keys", [[], [7], [{"kty": "RSA"}], [{"kty": "new"}], "keys"])
def test_keys_that_cannot_be_read_let_nobody_in(wire: Wire, provider: OidcProvider, keys: Any) -> None:
    wire.keys = keys
    assert refusal(provider) is Refusal.UNAVAILABLE


def test_a_code_that_the_provider_refuses_is_refused(wire: Wire, provider: OidcProvider) -> None:
    wire.answers["/token"] = lambda: httpx2.Response(400, json={"error": "invalid_grant"})
    assert refusal(provider) is Refusal.REFUSED
