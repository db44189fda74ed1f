"""The lives of profiles in memory: part of the naive twin of the SQL store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tidewaiter.core.errors import Conflict
from tidewaiter.core.life_cycle import Step
from tidewaiter.flow.ports.profiles import Tally, step_leaf


@dataclass(kw_only=True)
class ProfileState:
    """Everything that is recorded about profiles."""

    #: (code, number, ordinal) -> step.
    profile_steps: dict[tuple[str, int, int], Step] = field(default_factory=dict)
    #: (code, number, hash) -> words.
    profile_words: dict[tuple[str, int, str], bytes] = field(default_factory=dict)
    #: (code, day, number, shadow) -> tally.
    tallies: dict[tuple[str, date, int, bool], Tally] = field(default_factory=dict)
    tallied_upto: int = 0


class MemoryProfiles:
    """The part of a unit of work that knows the lives of profiles."""

    _state: Any
    _changing: Any
    _tell: Any

    def add_profile_step(self, step: Step, words: bytes | None = None) -> None:
        key = (step.code, step.number, step.ordinal)
        if key in self._changing.profile_steps:
            raise Conflict(f"Step {key} is recorded already.")
        self._state.profile_steps[key] = step
        if words is not None:
            self._state.profile_words.setdefault((step.code, step.number, step.body_sha256), words)
        self._tell(step_leaf(step))

    def profile_steps(self, code: str | None = None) -> Sequence[Step]:
        return [step for key, step in sorted(self._state.profile_steps.items()) if code in {None, key[0]}]

    def profile_words(self, code: str, number: int, sha256: str) -> bytes | None:
        words: bytes | None = self._state.profile_words.get((code, number, sha256))
        return words

    def add_tallies(self, tallies: Iterable[Tally], upto: int) -> None:
        for each in tallies:
            key = (each.code, each.day, each.number, each.shadow)
            before = self._changing.tallies.get(key, replace(each, matches=0, undecided=0))
            self._state.tallies[key] = replace(
                each,
                matches=before.matches + each.matches,
                undecided=before.undecided + each.undecided,
            )
        self._changing.tallied_upto = upto

    def tallied_upto(self) -> int:
        upto: int = self._state.tallied_upto
        return upto

    def tallies(self, code: str) -> Sequence[Tally]:
        return [tally for key, tally in sorted(self._state.tallies.items()) if key[0] == code]
