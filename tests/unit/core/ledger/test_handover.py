"""Handover: whoever pinned the first key is led to the last one, and nobody goes on with an old one."""

from __future__ import annotations

import io

import pytest

from tests.fakes.ledgers import FakeKey, body_of, handover_body
from tests.fakes.long_tampering import History
from tests.fakes.tampering import Parts, last_note
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.ledger.handover import LENGTH_MAX, handover_in
from tidewaiter.core.ledger.verify import Report, verify

FIRST, SECOND, THIRD = FakeKey(1), FakeKey(2), FakeKey(3)


def history() -> History:
    """Return a ledger that two handovers, at entries 3 and 6, gave to a second and a third key."""
    bodies = [body_of(place) for place in range(9)]
    bodies[2], bodies[5] = handover_body(FIRST, SECOND), handover_body(SECOND, THIRD)
    return History(keys=[FIRST, SECOND, THIRD], bodies=bodies, every=2)


def verified(parts: Parts, *known: bytes, key: FakeKey = FIRST) -> Report:
    lines = io.BytesIO(b"".join(parts))
    return verify(lines, key=key.public, signature_holds=signature_holds, known=known)


def codes(report: Report) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.position) for finding in report.findings]


def test_the_first_key_leads_to_the_last() -> None:
    report = verified(history().parts())
    assert report.holds
    assert report.key == THIRD.public


def test_another_key_leads_nowhere() -> None:
    assert {code for code, _ in codes(verified(history().parts(), key=FakeKey(7)))} == {"checkpoint-key"}


def test_checkpoints_that_were_kept_are_opened_with_the_key_of_their_time() -> None:
    sound = history().parts()
    kept = [last_note(make) for make in ([*sound[: place + 1]] for place in range(3, len(sound) - 1))]
    assert verified(sound, *kept).holds
    other = FakeKey(8).note(9, bytes(32)).encode()
    assert codes(verified(sound, other)) == [("known-checkpoint", None)]


def test_a_kept_checkpoint_of_another_history_is_found_under_a_later_key() -> None:
    assert codes(verified(history().parts(), THIRD.note(9, bytes(32)).encode())) == [("forked", 9)]
    assert codes(verified(history().parts(), THIRD.note(12, bytes(32)).encode())) == [("rolled-back", 12)]


def test_an_old_key_cannot_sign_after_the_handover() -> None:
    old = history().parts(lambda size: [FIRST] if size == 9 else history().signers(size))
    assert codes(verified(old))[0] == ("checkpoint-key-retired", 9)
    kept = FIRST.note(8, bytes(32)).encode()
    assert codes(verified(history().parts(), kept)) == [("checkpoint-key-retired", 8)]


def test_the_new_key_must_sign_the_checkpoint_over_its_handover() -> None:
    alone = history().parts(lambda size: [FIRST] if size == 3 else history().signers(size))
    assert codes(verified(alone))[0] == ("handover", 3)
    assert "new key did not sign" in verified(alone).findings[0].message


@pytest.mark.parametrize(
    "words",
    [
        {"kind": "handover"}, {"kind": "handover", "old_key": "x", "new_key": "y"},
        {"kind": "start", "old_key": FIRST.public.text(), "new_key": SECOND.public.text()},
        {"kind": "handover", "old_key": SECOND.public.text(), "new_key": THIRD.public.text()},
        {"kind": "handover", "old_key": FIRST.public.text(), "new_key": FIRST.public.text()},
        {"kind": "handover", "old_key": FIRST.public.text(),
         "new_key": FakeKey(2, "another/ledger").public.text()},
        {"kind": "handover", "old_key": FIRST.public.text(), "new_key": SECOND.public.text(),
         "more": "x" * LENGTH_MAX},
        {"of": {"kind": "handover"}, "old_key": FIRST.public.text(), "new_key": SECOND.public.text()},
    ],
)  # fmt: skip
def test_what_is_no_handover_of_this_key_hands_nothing_over(words: dict[str, object]) -> None:
    assert handover_in(1, canonical_json(words), FIRST.public) is None


def test_a_handover_of_this_key_is_read() -> None:
    found = handover_in(5, handover_body(FIRST, SECOND), FIRST.public)
    assert found is not None
    assert (found.position, found.old, found.new) == (5, FIRST.public, SECOND.public)
