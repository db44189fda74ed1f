"""Erasures in memory: the naive twin of what the SQL store does, a search through everything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tidewaiter.core.decision import decision_id
from tidewaiter.core.errors import NotFound
from tidewaiter.flow.ports import StoredDeclaration
from tidewaiter.flow.ports.erasures import Hold, Remains, Trace, hold_content

if TYPE_CHECKING:
    from tests.fakes.memory_store import MemoryUnitOfWork

    _Work = MemoryUnitOfWork
else:
    _Work = object


class MemoryErasures(_Work):
    """The part of a unit of work that erases."""

    def trace(self, source: str, declaration_id: str) -> Trace | None:
        state, key = self._state, (source, declaration_id)
        versions = [each for each in state.declarations if (each.source, each.declaration_id) == key]
        results = [each for each in state.results if (each.source, each.declaration_id) == key]
        decisions = [(d, s) for d, s in state.decisions if (d.source, d.declaration_id) == key]
        if not versions:
            return None
        overrides = [each for each in state.overrides if (each.source, each.declaration_id) == key]
        subjects = {("decision", decision.id) for decision, _ in decisions}
        subjects |= {("result", f"{each.source} {each.control_id} {each.version}") for each in results}
        times = [each.received_at for each in versions] + [each.recorded_at for each in results]
        left = {("version", each.seq) for each in versions} | {("result", each.seq) for each in results}
        left |= {("override", each.id) for each in overrides}
        left -= state.erased.keys()
        return Trace(
            source=source,
            declaration_id=declaration_id,
            versions=[each for each in versions if ("version", each.seq) not in state.erased],
            decisions={
                decision.id: stored for decision, stored in decisions
                if ("decision", state.decision_ids[decision.id]) not in state.erased
            },
            results=[each for each in results if ("result", each.seq) not in state.erased],
            leaves=[
                number for number, leaf in enumerate(state.leaves, 1)
                if leaf[:2] in subjects and state.leaf_bodies[number - 1] is not None
            ],
            overrides=[each.id for each in overrides if ("override", each.id) not in state.erased],
            last_at=max(times + [decision.at for decision, _ in decisions] + [each.at for each in overrides]),
            erased_by=None if left else max(state.erased["version", each.seq] for each in versions),
        )  # fmt: skip

    def leaves_about(self, kind: str, subject: str) -> Sequence[int]:
        return [
            number for number, leaf in enumerate(self._state.leaves, 1)
            if leaf[:2] == (kind, subject) and self._state.leaf_bodies[number - 1] is not None
        ]  # fmt: skip

    def erase(
        self, remains: Sequence[Remains], persons: Sequence[str], act: int, proposals: Sequence[str] = ()
    ) -> None:
        for each in remains:
            self._erase_declaration(each, act)
        for kind, subjects in (("person", persons), ("proposal", proposals)):
            for subject in subjects:
                self._blank(self.leaves_about(kind, subject))
                self._blank_events(kind, subject)
        for name in persons:
            person = self.person(name)
            if person is not None:
                self.put_person(
                    replace(person, staff_number=f"erased {name}", password_hash="", totp_secret="")
                )

    def _blank_events(self, topic: str, key: str) -> None:
        """Take away what the events about *key* tell."""
        outbox = self._changing.outbox
        outbox[:] = [
            (which, replace(event, payload=b"{}") if (event.topic, which) == (topic, key) else event)
            for which, event in outbox
        ]

    def _blank(self, positions: Sequence[int]) -> None:
        for position in positions:
            self._changing.leaf_bodies[position - 1] = None

    def _erase_declaration(self, remains: Remains, act: int) -> None:
        state, trace = self._changing, remains.trace
        new: dict[bytes, bytes] = {}
        for version in trace.versions:
            body = remains.versions[version.seq]
            new[version.body] = body
            stored = replace(version, body=body, body_sha256=hashlib.sha256(body).hexdigest())
            state.declarations[version.seq - 1] = stored
            state.erased["version", version.seq] = act
            key = (trace.source, trace.declaration_id)
            state.versions[key] = {**state.versions[key], version.version: stored}
            identity = decision_id(trace.source, trace.declaration_id, version.version)
            if identity in remains.decisions:
                evidence, answer = remains.decisions[identity]
                index = state.decision_ids[identity]
                state.erased["decision", index] = act
                decision, before = state.decisions[index]
                new[before.answer] = answer
                after = replace(before, evidence=evidence, answer=answer, inputs=b"{}", declaration_body=body)
                state.decisions[index] = (replace(decision, consignment_keys=()), after)
        for result in trace.results:
            body = remains.results[result.seq]
            new[result.body] = body
            after_ = replace(result, body=body, body_sha256=hashlib.sha256(body).hexdigest())
            state.results[result.seq - 1] = after_
            state.erased["result", result.seq] = act
            of = (result.source, str(result.control_id))
            state.controls[of] = {**state.controls[of], result.version: after_}
        for place, override in enumerate(state.overrides):
            if override.id in trace.overrides:
                state.overrides[place] = replace(override, text="")
                state.erased["override", override.id] = act
        for place, hold in enumerate(state.holds):
            if (hold.source, hold.declaration_id) == (trace.source, trace.declaration_id):
                state.holds[place] = replace(hold, reason="")
        self._replace_everywhere(new, {each.body_sha256 for each in (*trace.versions, *trace.results)})
        self._blank(trace.leaves)

    def _replace_everywhere(self, new: dict[bytes, bytes], digests: set[str]) -> None:
        """Put the new bytes where the old ones are, and take digests away."""
        state = self._changing
        state.journal[:] = [
            replace(
                each,
                body=new.get(each.body, each.body),
                declaration_body=new.get(each.declaration_body or b"", each.declaration_body),
            )
            for each in state.journal
        ]
        state.outbox[:] = [
            (key, replace(event, payload=new.get(event.payload, event.payload)))
            for key, event in state.outbox
        ]
        for message, kept in state.answers.items():
            if kept.body_sha256 in digests:
                answer = new.get(kept.answer, kept.answer)
                state.answers[message] = replace(kept, answer=answer, body_sha256="")

    def received_before(self, at: datetime) -> Iterator[tuple[str, str]]:
        state = self._state
        for each in state.declarations:
            if each.received_at < at and ("version", each.seq) not in state.erased:
                yield each.source, each.declaration_id
        for result in state.results:
            if result.recorded_at < at and ("result", result.seq) not in state.erased:
                yield result.source, result.declaration_id
        for override in state.overrides:
            if override.at < at and ("override", override.id) not in state.erased:
                yield override.source, override.declaration_id

    def stored_declarations(self) -> Iterator[StoredDeclaration]:
        return iter(list(self._state.declarations))

    def add_hold(self, hold: Hold) -> None:
        self._changing.holds.append(hold)
        self.add_leaf("hold", str(hold.number), hold_content(hold), hold.placed_at)

    def release_hold(self, number: int, by: str, at: datetime) -> None:
        for place, hold in enumerate(self._changing.holds):
            if hold.number == number and hold.released_at is None:
                released = replace(hold, released_by=by, released_at=at)
                self._state.holds[place] = released
                self.add_leaf("hold", str(number), hold_content(released), at)
                return
        raise NotFound(f"There is no hold {number}, or it was released before.")

    def holds(self) -> Sequence[Hold]:
        return list(self._state.holds)
