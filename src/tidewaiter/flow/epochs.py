"""Epochs as they are published, and the draw keys that they put in force.

The first use of an installation publishes a draw key of its own: epoch 0.  The ceremony
(:mod:`~tidewaiter.flow.ceremony`) publishes commitments, then a draw key with its days and its beacon,
and at the end the secrets.  All of them are leaves of the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import DrawKey, Ticket, consignment_key
from tidewaiter.core.draw.epoch import Commitment, Epoch, in_force
from tidewaiter.core.errors import ConfigurationError, Unavailable
from tidewaiter.flow.ports import Clock, Store, UnitOfWork

__all__ = [
    "COMMITMENT", "DRAW_KEY", "REVEAL", "DrawKeys", "begin_draws", "epochs_of", "tickets_in",
    "tickets_of_decision",
]  # fmt: skip

#: Kinds of publications: a custodian's commitment, the draw key of an epoch, its revealed secrets.
COMMITMENT: Final = "epoch_commitment"
DRAW_KEY: Final = "draw_key"
REVEAL: Final = "epoch_reveal"


def begin_draws(store: Store, make: Callable[[], DrawKey], clock: Clock) -> None:
    """Make and publish a draw key when there is none; the publication commits to it."""
    with store.read() as uow:
        if uow.published(DRAW_KEY) is not None:
            return
    key = make()
    with store.write() as uow:
        if uow.published(DRAW_KEY) is None:
            uow.publish(DRAW_KEY, key.id, b"{}", clock.now(), "setup")


def epochs_of(uow: UnitOfWork) -> list[Epoch]:
    """Return all epochs, by number, as far as the ceremony of each has come."""
    epochs: dict[int, Epoch] = {}
    for publication in uow.publications(COMMITMENT):
        body = json.loads(publication.body)
        number = body["epoch"]
        known = epochs.get(number) or Epoch(
            number=number,
            first_day=date.fromisoformat(body["first_day"]),
            last_day=date.fromisoformat(body["last_day"]),
        )
        made = Commitment(custodian=body["custodian"], digest=body["commitment"])
        epochs[number] = replace(known, commitments=(*known.commitments, made))
    for publication in uow.publications(DRAW_KEY):
        body = json.loads(publication.body)
        number = body.get("epoch", 0)
        epochs[number] = replace(
            epochs.get(number) or Epoch(number=number),
            key_id=publication.version, beacon=body.get("beacon"), beacon_source=body.get("beacon_source"),
        )  # fmt: skip
    for publication in uow.publications(REVEAL):
        body = json.loads(publication.body)
        secrets = tuple(bytes.fromhex(secret) for secret in body["secrets"])
        if body["epoch"] in epochs:
            epochs[body["epoch"]] = replace(epochs[body["epoch"]], secrets=secrets)
    return [epochs[number] for number in sorted(epochs)]


class DrawKeys:
    """The draw keys of an installation, level with what is published."""

    def __init__(self, *, load: Callable[[str], DrawKey], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._epochs: Sequence[Epoch] = ()
        self._revealed: frozenset[str] = frozenset()
        self._published = -1
        self._key: DrawKey | None = None

    def epoch(self, uow: UnitOfWork) -> Epoch:
        """Return the epoch that draws what is seen today (UTC) for the first time.

        Raises Unavailable when none was ever published.
        """
        published = uow.publications_end()
        if published != self._published:
            self._epochs = epochs_of(uow)
            self._revealed = frozenset(e.key_id for e in self._epochs if e.key_id and e.secrets)
            self._published = published
        epoch = in_force(self._epochs, self._clock.now().date())
        if epoch is None:
            raise Unavailable("No draw key is in force.")
        return epoch

    def in_force(self, uow: UnitOfWork) -> DrawKey:
        """Return the key of :meth:`epoch`; raises Unavailable when its file is missing."""
        epoch = self.epoch(uow)
        if epoch.key_id is None:
            raise ValueError("BUG: an epoch in force has a key")
        if self._key is None or self._key.id != epoch.key_id:
            self._key = self.load(epoch.key_id)
        return self._key

    def load(self, key_id: str) -> DrawKey:
        """Return the key of this name.

        Raises Unavailable while its file is missing or altered: nothing is decided without its draw, and
        the declaration can be sent again when the file is restored.
        """
        try:
            return self._load(key_id)
        except ConfigurationError as error:
            raise Unavailable(str(error)) from error

    def seen(self, uow: UnitOfWork, declaration: Declaration, held: Sequence[Ticket]) -> str | None:
        """Return the key with which the consignment was drawn first; None: with none, or the one in force.

        Asks the store only when there was ever more than one key, and *held* does not tell.
        """
        if sum(epoch.key_id is not None for epoch in self._epochs) < 2:
            return None
        identity = consignment_key(declaration)
        if any(ticket.consignment == identity for ticket in held):
            return None
        stored = uow.first_drawn(identity.hex())
        if stored is None:
            return None
        first = next(t for t in tickets_of_decision(json.loads(stored.evidence)) if t.consignment == identity)
        return None if first.key_id == self.in_force(uow).id else first.key_id

    def revealed(self, key_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of the keys that everybody knows, sorted."""
        return tuple(sorted(self._revealed.intersection(key_ids)))


def tickets_of_decision(evidence: Mapping[str, Any]) -> tuple[Ticket, ...]:
    """Return the tickets of a recorded decision."""
    return tickets_in(
        evidence["consignment_keys"], evidence.get("draw_keys"), evidence["versions"]["draw_key"]
    )


def tickets_in(
    consignment_keys: Sequence[str], draw_keys: Sequence[str] | None, in_force: str
) -> tuple[Ticket, ...]:
    """Return the tickets with these identities (hex) and keys; without *draw_keys* all have *in_force*."""
    keys = draw_keys or [in_force] * len(consignment_keys)
    return tuple(
        Ticket(key, bytes.fromhex(identity)) for key, identity in zip(keys, consignment_keys, strict=True)
    )
