"""The signed stand-in policy: what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.fakes.ledgers import FakeKey
from tests.fakes.site import START, starter_bodies
from tests.unit.core.standin.test_policy import data
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import signed_note
from tidewaiter.core.standin import VALID_MAX, SignedPolicy, is_valid, parse_signed, signed_text

KEY = FakeKey()


def note(text: str | None = None, key: FakeKey = KEY) -> str:
    text = text or signed_text(data(), starter_bodies()["lanes"], START)
    return signed_note(text, key.public, key.sign(text.encode()))


def read(signed: str) -> SignedPolicy:
    return parse_signed(signed, KEY.public, signature_holds)


def test_what_was_signed_is_read_again() -> None:
    signed = read(note())
    assert signed.policy.otherwise == "documents"
    assert signed.lanes["scan"].control
    assert signed.expires_at - signed.signed_at == VALID_MAX
    assert is_valid(signed, START)


@pytest.mark.parametrize("at", [START - timedelta(seconds=1), START + VALID_MAX])
def test_it_is_refused_before_and_after_its_day(at: datetime) -> None:
    assert not is_valid(read(note()), at)


def test_a_changed_lane_is_refused() -> None:
    forged = note().replace('"otherwise":"documents"', '"otherwise":"scan"')
    assert forged != note()
    with pytest.raises(InputError, match="altered"):
        read(forged)


def test_another_key_and_another_kind_of_note_are_refused() -> None:
    with pytest.raises(InputError, match="not signed by"):
        read(note(key=FakeKey(2)))
    with pytest.raises(InputError, match="not a stand-in policy"):
        read(note("tidewaiter-receipt/1\n{}\n"))


@pytest.mark.parametrize("line", ["{}", "[]", "null", "{", '{"lanes":1,"policy":2}'])
def test_what_is_signed_but_no_policy_is_refused(line: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read(note(f"tidewaiter-standin/1\n{line}\n"))


def test_nobody_can_sign_it_for_longer_than_a_day() -> None:
    lanes = starter_bodies()["lanes"]
    for valid in (VALID_MAX + timedelta(seconds=1), timedelta()):
        with pytest.raises(InputError, match="at most"):
            signed_text(data(), lanes, START, valid)
    longer = signed_text(data(), lanes, START).replace("2026-06-02", "2026-06-03")
    with pytest.raises(InputError, match="longer"):
        read(note(longer))
