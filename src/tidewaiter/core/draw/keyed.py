"""The verifiable draw: a function of a sealed key and of the consignment, never of the moment.

A draw at decision time from a random generator cannot be audited and can be repeated until it
suits; this one can be recomputed by anybody once the key is revealed, and gives a consignment the
same answer however often it is lodged again.  With ``u`` the first 64 bits of
``HMAC-SHA256(secret, SHA256(plan, draws, domain, consignment))`` the answer is a hit if and only if
``u < floor(p * 2**64)``, so raising ``p`` never removes a hit.  ``u`` never leaves this module:
who knows it knows how near a consignment came.

Domains keep the stages of selection independent of each other: ``random_floor``,
``share:<profile>``, ``model``, ``exploration``, ``shadow:<challenger>``, ``top_up``, ``degraded``.

Source: HMAC, RFC 2104; the order *commit, seed, reveal* follows risk-limiting audits (Rivest).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Draw", "DrawKey", "Ticket", "draw", "encoded"]

_SECRET_BYTES: Final = 32
_SPACE: Final = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawKey:
    """A sealed key and the name under which it is revealed later."""

    #: Public name of the key (its epoch).
    id: str
    #: 32 secret bytes; never logged, never shown.
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a secret of another length: it was not made by the key ceremony."""
        if len(self.secret) != _SECRET_BYTES:
            raise ValueError(f"a draw key has {_SECRET_BYTES} secret bytes, this one has {len(self.secret)}")


class Ticket(NamedTuple):
    """One identity of a consignment under one key: what is drawn."""

    #: Name of the draw key, which is that of its epoch.
    key_id: str
    #: 32 bytes (:mod:`~tidewaiter.core.draw.tickets`).
    consignment: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw, as it is logged."""

    domain: str
    #: Probability of each single draw, 0 to 1.
    single_probability: float
    #: Number of tickets drawn: 1, and one more for each material amendment and each revealed seed.
    tickets: int
    #: Probability that at least one of them hits, 0 to 1.
    probability: float
    hit: bool


def draw(
    keys: Mapping[str, DrawKey],
    *,
    tickets: Sequence[Ticket],
    plan_id: str,
    draws: str,
    probability: float,
    domain: str,
) -> Draw:
    """Draw each of a consignment's *tickets* once; it is hit when any of them is.

    Args:
        keys: the sealed keys that the tickets name, by name.
        tickets: of the consignment (:func:`~tidewaiter.core.draw.tickets.tickets_of`), distinct, 1 or more.
        plan_id: identity of the plan.
        draws: the plan's own name of its series of draws.  It changes only when the administration
            wants all draws anew; it is *not* the version of the plan, so a changed rate keeps hits.
        probability: of each single draw, 0 to 1.
        domain: the stage that draws.

    Returns:
        The draw, with the exact probability of the union.

    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"BUG: the probability of a draw is between 0 and 1, not {probability!r}")
    if not tickets:
        raise ValueError("BUG: a consignment without a ticket cannot be drawn")
    count = len(tickets)
    threshold = int(probability * _SPACE)
    union = probability if count == 1 else 1.0 - (1.0 - probability) ** count
    hit = threshold >= _SPACE or (
        threshold > 0 and _below(keys, _prefix(plan_id, draws, domain), tickets, threshold)
    )
    return Draw(domain=domain, single_probability=probability, tickets=count, probability=union, hit=hit)


def _below(keys: Mapping[str, DrawKey], prefix: bytes, tickets: Sequence[Ticket], threshold: int) -> bool:
    """Tell whether u is below *threshold* for any of the tickets."""
    for key_id, consignment in tickets:
        message = hashlib.sha256(prefix + consignment).digest()
        if int.from_bytes(hmac.digest(keys[key_id].secret, message, "sha256")[:8], "big") < threshold:
            return True
    return False


@lru_cache(maxsize=4096)
def _prefix(plan_id: str, draws: str, domain: str) -> bytes:
    return encoded("tidewaiter/draw/v1", plan_id, draws, domain)


def encoded(*parts: str) -> bytes:
    """Join *parts* so that no two different sequences give the same bytes (length before each)."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in [part.encode() for part in parts])
