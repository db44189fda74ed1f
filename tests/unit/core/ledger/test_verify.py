"""Whatever is done to a bundle is found, and nothing is found where nothing was done."""

from __future__ import annotations

import io
from random import Random  # noqa: TID251 - seeded: the same places in every run

import pytest

from tests.fakes.ledgers import FakeKey, body_of, make_bundle
from tests.fakes.tampering import TAMPERINGS, Parts, last_note
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.tree import EMPTY_ROOT, leaf_hash
from tidewaiter.core.ledger.verify import Report, verify

KEY = FakeKey()
PLACES = 30


def verified(parts: Parts, *known: bytes) -> Report:
    """Verify parts as the file that they make."""
    lines = io.BytesIO(b"".join(parts))
    return verify(lines, key=KEY.public, signature_holds=signature_holds, known=known)


def bundle(entries: int = 20, every: int = 7) -> Parts:
    """Return a sound bundle."""
    return make_bundle(KEY, [body_of(number) for number in range(entries)], every)


def codes(report: Report) -> list[tuple[str, int | None]]:
    """Return what was found and where."""
    return [(finding.code, finding.position) for finding in report.findings]


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_found(name: str) -> None:
    random = Random(name)
    for _ in range(PLACES):
        sound = bundle(random.randrange(2, 50), random.randrange(1, 20))
        tampered = TAMPERINGS[name](sound, random, KEY)
        assert tampered != sound
        report = verified(tampered, last_note(sound))
        assert not report.holds
        assert report.findings


def test_there_is_no_false_alarm() -> None:
    random = Random(7)
    for _ in range(200):
        sound = bundle(random.randrange(1, 60), random.randrange(1, 20))
        report = verified(sound, last_note(sound))
        assert report.holds, report.findings
        assert report.proven is not None
        assert report.proven.size == report.entries


def test_a_checkpoint_that_was_kept_earlier_fits_between_those_of_the_bundle() -> None:
    kept = [last_note(bundle(entries, 100)) for entries in range(1, 21)]
    assert verified(bundle(20, 7), *kept).holds
    assert verified(bundle(20, 7), KEY.note(0, EMPTY_ROOT).encode()).holds


def test_a_changed_body_is_named_and_the_rest_still_proven() -> None:
    parts = bundle()
    parts[4] = entry_line(4, leaf_hash(body_of(3)), body_of(99))
    report = verified(parts)
    assert codes(report) == [("body-changed", 4)]
    assert "Entry 4" in report.findings[0].message
    assert report.proven is not None
    assert report.proven.size == 20


def test_a_changed_body_with_its_hash_is_found_between_two_checkpoints() -> None:
    parts = bundle()
    parts[10] = entry_line(9, leaf_hash(b"{}"), b"{}")
    report = verified(parts)
    assert codes(report) == [("root", 14)]
    assert "entries 8 to 14" in report.findings[0].message
    assert report.proven is not None
    assert report.proven.size == 7


def test_a_removed_entry_is_named() -> None:
    parts = bundle()
    del parts[3]
    assert codes(verified(parts))[0] == ("entry-missing", 3)


def test_a_body_that_is_gone_is_named_and_the_rest_still_proven() -> None:
    parts = bundle()
    parts[4] = entry_line(4, leaf_hash(body_of(3)), None)
    assert codes(verified(parts)) == [("body-missing", 4)]


def test_bytes_that_are_not_a_line_of_json_are_carried_too() -> None:
    bodies = [b"", b"\n", b"!", b"x\r\n", b"\xff{", b"{\n}"]
    assert verified(make_bundle(KEY, bodies, 2)).holds


def test_an_end_that_was_cut_off_neatly_is_found_only_with_a_checkpoint_that_was_kept() -> None:
    sound = bundle()
    shorter = [*sound[:9], end_line(7, 1)]
    assert verified(shorter).holds
    assert codes(verified(shorter, last_note(sound))) == [("rolled-back", 20)]


def test_two_histories_are_found() -> None:
    other = make_bundle(KEY, [body_of(number + 1) for number in range(20)], 20)
    assert codes(verified(bundle(), last_note(other))) == [("forked", 20)]
    assert ("forked", 20) in codes(verified(bundle(), last_note(bundle()), last_note(other)))


def test_entries_behind_the_last_checkpoint_are_not_proven() -> None:
    parts = [*bundle()[:-2], end_line(20, 2)]
    assert codes(verified(parts)) == [("unsealed", 15)]


def test_a_witness_may_sign_below() -> None:
    parts = bundle(3)
    note = last_note(parts).decode() + "— witness.example/w d3h5eg==\n"
    parts[4] = b"".join(checkpoint_lines(note))
    assert verified(parts).holds


@pytest.mark.parametrize(
    "text",
    [b"", HEADER, b"x\n", HEADER + b"checkpoint\n", HEADER + b"\n" * 70, HEADER + b"1 ", HEADER + b"9" * 5000,
     HEADER + b"checkpoint\n" + b"x\n" * 99, HEADER + b"end 0 0\nend 0 0\n", b"\xff\x00"],
)  # fmt: skip
def test_anything_can_be_read_and_proves_nothing(text: bytes) -> None:
    report = verified([text])
    assert not report.holds
    assert report.proven is None


def test_many_findings_are_counted_and_a_hundred_told() -> None:
    report = verified([HEADER, *([b"?\n"] * 1_000)])
    assert len(report.findings) == 100
    assert report.findings_count > 1_000


def test_a_verifier_that_does_not_look_at_signatures_would_be_seen() -> None:
    random, missed = Random(1), 0
    for _ in range(20):
        tampered = TAMPERINGS["checkpoint signature"](bundle(), random, KEY)
        lines = io.BytesIO(b"".join(tampered))
        missed += verify(lines, key=KEY.public, signature_holds=lambda *_: True).holds
    assert missed > 10
