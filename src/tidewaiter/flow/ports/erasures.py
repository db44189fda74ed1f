"""What is recorded of a declaration or a person, what takes its place, and what may not be erased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tidewaiter.flow.ports.records import StoredDecision, StoredDeclaration, StoredResult

__all__ = ["ErasureWork", "Hold", "Remains", "Trace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is recorded of one declaration and not erased: what came after an erasure can be erased, too."""

    source: str
    declaration_id: str
    versions: Sequence[StoredDeclaration]
    #: By identity of the decision.
    decisions: Mapping[str, StoredDecision]
    results: Sequence[StoredResult]
    #: Identities of the overrides of its decisions.
    overrides: Sequence[str]
    #: Positions of the ledger entries that hold something of it.
    leaves: Sequence[int]
    #: When the last of the declaration was recorded.
    last_at: datetime
    #: The last act that erased it, when nothing is left; None: something is.
    erased_by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What takes the place of the personal content of one declaration; each by its identity."""

    trace: Trace
    #: Position of the version -> its body.
    versions: Mapping[int, bytes]
    #: Position of the result -> its body.
    results: Mapping[int, bytes]
    #: Identity of the decision -> evidence and answer.
    decisions: Mapping[str, tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What keeps a declaration from being erased, such as an investigation or a claim."""

    number: int
    source: str
    declaration_id: str
    reason: str
    placed_by: str
    placed_at: datetime
    released_by: str | None = None
    released_at: datetime | None = None


class ErasureWork(Protocol):
    """The part of a unit of work that erases."""

    def trace(self, source: str, declaration_id: str) -> Trace | None:
        """Return all that is recorded of a declaration, or None."""
        ...

    def leaves_about(self, kind: str, subject: str) -> Sequence[int]:
        """Return the positions of the ledger entries of a kind about *subject* that have their bytes."""
        ...

    def erase(
        self,
        remains: Sequence[Remains],
        persons: Sequence[str],
        act: int,
        proposals: Sequence[str] = (),
    ) -> None:
        """Let *remains* take the place of declarations, and erase persons, by the ledger entry *act*.

        The bytes of their ledger entries go, and of those of *proposals*, by identity, and with them the
        salts; the hashes stay.
        """
        ...

    def received_before(self, at: datetime) -> Iterator[tuple[str, str]]:
        """Iterate over (source, declaration id) of what was recorded before *at* and not erased."""
        ...

    def stored_declarations(self) -> Iterator[StoredDeclaration]:
        """Iterate over all declaration versions in the order of recording; bounded memory."""
        ...

    def add_hold(self, hold: Hold) -> None:
        """Record a hold, with its ledger leaf."""
        ...

    def release_hold(self, number: int, by: str, at: datetime) -> None:
        """Record that a hold ended, with its ledger leaf."""
        ...

    def holds(self) -> Sequence[Hold]:
        """Return all holds, released ones too, oldest first."""
        ...


def hold_content(hold: Hold) -> dict[str, Any]:
    """Return what the ledger holds of a hold; its reason stays out, for it may speak of people."""
    return {
        "hold": hold.number,
        "source": hold.source,
        "declaration_id": hold.declaration_id,
        "placed_by": hold.placed_by,
        "released_by": hold.released_by,
    }
