"""Overrides: rows that are only added, each with its event and its leaf."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, func, select, true

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import SALT_BYTES, canonical_json, commitment
from tidewaiter.core.override import Direction, Override, ReasonCode
from tidewaiter.flow.ports.overrides import override_event, override_leaf

__all__ = ["Overrides"]

_o, _d, _r = t.lane_override.c, t.decision.c, t.control_result.c

_OVERRIDES: Final = select(
    *(column for column in _o if column.name not in {"seq", "decision_seq", "salt", "erased_by"}),
    _d.id.label("decision_id"),
    _d.source,
    _d.declaration_id,
    _d.version.label("declaration_version"),
    _d.office,
).select_from(t.lane_override.join(t.decision, _d.seq == _o.decision_seq))
_DECISION: Final = select(_d.seq).where(_d.id == bindparam("id"))
_OF_DECISION: Final = _OVERRIDES.where(_d.id == bindparam("id")).order_by(_o.number)
_OF_PERIOD: Final = _OVERRIDES.where(_o.at >= bindparam("since"), _o.at < bindparam("until")).order_by(_o.seq)
_ADDED: Final = (
    select(_d.source, _d.declaration_id)
    .select_from(t.lane_override.join(t.decision, _d.seq == _o.decision_seq))
    .where(_o.adds_control == true())
    .distinct()
)
_FOUND: Final = (
    select(_d.id, _o.number, _r.control_id, _r.irregular)
    .select_from(
        t.lane_override.join(t.decision, _d.seq == _o.decision_seq).join(
            t.control_result, and_(_r.source == _d.source, _r.declaration_id == _d.declaration_id)
        )
    )
    .where(
        _o.direction == Direction.LOWERED.value,
        _o.at >= bindparam("since"),
        _o.at < bindparam("until"),
        _r.known_at >= _o.at,
    )
    .order_by(_d.id, _o.number, _r.control_id, _r.version)
)
_COUNTS: Final = (
    select(_d.office, func.count().label("decisions"))
    .where(_d.at >= bindparam("since"), _d.at < bindparam("until"))
    .group_by(_d.office)
)


class Overrides(Work):
    """The part of a unit of work that knows what people did with lanes."""

    def add_override(self, override: Override) -> None:
        """Record an override with its outbox row and its ledger leaf.

        Raises Conflict when the decision has an override of this number already, or none is recorded.
        """
        decision = self._first(_DECISION, {"id": override.decision_id})
        if decision is None:
            raise Conflict(f"Decision {override.decision_id!r} is not recorded.")
        salt = secrets.token_bytes(SALT_BYTES)
        row = {
            "seq": self._next_seq(t.lane_override),
            "decision_seq": decision.seq,
            "number": override.number,
            "direction": override.direction.value,
            "from_lane": override.from_lane,
            "to_lane": override.to_lane,
            "reason_code": override.reason_code.value,
            "text": override.text,
            "salt": salt,
            "by": override.by,
            "approved_by": list(override.approved_by),
            "proposal_id": override.proposal_id,
            "adds_control": override.adds_control,
            "at": override.at,
        }
        with self._all_or_nothing(f"Override {override.id!r} is recorded already."):
            self._insert(t.lane_override, row)
        self._add_outbox(
            "override", override.id, canonical_json(override_event(override)), override.at,
            concerns=(override.source, override.declaration_id),
        )  # fmt: skip
        self._add_leaf_told(override_leaf(override, commitment(override.text.encode(), salt)))

    def overrides_of(self, decision_id: str) -> Sequence[Override]:
        """Return the overrides of a decision, in order."""
        return [_override(row) for row in self._rows(_OF_DECISION, {"id": decision_id})]

    def overrides(self, since: datetime, until: datetime) -> Sequence[Override]:
        """Return the overrides from *since* until before *until*, in the order of recording."""
        return [_override(row) for row in self._rows(_OF_PERIOD, {"since": since, "until": until})]

    def controls_added(self) -> frozenset[tuple[str, str]]:
        """Return (source, declaration id) of what was controlled only because an officer raised its lane."""
        return frozenset((row.source, row.declaration_id) for row in self._rows(_ADDED))

    def found_after_lowering(self, since: datetime, until: datetime) -> Mapping[str, bool]:
        """Return, by identity of the lowerings of a period that have a result since, if one is irregular.

        Of each control its highest version counts.
        """
        latest = {
            (f"{row.id} {row.number}", row.control_id): bool(row.irregular)
            for row in self._rows(_FOUND, {"since": since, "until": until})
        }
        found: dict[str, bool] = {}
        for (identity, _), irregular in latest.items():
            found[identity] = found.get(identity, False) or irregular
        return found

    def decisions_by_office(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """Return how many decisions each office got from *since* until before *until*."""
        return {row.office: row.decisions for row in self._rows(_COUNTS, {"since": since, "until": until})}


def _override(row: Row[Any]) -> Override:
    """Return a row as an override."""
    members = row._asdict()
    members["direction"] = Direction(row.direction)
    members["reason_code"] = ReasonCode(row.reason_code)
    members["approved_by"] = tuple(row.approved_by)
    return Override(**members)
