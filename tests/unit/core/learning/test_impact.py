"""What a profile would have found adds up, and nothing is told from too few results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.learning.impact import RESULTS_MIN, Row, Warned, impact, wilson

START = datetime(2026, 6, 1, tzinfo=UTC)


def row(number: int = 0, **changes: object) -> Row:
    """Return a decision that matches, was not controlled, and has a step."""
    values: dict[str, object] = {
        "decision_id": f"D{number}", "declaration_id": f"IM{number}", "office": "PORT",
        "at": START + timedelta(days=number), "importer": f"T{number}", "lane": "release", "milder": True,
        "hours": 2.0, "drawn": False, "inclusion": 0.1, "others": frozenset(), "steps": (True,),
        "matches": True, "irregular": None, "duty": 0.0,
    }  # fmt: skip
    return Row(**{**values, **changes})  # type: ignore[arg-type]  # the members are those of a row


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Draw decisions of some days, two steps each, in their order."""
    found = []
    for number in range(draw(st.integers(0, 40))):
        first = draw(st.sampled_from([True, None, False]))
        second = False if first is False else draw(st.sampled_from([first, False]))
        controlled = draw(st.booleans())
        changes = {
            "steps": (first, second), "matches": second is True, "milder": draw(st.booleans()),
            "office": draw(st.sampled_from(["PORT", "AIR"])), "drawn": draw(st.booleans()),
            "importer": draw(st.sampled_from(["A", "B", None])),
            "others": frozenset(draw(st.lists(st.sampled_from(["p", "q"]), max_size=2))),
            "irregular": draw(st.booleans()) if controlled else None,
        }  # fmt: skip
        found.append(row(number, **changes))
    return found


@given(rows(), st.floats(0.01, 1.0))
def test_the_figures_add_up(seen: list[Row], share: float) -> None:
    told = impact(seen, share=share, days=7)
    assert told.decisions == len(seen)
    assert told.per_day == told.matches / 7
    assert told.matches == sum(count for _, count in told.weeks) == sum(each.matches for each in told.offices)
    assert told.matches + told.undecided <= told.decisions
    assert [step.left for step in told.steps] == sorted((step.left for step in told.steps), reverse=True)
    assert told.random_only.inspected <= told.hit_rate.inspected <= told.everything.inspected
    assert 0 <= told.newly_selected <= told.matches
    assert all(0 < each.share <= 1 for each in told.overlap)
    matches = {each.decision_id for each in seen if each.matches}
    assert {sample.decision_id for sample in told.samples} <= matches
    hours = sum(each.added for each in told.offices) * 7
    assert hours == pytest.approx(2.0 * share * told.newly_selected)


def test_too_few_results_give_no_rate() -> None:
    few = [row(n, irregular=n % 2 == 0) for n in range(RESULTS_MIN - 1)]
    assert impact(few, share=1.0, days=7).hit_rate.interval is None
    enough = impact([*few, row(99, irregular=True)], share=1.0, days=7)
    assert enough.hit_rate.interval == wilson(16, 30)
    assert Warned.ONLY_TARGETED in enough.warnings


def test_controls_that_were_chosen_do_not_speak_for_the_rest() -> None:
    # Where a control is nearly sure half are irregular; where it is rare, and most goods are, none is.
    targeted = [row(n, inclusion=0.9, irregular=n % 2 == 0) for n in range(90)]
    rest = [row(100 + n, inclusion=0.1, irregular=False if n < 90 else None) for n in range(900)]
    told = impact([*targeted, *rest], share=1.0, days=7)
    assert told.hit_rate.irregular / told.hit_rate.inspected == 0.25
    assert told.weighted is not None
    assert told.weighted.value == pytest.approx(50 / 1000)
    assert told.weighted.low < 0.05 < told.weighted.high


def test_authors_are_warned() -> None:
    assert impact([row(0, matches=False, steps=(False,))], share=1.0, days=7).warnings == (Warned.NO_MATCH,)
    assert Warned.ONE_TRADER in impact([row(n, importer="A") for n in range(3)], share=1.0, days=7).warnings
    unknown = [row(n, matches=False, steps=(None,)) for n in range(3)]
    assert Warned.MOSTLY_UNKNOWN in impact(unknown, share=1.0, days=7).warnings
    assert impact([], share=1.0, days=7).warnings == ()


def test_the_score_interval_holds_the_share() -> None:
    assert wilson(0, 30)[0] == 0.0
    assert wilson(30, 30)[1] == pytest.approx(1.0)
    for count in (30, 300):
        low, high = wilson(count // 3, count)
        assert low < 1 / 3 < high
