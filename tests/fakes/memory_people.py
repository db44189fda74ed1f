"""People, sessions and proposals in memory: part of the naive twin of the SQL store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.two_persons import Proposal
from tidewaiter.flow.ports.people import Failures, Person, Session, StoredProposal


@dataclass(kw_only=True)
class PeopleState:
    """Everything that is recorded about people."""

    people: dict[str, Person] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    failures: dict[str, Failures] = field(default_factory=dict)
    proposals: dict[str, StoredProposal] = field(default_factory=dict)


class MemoryPeople:
    """The part of a unit of work that is about people."""

    _state: Any
    _changing: Any
    _leave: Any
    _add_leaf: Any

    def person(self, name: str) -> Person | None:
        found: Person | None = self._state.people.get(name)
        return found

    def people(self) -> Sequence[Person]:
        return [self._state.people[name] for name in sorted(self._state.people)]

    def put_person(self, person: Person) -> None:
        others = [each for each in self._state.people.values() if each.name != person.name]
        if any(each.staff_number == person.staff_number for each in others):
            raise Conflict("This contradicts what is recorded: the staff number is another person's.")
        self._changing.people[person.name] = person

    def session(self, token_sha256: str) -> Session | None:
        found: Session | None = self._state.sessions.get(token_sha256)
        return found

    def put_session(self, session: Session) -> None:
        self._changing.sessions[session.token_sha256] = session

    def end_session(self, token_sha256: str) -> None:
        self._changing.sessions.pop(token_sha256, None)

    def end_sessions_of(self, person: str) -> None:
        self._keep_sessions(lambda session: session.person != person)

    def end_sessions_before(self, proved_at: datetime) -> None:
        self._keep_sessions(lambda session: session.proved_at >= proved_at)

    def _keep_sessions(self, wanted: Any) -> None:
        state = self._changing
        state.sessions = {token: each for token, each in state.sessions.items() if wanted(each)}

    def failures(self, name_sha256: str) -> Failures | None:
        found: Failures | None = self._state.failures.get(name_sha256)
        return found

    def put_failures(self, failures: Failures) -> None:
        self._changing.failures[failures.name_sha256] = failures

    def forget_failures(self, name_sha256: str) -> None:
        self._changing.failures.pop(name_sha256, None)

    def forget_failures_before(self, last_at: datetime) -> None:
        state = self._changing
        state.failures = {name: each for name, each in state.failures.items() if each.last_at >= last_at}

    def put_proposal(self, stored: StoredProposal) -> None:
        self._changing.proposals[stored.proposal.id] = stored

    def proposal(self, proposal_id: str) -> StoredProposal | None:
        found: StoredProposal | None = self._state.proposals.get(proposal_id)
        return found

    def proposals(self) -> Sequence[Proposal]:
        found = [stored.proposal for stored in self._state.proposals.values()]
        return sorted(found, key=lambda proposal: (proposal.requested_at, proposal.id))

    def add_notice(self, topic: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        told = {"subject": subject, "at": at.isoformat(), **content}
        self._leave(topic, subject, canonical_json(told), at, (None, None))
        self._add_leaf(topic, subject, canonical_json({"kind": topic, **told}))
