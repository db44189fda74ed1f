"""The lives of profiles as a store keeps them, and how often each profile matched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tidewaiter.core.life_cycle import Step
from tidewaiter.flow.ports.leaves import Leaf

__all__ = ["ProfileRecords", "Tally", "step_leaf", "words_sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often a version of a profile matched on a day."""

    #: Code of the profile.
    code: str
    #: Number of the version.
    number: int
    #: Day of the decisions, UTC.
    day: date
    #: Whether it was only looked at, without effect on any lane.
    shadow: bool
    #: Decisions in which it fired.
    matches: int
    #: Decisions in which data were missing to tell.
    undecided: int


class ProfileRecords(Protocol):
    """The part of a unit of work that knows the lives of profiles."""

    def add_profile_step(self, step: Step, words: bytes | None = None) -> None:
        """Record a step with its ledger leaf, and with the *words* that it brings, if it brings new ones.

        *words* are the canonical JSON of the profile, and ``step.body_sha256`` is their hash.  Raises
        Conflict when the version has a step of this ordinal already.
        """
        ...

    def profile_steps(self, code: str | None = None) -> Sequence[Step]:
        """Return the steps of a profile, or of all, by code, number and ordinal."""
        ...

    def profile_words(self, code: str, number: int, sha256: str) -> bytes | None:
        """Return the words of a version that have this hash, or None."""
        ...

    def add_tallies(self, tallies: Iterable[Tally], upto: int) -> None:
        """Add to what was counted; *upto* is the position of the last decision that was looked at."""
        ...

    def tallied_upto(self) -> int:
        """Return the position of the last decision that was looked at, 0 when there was none."""
        ...

    def tallies(self, code: str) -> Sequence[Tally]:
        """Return how often a profile matched, by day, then by version, what was in force first."""
        ...


def words_sha256(words: bytes) -> str:
    """Return the hash that whoever approves *words* names, hex."""
    return hashlib.sha256(words).hexdigest()


def step_leaf(step: Step) -> Leaf:
    """Return the leaf of a step; of the reason, which may name people, it holds the hash."""
    content = {
        "profile": step.code,
        "version": step.number,
        "ordinal": step.ordinal,
        "step": step.kind.value,
        "by": step.by,
        "at": step.at.isoformat(),
        "body_sha256": step.body_sha256,
        "valid_until": step.valid_until.isoformat(),
        "reason_sha256": hashlib.sha256(step.reason.encode()).hexdigest(),
        "replaces_sha256": step.replaces_sha256,
        "share": None if step.share is None else str(step.share),
        "evidence_sha256": hashlib.sha256(step.evidence).hexdigest() if step.evidence else None,
    }
    return Leaf(kind="profile", subject=f"{step.code} {step.number}", content=content, at=step.at)
