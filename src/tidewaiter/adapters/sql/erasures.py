"""Erasures: what is recorded of a declaration or a person, and its replacement by what may stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, null, select, update

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.people_tables import person
from tidewaiter.adapters.sql.prepared import Statement
from tidewaiter.adapters.sql.work import CHUNK_ROWS, Work
from tidewaiter.core.decision import decision_id
from tidewaiter.core.errors import Conflict, NotFound
from tidewaiter.flow.ports import StoredDecision, StoredDeclaration, StoredResult
from tidewaiter.flow.ports.erasures import Hold, Remains, Trace, hold_content

__all__ = ["Erasures"]

_v, _r, _d, _m = t.declaration_version.c, t.control_result.c, t.decision.c, t.message.c
_l, _o, _h, _p, _w = t.ledger_leaf.c, t.outbox.c, t.hold.c, person.c, t.lane_override.c

_OF_IT: Final[tuple[BindParameter[Any], ...]] = (bindparam("source"), bindparam("id"))
_VERSIONS: Final = (
    select(t.declaration_version)
    .where(_v.source == _OF_IT[0], _v.declaration_id == _OF_IT[1])
    .order_by(_v.version)
)
_DECISIONS: Final = (
    select(_d.id, _d.at, _d.evidence, _d.inputs, _d.answer, _d.erased_by, _v.body)
    .select_from(t.decision.join(t.declaration_version, _v.seq == _d.declaration_seq))
    .where(_d.source == _OF_IT[0], _d.declaration_id == _OF_IT[1])
    .order_by(_d.version)
)
_RESULTS: Final = (
    select(t.control_result)
    .where(_r.declaration_id == _OF_IT[1], _r.source == _OF_IT[0])
    .order_by(_r.seq)
)  # fmt: skip
_OVERRIDES: Final = (
    select(_w.seq, _w.number, _w.salt, _w.at, _w.erased_by, _d.id)
    .select_from(t.lane_override.join(t.decision, _d.seq == _w.decision_seq))
    .where(_d.source == _OF_IT[0], _d.declaration_id == _OF_IT[1])
    .order_by(_w.seq)
)
_LEAF: Final = select(_l.seq, _l.erased_by, _l.created_at).where(
    _l.kind == bindparam("kind"), _l.subject == bindparam("subject")
)
#: Leaves of imports are named by numbers, which the index finds among all other names.
_IMPORTS: Final = select(_l.seq, _l.subject, _l.erased_by).where(
    _l.subject >= "0", _l.subject < ":", _l.kind == "results"
)
_OLD: Final = (
    select(_v.seq, _v.source, _v.declaration_id, _v.received_at, _v.erased_by)
    .where(_v.seq > bindparam("after"), _v.received_at < bindparam("at"))
    .order_by(_v.seq)
    .limit(CHUNK_ROWS)
)
_OLD_RESULTS: Final = (
    select(_r.seq, _r.source, _r.declaration_id, _r.erased_by)
    .where(_r.seq > bindparam("after"), _r.recorded_at < bindparam("at"))
    .order_by(_r.seq)
    .limit(CHUNK_ROWS)
)
_OLD_OVERRIDES: Final = (
    select(_w.seq, _d.source, _d.declaration_id, _w.erased_by)
    .select_from(t.lane_override.join(t.decision, _d.seq == _w.decision_seq))
    .where(_w.seq > bindparam("after"), _w.at < bindparam("at"))
    .order_by(_w.seq)
    .limit(CHUNK_ROWS)
)
_ALL: Final = (
    select(t.declaration_version)
    .where(_v.seq > bindparam("after"))
    .order_by(_v.seq)
    .limit(CHUNK_ROWS)
)  # fmt: skip
_HOLDS: Final = select(t.hold).order_by(_h.number)

_ACT: Final[dict[str, Any]] = {"erased_by": bindparam("act")}
_BODY: Final[dict[str, Any]] = {"body": bindparam("new_body"), "body_sha256": bindparam("new_digest")}
_ERASE_VERSION: Final = (
    update(t.declaration_version).where(_v.seq == bindparam("at_key")).values(_BODY | _ACT)
)
_ERASE_RESULT: Final = (
    update(t.control_result).where(_r.seq == bindparam("at_key")).values({**_BODY, "salt": null(), **_ACT})
)
_ERASE_OVERRIDE: Final = (
    update(t.lane_override)
    .where(_w.seq == bindparam("at_key"))
    .values({"text": "", "salt": null(), **_ACT})
)  # fmt: skip
_ERASE_HOLDS: Final = (
    update(t.hold)
    .where(_h.source == bindparam("of_source"), _h.declaration_id == bindparam("of_id"))
    .values(reason="")
)
_ERASE_DECISION: Final = (
    update(t.decision)
    .where(_d.id == bindparam("at_key"))
    .values(
        {
            "evidence": bindparam("new_evidence"),
            "answer": bindparam("new_answer"),
            "inputs": bindparam("new_inputs"),
            "consignment_key": null(),
            **_ACT,
        }
    )
)
#: What was answered to the message that a version came with, and to those that repeated it.
_ERASE_ANSWERS: Final = (
    update(t.message)
    .where(_m.at == bindparam("received"), _m.body_sha256 == bindparam("digest"), _m.erased_by.is_(None))
    .values({"answer": bindparam("new_answer"), "body_sha256": "", **_ACT})
)
#: The answer to a control result names nothing but identities.
_ERASE_DIGESTS: Final = (
    update(t.message)
    .where(_m.at == bindparam("received"), _m.body_sha256 == bindparam("digest"), _m.erased_by.is_(None))
    .values({"body_sha256": "", **_ACT})
)
_ERASE_EVENTS: Final = (
    update(t.outbox)
    .where(
        _o.created_at == bindparam("caused"), _o.topic == bindparam("about"), _o.key == bindparam("of_key")
    )
    .values(payload=bindparam("new_payload"))
)
_ERASE_LEAF: Final = (
    update(t.ledger_leaf)
    .where(_l.seq == bindparam("at_key"), _l.erased_by.is_(None))
    .values({"body": null(), **_ACT})
)
_ERASE_PERSON: Final = (
    update(person)
    .where(_p.name == bindparam("of_name"))
    .values(staff_number=bindparam("new_number"), password_hash="", totp_secret="")
)
_RELEASE: Final = (
    update(t.hold)
    .where(_h.number == bindparam("of_number"), _h.released_at.is_(None))
    .values(released_by=bindparam("by"), released_at=bindparam("at"))
)
#: What a decision was made from, and an event about a person, once erased.
_NOTHING: Final = b"{}"


class Erasures(Work):
    """The part of a unit of work that erases."""

    def trace(self, source: str, declaration_id: str) -> Trace | None:
        """Return what is recorded of a declaration and not erased, or None when there never was one."""
        of_it = {"source": source, "id": declaration_id}
        versions, decisions, results, overrides = (
            self._rows(query, of_it) for query in (_VERSIONS, _DECISIONS, _RESULTS, _OVERRIDES)
        )
        if not versions:
            return None
        subjects = [("decision", row.id) for row in decisions]
        subjects += [("result", f"{row.source} {row.control_id} {row.version}") for row in results]
        # An older entry holds the bare hash of the text.
        subjects += [("override", f"{row.id} {row.number}") for row in overrides if row.salt is None]
        leaves = [leaf.seq for kind, subject in subjects for leaf in self._leaves_about(kind, subject)]
        leaves += self._imports_of([row.seq for row in results if row.salt is None and row.erased_by is None])
        times = [row.received_at for row in versions] + [row.recorded_at for row in results]
        left = [row for row in (*versions, *results, *overrides) if row.erased_by is None]
        return Trace(
            source=source,
            declaration_id=declaration_id,
            versions=[_declaration(row) for row in versions if row.erased_by is None],
            decisions={row.id: _decision(row) for row in decisions if row.erased_by is None},
            results=[_result(row) for row in results if row.erased_by is None],
            overrides=[f"{row.id} {row.number}" for row in overrides if row.erased_by is None],
            leaves=sorted(set(leaves)),
            last_at=max(times + [row.at for row in (*decisions, *overrides)]),
            erased_by=None if left else max(row.erased_by for row in versions),
        )

    def leaves_about(self, kind: str, subject: str) -> Sequence[int]:
        """Return the positions of the ledger entries of a kind about *subject* that have their bytes."""
        return [leaf.seq for leaf in self._leaves_about(kind, subject)]

    def erase(
        self,
        remains: Sequence[Remains],
        persons: Sequence[str],
        act: int,
        proposals: Sequence[str] = (),
    ) -> None:
        """Let *remains* take the place of declarations, and erase persons, by the ledger entry *act*.

        Of *proposals*, by identity, what the ledger and the events tell goes, too.
        """
        if not self._on_postgresql:
            # What is replaced is written over in the file, too, instead of being left in unused space.
            self._connection.exec_driver_sql("PRAGMA secure_delete = ON")
        for each in remains:
            self._erase_declaration(each, act)
        for name in persons:
            self._erase_person(name, act)
        for identity in proposals:
            self._erase_told("proposal", identity, act)

    def received_before(self, at: datetime) -> Iterator[tuple[str, str]]:
        """Iterate over (source, declaration id) of what was recorded before *at* and not erased."""
        for old in (_OLD, _OLD_RESULTS, _OLD_OVERRIDES):
            after = 0
            while rows := self._rows(old, {"after": after, "at": at}):
                for row in rows:
                    if row.erased_by is None:
                        yield row.source, row.declaration_id
                after = rows[-1].seq

    def stored_declarations(self) -> Iterator[StoredDeclaration]:
        """Iterate over all declaration versions in the order of recording; bounded memory."""
        after = 0
        while rows := self._rows(_ALL, {"after": after}):
            yield from map(_declaration, rows)
            after = rows[-1].seq

    def add_hold(self, hold: Hold) -> None:
        """Record a hold, with its ledger leaf."""
        row = {name: getattr(hold, name) for name in Hold.__dataclass_fields__}
        self._insert(t.hold, row)
        self._add_leaf_of("hold", str(hold.number), hold_content(hold), hold.placed_at)

    def release_hold(self, number: int, by: str, at: datetime) -> None:
        """Record that a hold ended, with its ledger leaf; raises NotFound when there is none that holds."""
        if self._change(_RELEASE, {"of_number": number, "by": by, "at": at}) == 0:
            raise NotFound(f"There is no hold {number}, or it was released before.")
        (hold,) = (each for each in self.holds() if each.number == number)
        self._add_leaf_of("hold", str(number), hold_content(hold), at)

    def holds(self) -> Sequence[Hold]:
        """Return all holds, released ones too, oldest first."""
        return [Hold(**row._asdict()) for row in self._rows(_HOLDS)]

    def _erase_declaration(self, remains: Remains, act: int) -> None:
        """Replace what is recorded of one declaration, wherever it is."""
        trace = remains.trace
        of_it = {"source": trace.source, "id": trace.declaration_id}
        decided_at = {row.id: row.at for row in self._rows(_DECISIONS, of_it)}
        for version in trace.versions:
            identity = decision_id(trace.source, trace.declaration_id, version.version)
            evidence, answer = remains.decisions.get(identity, (None, _NOTHING))
            body = remains.versions[version.seq]
            self._erase_row(_ERASE_VERSION, version.seq, act, new_body=body, new_digest=_digest(body))
            received = {"received": version.received_at, "digest": version.body_sha256}
            self._change(_ERASE_ANSWERS, {**received, "new_answer": answer, "act": act})
            if evidence is not None:
                new = {"new_evidence": evidence, "new_answer": answer, "new_inputs": _NOTHING}
                self._erase_row(_ERASE_DECISION, identity, act, **new)
                self._erase_events("decision", identity, decided_at[identity], answer)
        for result in trace.results:
            body = remains.results[result.seq]
            self._erase_row(_ERASE_RESULT, result.seq, act, new_body=body, new_digest=_digest(body))
            received = {"received": result.recorded_at, "digest": result.body_sha256}
            self._change(_ERASE_DIGESTS, {**received, "act": act})
            self._erase_events("result", _subject(result), result.recorded_at, body)
        for row in self._rows(_OVERRIDES, of_it):
            if row.erased_by is None:
                self._erase_row(_ERASE_OVERRIDE, row.seq, act)
        self._change(_ERASE_HOLDS, {"of_source": trace.source, "of_id": trace.declaration_id})
        self._erase_leaves(trace.leaves, act)

    def _erase_person(self, name: str, act: int) -> None:
        """Take away what is known of a person beside the name of the account."""
        self._change(_ERASE_PERSON, {"of_name": name, "new_number": f"erased {name}"})
        self._erase_told("person", name, act)

    def _erase_told(self, kind: str, subject: str, act: int) -> None:
        """Take away what the ledger and the events say of a person or a proposal."""
        leaves = self._leaves_about(kind, subject)
        for leaf in leaves:
            self._erase_events(kind, subject, leaf.created_at, _NOTHING)
        self._erase_leaves([leaf.seq for leaf in leaves], act)

    def _erase_row(self, statement: Statement, key: object, act: int, **new: object) -> None:
        """Replace the content of one row; raises Conflict when it was erased before."""
        if self._change(statement, {"at_key": key, "act": act, **new}) != 1:
            raise Conflict(f"BUG: {key!r} has no row, or was erased before.")

    def _erase_events(self, topic: str, key: str, at: datetime, payload: bytes) -> None:
        self._change(_ERASE_EVENTS, {"about": topic, "of_key": key, "caused": at, "new_payload": payload})

    def _erase_leaves(self, positions: Sequence[int], act: int) -> None:
        if positions:
            self._change_all(_ERASE_LEAF, [{"at_key": position, "act": act} for position in positions])

    def _leaves_about(self, kind: str, subject: str) -> list[Any]:
        """Return the ledger entries of a kind about *subject* that have their bytes."""
        rows = self._rows(_LEAF, {"kind": kind, "subject": subject})
        return [row for row in rows if row.erased_by is None]

    def _imports_of(self, results: Sequence[int]) -> list[int]:
        """Return the entries of imports that hold bare hashes of these results."""
        if not results:
            return []
        found = []
        for row in self._rows(_IMPORTS):
            first, _, last = row.subject.partition(" to ")
            if row.erased_by is None and any(int(first) <= result <= int(last) for result in results):
                found.append(row.seq)
        return found


def _declaration(row: Any) -> StoredDeclaration:
    names = ("seq", "source", "declaration_id", "version", "body", "body_sha256", "at", "received_at")
    return StoredDeclaration(**{name: getattr(row, name) for name in names})


def _result(row: Any) -> StoredResult:
    names = (
        "seq", "source", "control_id", "version", "declaration_id", "body", "body_sha256", "known_at",
        "recorded_at",
    )  # fmt: skip
    return StoredResult(**{name: getattr(row, name) for name in names})


def _decision(row: Any) -> StoredDecision:
    return StoredDecision(
        evidence=row.evidence, inputs=row.inputs, answer=row.answer, declaration_body=row.body
    )


def _subject(result: StoredResult) -> str:
    return f"{result.source} {result.control_id} {result.version}"


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
