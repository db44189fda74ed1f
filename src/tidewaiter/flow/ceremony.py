"""The ceremony of an epoch: two custodians commit, a public event gives the beacon, both reveal.

The order is the proof.  A commitment must be sealed, so that its place in the ledger is signed, before
the beacon is known; then no custodian can choose his secret for the draws that it gives.  Secrets are
revealed after the last day and the time for appeals, and only when a later epoch draws: a seed that
everybody knows selects nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from tidewaiter.core.draw import DrawKey
from tidewaiter.core.draw.epoch import CUSTODIANS, Commitment, Epoch, commitment, in_force, seed_of
from tidewaiter.core.errors import Conflict, InputError, NotFound
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.ledger.checkpoint import parse_checkpoint, parse_note
from tidewaiter.flow.epochs import COMMITMENT, DRAW_KEY, REVEAL, epochs_of
from tidewaiter.flow.ports import Clock, Store, UnitOfWork

__all__ = ["Ceremony", "leaf_positions"]

#: A beacon has at least so many characters: 64 bits, also when it is written in digits of dice.
BEACON_MIN: Final = 25


@dataclass(frozen=True, kw_only=True)
class Ceremony:
    """The use cases of the custodians."""

    store: Store
    clock: Clock
    #: Keeps a seed durably, for its owner alone, and names it.
    keep_seed: Callable[[bytes], DrawKey]
    #: The newest signed checkpoint of the ledger.
    last_checkpoint: Callable[[], str | None]
    #: Days after the last day of an epoch in which its draws may be appealed against.
    appeal_days: int

    def commit(self, number: int, custodian: str, first_day: date, last_day: date, secret: bytes) -> Epoch:
        """Publish a custodian's commitment to *secret*, which itself is kept by him alone.

        Raises InputError for days or a name that cannot be, Conflict when it contradicts what is published.
        """
        custodian = custodian.strip()
        if number < 1 or not custodian or last_day < first_day or first_day < self._today():
            raise InputError(
                f"Epoch {number} of {custodian!r} from {first_day} to {last_day}: the number begins with 1, "
                "a custodian has a name, and the days are in order and not past. Correct what is wrong."
            )
        digest = commitment(number, first_day, last_day, secret)
        with self.store.write() as uow:
            epochs = epochs_of(uow)
            _require_next(epochs, number, first_day)
            epoch = _of(epochs, number) or Epoch(number=number, first_day=first_day, last_day=last_day)
            _require_another(epoch, custodian, digest, (first_day, last_day))
            if any(secret in other.secrets for other in epochs):
                raise Conflict("This secret was revealed with an earlier epoch. Make a new one.")
            body = {
                "epoch": number, "custodian": custodian, "commitment": digest,
                "first_day": first_day.isoformat(), "last_day": last_day.isoformat(),
            }  # fmt: skip
            self._publish(uow, COMMITMENT, f"{number}/{custodian}", body, custodian)
        return replace(
            epoch, commitments=(*epoch.commitments, Commitment(custodian=custodian, digest=digest))
        )

    def open(self, number: int, beacon: str, beacon_source: str, secrets: Sequence[bytes], by: str) -> Epoch:
        """Make the seed of an epoch from both secrets and the beacon; it draws from the first day on.

        Raises Conflict while not both commitments are sealed, InputError for a beacon that is too short
        or a secret that nobody committed to.
        """
        beacon, beacon_source = beacon.strip(), beacon_source.strip()
        if len(beacon) < BEACON_MIN or not beacon.isprintable() or not beacon_source:
            raise InputError(
                f"The beacon {beacon!r} has {len(beacon)} characters; give the whole public value, at least "
                f"{BEACON_MIN} (or as many throws of dice), and where everybody finds it."
            )
        checkpoint = self.last_checkpoint()
        sealed = 0 if checkpoint is None else parse_checkpoint(parse_note(checkpoint).text).size
        with self.store.write() as uow:
            epochs = epochs_of(uow)
            epoch = _existing(epochs, number)
            if epoch.key_id is not None:
                raise Conflict(f"Epoch {number} was opened already.")
            if epoch.last_day is not None and epoch.last_day < self._today():
                raise Conflict(f"Epoch {number} is over since {epoch.last_day}; open a later one.")
            _require_next(epochs, number, None)
            _require_sealed(uow, epoch, sealed)
            ordered = _in_order(epoch, secrets)
            key = self.keep_seed(seed_of(number, ordered, beacon))
            body = {"epoch": number, "beacon": beacon, "beacon_source": beacon_source}
            self._publish(uow, DRAW_KEY, key.id, body, by)
        return replace(epoch, key_id=key.id, beacon=beacon, beacon_source=beacon_source)

    def reveal(self, number: int, secrets: Sequence[bytes], by: str) -> Epoch:
        """Publish the secrets of an epoch that is over.

        Raises Conflict before its last day and the days of appeal have passed, and while it still draws.
        """
        with self.store.write() as uow:
            epochs = epochs_of(uow)
            epoch = _existing(epochs, number)
            if epoch.key_id is None or epoch.last_day is None or epoch.secrets:
                state = "revealed already" if epoch.secrets else "never opened"
                raise Conflict(f"Epoch {number} was {state}.")
            until = epoch.last_day + timedelta(days=self.appeal_days)
            if self._today() <= until:
                raise Conflict(
                    f"Draws of epoch {number} may be appealed against until {until}; reveal it then."
                )
            current = in_force(epochs, self._today())
            if current is None or current.number <= number:
                raise Conflict(
                    f"Epoch {number} still draws, because no later one was opened. Open the next one first: "
                    "with a seed that everybody knows, everybody could choose what is not selected."
                )
            ordered = _in_order(epoch, secrets)
            body = {"epoch": number, "secrets": [secret.hex() for secret in ordered]}
            self._publish(uow, REVEAL, str(number), body, by)
        return replace(epoch, secrets=ordered)

    def epochs(self) -> list[Epoch]:
        """Return all epochs, by number."""
        with self.store.read() as uow:
            return epochs_of(uow)

    def _today(self) -> date:
        return self.clock.now().date()

    def _publish(self, uow: UnitOfWork, kind: str, version: str, body: dict[str, Any], by: str) -> None:
        uow.publish(kind, version, canonical_json(body), self.clock.now(), by)


def leaf_positions(uow: UnitOfWork) -> dict[tuple[str, str, str], int]:
    """Return the ledger position of each publication of an epoch: (kind, version, SHA-256 of the body).

    The first one counts.  Reads the whole ledger: O(n).
    """
    wanted = tuple(f'"content_kind":"{kind}"'.encode() for kind in (COMMITMENT, DRAW_KEY, REVEAL))
    found: dict[tuple[str, str, str], int] = {}
    for leaf in uow.ledger():
        if leaf.body is None or not any(mark in leaf.body for mark in wanted):
            continue
        data = json.loads(leaf.body)
        if data.get("kind") == "publication":
            found.setdefault((data["content_kind"], data["version"], data["body_sha256"]), leaf.seq)
    return found


def _of(epochs: Sequence[Epoch], number: int) -> Epoch | None:
    return next((epoch for epoch in epochs if epoch.number == number), None)


def _existing(epochs: Sequence[Epoch], number: int) -> Epoch:
    epoch = _of(epochs, number)
    if epoch is None or number < 1:
        raise NotFound(f"Nobody has committed to an epoch {number}: run `tidewaiter epoch commit` first.")
    return epoch


def _require_next(epochs: Sequence[Epoch], number: int, first_day: date | None) -> None:
    """Raise Conflict when a later epoch was opened, or an earlier one covers *first_day*."""
    for other in epochs:
        if other.number > number and other.key_id is not None:
            raise Conflict(f"Epoch {other.number} was opened already; epoch {number} can not come after it.")
        if (
            first_day is not None and other.number < number and other.last_day is not None
            and first_day <= other.last_day
        ):  # fmt: skip
            raise Conflict(f"Epoch {other.number} lasts until {other.last_day}; begin epoch {number} later.")


def _require_another(epoch: Epoch, custodian: str, digest: str, days: tuple[date, date]) -> None:
    """Raise Conflict unless this is a new custodian's own secret for the same days."""
    if (epoch.first_day, epoch.last_day) != days:
        raise Conflict(
            f"The other custodian committed to epoch {epoch.number} from {epoch.first_day} to "
            f"{epoch.last_day}; agree on the days, or take the next number."
        )
    if len(epoch.commitments) >= CUSTODIANS:
        raise Conflict(f"Epoch {epoch.number} has its {CUSTODIANS} custodians already.")
    if any(made.custodian.casefold() == custodian.casefold() for made in epoch.commitments):
        raise Conflict(
            f"{custodian!r} committed to epoch {epoch.number} already; the other one must be another."
        )
    if any(made.digest == digest for made in epoch.commitments):
        raise Conflict("Both custodians gave the same secret. Each makes his own, and shows it to nobody.")


