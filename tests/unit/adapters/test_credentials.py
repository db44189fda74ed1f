"""Passwords and second factors: strong by default, the same work for nobody, RFC 6238's own values."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.people import CREDENTIALS, PASSWORD
from tidewaiter.adapters import credentials
from tidewaiter.adapters.credentials import Argon2Totp
from tidewaiter.core.errors import Unavailable

AT = datetime(2026, 6, 1, 8, 0, 10, tzinfo=UTC)


def test_by_default_a_hash_takes_what_the_rfc_recommends() -> None:
    """RFC 9106, 4: the second recommended option."""
    found = extract_parameters(Argon2Totp().hash(PASSWORD))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 65_536, 3, 4)
    assert (found.salt_len, found.hash_len) == (16, 32)


def test_a_password_holds_for_its_own_hash_only() -> None:
    own = CREDENTIALS.hash(PASSWORD)
    assert PASSWORD not in own
    assert CREDENTIALS.hash(PASSWORD) != own
    assert CREDENTIALS.holds(own, PASSWORD)
    assert not CREDENTIALS.holds(own, PASSWORD + " ")
    assert not CREDENTIALS.holds("no hash", PASSWORD)


def test_the_same_letters_are_the_same_password_however_they_were_typed() -> None:
    assert CREDENTIALS.holds(CREDENTIALS.hash("contrase\u00f1a larga"), "contrasen\u0303a larga")


def test_an_unknown_name_takes_the_same_hashing_and_never_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[Any] = []
    hasher = CREDENTIALS._hasher

    class Watching:
        hash = hasher.hash

        def verify(self, hash_: str, password: bytes) -> bool:
            verified.append(extract_parameters(hash_))
            return hasher.verify(hash_, password)

    monkeypatch.setattr(CREDENTIALS, "_hasher", Watching())
    own = CREDENTIALS.hash(PASSWORD)
    assert not CREDENTIALS.holds(None, PASSWORD)
    assert not CREDENTIALS.holds(own, "something else")
    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_a_flood_waits_for_its_turn_and_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_TURN_SECONDS", 0.01)
    busy = Argon2Totp(passes=1, memory_kib=8, lanes=1)
    for _ in range(2):
        busy._turns.acquire()
    with pytest.raises(Unavailable, match="Too many people"):
        busy.holds(None, PASSWORD)
    threading.Timer(0, busy._turns.release).run()
    assert not busy.holds(None, PASSWORD)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(seconds, UTC)
    assert CREDENTIALS.step(secret, code, at) == seconds // 30


def test_a_code_is_good_one_step_around_its_own() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(1234567890, UTC)
    good = [
        CREDENTIALS.step(secret, "005924", at + timedelta(seconds=30 * steps)) is not None
        for steps in (-2, -1, 0, 1, 2)
    ]
    assert good == [False, True, True, True, False]


def test_without_a_secret_no_code_is_good() -> None:
    codes = [f"{number:06}" for number in range(0, 1_000_000, 50_000)]
    assert not any(CREDENTIALS.step(None, code, AT) is not None for code in codes)


def test_the_address_of_a_secret_names_the_person_and_the_product() -> None:
    secret = CREDENTIALS.new_secret()
    assert len(base64.b32decode(secret)) == 20
    uri = CREDENTIALS.uri(secret, "anna")
    assert uri.startswith("otpauth://totp/Tidewaiter:anna?")
    assert f"secret={secret}" in uri


RARE = (PASSWORD, "three wet sparrows sing", "Kx7!pQ2z@9mLabcd", "\ud800 lone surrogates")
COMMON = [
    "password1234",
    "qwertyuiop12",
    "123456789012",
    "aaaaaaaaaaaa",
    "iloveyou1234",
    "administrator1",
    "P@ssw0rd1234",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_people_choose_first_is_common(password: str) -> None:
    assert CREDENTIALS.is_common(password, "anna")


@pytest.mark.parametrize("password", RARE)
def test_what_nobody_guesses_early_is_not_common(password: str) -> None:
    assert not CREDENTIALS.is_common(password, "anna")


def test_a_name_does_not_make_a_password_rare() -> None:
    assert CREDENTIALS.is_common("ottokar.maier1", "ottokar.maier")
    assert not CREDENTIALS.is_common("ottokar.maier1", "anna")


@given(st.text(min_size=12, max_size=128))
@settings(max_examples=30, deadline=2000)
def test_any_text_is_estimated_in_time(password: str) -> None:
    assert CREDENTIALS.is_common(password, "anna") in {True, False}
