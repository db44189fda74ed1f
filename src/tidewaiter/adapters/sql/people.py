"""People, sessions, failed attempts and proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Table, bindparam, delete, select, update

from tidewaiter.adapters.sql import people_tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.two_persons import Act, Approval, Proposal
from tidewaiter.flow.ports import Failures, Person, Session, StoredProposal

__all__ = ["People"]

_p, _s, _f, _w = t.person.c, t.session.c, t.sign_in_failure.c, t.proposal.c

_PERSON: Final = select(t.person).where(_p.name == bindparam("name"))
_PEOPLE: Final = select(t.person).order_by(_p.name)
_SESSION: Final = select(t.session).where(_s.token_sha256 == bindparam("token"))
_FAILURES: Final = select(t.sign_in_failure).where(_f.name_sha256 == bindparam("name"))
_PROPOSAL: Final = select(t.proposal).where(_w.id == bindparam("id"))
_PROPOSALS: Final = select(*(column for column in _w if column.name != "payload")).order_by(
    _w.requested_at, _w.id
)
_END_SESSION: Final = delete(t.session).where(_s.token_sha256 == bindparam("token"))
_END_SESSIONS_OF: Final = delete(t.session).where(_s.person == bindparam("person"))
_END_SESSIONS_BEFORE: Final = delete(t.session).where(_s.proved_at < bindparam("before"))
_FORGET_FAILURES: Final = delete(t.sign_in_failure).where(_f.name_sha256 == bindparam("name"))
_FORGET_FAILURES_BEFORE: Final = delete(t.sign_in_failure).where(_f.last_at < bindparam("before"))

#: Table -> the update of the row whose key is bound as ``row_key``.
_UPDATES: Final = {
    table: update(table).where(next(iter(table.primary_key)) == bindparam("row_key"))
    for table in (t.person, t.session, t.sign_in_failure, t.proposal)
}
_SETS: Final = ("roles", "offices", "compartments")


class People(Work):
    """The part of a unit of work that is about people."""

    # -- accounts
    def person(self, name: str) -> Person | None:
        """Return the person of this name, or None."""
        row = self._first(_PERSON, {"name": name})
        return None if row is None else _person(row)

    def people(self) -> Sequence[Person]:
        """Return all people, by name."""
        return [_person(row) for row in self._rows(_PEOPLE)]

    def put_person(self, person: Person) -> None:
        """Record a person, or a new state; raises Conflict when the staff number is another one's."""
        row = asdict(person)
        self._keep(t.person, row.pop("name"), row | {name: sorted(row[name]) for name in _SETS})

    # -- sessions
    def session(self, token_sha256: str) -> Session | None:
        """Return a session, or None."""
        row = self._first(_SESSION, {"token": token_sha256})
        return None if row is None else Session(**row._asdict())

    def put_session(self, session: Session) -> None:
        """Record a session, or a new state."""
        row = asdict(session)
        self._keep(t.session, row.pop("token_sha256"), row)

    def end_session(self, token_sha256: str) -> None:
        """Forget a session."""
        self._change(_END_SESSION, {"token": token_sha256})

    def end_sessions_of(self, person: str) -> None:
        """Forget all sessions of a person."""
        self._change(_END_SESSIONS_OF, {"person": person})

    def end_sessions_before(self, proved_at: datetime) -> None:
        """Forget the sessions whose person showed both factors before this instant."""
        self._change(_END_SESSIONS_BEFORE, {"before": proved_at})

    # -- failed attempts
    def failures(self, name_sha256: str) -> Failures | None:
        """Return the failed attempts with a name, or None."""
        row = self._first(_FAILURES, {"name": name_sha256})
        return None if row is None else Failures(**row._asdict())

    def put_failures(self, failures: Failures) -> None:
        """Record failed attempts."""
        row = asdict(failures)
        self._keep(t.sign_in_failure, row.pop("name_sha256"), row)

    def forget_failures(self, name_sha256: str) -> None:
        """Forget the failed attempts with this name."""
        self._change(_FORGET_FAILURES, {"name": name_sha256})

    def forget_failures_before(self, last_at: datetime) -> None:
        """Forget the failed attempts of every name whose last one was before this instant."""
        self._change(_FORGET_FAILURES_BEFORE, {"before": last_at})

    # -- proposals
    def put_proposal(self, stored: StoredProposal) -> None:
        """Record a proposal, or a new state."""
        row = asdict(stored.proposal)
        row["act"] = stored.proposal.act.value
        row["approvals"] = [
            {"person": each.person, "payload_sha256": each.payload_sha256, "at": each.at.isoformat()}
            for each in stored.proposal.approvals
        ]
        self._keep(t.proposal, row.pop("id"), row | {"payload": stored.payload})

    def proposal(self, proposal_id: str) -> StoredProposal | None:
        """Return a proposal, or None."""
        row = self._first(_PROPOSAL, {"id": proposal_id})
        return None if row is None else StoredProposal(proposal=_proposal(row), payload=row.payload)

    def proposals(self) -> Sequence[Proposal]:
        """Return all proposals, oldest first."""
        return [_proposal(row) for row in self._rows(_PROPOSALS)]

    def add_notice(self, topic: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        """Record what somebody did as an outbox row and a ledger leaf of the kind *topic*."""
        told = {"subject": subject, "at": at.isoformat(), **content}
        self._add_outbox(topic, subject, canonical_json(told), at)
        self._add_leaf_of(topic, subject, told, at)

    def _keep(self, table: Table, key: str, row: Mapping[str, Any]) -> None:
        """Update the row with this primary key, or insert it."""
        if self._change(_UPDATES[table], {"row_key": key, **row}, tuple(row)) == 0:
            self._insert(table, {next(iter(table.primary_key)).name: key, **row})


def _person(row: Row[Any]) -> Person:
    """Return a row as a person."""
    data = row._asdict()
    return Person(**data | {name: frozenset(data[name]) for name in _SETS})


def _proposal(row: Row[Any]) -> Proposal:
    """Return a row as a proposal."""
    data = {name: value for name, value in row._asdict().items() if name != "payload"}
    approvals = tuple(Approval(**each | {"at": datetime.fromisoformat(each["at"])}) for each in row.approvals)
    return Proposal(**data | {"act": Act(row.act), "approvals": approvals})
