"""The ledger as it is read back: entries in order, each with its bytes, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, func, select

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.work import CHUNK_ROWS, Work
from tidewaiter.flow.ports import LedgerLeaf

__all__ = ["Ledger"]

_l, _d = t.ledger_leaf.c, t.decision.c

#: The bytes of a decision's leaf are its evidence, kept once; what was erased has none.
_BYTES: Final = case((_l.erased_by.is_(None), func.coalesce(_l.body, _d.evidence)))
_LEAVES: Final = (
    select(_l.seq, _l.leaf_hash, _BYTES.label("body"))
    .select_from(t.ledger_leaf.outerjoin(t.decision, and_(_l.kind == "decision", _d.id == _l.subject)))
    .where(_l.seq > bindparam("after"), _l.seq <= bindparam("until"))
    .order_by(_l.seq)
    .limit(CHUNK_ROWS)
)
_FIRST: Final = (
    select(_l.seq, _l.leaf_hash)
    .where(_l.subject == bindparam("subject"), _l.kind == bindparam("kind"))
    .order_by(_l.seq)
    .limit(1)
)


class Ledger(Work):
    """The part of a unit of work that reads the ledger; most leaves are written with what causes them."""

    def add_leaf(self, kind: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        """Record something that has no row of its own as a ledger leaf of this kind about *subject*."""
        self._add_leaf_of(kind, subject, content, at)

    def ledger_end(self) -> int:
        """Return the position of the last ledger entry, 0 when there is none."""
        return self._last_seq(t.ledger_leaf)

    def ledger(self, after: int = 0, until: int | None = None) -> Iterator[LedgerLeaf]:
        """Iterate over ledger entries with their bytes, from after *after* up to and with *until*.

        The end is fixed when this is called.  Reads at most 2,000 entries at a time.
        """
        return self._leaves(after, self.ledger_end() if until is None else until)

    def ledger_position(self, kind: str, subject: str) -> int | None:
        """Return the position of the first entry of a kind about *subject*, or None."""
        row = self._first(_FIRST, {"kind": kind, "subject": subject})
        return None if row is None else row.seq

    def leaf_hash(self, kind: str, subject: str) -> bytes | None:
        """Return the leaf hash of the first entry of a kind about *subject*, or None."""
        row = self._first(_FIRST, {"kind": kind, "subject": subject})
        return None if row is None else _bytes(row.leaf_hash)

    def _leaves(self, after: int, until: int) -> Iterator[LedgerLeaf]:
        """Iterate over ledger entries, chunk by chunk."""
        while True:
            rows = self._rows(_LEAVES, {"after": after, "until": until})
            for seq, leaf_hash, body in rows:
                yield LedgerLeaf(seq=seq, leaf_hash=_bytes(leaf_hash) or b"", body=_bytes(body))
            if len(rows) < CHUNK_ROWS:
                return
            after = rows[-1].seq


def _bytes(value: object) -> bytes | None:
    """Return what a column of bytes holds; None when it holds none.

    SQLite lets a tamperer put text or a number into such a column, and that must be told, not fail.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return value if isinstance(value, bytes) else None
