"""Two persons: whatever one person does, in whatever order, nothing is executed without another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tidewaiter.core import two_persons
from tidewaiter.core.errors import Conflict, Forbidden, InputError
from tidewaiter.core.two_persons import (
    NEVER_ALONE,
    Act,
    Proposal,
    State,
    amend,
    approve,
    break_glass,
    execute,
    reject,
    state_of,
)

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ONE, TWO = "1" * 64, "2" * 64
PEOPLE = ("anna", "ben", "carla")
PROPOSAL = Proposal(
    id="P1", act=Act.PUBLISH_CONTENT, payload_sha256=ONE, requester="anna", reason="new plan",
    requested_at=START, expires_at=START + two_persons.LIFETIME,
)  # fmt: skip
LATER = START + timedelta(hours=1)


def test_what_another_person_approved_is_executed_once() -> None:
    approved = approve(PROPOSAL, ONE, by="ben", at=LATER)
    assert state_of(approved, LATER) is State.APPROVED
    done = execute(approved, ONE, by="anna", at=LATER, standing=PEOPLE)
    assert (state_of(done, LATER), done.executed_by, done.executed_at) == (State.EXECUTED, "anna", LATER)
    assert done.broken_glass is None
    with pytest.raises(Conflict, match="is executed"):
        execute(done, ONE, by="carla", at=LATER, standing=PEOPLE)


def test_the_requester_cannot_approve() -> None:
    with pytest.raises(Forbidden, match="another person"):
        approve(PROPOSAL, ONE, by="anna", at=LATER)


def test_without_an_approval_nothing_is_executed() -> None:
    with pytest.raises(Conflict, match="0 of 1 approvals"):
        execute(PROPOSAL, ONE, by="ben", at=LATER, standing=PEOPLE)


def test_a_changed_payload_voids_the_approvals_and_the_same_one_does_not() -> None:
    approved = approve(PROPOSAL, ONE, by="ben", at=LATER)
    assert amend(approved, ONE, by="anna", at=LATER) == approved
    changed = amend(approved, TWO, by="anna", at=LATER)
    assert (changed.payload_sha256, changed.approvals) == (TWO, ())
    with pytest.raises(Conflict, match="was changed"):
        execute(changed, ONE, by="anna", at=LATER, standing=PEOPLE)
    with pytest.raises(Conflict, match="was changed"):
        approve(changed, ONE, by="ben", at=LATER)


def test_nobody_else_changes_a_proposal() -> None:
    with pytest.raises(Forbidden, match="Only the person"):
        amend(PROPOSAL, TWO, by="ben", at=LATER)


def test_who_lost_the_right_since_does_not_count() -> None:
    approved = approve(PROPOSAL, ONE, by="ben", at=LATER)
    with pytest.raises(Conflict, match="0 of 1"):
        execute(approved, ONE, by="anna", at=LATER, standing=("anna", "carla"))


def test_an_approval_that_slipped_in_from_the_requester_does_not_count() -> None:
    forged = replace(PROPOSAL, approvals=(two_persons.Approval(person="anna", payload_sha256=ONE, at=LATER),))
    with pytest.raises(Conflict, match="0 of 1"):
        execute(forged, ONE, by="anna", at=LATER, standing=PEOPLE)


def test_to_approve_twice_is_to_approve_once() -> None:
    once = approve(PROPOSAL, ONE, by="ben", at=LATER)
    assert approve(once, ONE, by="ben", at=LATER + timedelta(hours=1)) == once


@pytest.mark.parametrize("closed", [State.REJECTED, State.EXPIRED, State.EXECUTED])
def test_what_is_closed_stays_closed(closed: State) -> None:
    approved, at = approve(PROPOSAL, ONE, by="ben", at=LATER), LATER
    if closed is State.REJECTED:
        approved = reject(approved, by="carla", at=LATER)
    elif closed is State.EXECUTED:
        approved = execute(approved, ONE, by="ben", at=LATER, standing=PEOPLE)
    else:
        at = PROPOSAL.expires_at
    assert state_of(approved, at) is closed
    for step in (
        lambda: amend(approved, TWO, by="anna", at=at),
        lambda: approve(approved, ONE, by="carla", at=at),
        lambda: reject(approved, by="carla", at=at),
        lambda: execute(approved, ONE, by="ben", at=at, standing=PEOPLE),
        lambda: break_glass(approved, ONE, by="ben", reason="storm", at=at),
    ):
        with pytest.raises(Conflict, match=f"is {closed.value}"):
            step()


def test_the_last_instant_is_before_the_end() -> None:
    assert state_of(PROPOSAL, PROPOSAL.expires_at - timedelta(microseconds=1)) is State.OPEN


@pytest.mark.parametrize("act", sorted(NEVER_ALONE))
def test_what_can_wait_or_cannot_be_undone_is_never_done_alone(act: Act) -> None:
    with pytest.raises(Forbidden, match=act.value):
        break_glass(replace(PROPOSAL, act=act), ONE, by="ben", reason="storm", at=LATER)


def test_break_glass_needs_a_reason_and_leaves_its_mark() -> None:
    with pytest.raises(InputError, match="needs a reason"):
        break_glass(PROPOSAL, ONE, by="ben", reason="  ", at=LATER)
    done = break_glass(PROPOSAL, ONE, by="anna", reason="storm", at=LATER)
    assert (done.broken_glass, done.executed_by, done.approvals) == ("storm", "anna", ())


class Walk(RuleBasedStateMachine):
    """One person after the other does anything to one proposal; an own book keeps who agreed to what."""

    @initialize(requester=st.sampled_from(PEOPLE))
    def begin(self, requester: str) -> None:
        self.proposal, self.at = replace(PROPOSAL, requester=requester), START
        self.agreed: set[tuple[str, str]] = {(requester, ONE)}
        self.executions = 0

    @rule(by=st.sampled_from(PEOPLE), payload=st.sampled_from([ONE, TWO]), step=st.sampled_from("acex"))
    def step(self, by: str, payload: str, step: str) -> None:
        before = self.proposal
        try:
            if step == "a":
                self.proposal = approve(before, payload, by=by, at=self.at)
                self.agreed.add((by, payload))
            elif step == "c":
                self.proposal = amend(before, payload, by=by, at=self.at)
                self.agreed.add((by, payload))
            elif step == "x":
                self.proposal = reject(before, by=by, at=self.at)
            else:
                self.proposal = execute(before, payload, by=by, at=self.at, standing=PEOPLE)
                self.executions += 1
        except (Conflict, Forbidden):
            assert self.proposal is before

    @rule(days=st.integers(0, 3))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)

    @invariant()
    def nothing_is_done_by_one_person(self) -> None:
        if self.executions:
            agreed = {person for person, payload in self.agreed if payload == self.proposal.payload_sha256}
            assert self.executions == 1
            assert self.proposal.executed_at is not None
            assert self.proposal.executed_at < self.proposal.expires_at
            assert len(agreed) >= 2, "one person alone did it"


TestWalk = Walk.TestCase


@given(payload=st.sampled_from([ONE, TWO]), by=st.sampled_from(PEOPLE))
def test_no_order_of_one_persons_steps_ends_in_execution(payload: str, by: str) -> None:
    mine = replace(PROPOSAL, requester=by)
    for attempt in (mine, amend(mine, payload, by=by, at=LATER)):
        with pytest.raises(Conflict):
            execute(attempt, payload, by=by, at=LATER, standing=PEOPLE)
