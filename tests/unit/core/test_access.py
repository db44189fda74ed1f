"""The policy: default deny, forbid wins, offices and compartments; and what the real table says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import naive_policy
from tidewaiter.core import access
from tidewaiter.core.access import (
    EVERY_OFFICE,
    GRANTABLE,
    POLICY,
    Action,
    Duty,
    Effect,
    Matter,
    Role,
    Row,
    Subject,
    may,
    needs_step_up,
    offices_of,
)

ROLES = st.frozensets(st.sampled_from(list(Role)), max_size=4)
OFFICES = st.frozensets(st.sampled_from(["PORT", "RAIL", EVERY_OFFICE]), max_size=2)
COMPARTMENTS = st.frozensets(st.sampled_from(["narcotics", "cites"]), max_size=2)
SUBJECTS = st.builds(Subject, roles=ROLES, offices=OFFICES, compartments=COMPARTMENTS)
DUTIES = st.sampled_from([None, *Duty])
MATTERS = st.builds(
    Matter, office=st.sampled_from([None, "PORT", "RAIL", "LAND"]), compartments=COMPARTMENTS, duty=DUTIES
)
# Few actions, so that rows meet the question often.
ACTIONS = st.sampled_from([Action.DECISIONS_READ, Action.PROPOSALS_APPROVE])
POLICIES = st.lists(
    st.builds(
        Row,
        effect=st.sampled_from(Effect),
        action=ACTIONS,
        roles=ROLES,
        own_office=st.booleans(),
        duty=DUTIES,
    ),
    max_size=8,
)


@given(subject=SUBJECTS, action=ACTIONS, matter=MATTERS, policy=POLICIES)
def test_the_ruling_is_that_of_the_naive_reference(
    subject: Subject, action: Action, matter: Matter, policy: list[Row]
) -> None:
    ruling = may(subject, action, matter, policy)
    assert ruling.allowed == naive_policy.allowed(subject, action, matter, policy)
    assert ruling.reason.endswith(".")


@given(subject=SUBJECTS, action=st.sampled_from(Action), matter=MATTERS)
def test_the_real_table_is_ruled_as_the_naive_reference_rules_it(
    subject: Subject, action: Action, matter: Matter
) -> None:
    assert may(subject, action, matter).allowed == naive_policy.allowed(subject, action, matter, POLICY)


@given(subject=SUBJECTS, action=ACTIONS, matter=MATTERS, policy=POLICIES, row=st.integers(0, 7))
def test_a_row_that_forbids_never_allows_more(
    subject: Subject, action: Action, matter: Matter, policy: list[Row], row: int
) -> None:
    if row < len(policy):
        turned = [*policy[:row], replace(policy[row], effect=Effect.FORBID), *policy[row + 1 :]]
        assert (
            may(subject, action, matter, policy).allowed or not may(subject, action, matter, turned).allowed
        )


@given(subject=SUBJECTS, action=ACTIONS, matter=MATTERS, policy=POLICIES)
def test_the_order_of_the_rows_means_nothing(
    subject: Subject, action: Action, matter: Matter, policy: list[Row]
) -> None:
    assert may(subject, action, matter, policy) == may(subject, action, matter, policy[::-1])


@pytest.mark.parametrize("fault", ["forbid-loses", "office-ignored", "compartment-ignored"])
def test_the_reference_sees_a_planted_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Subject(roles=frozenset({Role.AUDITOR, Role.MANAGER}))
    inspector = Subject(roles=frozenset({Role.INSPECTOR}), offices=frozenset({"PORT"}))
    cases: dict[str, Any] = {
        "forbid-loses": (both, Action.PROPOSALS_APPROVE, Matter()),
        "office-ignored": (inspector, Action.INSPECTIONS_READ, Matter(office="RAIL")),
        "compartment-ignored": (
            both, Action.DECISIONS_READ, Matter(compartments=frozenset({"narcotics"})),
        ),
    }  # fmt: skip
    subject, action, matter = cases[fault]
    policy = [row for row in POLICY if fault != "forbid-loses" or row.effect is Effect.PERMIT]
    if fault == "office-ignored":
        monkeypatch.setattr(access, "_reaches", lambda *_: True)
    if fault == "compartment-ignored":
        matter, wanted = Matter(), matter
        assert may(subject, action, matter, policy).allowed
        assert not naive_policy.allowed(subject, action, wanted, POLICY)
        return
    assert may(subject, action, matter, policy).allowed
    assert not naive_policy.allowed(subject, action, matter, POLICY)


@given(action=st.sampled_from(Action), matter=MATTERS)
def test_without_a_row_nothing_is_allowed(action: Action, matter: Matter) -> None:
    everything = Subject(roles=frozenset(Role), offices=frozenset({EVERY_OFFICE}))
    assert not may(everything, action, matter, policy=()).allowed


def test_every_action_is_permitted_to_somebody() -> None:
    idle = [
        action
        for action in Action
        if not any(may(Subject(roles=frozenset({r})), action).allowed for r in Role)
    ]
    assert not idle, f"no role may do these: take them out or give them a row: {idle}"


@pytest.mark.parametrize("duty", [Role.AUDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("other", sorted(GRANTABLE))
def test_who_audits_or_gives_rights_changes_no_content_whatever_else_they_are(
    duty: Role, other: Role
) -> None:
    both = Subject(roles=frozenset({duty, other}), offices=frozenset({EVERY_OFFICE}))
    changing = [action for action in Action if action.value.startswith(("declarations", "results"))] + [
        Action.PROPOSALS_WRITE, Action.PROPOSALS_APPROVE, Action.PROPOSALS_REJECT, Action.PROPOSALS_EXECUTE,
        Action.BREAK_GLASS,
    ]  # fmt: skip
    about = Matter(duty=Duty.CONTENT)
    assert not [action for action in changing if may(both, action, about).allowed]


@pytest.mark.parametrize("role", sorted(GRANTABLE - {Role.ADMINISTRATOR}))
def test_only_administrators_give_rights_and_nobody_breaks_the_glass_for_it(role: Role) -> None:
    steps = [
        Action.PROPOSALS_WRITE,
        Action.PROPOSALS_APPROVE,
        Action.PROPOSALS_REJECT,
        Action.PROPOSALS_EXECUTE,
    ]
    about = Matter(duty=Duty.RIGHTS)
    administrator, other = (Subject(roles=frozenset({each})) for each in (Role.ADMINISTRATOR, role))
    assert all(may(administrator, action, about).allowed for action in steps)
    assert not any(may(other, action, about).allowed for action in steps)
    assert not any(may(each, Action.BREAK_GLASS, about).allowed for each in (administrator, other))


def test_an_inspector_reads_the_inspections_of_the_own_offices_only() -> None:
    inspector = Subject(roles=frozenset({Role.INSPECTOR}), offices=frozenset({"PORT"}))
    assert may(inspector, Action.INSPECTIONS_READ, Matter(office="PORT")).allowed
    other = may(inspector, Action.INSPECTIONS_READ, Matter(office="RAIL"))
    assert not other.allowed
    assert "other offices" in other.reason
    everywhere = replace(inspector, offices=frozenset({EVERY_OFFICE}))
    assert may(everywhere, Action.INSPECTIONS_READ, Matter(office="RAIL")).allowed
    nowhere = replace(inspector, offices=frozenset())
    assert not may(nowhere, Action.INSPECTIONS_READ, Matter(office="PORT")).allowed


def test_who_only_inspects_reads_no_evidence() -> None:
    inspector = Subject(roles=frozenset({Role.INSPECTOR}), offices=frozenset({EVERY_OFFICE}))
    assert not may(inspector, Action.DECISIONS_READ).allowed


@given(subject=SUBJECTS, action=st.sampled_from(Action), office=st.sampled_from(["PORT", "RAIL", "LAND"]))
def test_the_offices_of_an_action_are_those_where_it_is_allowed(
    subject: Subject, action: Action, office: str
) -> None:
    offices = offices_of(subject, action)
    allowed = may(subject, action, Matter(office=office)).allowed
    assert allowed == (offices is None or office in offices)


def test_a_matter_without_clearance_is_refused_with_the_words_of_a_missing_right() -> None:
    auditor = Subject(roles=frozenset({Role.AUDITOR}))
    secret = may(auditor, Action.DECISIONS_READ, Matter(compartments=frozenset({"narcotics"})))
    assert not secret.allowed
    assert "narcotics" not in secret.reason
    assert secret.reason == may(auditor, Action.DECISIONS_READ, policy=()).reason


def test_whoever_puts_something_in_force_shows_both_factors_again() -> None:
    assert {action for action in Action if needs_step_up(action)} == {
        Action.PROPOSALS_APPROVE, Action.PROPOSALS_EXECUTE, Action.BREAK_GLASS, Action.LANES_LOWER,
        Action.PROFILES_APPROVE, Action.PROFILES_PUBLISH, Action.PROFILES_EMERGENCY,
    }  # fmt: skip
