"""The ceremony for tests of the flow: custodians whose secrets come from a number, a ledger in memory."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Final

from tests.fakes.ledgers import FakeKey, MemoryLedgerFiles
from tests.fakes.site import Site
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.draw.epoch import Epoch, seed_name
from tidewaiter.flow.ceremony import Ceremony
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.seal import Sealing

__all__ = ["APPEAL_DAYS", "BEACON", "DAYS", "Custody", "secret_of"]

APPEAL_DAYS: Final = 10
BEACON: Final = "6613254153624361325416325"
#: Days of every epoch that :meth:`Custody.run` opens.
DAYS: Final = 7


def secret_of(custodian: str, number: int) -> bytes:
    """Return a custodian's made-up secret for an epoch."""
    return hashlib.sha256(f"{custodian} {number}".encode()).digest()


class Custody:
    """Two custodians at a site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.files = MemoryLedgerFiles()
        self.sealing = Sealing(
            store=site.store,
            files=self.files,
            key=FakeKey(),
            signature_holds=signature_holds,
            clock=site.clock,
        )
        self.prove = Proving(store=site.store, files=self.files, signature_holds=signature_holds)
        self.ceremony = Ceremony(
            store=site.store,
            clock=site.clock,
            keep_seed=self._keep,
            last_checkpoint=self.prove.last_checkpoint,
            appeal_days=APPEAL_DAYS,
        )

    def _keep(self, seed: bytes) -> DrawKey:
        key = DrawKey(id=seed_name(seed), secret=seed)
        self.site.seeds[key.id] = key
        return key

    def commit(self, number: int, custodian: str, first: date | None = None) -> Epoch:
        """Commit to an epoch of :data:`DAYS` days, by default from today."""
        first = first or self.site.clock.now().date()
        last = first + timedelta(days=DAYS - 1)
        return self.ceremony.commit(number, custodian, first, last, secret_of(custodian, number))

    def open(self, number: int, beacon: str = BEACON) -> Epoch:
        """Open an epoch to which both committed."""
        secrets = [secret_of(name, number) for name in ("it", "audit")]
        return self.ceremony.open(number, beacon, "dice before witnesses", secrets, "operator")

    def run(self, number: int) -> str:
        """Hold the whole ceremony of an epoch that begins today; return the name of its draw key."""
        for custodian in ("it", "audit"):
            self.commit(number, custodian)
        self.sealing.seal()
        key_id = self.open(number).key_id
        assert key_id is not None
        return key_id

    def reveal(self, number: int) -> Epoch:
        """Reveal an epoch."""
        secrets = [secret_of(name, number) for name in ("it", "audit")]
        return self.ceremony.reveal(number, secrets, "operator")
