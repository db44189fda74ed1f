"""Erase what is recorded of people when its retention has ended: by an act that the ledger keeps.

One act is one transaction.  It writes an entry that names every ledger entry whose bytes go, and
replaces declarations, decisions and results by what may stay (`core/retention.py`).  Only what is
sealed can be erased, so that the hash that stays is one that a checkpoint proves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidewaiter.core.errors import Conflict, Fault, InputError, NotFound
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.ledger.erasures import ERASURE, spans_of
from tidewaiter.core.retention import (
    Retention,
    impersonal_answer,
    impersonal_declaration,
    impersonal_evidence,
    impersonal_result,
    retention_from_plain,
)
from tidewaiter.flow.erase_proposals import impersonal_proposal, proposals_about
from tidewaiter.flow.ports import Clock, MessageFormat, Store, StoredProposal, UnitOfWork
from tidewaiter.flow.ports.erasures import Hold, Remains, Trace

__all__ = ["RETENTION", "Erasing", "Order", "order_from_plain"]

#: Kind of publication: how long what is recorded of people is kept.
RETENTION: Final = "retention"
#: Declarations in one act: bounds its entry, and for how long others wait to write.
ORDER_MAX: Final = 1_000
_TEXT_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be erased, and on what ground."""

    #: (source, identity) of each declaration.
    declarations: tuple[tuple[str, str], ...] = ()
    #: Names of accounts.
    persons: tuple[str, ...] = ()
    #: The law, order or request, such as its number: it stays in the ledger, so it names no person.
    ground: str


def order_from_plain(data: Mapping[str, Any]) -> Order:
    """Read an order from plain data; raises InputError naming the member that is wrong."""
    names = {"declarations", "persons", "ground"}
    if set(data) != names:
        raise InputError(f"An order to erase has exactly the members {', '.join(sorted(names))}.")
    pairs, persons, ground = data["declarations"], data["persons"], data["ground"]
    if not isinstance(ground, str) or not 1 <= len(ground.strip()) <= _TEXT_MAX:
        raise InputError(f"`ground` is a text of 1 to {_TEXT_MAX} characters: the law, order or request.")
    if not isinstance(pairs, list) or not all(map(_is_pair, pairs)):
        raise InputError("`declarations` is a list of pairs: declaration system and identity.")
    if not isinstance(persons, list) or not all(isinstance(name, str) for name in persons):
        raise InputError("`persons` is a list of names of accounts.")
    order = Order(
        declarations=tuple(dict.fromkeys((source, identity) for source, identity in pairs)),
        persons=tuple(dict.fromkeys(persons)),
        ground=ground.strip(),
    )
    _require_some(order)
    return order


