"""An act that no single person can do: proposed, approved by others, executed once.

A proposal names the payload by its hash.  Whoever approves names the hash that they saw, and a
changed payload voids every approval, so what is executed is what was approved.  The requester
cannot approve.  The one way around is break-glass: one person, at once, with a reason, and the
proposal says so for ever.

Source: NIST SP 800-53 r5, AC-3(2) dual authorisation; OWASP ASVS 5.0.0, 2.3.5.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tidewaiter.core.errors import Conflict, Forbidden, InputError

__all__ = [
    "APPROVALS_NEEDED", "LIFETIME", "NEVER_ALONE", "Act", "Approval", "Proposal", "State", "amend", "approve",
    "break_glass", "execute", "reject", "state_of",
]  # fmt: skip

#: How long a proposal waits for approval and execution.
LIFETIME: Final = timedelta(days=7)
#: Persons besides the requester who must approve.
APPROVALS_NEEDED: Final = 1


class Act(StrEnum):
    """What needs two persons."""

    PUBLISH_CONTENT = "publish-content"
    CHANGE_LISTS = "change-lists"
    CHANGE_PARAMETERS = "change-parameters"
    PROMOTE_MODEL = "promote-model"
    PUBLISH_STANDIN = "publish-standin"
    SET_RIGHTS = "set-rights"
    LOWER_LANE = "lower-lane"
    SET_RETENTION = "set-retention"
    ERASE = "erase"
    RELEASE_HOLD = "release-hold"
    ROTATE_KEY = "rotate-key"


#: What no emergency lets one person do: it can wait for a second one, and what was erased does not come back.
NEVER_ALONE: Final = frozenset({
    Act.LOWER_LANE, Act.SET_RIGHTS, Act.SET_RETENTION, Act.RELEASE_HOLD, Act.ERASE,
})  # fmt: skip


class State(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    EXECUTED = "executed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's consent to one payload."""

    person: str
    #: The payload that the person saw.
    payload_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An act that waits for a second person, or what became of it."""

    id: str
    act: Act
    #: SHA-256 of the canonical bytes of what is to be done, hex.
    payload_sha256: str
    #: The person who wants it; never one of those who approve.
    requester: str
    #: Why, for the person who approves and for the auditor.
    reason: str
    requested_at: datetime
    #: From this instant on it can be neither approved nor executed.
    expires_at: datetime
    approvals: tuple[Approval, ...] = ()
    rejected_by: str | None = None
    executed_by: str | None = None
    executed_at: datetime | None = None
    #: Why it was done without a second person; None: it was not.
    broken_glass: str | None = None


def state_of(proposal: Proposal, at: datetime) -> State:
    """Return where *proposal* stands at the instant *at*."""
    if proposal.executed_by is not None:
        return State.EXECUTED
    if proposal.rejected_by is not None:
        return State.REJECTED
    if at >= proposal.expires_at:
        return State.EXPIRED
    return State.APPROVED if len(proposal.approvals) >= APPROVALS_NEEDED else State.OPEN


def amend(proposal: Proposal, payload_sha256: str, *, by: str, at: datetime) -> Proposal:
    """Return the proposal with another payload; the same payload changes nothing, another voids approvals.

    Raises Forbidden for anybody but the requester, Conflict when it is closed.
    """
    _require_waiting(proposal, at)
    if by != proposal.requester:
        raise Forbidden("Only the person who made a proposal may change it.")
    if payload_sha256 == proposal.payload_sha256:
        return proposal
    return replace(proposal, payload_sha256=payload_sha256, approvals=())


def approve(proposal: Proposal, payload_sha256: str, *, by: str, at: datetime) -> Proposal:
    """Return the proposal with the approval of *by*, who saw *payload_sha256*; twice is once.

    Raises Forbidden for the requester, Conflict when it is closed or the payload is another one by now.
    """
    _require_waiting(proposal, at)
    if by == proposal.requester:
        raise Forbidden("The person who made a proposal cannot approve it; another person must.")
    _require_payload(proposal, payload_sha256)
    if any(approval.person == by for approval in proposal.approvals):
        return proposal
    approval = Approval(person=by, payload_sha256=payload_sha256, at=at)
    return replace(proposal, approvals=(*proposal.approvals, approval))


def reject(proposal: Proposal, *, by: str, at: datetime) -> Proposal:
    """Return the proposal closed by *by*; the requester may so withdraw it.

    Raises Conflict when it is closed already.
    """
    _require_waiting(proposal, at)
    return replace(proposal, rejected_by=by)


def execute(
    proposal: Proposal, payload_sha256: str, *, by: str, at: datetime, standing: Collection[str]
) -> Proposal:
    """Return the proposal as executed by *by*.

    *standing* are the persons who may approve such an act at this instant: the approval of somebody
    who lost the right since does not count.  Raises Conflict when it is closed, the payload is
    another one by now, or too few approvals count.
    """
    _require_waiting(proposal, at)
    _require_payload(proposal, payload_sha256)
    counting = {
        approval.person
        for approval in proposal.approvals
        if approval.payload_sha256 == payload_sha256 and approval.person in standing
    } - {proposal.requester}
    if len(counting) < APPROVALS_NEEDED:
        raise Conflict(
            f"{len(counting)} of {APPROVALS_NEEDED} approvals by other persons count now; another person "
            "must approve it first."
        )
    return replace(proposal, executed_by=by, executed_at=at)


def break_glass(proposal: Proposal, payload_sha256: str, *, by: str, reason: str, at: datetime) -> Proposal:
    """Return the proposal as executed by *by* alone, marked with the *reason* for ever.

    Raises Forbidden for an act of :data:`NEVER_ALONE`, InputError without a reason, Conflict when it is
    closed or the payload is another one by now.
    """
    if proposal.act in NEVER_ALONE:
        raise Forbidden(f"No single person may do {proposal.act.value!r}, whatever the reason.")
    _require_waiting(proposal, at)
    _require_payload(proposal, payload_sha256)
    if not reason.strip():
        raise InputError("Doing this without a second person needs a reason.")
    return replace(proposal, executed_by=by, executed_at=at, broken_glass=reason)


def _require_waiting(proposal: Proposal, at: datetime) -> None:
    """Raise Conflict when nothing can be done with it any more."""
    state = state_of(proposal, at)
    if state not in {State.OPEN, State.APPROVED}:
        raise Conflict(f"Proposal {proposal.id} is {state.value}; make a new one.")


def _require_payload(proposal: Proposal, payload_sha256: str) -> None:
    """Raise Conflict when the payload that a person saw is not the one that would be executed."""
    if payload_sha256 != proposal.payload_sha256:
        raise Conflict(
            f"Proposal {proposal.id} was changed: its payload is {proposal.payload_sha256} now. "
            "Read it again."
        )
