"""Receipts: each answer that records something leaves with a signed promise of its ledger entry.

The key is another one than that of the checkpoints, so that whoever breaks into the service that
answers can make promises, and cannot write another history.  The ledger names the key at each start
of the service: a receipt can be verified with nothing but the ledger and the key of its checkpoints.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from tidewaiter.core.ledger.receipt import Receipt, receipt_word
from tidewaiter.flow.ports import Clock, LedgerKey, Store

__all__ = ["START", "Receipts"]

#: Kind of the entry that names the keys of a service that starts.
START: Final = "start"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Receipts:
    """Signs receipts, some ten thousand a second; any thread may ask."""

    def __init__(self, *, store: Store, clock: Clock, key: LedgerKey, ledger_key: LedgerKey) -> None:
        self._store, self._clock = store, clock
        self._key, self._ledger_key = key, ledger_key

    def start(self, release: str) -> None:
        """Record in the ledger that the service starts, with its release and its keys."""
        at = self._clock.now()
        content = {
            "at": at.isoformat(),
            "release": release,
            "receipt_key": self._key.public.text(),
            "ledger_key": self._ledger_key.public.text(),
        }
        with self._store.write() as work:
            work.add_leaf(START, self._key.public.name, content, at)

    def sign(self, leaf: bytes) -> str:
        """Return the receipt for the entry with this leaf hash, which must be committed, as one word."""
        time_ms = (self._clock.now() - _EPOCH) // _MILLISECOND
        receipt = Receipt(origin=self._ledger_key.public.name, leaf=leaf, time_ms=time_ms)
        return receipt_word(receipt, self._key.public, self._key.sign(receipt.text().encode()))