class Erasing:
    """The use cases of retention, holds and erasure."""

    def __init__(
        self, *, store: Store, clock: Clock, messages: MessageFormat, sealed: Callable[[], int]
    ) -> None:
        self._store, self._clock, self._messages = store, clock, messages
        #: How many entries are under a checkpoint.
        self._sealed = sealed

    # -- retention
    def retention(self, uow: UnitOfWork) -> Retention | None:
        """Return the policy in force, or None."""
        current = uow.published(RETENTION)
        return None if current is None else retention_from_plain(json.loads(current.body))

    def set_retention_in(self, uow: UnitOfWork, retention: Retention, by: str) -> str:
        """Put a policy in force; return its version."""
        body = canonical_json(retention.plain())
        version = hashlib.sha256(body).hexdigest()[:16]
        uow.publish(RETENTION, version, body, self._clock.now(), by)
        return version

    # -- holds
    def place_hold(self, source: str, declaration_id: str, *, reason: str, by: str) -> Hold:
        """Keep a declaration from being erased; raises NotFound, or InputError without a reason."""
        if not 1 <= len(reason.strip()) <= _TEXT_MAX:
            raise InputError(f"A hold needs a reason of 1 to {_TEXT_MAX} characters.")
        with self._store.write() as uow:
            if uow.declaration(source, declaration_id) is None:
                raise NotFound(f"There is no declaration {declaration_id!r} of {source!r}.")
            hold = Hold(
                number=len(uow.holds()) + 1,
                source=source,
                declaration_id=declaration_id,
                reason=reason.strip(),
                placed_by=by,
                placed_at=self._clock.now(),
            )
            uow.add_hold(hold)
        return hold

    def release_hold_in(self, uow: UnitOfWork, number: int, by: str) -> None:
        """End a hold; raises NotFound when there is none that holds."""
        uow.release_hold(number, by, self._clock.now())

    def holds(self) -> Sequence[Hold]:
        """Return all holds, released ones too, oldest first."""
        with self._store.read() as uow:
            return uow.holds()

    # -- erasure
    def due(self, limit: int = ORDER_MAX) -> list[tuple[str, str]]:
        """Return declarations, oldest first, whose retention has ended and that no hold keeps."""
        found: dict[tuple[str, str], None] = {}
        with self._store.read() as uow:
            policy, now = self._policy(uow), self._clock.now()
            held = _held(uow)
            for name in uow.received_before(now - (policy.declaration_ends(now) - now)):
                trace = None if name in held or name in found else uow.trace(*name)
                if trace is not None and policy.declaration_ends(trace.last_at) <= now:
                    found[name] = None
                if len(found) == limit:
                    break
        return list(found)

    def of_party(self, party_id: str) -> list[tuple[str, str]]:
        """Return the declarations in which a party has this identity; reads all that is recorded."""
        found: dict[tuple[str, str], None] = {}
        with self._store.read() as uow:
            for stored in uow.stored_declarations():
                declaration = self._messages.read_declaration(stored.body)
                if any(party.id == party_id for party in declaration.parties):
                    found[stored.source, stored.declaration_id] = None
        return list(found)

    def require_possible(self, order: Order) -> None:
        """Raise InputError with every part of *order* that may not be erased now, and why."""
        with self._store.read() as uow:
            self._traces(uow, order)

    def erase_in(self, uow: UnitOfWork, order: Order, by: str) -> int:
        """Erase within *uow*; return the position of the act.  Raises as :meth:`require_possible`."""
        traces = self._traces(uow, order)
        leaves = [position for trace in traces for position in trace.leaves]
        leaves += [position for name in order.persons for position in uow.leaves_about("person", name)]
        proposals = self._proposals(uow, traces, order.persons)
        leaves += [position for each in proposals for position in uow.leaves_about("proposal", each)]
        sealed = self._sealed()
        if leaves and max(leaves) > sealed:
            raise Conflict(
                f"Entry {max(leaves)} is not sealed yet ({sealed} are): run `tidewaiter ledger seal`, or "
                "wait five seconds, and try again. What is not sealed cannot be proven once it is gone."
            )
        act, now = uow.ledger_end() + 1, self._clock.now()
        content = {
            "at": now.isoformat(),
            "by": by,
            "ground": order.ground,
            "declarations": len(traces),
            "persons": len(order.persons),
            "entries": spans_of(leaves),
        }
        uow.add_leaf(ERASURE, str(act), content, now)
        uow.erase([self._remains(trace, act) for trace in traces], order.persons, act, list(proposals))
        for stored in proposals.values():
            uow.put_proposal(impersonal_proposal(stored))
        for name in order.persons:
            uow.end_sessions_of(name)
            # It names the account and the address at the provider, and would let the person sign on again.
            uow.remove_link(name)
        return act

    @staticmethod
    def _proposals(
        uow: UnitOfWork, traces: Sequence[Trace], persons: Sequence[str]
    ) -> dict[str, StoredProposal]:
        """Return the proposals about what is erased, by identity."""
        of = {(trace.source, trace.declaration_id) for trace in traces}
        holds = {hold.number for hold in uow.holds() if (hold.source, hold.declaration_id) in of}
        decisions = {identity for trace in traces for identity in trace.decisions}
        decisions |= {identity.partition(" ")[0] for trace in traces for identity in trace.overrides}
        found = proposals_about(uow, decisions=decisions, persons=persons, holds=holds)
        return {stored.proposal.id: stored for stored in found}

    def _policy(self, uow: UnitOfWork) -> Retention:
        policy = self.retention(uow)
        if policy is None:
            raise Conflict(
                "No retention policy is in force, so nothing may be erased: put one in force with "
                "`tidewaiter retention set`."
            )
        return policy

    def _traces(self, uow: UnitOfWork, order: Order) -> list[Trace]:
        """Return what is recorded of the declarations of *order*; raises InputError with every fault."""
        _require_some(order)
        policy, held, now = self._policy(uow), _held(uow), self._clock.now()
        faults: list[Fault] = []
        traces: list[Trace] = []

        def refuse(code: str, place: str, message: str) -> None:
            faults.append(Fault(code=code, place=place, message=message, value="", hint=_HINTS[code]))

        for number, (source, identity) in enumerate(order.declarations):
            place, trace = f"/declarations/{number}", uow.trace(source, identity)
            if trace is None:
                refuse("unknown", place, f"there is no declaration {identity!r} of {source!r}")
            elif trace.erased_by is not None:
                refuse("erased", place, f"{identity!r} was erased by act {trace.erased_by}")
            elif (source, identity) in held:
                refuse("held", place, f"{identity!r} is held: {held[source, identity]}")
            elif policy.declaration_ends(trace.last_at) > now:
                until = policy.declaration_ends(trace.last_at).date().isoformat()
                refuse("retained", place, f"{identity!r} is to be kept until {until}")
            else:
                traces.append(trace)
        for number, name in enumerate(order.persons):
            place, person = f"/persons/{number}", uow.person(name)
            if person is None or person.disabled_at is None:
                refuse("active", place, f"{name!r} is no account that was disabled")
            elif policy.person_ends(person.disabled_at) > now:
                until = policy.person_ends(person.disabled_at).date().isoformat()
                refuse("retained", place, f"{name!r} is to be kept until {until}")
        if faults:
            raise InputError("Not all of this may be erased; nothing was.", faults=tuple(faults))
        return traces

    def _remains(self, trace: Trace, act: int) -> Remains:
        """Return what takes the place of the personal content of a declaration."""
        messages = self._messages
        return Remains(
            trace=trace,
            versions={
                each.seq: messages.write_declaration(
                    impersonal_declaration(messages.read_declaration(each.body))
                )
                for each in trace.versions
            },
            results={
                each.seq: messages.write_control_result(
                    impersonal_result(messages.read_control_result(each.body))
                )
                for each in trace.results
            },
            decisions={
                identity: (
                    canonical_json(impersonal_evidence(json.loads(stored.evidence), act)),
                    canonical_json(impersonal_answer(json.loads(stored.answer), act)),
                )
                for identity, stored in trace.decisions.items()
            },
        )


_HINTS: Final = {
    "unknown": "Name the declaration system and the identity that it gave.",
    "erased": "Leave it out.",
    "held": "Release the hold first, if what it waits for has ended.",
    "retained": "Wait until then.",
    "active": "Disable the account first; its retention begins then.",
}


def _require_some(order: Order) -> None:
    """Raise InputError when an order names nothing, or more than one act may take."""
    named = len(order.declarations) + len(order.persons)
    if not 1 <= named <= ORDER_MAX:
        raise InputError(
            f"An order names 1 to {ORDER_MAX} declarations and persons together; this one names {named}."
        )


def _held(uow: UnitOfWork) -> dict[tuple[str, str], str]:
    """Return the declarations that are held, with the reason."""
    return {
        (hold.source, hold.declaration_id): hold.reason for hold in uow.holds() if hold.released_at is None
    }


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(each, str) for each in pair)
