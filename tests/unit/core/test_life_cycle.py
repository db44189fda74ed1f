"""The life of a profile: nothing is in force on one person's word, but an emergency, and that ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tidewaiter.core import life_cycle
from tidewaiter.core.errors import Conflict, Forbidden, InputError, TidewaiterError
from tidewaiter.core.life_cycle import (
    CLOCK,
    EMERGENCY_MAX,
    IN_FORCE,
    OPEN,
    Kind,
    Stage,
    Step,
    Version,
    emergency_until,
    is_expiring,
    require_room,
    take,
    version_of,
)

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ONE, TWO = "1" * 64, "2" * 64
UNTIL = date(2026, 12, 31)
PEOPLE = ("ada", "max", "mia")


def step(kind: Kind, by: str, version: Version | None = None, **changes: Any) -> Step:
    """Return a step on the words and the last day that *version* has."""
    made = Step(
        code="zero_price", number=1, ordinal=1 if version is None else version.ordinal + 1, kind=kind, by=by,
        at=START, body_sha256=ONE if version is None else version.body_sha256,
        valid_until=UNTIL if version is None else version.valid_until, reason="because",
    )  # fmt: skip
    return replace(made, **changes)


def through(*steps: tuple[Kind, str], **changes: Any) -> Version:
    """Return the version that takes these steps, the last one with *changes*."""
    version: Version | None = None
    for number, (kind, by) in enumerate(steps, 1):
        last = changes if number == len(steps) else {}
        version = take(version, step(kind, by, version, **last), standing=PEOPLE)
    assert version is not None
    return version


SUBMITTED = ((Kind.DRAFT, "ada"), (Kind.SUBMIT, "ada"))
APPROVED = (*SUBMITTED, (Kind.APPROVE, "max"))
LIVE = (*APPROVED, (Kind.GO_LIVE, "max"))


def test_a_version_goes_the_whole_way() -> None:
    live = through(*APPROVED, (Kind.SHADOW, "max"), (Kind.RAMP, "max"), share=Decimal("0.2"))
    assert (live.stage, live.share, live.approved_by) == (Stage.RAMP, Decimal("0.2"), "max")
    live = take(live, step(Kind.GO_LIVE, "mia", live), standing=PEOPLE)
    assert live.stage is Stage.LIVE
    asked = take(live, step(Kind.ASK_RETIREMENT, "ada", live))
    assert take(asked, step(Kind.RETIRE, "max", asked)).stage is Stage.RETIRED


@pytest.mark.parametrize("writing", [Kind.DRAFT, Kind.EDIT, Kind.SUBMIT])
def test_who_wrote_any_of_it_cannot_approve_it(writing: Kind) -> None:
    by = {Kind.DRAFT: "ada", Kind.EDIT: "ada", Kind.SUBMIT: "ada", writing: "max"}
    written = through(*((kind, by[kind]) for kind in (Kind.DRAFT, Kind.EDIT, Kind.SUBMIT)))
    with pytest.raises(Forbidden, match="another person"):
        take(written, step(Kind.APPROVE, "max", written))
    assert take(written, step(Kind.APPROVE, "mia", written)).stage is Stage.APPROVED


@pytest.mark.parametrize("last", [Kind.SUBMIT, Kind.APPROVE, Kind.SHADOW])
def test_an_edit_after_submission_voids_the_approval(last: Kind) -> None:
    steps = (*APPROVED, (Kind.SHADOW, "max"))
    before = through(*steps[: [kind for kind, _ in steps].index(last) + 1])
    edited = take(before, step(Kind.EDIT, "mia", before, body_sha256=TWO))
    assert (edited.stage, edited.approved_by, edited.body_sha256) == (Stage.DRAFT, None, TWO)
    for kind in (Kind.SHADOW, Kind.RAMP, Kind.GO_LIVE):
        with pytest.raises(Conflict, match="is draft"):
            take(edited, step(kind, "max", edited, share=Decimal(1)), standing=PEOPLE)


def test_what_is_approved_is_what_was_read_and_what_takes_effect() -> None:
    submitted = through(*SUBMITTED)
    with pytest.raises(Conflict, match="Read it again"):
        take(submitted, step(Kind.APPROVE, "max", submitted, body_sha256=TWO))
    approved = through(*APPROVED)
    with pytest.raises(Conflict, match="Read it again"):
        take(approved, step(Kind.GO_LIVE, "max", approved, body_sha256=TWO), standing=PEOPLE)
    with pytest.raises(Conflict, match="has changed since"):
        take(approved, step(Kind.GO_LIVE, "max", approved, replaces_sha256=TWO), standing=PEOPLE)
    again = take(approved, step(Kind.APPROVE, "mia", approved, replaces_sha256=TWO))
    assert (
        take(again, step(Kind.GO_LIVE, "max", again, replaces_sha256=TWO), standing=PEOPLE).approved_by
        == "mia"
    )


def test_an_approval_of_somebody_who_lost_the_right_does_not_count() -> None:
    approved = through(*APPROVED)
    with pytest.raises(Conflict, match="No approval"):
        take(approved, step(Kind.GO_LIVE, "mia", approved), standing=("ada", "mia"))


def test_what_is_in_force_is_ended_by_two_persons_and_a_draft_by_one() -> None:
    live = through(*LIVE)
    with pytest.raises(Conflict, match="two persons"):
        take(live, step(Kind.RETIRE, "max", live))
    asked = take(live, step(Kind.ASK_RETIREMENT, "max", live))
    with pytest.raises(Forbidden, match="another person"):
        take(asked, step(Kind.RETIRE, "max", asked))
    assert take(asked, step(Kind.RETIRE, "ada", asked)).stage is Stage.RETIRED
    draft = through((Kind.DRAFT, "ada"))
    assert take(draft, step(Kind.RETIRE, "ada", draft)).stage is Stage.RETIRED


def test_a_ramp_goes_up_and_replaces_nothing() -> None:
    approved = through(*APPROVED)
    for share in (None, Decimal(0), Decimal("1.1")):
        with pytest.raises(InputError, match="needs a share"):
            take(approved, step(Kind.RAMP, "max", approved, share=share), standing=PEOPLE)
    ramp = take(approved, step(Kind.RAMP, "max", approved, share=Decimal("0.5")), standing=PEOPLE)
    with pytest.raises(Conflict, match="goes up"):
        take(ramp, step(Kind.RAMP, "max", ramp, share=Decimal("0.5")), standing=PEOPLE)
    replacing = take(approved, step(Kind.APPROVE, "mia", approved, replaces_sha256=TWO))
    with pytest.raises(Conflict, match="select less"):
        take(replacing, step(Kind.RAMP, "max", replacing, share=Decimal("0.5"), replaces_sha256=TWO),
             standing=PEOPLE)  # fmt: skip


def test_an_emergency_is_short_replaces_nothing_and_is_reviewed_by_another_person() -> None:
    draft = through((Kind.DRAFT, "ada"))
    until = emergency_until(START)
    with pytest.raises(InputError, match="72 hours"):
        take(draft, step(Kind.EMERGENCY, "max", draft))
    with pytest.raises(Conflict, match="replaces nothing"):
        take(draft, step(Kind.EMERGENCY, "max", draft, valid_until=until, replaces_sha256=TWO))
    burning = take(draft, step(Kind.EMERGENCY, "max", draft, valid_until=until))
    assert (burning.stage, burning.review_due) == (Stage.EMERGENCY, True)
    again = step(Kind.EMERGENCY, "mia", None, number=2)
    with pytest.raises(Conflict, match="not reviewed"):
        require_room([burning], again)
    for by in ("max", "ada"):
        with pytest.raises(Forbidden, match="another person"):
            take(burning, step(Kind.REVIEW, by, burning))
    reviewed = take(burning, step(Kind.REVIEW, "mia", burning))
    assert (reviewed.stage, reviewed.review_due, reviewed.reviewed_by) == (Stage.EMERGENCY, False, "mia")
    require_room([reviewed], again)
    with pytest.raises(Conflict, match="no emergency to review"):
        take(reviewed, step(Kind.REVIEW, "mia", reviewed))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 - the zone comes next
def test_an_emergency_is_over_within_72_hours_and_lasts_48(at: datetime) -> None:
    begin = at.replace(tzinfo=UTC)
    end = datetime.combine(emergency_until(begin), datetime.min.time(), UTC) + timedelta(days=1)
    assert timedelta(hours=48) < end - begin <= EMERGENCY_MAX


def test_nothing_expires_before_its_last_day_is_over() -> None:
    live = through(*LIVE)
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(Conflict, match="until the end"):
        take(live, step(Kind.EXPIRE, CLOCK, live, at=late))
    assert take(live, step(Kind.EXPIRE, CLOCK, live, at=late + timedelta(minutes=1))).stage is Stage.EXPIRED
    assert (is_expiring(live, date(2026, 12, 1)), is_expiring(live, date(2026, 11, 30))) == (True, False)
    approved = through(*APPROVED)
    with pytest.raises(Conflict, match="is over"):
        take(approved, step(Kind.GO_LIVE, "max", approved, at=late + timedelta(minutes=1)), standing=PEOPLE)


@pytest.mark.parametrize("kind", [Kind.REJECT, Kind.RETIRE, Kind.SUBMIT])
def test_what_others_are_told_has_a_reason(kind: Kind) -> None:
    before = through(*(SUBMITTED[:1] if kind is Kind.SUBMIT else SUBMITTED))
    with pytest.raises(InputError, match="own words"):
        take(before, step(kind, "max", before, reason=" "))


def test_a_profile_has_one_version_that_is_worked_on() -> None:
    for steps in (SUBMITTED[:1], SUBMITTED, APPROVED):
        with pytest.raises(Conflict, match="go on with that"):
            require_room([through(*steps)], step(Kind.DRAFT, "mia", number=2))
    require_room([through(*LIVE)], step(Kind.DRAFT, "mia", number=2))


def test_a_version_that_nobody_drafted_takes_no_step() -> None:
    with pytest.raises(Conflict, match="no version 1"):
        take(None, step(Kind.GO_LIVE, "max"))
    adopted = take(None, step(Kind.ADOPT, "starter"))
    assert adopted.stage is Stage.LIVE
    with pytest.raises(Conflict, match="'draft' is not possible"):
        take(adopted, step(Kind.DRAFT, "max", adopted))
    with pytest.raises(InputError, match="last day"):
        take(adopted, step(Kind.ASK_RETIREMENT, "max", adopted, valid_until=UNTIL + timedelta(days=1)))
    with pytest.raises(ValueError, match="BUG"):
        version_of([])


#: What is tried, as often as it stands here: a walk that mostly ends what it began shows little.
OFTEN = [Kind.DRAFT, Kind.SUBMIT, Kind.APPROVE, Kind.APPROVE, Kind.GO_LIVE] * 6 + [
    kind
    for kind in Kind
    if kind not in {Kind.ADOPT, Kind.REPLACE}  # these say what a publication did
]


class Life(RuleBasedStateMachine):
    """Three people and the clock try every step; a book of our own says what was agreed to."""

    #: Over all walks: how often a version came into force by approval, and by emergency.
    reached: ClassVar[dict[Stage, int]] = {Stage.LIVE: 0, Stage.EMERGENCY: 0}

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        self.steps: list[Step] = []
        self.version: Version | None = None
        #: Who wrote, and who agreed to which words.
        self.writers: set[str] = set()
        self.agreed: set[tuple[str, str]] = set()

    @rule(hours=st.sampled_from([1, 30, 80]))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(
        kind=st.sampled_from(OFTEN),
        by=st.sampled_from(PEOPLE),
        words=st.sampled_from([ONE, TWO]),
        share=st.sampled_from([None, Decimal("0.5"), Decimal(1)]),
        replaces=st.sampled_from([None] * 9 + [TWO]),
    )
    def anything(self, kind: Kind, by: str, words: str, share: Decimal | None, replaces: str | None) -> None:
        changes: dict[str, Any] = {"at": self.at, "share": share, "replaces_sha256": replaces}
        if kind in {Kind.DRAFT, Kind.EDIT}:
            changes |= {"body_sha256": words, "valid_until": UNTIL}
        if kind is Kind.EMERGENCY:
            changes["valid_until"] = emergency_until(self.at)
        tried = step(kind, by, self.version, **changes)
        try:
            after = take(self.version, tried, standing=PEOPLE)
        except TidewaiterError:
            return
        if kind in {Kind.DRAFT, Kind.EDIT}:
            self.agreed.clear()
        if kind in {Kind.DRAFT, Kind.EDIT, Kind.SUBMIT}:
            self.writers.add(by)
        if kind is Kind.REJECT:
            self.agreed.clear()
        if kind is Kind.APPROVE:
            self.agreed.add((by, tried.body_sha256))
        if after.stage in self.reached and self.version and self.version.stage is not after.stage:
            self.reached[after.stage] += 1
        self.steps.append(tried)
        self.version = after

    @invariant()
    def nothing_decides_lanes_on_one_persons_word(self) -> None:
        version = self.version
        if version is None or version.stage not in IN_FORCE | {Stage.SHADOW}:
            return
        others = {by for by, words in self.agreed if words == version.body_sha256} - self.writers
        if version.stage is not Stage.EMERGENCY:
            assert others, f"{version.stage} without another person"
            return
        began = max(each.at for each in self.steps if each.kind is Kind.EMERGENCY)
        end = datetime.combine(version.valid_until, datetime.min.time(), UTC) + timedelta(days=1)
        assert end - began <= timedelta(hours=72), "an emergency that lasts"

    @invariant()
    def what_is_recorded_says_the_same(self) -> None:
        if self.steps:
            assert version_of(self.steps) == self.version
            assert self.version is not None
            assert (self.version.stage in OPEN) <= (self.version.approved_by not in self.version.writers)


LENGTH = settings(max_examples=300, stateful_step_count=30, derandomize=True)
FIRST = settings(LENGTH, phases=[Phase.generate], report_multiple_bugs=False)


def test_no_walk_brings_anything_in_force_without_another_person() -> None:
    Life.reached = dict.fromkeys(Life.reached, 0)
    run_state_machine_as_test(Life, settings=LENGTH)
    assert min(Life.reached.values()) >= 10, "the walks reached too little to show anything"


@pytest.mark.parametrize("guard", ["_require_other_person", "_require_approval", "_require_emergency"])
def test_the_walk_finds_a_missing_guard(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life_cycle, guard, lambda *_: None)
    if guard == "_require_approval":
        table = {kind: (stages | {Stage.DRAFT}, to) for kind, (stages, to) in life_cycle._TABLE.items()}
        monkeypatch.setattr(life_cycle, "_TABLE", table)
    if guard == "_require_emergency":
        monkeypatch.setattr(f"{__name__}.emergency_until", lambda _: UNTIL)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Life, settings=FIRST)
