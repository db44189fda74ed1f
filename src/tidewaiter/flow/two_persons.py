"""Two persons: propose an act, let another person approve it, execute it once.

Executing is one transaction: the act, the state of the proposal and the evidence of both become
durable together, or nothing does.  Each step is in the ledger, with the hash of what was agreed to.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from tidewaiter.core.access import Action, Duty, Matter, Subject, may, needs_step_up
from tidewaiter.core.errors import Conflict, Forbidden, InputError, NotFound, StepUpNeeded
from tidewaiter.core.two_persons import (
    LIFETIME,
    Act,
    Proposal,
    amend,
    approve,
    break_glass,
    execute,
    reject,
)
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.ports import Clock, Person, Store, StoredProposal, UnitOfWork

__all__ = ["Doing", "Mandate", "TwoPersons", "may_act", "payload_sha256"]

_Came = TypeVar("_Came")

_PROPOSAL: Final = "proposal"
#: Its own kind of notice: it goes to whoever audits at once, and is easy to find in the ledger.
_BREAK_GLASS: Final = "break-glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """On whose word an act is done; as a text, it says so."""

    proposal_id: str
    requester: str
    #: Those whose approval counts, sorted; empty when the glass was broken.
    approvers: tuple[str, ...]
    #: Who alone did it, if so.
    alone: str | None = None

    def __str__(self) -> str:
        if self.alone is not None:
            return f"{self.alone} alone, breaking the glass"
        return f"{self.requester}, approved by {' and '.join(self.approvers)}"


class Doing(Protocol):
    """How an act is checked and done."""

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError when it could not be done as *payload* says."""
        ...

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> tuple[Action, Matter] | None:
        """Return what each person needs besides the right to the step; None: nothing."""
        ...

    def in_force(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what it would replace, in the form of a payload; empty when nothing is in force."""
        ...

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Do it within *uow*; return what came of it.  Raises Conflict or InputError, and then nothing is."""
        ...


class TwoPersons:
    """The use cases of acts that need two persons.

    Whether somebody may take a step at all, the way in has asked; here the policy is asked about the act.
    Raises Forbidden when it is not for this person.
    """

    def __init__(self, *, store: Store, clock: Clock, acts: Mapping[Act, Doing]) -> None:
        self._store = store
        self._clock = clock
        self._acts = acts

    def propose(
        self, act: Act, payload: Mapping[str, Any], *, reason: str, by: Person, proved: bool = False
    ) -> Proposal:
        """Record a proposal; raises InputError when the payload could not be done.

        *proved*: the person has just shown both factors.  Raises StepUpNeeded where the act wants
        that, Forbidden when it is none of theirs.
        """
        _require(by, Action.PROPOSALS_WRITE, act)
        body = self._checked(act, payload)
        now = self._clock.now()
        proposal = Proposal(
            id=f"W{secrets.token_hex(12)}",
            act=act,
            payload_sha256=_digest(body),
            requester=by.name,
            reason=reason,
            requested_at=now,
            expires_at=now + LIFETIME,
        )
        with self._store.write() as uow:
            self._require_right(uow, act, payload, by, proved=proved)
            self._keep(uow, proposal, body, "proposed", by)
        return proposal

    def amend(
        self, proposal_id: str, payload: Mapping[str, Any], *, by: Person, proved: bool = False
    ) -> Proposal:
        """Change the payload of one's own proposal, which voids its approvals; raises as :meth:`propose`."""
        with self._store.read() as uow:
            act = _existing(uow, proposal_id).proposal.act
            _require(by, Action.PROPOSALS_WRITE, act)
            self._require_right(uow, act, payload, by, proved=proved)
        body = self._checked(act, payload)
        return self._step(
            proposal_id,
            "amended",
            Action.PROPOSALS_WRITE,
            by,
            lambda p: amend(p, _digest(body), by=by.name, at=self._clock.now()),
            body,
        )

    def approve(self, proposal_id: str, payload_sha256: str, *, by: Person) -> Proposal:
        """Approve another person's proposal, as it was when its hash was this."""
        return self._step(
            proposal_id, "approved", Action.PROPOSALS_APPROVE, by,
            lambda p: approve(p, payload_sha256, by=by.name, at=self._clock.now()), needs_right=True,
        )  # fmt: skip

    def reject(self, proposal_id: str, *, by: Person) -> Proposal:
        """Reject a proposal, or withdraw one's own."""
        return self._step(
            proposal_id, "rejected", Action.PROPOSALS_REJECT, by,
            lambda p: reject(p, by=by.name, at=self._clock.now()),
        )  # fmt: skip

    def execute(self, proposal_id: str, payload_sha256: str, *, by: Person) -> Mapping[str, Any]:
        """Do what was approved, once; return what came of it.

        An approval counts while the person who gave it may still approve.  Raises Conflict when the
        requester may not propose it any more: one person's word would be left.
        """
        with self._store.write() as uow:
            stored = _existing(uow, proposal_id)
            by = _standing(uow, by, Action.PROPOSALS_EXECUTE, stored.proposal.act)
            now = self._clock.now()
            act, payload = stored.proposal.act, json.loads(stored.payload)
            self._require_right(uow, act, payload, by)
            if not self._stands(uow, stored.proposal.requester, Action.PROPOSALS_WRITE, act, payload):
                raise Conflict(
                    f"{stored.proposal.requester} may not ask for this any more; make a new proposal."
                )
            standing = {
                approval.person
                for approval in stored.proposal.approvals
                if self._stands(uow, approval.person, Action.PROPOSALS_APPROVE, act, payload)
            }
            done = execute(stored.proposal, payload_sha256, by=by.name, at=now, standing=standing)
            mandate = Mandate(
                proposal_id=done.id, requester=done.requester, approvers=tuple(sorted(standing))
            )
            outcome = self._do(uow, stored, mandate)
            self._keep(uow, done, stored.payload, "executed", by)
        return outcome

    def break_glass(
        self, proposal_id: str, payload_sha256: str, *, reason: str, by: Person
    ) -> Mapping[str, Any]:
        """Do it without a second person; whoever audits is told at once, and the ledger for ever."""
        with self._store.write() as uow:
            stored = _existing(uow, proposal_id)
            by = _standing(uow, by, Action.BREAK_GLASS, stored.proposal.act)
            now = self._clock.now()
            self._require_right(uow, stored.proposal.act, json.loads(stored.payload), by)
            done = break_glass(stored.proposal, payload_sha256, by=by.name, reason=reason, at=now)
            mandate = Mandate(proposal_id=done.id, requester=done.requester, approvers=(), alone=by.name)
            outcome = self._do(uow, stored, mandate)
            self._keep(uow, done, stored.payload, "executed", by)
            uow.add_notice(
                _BREAK_GLASS,
                done.id,
                {"act": done.act.value, "by": by.name, "reason": reason, "payload_sha256": payload_sha256},
                now,
            )
        return outcome

    def from_the_machine(
        self, act: Act, do: Callable[[UnitOfWork], _Came], *, by: str, reason: str | None
    ) -> _Came:
        """Do an act at the command line, as *by*, who owns the data folder, and return what came of it.

        An installation begins so.  Once somebody has an account who may approve, it is breaking
        the glass: raises Conflict without a *reason*, and leaves the same notice.
        """
        with self._store.write() as uow:
            approvers = (
                person
                for person in uow.people()
                if may_act(subject_of(person), Action.PROPOSALS_APPROVE, act)
            )
            if any(approvers):
                if not reason or not reason.strip():
                    raise Conflict(
                        "This needs two persons: propose it (POST /api/v1/proposals) and let another person "
                        "approve it, or give --break-glass with a reason."
                    )
                told = {"act": act.value, "by": f"{by} at the command line", "reason": reason}
                uow.add_notice(_BREAK_GLASS, act.value, told, self._clock.now())
            return do(uow)

    def all(self) -> Sequence[Proposal]:
        """Return all proposals, oldest first."""
        with self._store.read() as uow:
            return uow.proposals()

    def one(self, proposal_id: str) -> tuple[Proposal, Mapping[str, Any]]:
        """Return a proposal and its payload; raises NotFound."""
        with self._store.read() as uow:
            stored = _existing(uow, proposal_id)
        return stored.proposal, json.loads(stored.payload)

    def in_force(self, act: Act, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is in force now of that which an act replaces, in the form of its payload."""
        with self._store.read() as uow:
            return self._acts[act].in_force(uow, payload)

    def _checked(self, act: Act, payload: Mapping[str, Any]) -> bytes:
        """Return the canonical bytes of a payload that could be done; raises InputError."""
        body = _canonical(payload)
        self._acts[act].check(payload)
        return body

    def _do(self, uow: UnitOfWork, stored: StoredProposal, mandate: Mandate) -> Mapping[str, Any]:
        return self._acts[stored.proposal.act].do(uow, json.loads(stored.payload), mandate)

    def _stands(
        self, uow: UnitOfWork, name: str, action: Action, act: Act, payload: Mapping[str, Any]
    ) -> bool:
        """Tell whether the person of this name may take the step *action* now, and take part in the act."""
        person = uow.person(name)
        if person is None or not may_act(subject_of(person), action, act):
            return False
        needed = self._acts[act].right(uow, payload)
        return needed is None or may(subject_of(person), *needed).allowed

    def _require_right(
        self, uow: UnitOfWork, act: Act, payload: Mapping[str, Any], person: Person, *, proved: bool = True
    ) -> None:
        """Raise Forbidden when the act itself does not let *person* take part in it, or StepUpNeeded."""
        needed = self._acts[act].right(uow, payload)
        if needed is None:
            return
        ruling = may(subject_of(person), *needed)
        if not ruling.allowed:
            raise Forbidden(ruling.reason)
        if needs_step_up(needed[0]) and not proved:
            raise StepUpNeeded

    def _step(
        self,
        proposal_id: str,
        step: str,
        action: Action,
        by: Person,
        change: Callable[[Proposal], Proposal],
        body: bytes | None = None,
        *,
        needs_right: bool = False,
    ) -> Proposal:
        """Record the state that *change* makes of a proposal."""
        with self._store.write() as uow:
            stored = _existing(uow, proposal_id)
            by = _standing(uow, by, action, stored.proposal.act)
            if needs_right:
                self._require_right(uow, stored.proposal.act, json.loads(stored.payload), by)
            proposal = change(stored.proposal)
            if proposal != stored.proposal:
                self._keep(uow, proposal, stored.payload if body is None else body, step, by)
        return proposal

    def _keep(self, uow: UnitOfWork, proposal: Proposal, body: bytes, step: str, by: Person) -> None:
        """Record a state of a proposal, and how it came to it."""
        uow.put_proposal(StoredProposal(proposal=proposal, payload=body))
        told = {
            "step": step,
            "by": by.name,
            "act": proposal.act.value,
            "payload_sha256": proposal.payload_sha256,
            "requester": proposal.requester,
            "reason": proposal.reason,
            "approvals": [approval.person for approval in proposal.approvals],
        }
        uow.add_notice(_PROPOSAL, proposal.id, told, self._clock.now())


def may_act(subject: Subject, action: Action, act: Act) -> bool:
    """Tell whether *subject* may take the step *action* towards *act*."""
    return may(subject, action, _matter(act)).allowed


def _require(person: Person, action: Action, act: Act) -> None:
    ruling = may(subject_of(person), action, _matter(act))
    if not ruling.allowed:
        raise Forbidden(f"{ruling.reason.rstrip('.')} for {act.value!r}.")


def _standing(uow: UnitOfWork, by: Person, action: Action, act: Act) -> Person:
    """Return *by* as recorded now, not as it was when the request came in; raises Forbidden."""
    person = uow.person(by.name)
    if person is None:
        raise Forbidden(f"There is no account {by.name!r} any more.")
    _require(person, action, act)
    return person


def _matter(act: Act) -> Matter:
    return Matter(duty=Duty.RIGHTS if act is Act.SET_RIGHTS else Duty.CONTENT)


def _canonical(payload: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of a payload; raises InputError for what is no JSON."""
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode()
    except (ValueError, RecursionError) as error:
        raise InputError(
            "The payload is no JSON: a number is not finite, a text is no Unicode, or it is nested too deep."
        ) from error


def payload_sha256(payload: Mapping[str, Any]) -> str:
    """Return the hash by which a proposal of *payload* is named; raises InputError for what is no JSON."""
    return _digest(_canonical(payload))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _existing(uow: UnitOfWork, proposal_id: str) -> StoredProposal:
    stored = uow.proposal(proposal_id)
    if stored is None:
        raise NotFound(f"There is no proposal {proposal_id!r}.")
    return stored
