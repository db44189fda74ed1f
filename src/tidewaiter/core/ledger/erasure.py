"""Entries that were erased by an order: their bytes are gone, and a later entry says by which order.

The leaf hash of an erased entry stays, so every proof still holds; its salt is gone with its bytes, so
the hash tells nothing about what they were.
"""

from __future__ import annotations

import json
from typing import Final

__all__ = ["ERASURE", "Erasures"]

#: Kind of the entry that names what was erased.
ERASURE: Final = "erasure"
_MARK: Final = b'"kind":"erasure"'


class Erasures:
    """Bodies that are gone, held against the orders that the ledger names."""

    def __init__(self) -> None:
        #: Position -> the order; None while none was met.
        self._gone: dict[int, str | None] = {}

    @property
    def expected(self) -> bool:
        """Tell whether a body is gone, so that an order is to be looked for."""
        return bool(self._gone)

    def gone(self, position: int) -> None:
        """Note that the body of an entry is gone."""
        self._gone[position] = None

    def meet(self, body: bytes) -> None:
        """Look at a later entry, which may be the order."""
        if not self._gone or _MARK not in body:
            return
        try:
            entry = json.loads(body)
        except (ValueError, RecursionError):
            return
        if not isinstance(entry, dict) or entry.get("kind") != ERASURE:
            return
        positions = entry.get("entries")
        for position in positions if isinstance(positions, list) else ():
            if type(position) is int and position in self._gone:
                self._gone[position] = str(entry.get("order"))

    def explained(self) -> tuple[tuple[int, str], ...]:
        """Return (position, order) of each body that an order erased, by position."""
        return tuple(sorted((at, order) for at, order in self._gone.items() if order is not None))

    def unexplained(self) -> list[int]:
        """Return the positions of the bodies that are gone without an order."""
        return sorted(at for at, order in self._gone.items() if order is None)
