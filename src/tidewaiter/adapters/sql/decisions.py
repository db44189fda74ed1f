"""Messages and decisions: what was answered, and all that led to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, tuple_

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.prepared import Statement, Values
from tidewaiter.adapters.sql.work import CHUNK_ROWS, Work
from tidewaiter.core.decision import Decision
from tidewaiter.core.errors import Conflict
from tidewaiter.flow.ports import KeptAnswer, StoredDecision

__all__ = ["Decisions"]

_m, _d, _v = t.message.c, t.decision.c, t.declaration_version.c

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
_LABELS: Final = (
    select(_d.source, _d.declaration_id, _d.version, _d.inclusion_probability, _d.arm)
    .where(
        tuple_(_d.source, _d.declaration_id, _d.version)
        > tuple_(bindparam("source"), bindparam("id"), bindparam("version"))
    )
    .order_by(_d.source, _d.declaration_id, _d.version)
    .limit(CHUNK_ROWS)
)


class Decisions(Work):
    """The part of a unit of work that is answers."""

    # -- what is read ahead
    def _asked_of_messages(self, messages: Iterable[tuple[str, str]]) -> list[tuple[Statement, Values]]:
        """Return what :meth:`kept_answer` asks."""
        return [(_ANSWER, {"client": client, "message_id": message}) for client, message in messages]

    def _asked_of_decided(self, versions: Iterable[tuple[str, str, int]]) -> list[tuple[Statement, Values]]:
        """Return what :meth:`latest_decision` asks."""
        return [(_LATEST, {"source": source, "id": identity}) for source, identity, _ in versions]

    # -- messages
    def kept_answer(self, client: str, message_id: str) -> KeptAnswer | None:
        """Return what was answered to this message of this client, or None when it is new."""
        row = self._first(_ANSWER, {"client": client, "message_id": message_id})
        if row is None:
            self._absent.add((t.message, client, message_id))
        return None if row is None else KeptAnswer(body_sha256=row.body_sha256, answer=row.answer)

    def keep_answer(
        self, client: str, message_id: str, body_sha256: str, answer: bytes, at: datetime
    ) -> None:
        """Record the answer under the message key; the key is unique for ever.

        Raises Conflict when an answer is kept already.
        """
        row = {
            "client": client,
            "message_id": message_id,
            "body_sha256": body_sha256,
            "answer": answer,
            "at": at,
        }
        with self._all_or_nothing(f"Message {message_id!r} of {client!r} was answered before."):
            absent = (t.message, client, message_id) in self._absent
            self._absent.discard((t.message, client, message_id))
            self._insert(t.message, row, new=absent)

    # -- decisions
    def add_decision(self, decision: Decision, stored: StoredDecision) -> None:
        """Record a decision with its evidence, inputs and answer, its outbox row and its ledger leaf.

        Raises Conflict when the version of the declaration is not recorded with the body that was
        decided on, or has a decision already.
        """
        key: dict[str, Any] = {
            "source": decision.source,
            "id": decision.declaration_id,
            "version": decision.declaration_version,
        }
        written = self._written.pop((key["source"], key["id"], key["version"]), None)
        version = written or self._first(_DECIDED_ON, key)
        if version is None or version.body != stored.declaration_body:
            raise Conflict(
                f"Decision {decision.id}: version {decision.declaration_version} of declaration "
                f"{decision.declaration_id!r} is not recorded with the body that was decided on."
            )
        with self._all_or_nothing(f"Decision {decision.id} is recorded already."):
            # A version that this transaction wrote has no decision before its first.
            row = self._decision_row(decision, stored, version.seq)
            self._insert(t.decision, row, new=written is not None)
            concerns = (decision.source, str(decision.declaration_id))
            self._add_outbox("decision", decision.id, stored.answer, decision.at, concerns=concerns)
            self._add_leaf("decision", decision.id, stored.evidence, decision.at, kept_elsewhere=True)

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
        self, decision: Decision, stored: StoredDecision, declaration_seq: int
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
            "evidence": stored.evidence,
            "inputs": stored.inputs,
            "answer": stored.answer,
        }


def _decision(row: Row[Any]) -> StoredDecision:
    """Return a row as a decision."""
    return StoredDecision(
        evidence=row.evidence, inputs=row.inputs, answer=row.answer, declaration_body=row.body
    )


def _stored(row: Row[Any] | None) -> StoredDecision | None:
    """Return a row, if there is one, as a decision."""
    return None if row is None else _decision(row)
