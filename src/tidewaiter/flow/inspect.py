"""Inspections: the queue of an office, one inspection in words, who has taken it, and its result.

What an inspector reads is the answer that left and the declaration: what to check and why, in words.
Nothing here reads the evidence of a decision, so no threshold, probability or condition can get out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tidewaiter.core.access import Action, Matter, Subject, may, offices_of
from tidewaiter.core.codes import Identifier
from tidewaiter.core.control import ACTIONS, ControlKind, ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Conflict, Fault, Forbidden, NotFound, Unavailable, UnreadableMessage
from tidewaiter.core.selection.lanes import Lane
from tidewaiter.flow.content import lanes_in_force
from tidewaiter.flow.messages import Incoming, result_message
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.ports import Clock, MessageFormat, Person, Store, UnitOfWork
from tidewaiter.flow.ports.inspections import Assignment, ListedDecision, Place, Wanted

__all__ = ["PAGE", "WINDOW", "Inspection", "Inspections", "Queue", "inspection_id"]

#: How far back the queue looks; what waits longer is a result that is missing, not work of today.
WINDOW: Final = timedelta(days=60)

#: Decisions a page.
PAGE: Final = 50

#: Versions of a declaration that are looked at to see whether a newer one was decided on.
_VERSIONS_MAX: Final = 1000

#: Status of a WCO response message: the documents are checked.
_DOCUMENTS: Final = "06"

_INSPECTION: Final = re.compile(r"I-(D[0-9a-f]{24})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A page of what waits at one office."""

    #: None: the person has no office.
    office: str | None
    #: The offices whose queues the person may read, sorted.
    offices: tuple[str, ...]
    #: Each lane that ends in a control result, strictest first, with how many wait.
    lanes: tuple[tuple[Lane, int], ...]
    #: Each with its declaration, oldest first.
    waiting: tuple[tuple[ListedDecision, Declaration], ...]
    #: Where the next page begins; None: this is the last.
    next: Place | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One decision as work."""

    listed: ListedDecision
    declaration: Declaration
    lane: Lane
    #: The results that are recorded of the declaration, the newest version of each control.
    results: tuple[ControlResult, ...]
    #: Whether it still waits for a result.
    waiting: bool

    @property
    def kind(self) -> ControlKind:
        """Return the control that the lane asks for: by what it occupies, and by what the trader is told."""
        if self.lane.resource == "scanner":
            return ControlKind.SCAN
        documents = self.lane.wco_response == _DOCUMENTS
        return ControlKind.DOCUMENTARY if documents else ControlKind.EXAMINATION


class Inspections:
    """The use cases."""

    def __init__(self, *, store: Store, clock: Clock, messages: MessageFormat) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages

    def queue(
        self, subject: Subject, *, office: str | None = None, lane: str | None = None,
        after: Place | None = None,
    ) -> Queue:  # fmt: skip
        """Return what waits at *office* (None: the first that the person may read), oldest first.

        Raises Forbidden for an office of others.
        """
        now = self._clock.now()
        since = now - WINDOW
        with self._store.read() as uow:
            offices = _offices(uow, subject)
            office = office if office is not None or not offices else offices[0]
            if office is not None:
                _require(subject, Action.INSPECTIONS_READ, office)
            lanes = tuple(each for each in reversed(list(lanes_in_force(uow))) if each.control)
            codes = [each.code for each in lanes if lane in {None, each.code}]
            found: Sequence[ListedDecision] = []
            counts = dict.fromkeys((each.code for each in lanes), 0)
            if office is not None:
                found = uow.waiting(office, codes, since=since, after=after, limit=PAGE + 1)
                counts = {code: uow.count_waiting(office, code, since=since) for code in counts}
        page = found[:PAGE]
        return Queue(
            office=office,
            offices=offices,
            lanes=tuple((each, counts[each.code]) for each in lanes),
            waiting=tuple((each, self._messages.read_declaration(each.declaration_body)) for each in page),
            next=page[-1].place if len(found) > PAGE else None,
            at=now,
        )

    def one(self, subject: Subject, decision_id: str) -> Inspection:
        """Return one inspection; raises NotFound, also when the person may not know of it."""
        with self._store.read() as uow:
            listed = _readable(uow, subject, decision_id)
            results = self._results(uow, listed)
            of_it = Wanted(source=listed.source, declaration_id=listed.declaration_id)
            versions = uow.find_decisions(of_it, after=None, limit=_VERSIONS_MAX)
            lanes = lanes_in_force(uow)
        if listed.lane not in lanes:
            raise Unavailable(f"The lane {listed.lane!r} of decision {listed.id} is no more in force.")
        lane = lanes[listed.lane]
        answered = any(_answers(listed, known_at) for _, known_at in results)
        return Inspection(
            listed=listed,
            declaration=self._messages.read_declaration(listed.declaration_body),
            lane=lane,
            results=tuple(result for result, _ in results),
            waiting=lane.control and not answered and not any(e.version > listed.version for e in versions),
        )

    def assign(
        self, person: Person, decision_id: str, *, take: bool, instead_of: str | None
    ) -> ListedDecision:
        """Take an inspection, or give it back; return it as it is then.

        *instead_of* is who has it as far as the person knows, so nobody takes from another unseen.
        Raises Conflict, which says who has it, NotFound, or Forbidden.
        """
        subject, wanted = subject_of(person), person.name if take else None
        with self._store.write() as uow:
            listed = _readable(uow, subject, decision_id)
            _require(subject, Action.INSPECTIONS_ASSIGN, listed.office)
            if listed.assigned_to == wanted:
                return listed
            if listed.assigned_to != instead_of:
                has = "Nobody has" if listed.assigned_to is None else f"{listed.assigned_to} has"
                raise Conflict(f"{has} this inspection now; look at it again.")
            at = self._clock.now()
            uow.assign(Assignment(decision_id=listed.id, person=wanted, by=person.name, at=at))
        return replace(listed, assigned_to=wanted, assigned_at=at)

    def result_by(
        self, person: Person, result: ControlResult, message_id: str | None
    ) -> Incoming[ControlResult]:
        """Return what *person* found as a message to be recorded; the author is the person.

        Its identity names the decision (:func:`inspection_id`), so a decision has one inspection,
        and the same result sent again is the same.  Raises UnreadableMessage with every fault, Conflict
        when another control of the declaration was recorded meanwhile, NotFound, or Forbidden.
        """
        named = _INSPECTION.fullmatch(result.id)
        if named is None:
            fault = _fault("id", result.id, "the identity of an inspection names its decision",
                           "Send I- and the decision's identity, such as I-D0123….")  # fmt: skip
            raise UnreadableMessage(faults=(fault,))
        subject = subject_of(person)
        with self._store.read() as uow:
            listed = _readable(uow, subject, named[1])
            results = self._results(uow, listed)
        _require(subject, Action.RESULTS_WRITE, listed.office)
        faults = tuple(_contradictions(result, listed, person))
        if faults:
            raise UnreadableMessage("The control result does not fit its decision.", faults=faults)
        others = [each for each, at in results if each.id != result.id and _answers(listed, at)]
        if others:
            by = others[-1].officer or "the declaration system"
            raise Conflict(f"{by} recorded a result of this declaration first; look at it again.")
        return result_message(
            replace(result, officer=Identifier(person.name)),
            client=f"person {person.name}",
            source=listed.source,
            messages=self._messages,
            message_id=message_id,
        )

    def _results(self, uow: UnitOfWork, listed: ListedDecision) -> list[tuple[ControlResult, datetime]]:
        """Return the newest version of each control of a declaration, with when it became known."""
        newest = {each.control_id: each for each in uow.results_of(listed.source, listed.declaration_id)}
        return [(self._messages.read_control_result(e.body), e.known_at) for e in newest.values()]


def inspection_id(decision_id: str) -> str:
    """Return the identity that the control result of a person has."""
    return f"I-{decision_id}"


def _answers(listed: ListedDecision, known_at: datetime) -> bool:
    """Tell whether a result answers a decision, as the queue has it."""
    return known_at >= listed.at or listed.version == 1


def _contradictions(result: ControlResult, listed: ListedDecision, person: Person) -> list[Fault]:
    """Return what a result says otherwise than its decision and its author."""
    given: Mapping[str, tuple[object, object]] = {
        "declaration_id": (result.declaration_id, listed.declaration_id),
        "declaration_version": (result.declaration_version, listed.version),
        "office": (result.office, listed.office),
        "officer": (result.officer, person.name),
    }
    faults = [
        _fault(place, said, f"this inspection has {true!r} there", "Leave it out, or send that.")
        for place, (said, true) in given.items()
        if said is not None and said != true
    ]
    if result.action_code is not None and result.action_code not in ACTIONS:
        faults.append(
            _fault("action_code", result.action_code, "a person says what was done with a word of the list",
                   f"Send one of {', '.join(ACTIONS)}.")
        )  # fmt: skip
    return faults


def _fault(place: str, value: object, message: str, hint: str) -> Fault:
    return Fault(
        code="not-of-this-inspection", place=f"/{place}", message=message, value=str(value), hint=hint
    )


def _readable(uow: UnitOfWork, subject: Subject, decision_id: str) -> ListedDecision:
    """Return a decision that *subject* may know of as work; raises NotFound."""
    listed = uow.listed(decision_id)
    if listed is not None and may(subject, Action.INSPECTIONS_READ, Matter(office=listed.office)).allowed:
        return listed
    raise NotFound(f"There is no decision {decision_id!r}.")


def _require(subject: Subject, action: Action, office: str) -> None:
    ruling = may(subject, action, Matter(office=office))
    if not ruling.allowed:
        raise Forbidden(ruling.reason)


def _offices(uow: UnitOfWork, subject: Subject) -> tuple[str, ...]:
    """Return the offices whose queues *subject* may read: the own ones, or all that are known.

    Known is an office that has a capacity of its own in the plan, or has had a declaration.
    """
    own = offices_of(subject, Action.INSPECTIONS_READ)
    if own is not None:
        return tuple(sorted(own))
    plan = uow.published("plan")
    planned = {} if plan is None else json.loads(plan.body)["capacity"].get("offices", {})
    return tuple(sorted({*planned, *uow.capacity_states()}))
