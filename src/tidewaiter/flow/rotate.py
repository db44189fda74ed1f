"""Rotate the key of checkpoints: the next key is made, and an entry hands the ledger over to it.

The next sealing signs the checkpoint over that entry with both keys, and then turns: the file of the
next key takes the place of the old one, whose secret is gone from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidewaiter.core.ledger.checkpoint import PublicKey
from tidewaiter.core.ledger.handover import HANDOVER
from tidewaiter.flow.ports import Clock, UnitOfWork
from tidewaiter.flow.ports.ledger import RotatingKey

__all__ = ["Rotation"]


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """The use case."""

    clock: Clock
    key: RotatingKey

    def current(self) -> PublicKey:
        """Return the key in force."""
        self.key.read_again()
        return self.key.public

    def hand_over_in(self, uow: UnitOfWork, by: str) -> PublicKey:
        """Record the handover within *uow*; return the key that comes into force when it is sealed."""
        now, old, new = self.clock.now(), self.current(), self.key.make_coming().public
        content = {"at": now.isoformat(), "by": by, "old_key": old.text(), "new_key": new.text()}
        uow.add_leaf(HANDOVER, old.name, content, now)
        return new
