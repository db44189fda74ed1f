"""Of a well signed ID token, everything that can still be wrong is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.sign_on import CLOCK_SKEW, Expected, Refusal, SignOnRefused, identity_of

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
EXPECTED = Expected(
    issuer="https://id.example", client_id="tidewaiter", nonce="n-1",
    authenticated_since=NOW - timedelta(hours=4), two_factors=frozenset({"two-factors"}),
)  # fmt: skip
GOOD: dict[str, Any] = {
    "iss": "https://id.example", "aud": "tidewaiter", "sub": "s-1", "nonce": "n-1", "iat": SECONDS - 5,
    "exp": SECONDS + 300, "auth_time": SECONDS - 60, "amr": ["pwd", "mfa"], "email": "Anna@Customs.example",
    "email_verified": True,
}  # fmt: skip
GONE = object()
SKEW = int(CLOCK_SKEW.total_seconds())


def told(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (GOOD | changes).items() if value is not GONE}


def refusal(claims: dict[str, Any], expected: Expected = EXPECTED) -> Refusal:
    with pytest.raises(SignOnRefused) as caught:
        identity_of(claims, expected, NOW)
    return caught.value.refusal


def test_a_good_token_names_who_it_is_and_since_when() -> None:
    identity = identity_of(told(), EXPECTED, NOW)
    assert (identity.issuer, identity.subject) == ("https://id.example", "s-1")
    assert identity.email == "anna@customs.example"
    assert identity.authenticated_at == NOW - timedelta(minutes=1)


@pytest.mark.parametrize("level", [{"amr": GONE, "acr": "two-factors"}, {"amr": ["mfa"], "acr": "0"}])
def test_two_factors_are_shown_by_method_or_by_level(level: dict[str, Any]) -> None:
    assert identity_of(told(**level), EXPECTED, NOW).subject == "s-1"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"}, {"iss": "https://id.example/"}, {"iss": GONE}, {"nonce": "n-2"},
        {"nonce": GONE}, {"nonce": ["n-1"]}, {"aud": "other"}, {"aud": ["tidewaiter", "other"]}, {"aud": []},
        {"aud": GONE}, {"aud": {"tidewaiter": 1}}, {"azp": "other"}, {"azp": None}, {"exp": SECONDS - SKEW},
        {"exp": GONE}, {"exp": "later"}, {"exp": True}, {"exp": 1e300}, {"exp": float("nan")},
        {"iat": SECONDS + SKEW + 1}, {"iat": SECONDS - 3600}, {"iat": GONE}, {"iat": -1}, {"sub": GONE},
        {"sub": ""}, {"sub": 7}, {"sub": "x" * 256}, {"auth_time": SECONDS + SKEW + 1}, {"auth_time": "now"},
    ],
)  # fmt: skip
def test_each_claim_that_is_wrong_is_refused(change: dict[str, Any]) -> None:
    assert refusal(told(**change)) is Refusal.REFUSED


@pytest.mark.parametrize(
    "change",
    [
        {"auth_time": GONE}, {"auth_time": SECONDS - 4 * 3600 - SKEW - 1}, {"amr": GONE}, {"amr": ["pwd"]},
        {"amr": "mfa"}, {"amr": GONE, "acr": "1"}, {"amr": GONE, "acr": ["two-factors"]},
    ],
)  # fmt: skip
def test_a_proof_that_is_old_missing_or_of_one_factor_is_too_weak(change: dict[str, Any]) -> None:
    assert refusal(told(**change)) is Refusal.WEAK


def test_who_must_show_it_anew_cannot_use_what_they_showed_before() -> None:
    anew = Expected(
        issuer=EXPECTED.issuer, client_id=EXPECTED.client_id, nonce=EXPECTED.nonce, authenticated_since=NOW,
        two_factors=frozenset(),
    )  # fmt: skip
    assert refusal(told(auth_time=SECONDS - SKEW - 1), anew) is Refusal.WEAK
    assert identity_of(told(auth_time=SECONDS), anew, NOW).authenticated_at == NOW


def test_a_clock_that_is_a_little_ahead_makes_no_proof_in_the_future() -> None:
    assert identity_of(told(auth_time=SECONDS + SKEW), EXPECTED, NOW).authenticated_at == NOW


@pytest.mark.parametrize(
    "change",
    [{"email_verified": GONE}, {"email_verified": "true"}, {"email_verified": 1}, {"email": 7},
     {"email": "a" * 256}],
)  # fmt: skip
def test_an_address_that_is_not_verified_is_none(change: dict[str, Any]) -> None:
    assert identity_of(told(**change), EXPECTED, NOW).email is None


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*sorted(GOOD), "acr", "azp"]), _ANYTHING))
def test_whatever_is_in_a_token_it_is_believed_or_refused(changes: dict[str, Any]) -> None:
    try:
        at = identity_of(told(**changes), EXPECTED, NOW).authenticated_at
    except SignOnRefused:
        at = NOW
    assert at <= NOW
