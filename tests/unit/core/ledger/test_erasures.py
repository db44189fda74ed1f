"""Erasures and handovers: any sequence of them verifies, and whatever is done about one is found."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random  # noqa: TID251 - seeded: the same places in every run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.ledgers import FakeKey, act_body, body_of
from tests.fakes.long_tampering import LONG_TAMPERINGS, History, random_history
from tests.fakes.tampering import Parts
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.ledger.checkpoint import Checkpoint, parse_checkpoint, parse_note
from tidewaiter.core.ledger.erasures import Erased, entries_named, spans_of
from tidewaiter.core.ledger.verify import Report, verify

KEY = FakeKey(1)
PLACES = 30


def verified(
    parts: Parts, *known: bytes, key: FakeKey = KEY, waiting: Sequence[tuple[int, bytes]] = ()
) -> Report:
    lines = io.BytesIO(b"".join(parts))
    return verify(
        lines, key=key.public, signature_holds=signature_holds, known=known, waiting=waiting
    )  # fmt: skip


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


@given(st.randoms(use_true_random=False))
def test_any_sequence_of_erasures_and_handovers_verifies(random: Random) -> None:
    history = random_history(random)
    report = verified(history.parts())
    assert report.findings == ()
    assert report.proven is not None
    assert report.proven.size == len(history.bodies)
    assert report.erased == tuple(
        Erased(act=act, entries=len(gone)) for act, gone in sorted(history.acts.items())
    )
    assert report.key == history.keys[-1].public


@pytest.mark.parametrize("name", LONG_TAMPERINGS)
def test_every_tampering_with_erasures_and_handovers_is_found(name: str) -> None:
    random = Random(name)
    for _ in range(PLACES):
        history = random_history(random)
        sound = history.parts()
        tampered = LONG_TAMPERINGS[name](history, random)
        assert tampered != sound
        assert not verified(tampered).holds, "without anything that was kept"


def small(acts: dict[int, list[int]], bodies: int = 6) -> History:
    made = [act_body(acts[place]) if place in acts else body_of(place) for place in range(1, bodies + 1)]
    return History(keys=[KEY], bodies=made, every=3, acts=acts)


def test_what_an_act_erased_is_told_as_erased_by_it() -> None:
    report = verified(small({4: [1, 2], 6: [3, 5]}).parts())
    assert report.holds
    assert report.erased == (Erased(act=4, entries=2), Erased(act=6, entries=2))


def test_an_erasure_without_an_act_is_named() -> None:
    parts = small({4: [2]}).parts()
    assert codes(verified([parts[0], *small({4: [2]}, 3).parts()[1:]])) >= {"body-missing"}
    history = History(keys=[KEY], bodies=[body_of(place) for place in range(4)], every=3, acts={9: [2]})
    report = verified(history.parts())
    assert [(each.code, each.position) for each in report.findings] == [("body-missing", 2)]
    assert "no act erased it" in report.findings[0].message


def test_an_act_that_was_not_carried_out_is_named() -> None:
    history = small({4: [1, 2]})
    parts = history.parts()
    parts[1] = small({}).parts()[1]
    report = verified(parts)
    assert [(each.code, each.position) for each in report.findings] == [("not-erased", 1)]


def test_an_act_that_is_not_sealed_yet_accounts_for_what_it_erased() -> None:
    history = History(keys=[KEY], bodies=[body_of(place) for place in range(4)], every=3, acts={5: [2]})
    assert verified(history.parts(), waiting=[(5, act_body([2]))]).holds
    assert codes(verified(history.parts(), waiting=[(5, act_body([3]))])) == {"body-missing", "not-erased"}


@pytest.mark.parametrize(
    ("name", "place", "bug"),
    [
        ("erased without act", "tidewaiter.core.ledger.erasures.Gone.unaccounted", lambda _: iter(())),
        ("put back", "tidewaiter.core.ledger.erasures.Gone.meet", lambda *_: iter(())),
        ("old key goes on", "tidewaiter.core.ledger.signers.Signers._turn", lambda *_: None),
        ("new key did not sign", "tidewaiter.core.ledger.signers._opened", None),
    ],
)
def test_a_verifier_with_a_planted_fault_would_be_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, place: str, bug: Callable[..., object] | None
) -> None:
    monkeypatch.setattr(place, bug or _signed_by_anybody)
    random, wrong = Random(1), 0
    for _ in range(20):
        history = random_history(random)
        tampered = verified(LONG_TAMPERINGS[name](history, random))
        wrong += tampered.holds or not verified(history.parts()).holds
    assert wrong >= 10, "the fault lets the cheat pass, or a sound ledger fail"


def _signed_by_anybody(note: bytes, *_: object) -> tuple[Checkpoint, None]:
    return parse_checkpoint(parse_note(note.decode()).text), None


@given(st.sets(st.integers(1, 60)))
def test_spans_name_exactly_the_positions(positions: set[int]) -> None:
    spans = spans_of(positions)
    named = [place for first, last in spans for place in range(first, last + 1)]
    assert named == sorted(positions)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(spans))
    assert entries_named(act_body(sorted(positions))) == [(first, last) for first, last in spans]


@pytest.mark.parametrize(
    "body",
    [
        b'"kind":"erasure"', b'["kind":"erasure"]', canonical_json({"kind": "erasure"}),
        canonical_json({"kind": "erasure", "entries": "1"}), canonical_json({"entries": [[1, 2]]}),
        canonical_json({"kind": "erasure", "entries": [[2, 1], [0, 1], [True, 1], [1], 3, ["1", "2"]]}),
        canonical_json({"kind": "access", "of": {"kind": "erasure"}, "entries": [[1, 2]]}),
    ],
)  # fmt: skip
def test_what_is_no_act_erases_nothing(body: bytes) -> None:
    assert entries_named(body) == []
