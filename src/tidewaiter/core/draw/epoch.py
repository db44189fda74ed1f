"""The epoch: a span of days whose draws share one seed that nobody could choose.

Two custodians each keep 32 secret bytes and publish a commitment to them.  Only then does a public
event give the beacon, so neither of them could try secrets until the draws suited; and only both of
them together know the seed.  After the epoch they reveal their secrets, and everybody can draw again::

    commitment  C_i = SHA256(encoded("tidewaiter/epoch-commitment/v1", number, first day, last day) || K_i)
    seed        S   = HKDF-SHA256(ikm = K_1 || K_2, salt = beacon,
                                  info = encoded("tidewaiter/epoch-seed/v1", number))
    name        id  = first 32 hex digits of SHA256("tidewaiter/draw-key/v1" || S)

An installation without custodians has epoch 0: a seed of its own, in force until the first epoch that
was opened with a ceremony begins.

Source: HKDF, RFC 5869; HMAC, RFC 2104; Madagascar's bent assignments are why the house may not draw alone
(Chalendard et al., "Corruption in Customs", QJE 2023).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tidewaiter.core.draw.keyed import DrawKey, encoded

__all__ = [
    "CUSTODIANS",
    "Commitment",
    "Epoch",
    "commitment",
    "hkdf",
    "in_force",
    "seed_name",
    "seed_of",
    "what_if_key",
]

#: How many custodians hold a part of the seed.
CUSTODIANS: Final = 2

_SEED_BYTES: Final = 32
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What binds one custodian to his secret."""

    custodian: str
    #: SHA-256 in hex (:func:`commitment`).
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One epoch, as far as its ceremony has come."""

    #: From 1; 0 is the simple installation's, without custodians.
    number: int
    #: The days on which it draws, both included; None: epoch 0, which has no days of its own.
    first_day: date | None = None
    last_day: date | None = None
    #: In the order of their publication, which is that of their secrets in the seed.
    commitments: tuple[Commitment, ...] = ()
    #: The public value that was not known before both commitments; None before it was opened.
    beacon: str | None = None
    #: Where everybody can look it up.
    beacon_source: str | None = None
    #: Name of its draw key; None before it was opened.
    key_id: str | None = None
    #: The revealed secrets, in the order of the commitments; empty before the reveal.
    secrets: tuple[bytes, ...] = ()

    def has_begun(self, day: date) -> bool:
        """Tell whether it may draw on *day*: it was opened, and its first day has come."""
        return self.key_id is not None and (self.first_day is None or self.first_day <= day)


def in_force(epochs: Sequence[Epoch], day: date) -> Epoch | None:
    """Return the epoch that draws on *day*: the one of the highest number that has begun.

    When the next one is late the last goes on beyond its last day: a draw never waits for a ceremony,
    and never falls back to chance that nobody can verify.
    """
    return max((epoch for epoch in epochs if epoch.has_begun(day)), key=lambda e: e.number, default=None)


def commitment(number: int, first_day: date, last_day: date, secret: bytes) -> str:
    """Return what a custodian publishes: it binds him to *secret*, to the number and to the days."""
    if len(secret) != _SEED_BYTES:
        raise ValueError(f"a custodian's secret has {_SEED_BYTES} bytes, this one has {len(secret)}")
    days = first_day.isoformat(), last_day.isoformat()
    return hashlib.sha256(encoded("tidewaiter/epoch-commitment/v1", str(number), *days) + secret).hexdigest()


def seed_of(number: int, secrets: Sequence[bytes], beacon: str) -> bytes:
    """Return the seed of an epoch, 32 bytes: a function of both secrets and of the beacon."""
    if len(secrets) != CUSTODIANS or any(len(secret) != _SEED_BYTES for secret in secrets):
        raise ValueError(f"a seed is made of {CUSTODIANS} secrets of {_SEED_BYTES} bytes each")
    info = encoded("tidewaiter/epoch-seed/v1", str(number))
    return hkdf(b"".join(secrets), salt=beacon.encode(), info=info, length=_SEED_BYTES)


def seed_name(seed: bytes) -> str:
    """Return the public name of a seed: it commits to the seed and tells nothing of it."""
    return hashlib.sha256(b"tidewaiter/draw-key/v1" + seed).hexdigest()[:32]


def what_if_key(name: str) -> DrawKey:
    """Return the key for draws of trials and simulations: public, and of a domain that no epoch has.

    So a screen that answers *what if* tells nothing of what the sealed key would draw.
    """
    secret = hashlib.sha256(encoded("tidewaiter/what-if/v1", name)).digest()
    return DrawKey(id=f"what-if:{name}", secret=secret)


def hkdf(key: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """Return *length* bytes derived from *key*: HKDF with SHA-256, extract then expand (RFC 5869)."""
    if not 0 < length <= 255 * _HASH_BYTES:
        raise ValueError(f"HKDF gives 1 to {255 * _HASH_BYTES} bytes, not {length}")
    extracted = hmac.digest(salt or bytes(_HASH_BYTES), key, "sha256")
    block, made = b"", b""
    for counter in range(1, -(-length // _HASH_BYTES) + 1):
        block = hmac.digest(extracted, block + info + bytes([counter]), "sha256")
        made += block
    return made[:length]