def _require_sealed(uow: UnitOfWork, epoch: Epoch, sealed: int) -> None:
    """Raise Conflict unless both commitments are under the signed checkpoint of *sealed* entries."""
    if len(epoch.commitments) < CUSTODIANS:
        missing = CUSTODIANS - len(epoch.commitments)
        raise Conflict(f"Epoch {epoch.number} lacks the commitments of {missing} custodians.")
    places = [place for (kind, version, _), place in leaf_positions(uow).items()
              if kind == COMMITMENT and version.startswith(f"{epoch.number}/")]  # fmt: skip
    if len(places) < CUSTODIANS or max(places) > sealed:
        raise Conflict(
            f"The commitments of epoch {epoch.number} are not sealed yet. Run `tidewaiter ledger seal`, keep "
            "the checkpoint outside, and take a beacon that becomes known after it."
        )


def _in_order(epoch: Epoch, secrets: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the secrets in the order of the commitments; raises InputError when one is not committed to."""
    if epoch.first_day is None or epoch.last_day is None:
        raise ValueError("BUG: an epoch with custodians has days")
    digests = {
        commitment(epoch.number, epoch.first_day, epoch.last_day, secret): secret for secret in secrets
    }
    missing = [made.custodian for made in epoch.commitments if made.digest not in digests]
    if missing:
        raise InputError(
            f"No key file holds the secret that {' and '.join(missing)} committed to for epoch "
            f"{epoch.number}. Give the key files of both custodians."
        )
    return tuple(digests[made.digest] for made in epoch.commitments)
