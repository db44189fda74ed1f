"""Messages and decisions: what was answered, and all that led to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import CTE, Row, Select, bindparam, exists, select, tuple_

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.many import asked_in_parts
from tidewaiter.adapters.sql.work import CHUNK_ROWS, Work
from tidewaiter.core.decision import Decision
from tidewaiter.core.errors import Conflict
from tidewaiter.flow.ports import KeptAnswer, MessageKey, NewAnswer, StoredDecision

__all__ = ["Decisions"]

_m, _d, _v, _r = t.message.c, t.decision.c, t.declaration_version.c, t.control_result.c

_ANSWER: Final = select(_m.body_sha256, _m.answer).where(
    _m.client == bindparam("client"), _m.message_id == bindparam("message_id")
)
_DECIDED_ON: Final = select(_v.seq, _v.body).where(
    _v.source == bindparam("source"), _v.declaration_id == bindparam("id"), _v.version == bindparam("version")
)
_STORED: Final = select(_d.seq, _d.evidence, _d.inputs, _d.answer, _v.body).select_from(
    t.decision.join(t.declaration_version, _v.seq == _d.declaration_seq)
)
_BY_ID: Final = _STORED.where(_d.id == bindparam("id"))
_LATEST: Final = (
    _STORED.where(_d.source == bindparam("source"), _d.declaration_id == bindparam("id"))
    .order_by(_d.version.desc())
    .limit(1)
)
_FIRST_DRAWN: Final = (
    _STORED.where(_d.consignment_key == bindparam("consignment_key")).order_by(_d.seq).limit(1)
)
_IN_ORDER: Final = _STORED.where(_d.seq > bindparam("after")).order_by(_d.seq).limit(bindparam("limit"))
_WITHOUT_SCORE: Final = (
    _STORED.where(
        _d.probability.is_(None),
        tuple_(_d.at, _d.seq) > tuple_(bindparam("since", type_=_d.at.type), bindparam("after")),
    )
    .order_by(_d.at, _d.seq)
    .limit(bindparam("limit"))
)
_LABELS: Final = (
    select(_d.source, _d.declaration_id, _d.version, _d.inclusion_probability, _d.arm)
    .where(
        tuple_(_d.source, _d.declaration_id, _d.version)
        > tuple_(bindparam("source"), bindparam("id"), bindparam("version"))
    )
    .order_by(_d.source, _d.declaration_id, _d.version)
    .limit(CHUNK_ROWS)
)


@cache
def _unheard_among(asked: CTE) -> Select[Any]:
    """Return the query of the messages in *asked* of which nothing is recorded."""
    of_it = asked.c
    return select(of_it.number).where(
        ~exists().where(_m.client == of_it.client, _m.message_id == of_it.message_id),
        ~exists().where(_v.source == of_it.source, _v.declaration_id == of_it.declaration_id),
        ~exists().where(_r.source == of_it.source, _r.declaration_id == of_it.declaration_id, _r.parked),
    )


class Decisions(Work):
    """The part of a unit of work that is answers."""

    # -- messages
    def unheard(self, messages: Sequence[MessageKey]) -> list[bool]:
        """Tell of each message, in one look, whether nothing that is recorded concerns it."""
        found: set[int] = set()
        for asked, given, before in asked_in_parts(MessageKey._fields, messages):
            found.update(before + row.number for row in self._rows(_unheard_among(asked), given))
        return [number in found for number in range(len(messages))]

    def kept_answer(self, client: str, message_id: str) -> KeptAnswer | None:
        """Return what was answered to this message of this client, or None when it is new."""
        row = self._first(_ANSWER, {"client": client, "message_id": message_id})
        return None if row is None else KeptAnswer(body_sha256=row.body_sha256, answer=row.answer)

    def keep_answer(
        self, client: str, message_id: str, body_sha256: str, answer: bytes, at: datetime
    ) -> None:
        """Record the answer under the message key; the key is unique for ever.

        Raises Conflict when an answer is kept already.
        """
        new = NewAnswer(client=client, message_id=message_id, body_sha256=body_sha256, answer=answer, at=at)
        self.keep_answers([new])

    def keep_answers(self, new: Sequence[NewAnswer]) -> None:
        """Record many answers, all or none; raises Conflict when one of them is kept already."""
        if not new:
            return
        rows = [
            {
                "client": each.client,
                "message_id": each.message_id,
                "body_sha256": each.body_sha256,
                "answer": each.answer,
                "at": each.at,
            }
            for each in new
        ]
        with self._all_or_nothing(
            _told("Message", "was answered before", [e.message_id for e in new]), rows=len(new)
        ):
            self._insert_all(t.message, rows)

    # -- decisions
    def add_decision(self, decision: Decision, stored: StoredDecision) -> bytes:
        """Record a decision with its evidence, inputs and answer, its outbox row and its ledger leaf.

        Returns the leaf hash.  Raises Conflict when the version of the declaration is not recorded with
        the body that was decided on, or has a decision already.
        """
        return self.add_decisions([(decision, stored)])[0]

    def add_decisions(self, new: Sequence[tuple[Decision, StoredDecision]]) -> list[bytes]:
        """Record many decisions, in order, all or none; return and raise as :meth:`add_decision`."""
        if not new:
            return []
        positions = [self._decided_on(decision, stored) for decision, stored in new]
        told = _told("Decision", "is recorded already", [decision.id for decision, _ in new])
        with self._all_or_nothing(told, rows=len(new)):
            evidence = [self._salted(stored.evidence) for _, stored in new]
            rows = [
                self._decision_row(decision, stored, position, salted)
                for (decision, stored), position, salted in zip(new, positions, evidence, strict=True)
            ]
            self._insert_all(t.decision, rows)
            self._add_outboxes([
                ("decision", each.id, stored.answer, each.at, (each.source, str(each.declaration_id)))
                for each, stored in new
            ])  # fmt: skip
            leaves = [
                self._leaf_row("decision", each.id, salted, each.at, kept_elsewhere=True)
                for (each, _), salted in zip(new, evidence, strict=True)
            ]
            self._insert_all(t.ledger_leaf, leaves)
        return [leaf["leaf_hash"] for leaf in leaves]

    def _decided_on(self, decision: Decision, stored: StoredDecision) -> int:
        """Return the position of the declaration version that was decided on; raises Conflict without it."""
        key = (decision.source, str(decision.declaration_id), decision.declaration_version)
        position, body = (
            self._versions.get(key)
            or self._first(_DECIDED_ON, dict(zip(("source", "id", "version"), key, strict=True)))
            or (0, None)
        )
        if body != stored.declaration_body:
            raise Conflict(
                f"Decision {decision.id}: version {decision.declaration_version} of declaration "
                f"{decision.declaration_id!r} is not recorded with the body that was decided on."
            )
        return position

    def decision(self, decision_id: str) -> StoredDecision | None:
        """Return a recorded decision, or None."""
        return _stored(self._first(_BY_ID, {"id": decision_id}))

    def latest_decision(self, source: str, declaration_id: str) -> StoredDecision | None:
        """Return the decision on the highest version of a declaration, or None."""
        return _stored(self._first(_LATEST, {"source": source, "id": declaration_id}))

    def first_drawn(self, consignment_key: str) -> StoredDecision | None:
        """Return the first decision whose first consignment identity is this (hex), or None."""
        return _stored(self._first(_FIRST_DRAWN, {"consignment_key": consignment_key}))

    def decisions(self, after_rowid: int = 0, limit: int = 1000) -> Sequence[tuple[int, StoredDecision]]:
        """Return recorded decisions in the order of recording, for replays and reports."""
        rows = self._rows(_IN_ORDER, {"after": after_rowid, "limit": limit})
        return [(row.seq, _decision(row)) for row in rows]

    def decisions_end(self) -> int:
        """Return the position of the last recorded decision, 0 when there is none."""
        return self._last_seq(t.decision)

    def decided_without_score(
        self, since: datetime, after_rowid: int, *, limit: int
    ) -> Sequence[tuple[int, StoredDecision]]:
        """Return decisions that no model scored, by time and place: what is beyond these two."""
        rows = self._rows(_WITHOUT_SCORE, {"after": after_rowid, "since": since, "limit": limit})
        return [(row.seq, _decision(row)) for row in rows]

    def labels(self) -> Iterator[tuple[str, str, float | None, str | None]]:
        """Iterate over (source, declaration id, inclusion probability, arm) of every decision.

        By declaration, the latest version last.  Reads at most 2,000 at a time.
        """
        after: dict[str, Any] = {"source": "", "id": "", "version": 0}
        while True:
            rows = self._rows(_LABELS, after)
            for source, declaration_id, _, probability, arm in rows:
                yield source, declaration_id, probability, arm
            if len(rows) < CHUNK_ROWS:
                return
            after = {"source": rows[-1].source, "id": rows[-1].declaration_id, "version": rows[-1].version}

    def _decision_row(
        self, decision: Decision, stored: StoredDecision, declaration_seq: int, evidence: bytes
    ) -> dict[str, Any]:
        """Return the row of a decision."""
        return {
            "seq": self._next_seq(t.decision),
            "id": decision.id,
            "source": decision.source,
            "declaration_id": decision.declaration_id,
            "version": decision.declaration_version,
            "declaration_seq": declaration_seq,
            "office": decision.office,
            "at": decision.at,
            "lane": decision.lane,
            "arm": decision.arm,
            "probability": decision.probability,
            "expected_revenue": decision.expected_revenue,
            "inclusion_probability": decision.inclusion_probability,
            "model_version": decision.versions.model,
            "rules_version": decision.versions.rules,
            "consignment_key": next(iter(decision.consignment_keys), None),
            "evidence": evidence,
            "inputs": stored.inputs,
            "answer": stored.answer,
        }


def _told(what: str, happened: str, identities: Sequence[str]) -> str:
    """Return the sentence of a conflict: which thing it is about, or that it is one of several."""
    if len(identities) == 1:
        return f"{what} {identities[0]!r} {happened}."
    return f"One of {len(identities)} {what.lower()}s, from {identities[0]!r} on, {happened}."


def _decision(row: Row[Any]) -> StoredDecision:
    """Return a row as a decision."""
    return StoredDecision(
        evidence=row.evidence, inputs=row.inputs, answer=row.answer, declaration_body=row.body
    )


def _stored(row: Row[Any] | None) -> StoredDecision | None:
    """Return a row, if there is one, as a decision."""
    return None if row is None else _decision(row)
