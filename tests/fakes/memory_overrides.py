"""Overrides in memory: part of the naive twin of the SQL store."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidewaiter.core.control import Outcome
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import SALT_BYTES, canonical_json, commitment
from tidewaiter.core.override import Direction, Override
from tidewaiter.flow.ports.overrides import override_event, override_leaf


@dataclass(kw_only=True)
class OverrideState:
    """Everything that is recorded about overrides."""

    overrides: list[Override] = field(default_factory=list)
    #: (source, declaration id, control id, version, when known, whether irregular) of each result.
    outcomes: list[tuple[str, str, str, int, datetime, bool]] = field(default_factory=list)


class MemoryOverrides:
    """The part of a unit of work that is about overrides."""

    _state: Any
    _changing: Any
    _leave: Any
    _tell: Any

    def add_override(self, override: Override) -> None:
        if override.decision_id not in self._state.decision_ids:
            raise Conflict(f"Decision {override.decision_id!r} is not recorded.")
        if override.id in {each.id for each in self._state.overrides}:
            raise Conflict(f"Override {override.id!r} is recorded already.")
        self._changing.overrides.append(override)
        concerns = (override.source, override.declaration_id)
        self._leave("override", override.id, canonical_json(override_event(override)), override.at, concerns)
        self._tell(
            override_leaf(override, commitment(override.text.encode(), secrets.token_bytes(SALT_BYTES)))
        )

    def overrides_of(self, decision_id: str) -> Sequence[Override]:
        return [each for each in self._state.overrides if each.decision_id == decision_id]

    def overrides(self, since: datetime, until: datetime) -> Sequence[Override]:
        return [each for each in self._state.overrides if since <= each.at < until]

    def controls_added(self) -> frozenset[tuple[str, str]]:
        return frozenset((o.source, o.declaration_id) for o in self._state.overrides if o.adds_control)

    def found_after_lowering(self, since: datetime, until: datetime) -> Mapping[str, bool]:
        found: dict[str, bool] = {}
        for each in self.overrides(since, until):
            if each.direction is Direction.LOWERED:
                latest = {
                    control: irregular
                    for source, declaration, control, _, known_at, irregular in sorted(self._state.outcomes)
                    if (source, declaration) == (each.source, each.declaration_id) and known_at >= each.at
                }
                if latest:
                    found[each.id] = any(latest.values())
        return found

    def decisions_by_office(self, since: datetime, until: datetime) -> Mapping[str, int]:
        return Counter(d.office for d, _ in self._state.decisions if since <= d.at < until)

    def _note_outcome(self, new: Any) -> None:
        """Note what a control result showed, for the register."""
        result = new.result
        irregular = any(finding.outcome is Outcome.IRREGULAR for finding in result.findings)
        outcome = (new.source, result.declaration_id, result.id, result.version, new.known_at, irregular)
        self._changing.outcomes.append(outcome)
