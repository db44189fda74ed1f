"""Draw again what was drawn: from the revealed keys, and from what a decision says of itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from tidewaiter.core.draw.keyed import DrawKey, Ticket, draw

__all__ = ["domain_of", "drawn_again", "single_probability"]

#: Stages that name what they are about in their domain.
_WITH_DETAIL: Final = ("share", "shadow")


def domain_of(stage: str, detail: str) -> str | None:
    """Return the domain in which a stage draws, or None when it draws nothing: mandatory, none."""
    if stage in ("mandatory", "none"):
        return None
    if stage == "random":
        return "random_floor"
    return f"{stage}:{detail}" if stage in _WITH_DETAIL else stage


def single_probability(union: float, tickets: int) -> float:
    """Return the probability of each single draw, from that of the union of so many.

    Exact for one ticket.  For more it differs from what was drawn with by some 1e-16, so one draw in
    about 1e15 may come out otherwise.
    """
    if tickets == 1 or union >= 1.0:
        return union
    return -math.expm1(math.log1p(-union) / tickets)


def drawn_again(
    keys: Mapping[str, DrawKey],
    tickets: Sequence[Ticket],
    *,
    plan_id: str,
    draws: str,
    domain: str,
    union: float,
) -> bool | None:
    """Return whether the draw is a hit; None when that depends on a key that *keys* does not hold.

    Args:
        keys: the keys that are known, by name.
        tickets: with which the consignment was drawn.
        plan_id: identity of the plan.
        draws: the plan's name of its series of draws.
        domain: of the stage (:func:`domain_of`).
        union: the recorded probability of the union of all tickets, 0 to 1.

    """
    known = [ticket for ticket in tickets if ticket.key_id in keys]
    probability = single_probability(union, len(tickets))
    if known:
        made = draw(keys, tickets=known, plan_id=plan_id, draws=draws, probability=probability, domain=domain)
        if made.hit:
            return True
    return False if len(known) == len(tickets) else None
