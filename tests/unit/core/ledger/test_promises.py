"""Receipts that somebody kept: whole ones give no alarm, each way to break a promise is found."""

from __future__ import annotations

import io
from collections.abc import Sequence
from random import Random  # noqa: TID251 - seeded: the same places in every run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.ledgers import FakeKey
from tests.fakes.promised import BROKEN, bundle_of, decisions, kept_of, lines_of, receipt, start_entry
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger import leaf_hash
from tidewaiter.core.ledger.receipt import PROMISE_SECONDS
from tidewaiter.core.ledger.verify import Report, verify

KEY = FakeKey()


def held(bundle: bytes, kept: Sequence[bytes], known: Sequence[bytes] = ()) -> Report:
    """Return what a verification finds."""
    return verify(
        io.BytesIO(bundle), key=KEY.public, signature_holds=signature_holds, known=known, receipts=kept
    )


@given(st.integers(1, 12), st.integers(1, 4))
def test_promises_that_were_kept_give_no_alarm(count: int, every: int) -> None:
    bodies, answers = decisions(count)
    report = held(bundle_of(KEY, bodies, every), lines_of(kept_of(KEY, bodies, answers)))
    assert report.findings == ()
    assert (report.receipts, report.receipts_not_due) == (count, 0)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("seed", range(5))
def test_every_way_to_break_a_promise_is_found(name: str, seed: int) -> None:
    random = Random(seed)
    bodies, answers = decisions(random.randrange(2, 15))
    breaking, code = BROKEN[name]
    bodies, kept = breaking(KEY, list(bodies), kept_of(KEY, bodies, answers), random)
    report = held(bundle_of(KEY, bodies, random.randrange(1, 4)), lines_of(kept))
    assert code in {each.code for each in report.findings}, report


def test_an_entry_that_came_too_late_is_told() -> None:
    bodies, answers = decisions(PROMISE_SECONDS + 4)
    kept = kept_of(KEY, bodies, answers)
    moved = [bodies[0], *bodies[2:], bodies[1]]  # the first decision was recorded after all others
    report = held(bundle_of(KEY, moved, every=1), lines_of(kept))
    assert [(each.code, each.position) for each in report.findings] == [("promise-missed", len(moved))]


def test_an_entry_that_may_still_come_is_no_finding() -> None:
    bodies, answers = decisions(3)
    report = held(bundle_of(KEY, bodies[:-1], every=9), lines_of(kept_of(KEY, bodies, answers)))
    assert report.findings == ()
    assert (report.receipts, report.receipts_not_due) == (3, 1)


def test_a_ledger_without_times_cannot_say_that_an_entry_is_not_due() -> None:
    bodies, answers = decisions(3)
    timed = bundle_of(KEY, bodies[:-1], every=9)
    assert held(timed, lines_of(kept_of(KEY, bodies, answers))).holds
    cut = b"".join(
        line
        for number, line in enumerate(timed.splitlines(keepends=True))
        if not (line.startswith("— ".encode()) and number == timed.count(b"\n") - 3)
    )
    report = held(cut, lines_of(kept_of(KEY, bodies, answers)))
    assert [each.code for each in report.findings] == ["receipt-not-included"]


def test_the_same_answer_may_have_several_receipts() -> None:
    bodies, answers = decisions(2)
    kept = lines_of(kept_of(KEY, bodies, answers))
    assert held(bundle_of(KEY, bodies, every=2), [*kept, *kept]).receipts == 4


def test_a_changed_time_of_a_checkpoint_is_found() -> None:
    bodies, _ = decisions(3)
    bundle = bundle_of(KEY, bodies, every=9)
    line = bundle.splitlines()[-3]
    bent = line[:-12] + (b"A" if line[-12:-11] != b"A" else b"B") + line[-11:]
    report = held(bundle.replace(line, bent), [])
    assert [each.code for each in report.findings][:1] == ["checkpoint-signature"]


@pytest.mark.parametrize("line", [b"", b"[]\n", b"{", b'{"receipt":5}', b'{"receipt":"AAAA"}', b"[" * 5_000])
def test_a_line_that_holds_no_receipt_is_told_by_its_number(line: bytes) -> None:
    bodies, answers = decisions(2)
    report = held(bundle_of(KEY, bodies, every=2), [*lines_of(kept_of(KEY, bodies, answers)), line])
    assert [each.code for each in report.findings] == ["receipt-unreadable"]
    assert report.findings[0].message.startswith("Receipt in line 3")


def test_receipts_by_each_key_that_the_ledger_named_hold() -> None:
    bodies, answers = decisions(2)
    later = FakeKey(seed=5, name="customs.example/receipts")
    changed = [*bodies, start_entry(later)]
    kept = kept_of(KEY, bodies, answers)
    again = {"receipt": receipt(later, leaf_hash(bodies[1]), 4, KEY.public.name), "answer": answers[0]}
    report = held(bundle_of(KEY, changed, every=9), lines_of([*kept, again]))
    assert (report.findings, report.receipts) == ((), 3)
    without = held(bundle_of(KEY, bodies, every=9), lines_of([*kept, again]))
    assert [each.code for each in without.findings] == ["receipt-key"]
