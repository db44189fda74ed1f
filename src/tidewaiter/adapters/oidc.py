"""An OpenID provider over HTTPS: the port :class:`~tidewaiter.flow.ports.sign_on.IdentityProvider`.

Discovery (OpenID Connect Discovery 1.0), the token request (RFC 6749, 4.1.3) and the signature of the
ID token are here; what the token says is judged in :mod:`tidewaiter.core.sign_on`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from tidewaiter.core.sign_on import Refusal, SignOnRefused

__all__ = ["ALGORITHMS", "OidcProvider"]

#: Signatures with a private key only: with a shared secret (HS256) the public key could be taken for
#: it, and ``none`` is no signature (RFC 8725, 3.1 and 3.2).
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")

_TIMEOUT: Final = httpx2.Timeout(5.0, connect=3.0)
_ANSWER_MAX_BYTES: Final = 1024 * 1024
#: How long what the provider says of itself, and its keys, are taken as still so.
_KEPT_SECONDS: Final = 3600.0
#: A token with a key that is not known makes us look for new keys, but not more often than this.
_KEYS_EVERY_SECONDS: Final = 30.0
_DISCOVERY: Final = "/.well-known/openid-configuration"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class OidcProvider:
    """One provider, and the client that it knows us as.

    Redirects are not followed and proxies of the environment not used.  Whatever the provider answers
    that cannot be used becomes SignOnRefused: UNAVAILABLE when it is not well, REFUSED else.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        secret: str,
        redirect_uri: str,
        two_factors: frozenset[str] = frozenset(),
        transport: httpx2.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._two_factors = two_factors
        self._monotonic = monotonic
        self._client = httpx2.Client(
            timeout=_TIMEOUT, follow_redirects=False, trust_env=False, transport=transport
        )
        self._metadata: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @property
    def issuer(self) -> str:
        """Return the name by which the provider calls itself."""
        return self._issuer

    @property
    def client_id(self) -> str:
        """Return the name by which the provider calls us."""
        return self._client_id

    @property
    def two_factors(self) -> frozenset[str]:
        """Return the values of ``acr`` that stand for two factors."""
        return self._two_factors

    def address(self, *, state: str, nonce: str, challenge: str, max_age: int) -> str:
        """Return where the browser goes to sign on; *max_age* is in seconds, 0: show it anew."""
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "max_age": str(max_age),
        }
        if max_age == 0:
            asked["prompt"] = "login"
        if self._two_factors:
            asked["acr_values"] = " ".join(sorted(self._two_factors))
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def claims(self, *, code: str, verifier: str, issuer: str | None) -> Mapping[str, Any]:
        """Return the claims of the ID token for *code*, its signature checked and nothing else."""
        names_itself = self._described().get("authorization_response_iss_parameter_supported") is True
        if issuer != self._issuer and (names_itself or issuer is not None):
            raise _refused("the answer does not come from the provider that was asked (`iss`)")
        given = self._exchange(code, verifier)
        token = given.get("id_token")
        if not isinstance(token, str):
            raise _refused("the provider gave no ID token")
        claims = self._verified(token)
        access = given.get("access_token")
        if "email" not in claims and isinstance(access, str) and "userinfo_endpoint" in self._described():
            claims |= self._address_of(access, claims.get("sub"))
        return claims

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        """Give the code for tokens; the client shows its secret by HTTP Basic (RFC 6749, 2.3.1)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        # Form-encoded first, as the RFC has it: both may hold a colon.
        auth = httpx2.BasicAuth(quote(self._client_id, safe=""), quote(self._secret, safe=""))
        return self._asked("POST", self._endpoint("token_endpoint"), data=form, auth=auth)

    def _address_of(self, access: str, subject: object) -> dict[str, Any]:
        """Return the e-mail claims of the UserInfo endpoint, if they are of the same subject (5.3.2)."""
        told = self._asked(
            "GET", self._endpoint("userinfo_endpoint"), headers={"Authorization": f"Bearer {access}"}
        )
        if told.get("sub") != subject:
            raise _refused("UserInfo speaks of another subject than the ID token")
        return {name: told[name] for name in ("email", "email_verified") if name in told}

    def _verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that is signed with a key of the provider."""
        try:
            try:
                return dict(jwt.decode(token, self._key_set(_KEPT_SECONDS), ALGORITHMS).claims)
            except InvalidKeyIdError:
                # The provider may have new keys since they were read.
                return dict(jwt.decode(token, self._key_set(_KEYS_EVERY_SECONDS), ALGORITHMS).claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise _refused(f"the ID token is not signed as it must be ({type(error).__name__})") from error

    def _key_set(self, kept_seconds: float) -> KeySet:
        """Return the keys of the provider, read within *kept_seconds*; shared secrets are none."""
        now = self._monotonic()
        if self._keys is None or now - self._keys[0] >= kept_seconds:
            told = self._asked("GET", self._endpoint("jwks_uri")).get("keys")
            entries = [key for key in told if isinstance(key, dict)] if isinstance(told, list) else []
            public = [
                key for key in entries
                if key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use") != "enc"
            ]  # fmt: skip
            try:
                keys = KeySet.import_key_set({"keys": public})
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise _unavailable(f"its keys cannot be read ({type(error).__name__})") from error
            self._keys = now, keys
        return self._keys[1]

    def _described(self) -> Mapping[str, Any]:
        """Return what the provider says of itself; it must call itself by the name in the settings."""
        now = self._monotonic()
        if self._metadata is None or now - self._metadata[0] >= _KEPT_SECONDS:
            told = self._asked("GET", self._issuer.rstrip("/") + _DISCOVERY)
            if told.get("issuer") != self._issuer:
                raise _unavailable("it calls itself by another name than the one in the settings (`issuer`)")
            self._metadata = now, told
        return self._metadata[1]

    def _endpoint(self, name: str) -> str:
        """Return an address of the provider: HTTPS, or plain HTTP on the machine itself like the issuer."""
        address = self._described().get(name)
        parts = urlsplit(address) if isinstance(address, str) else None
        local = urlsplit(self._issuer).scheme == "http" and parts is not None and parts.hostname in _LOOPBACK
        if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
            raise _unavailable(f"it names no `{name}` that begins with https://")
        return parts.geturl()

    def _asked(self, method: str, address: str, **how: Any) -> Mapping[str, Any]:
        """Return the JSON object that the provider answers."""
        try:
            with self._client.stream(method, address, **how) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _ANSWER_MAX_BYTES:
                        raise _unavailable("its answer is larger than 1 MiB")
        except httpx2.HTTPError as error:
            raise _unavailable(f"it cannot be reached ({type(error).__name__})") from error
        if 400 <= response.status_code < 500:
            raise _refused(f"the provider answered {response.status_code}")
        if response.status_code != 200:
            raise _unavailable(f"it answered {response.status_code}")
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _unavailable("its answer is no JSON") from error
        if not isinstance(told, dict):
            raise _unavailable("its answer is no JSON object")
        return told

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _refused(why: str) -> SignOnRefused:
    return SignOnRefused(Refusal.REFUSED, f"Sign-on was refused: {why}.")


def _unavailable(why: str) -> SignOnRefused:
    return SignOnRefused(Refusal.UNAVAILABLE, f"The identity provider cannot be used: {why}.")
