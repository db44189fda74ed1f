"""More profiles than the starter set has: each of its own again, with other numbers and a small share."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tidewaiter.bootstrap import Installation
from tidewaiter.flow.content import KINDS

__all__ = ["publish_profiles", "with_variations"]

#: A profile more draws so few declarations that it does not fill the day of an office.
SHARE = "0.01"


def publish_profiles(here: Installation, count: int) -> int:
    """Put *count* profiles in force, at least those that are; return how many are in force."""
    with here.store.read() as uow:
        bodies = {kind: json.loads(found.body) for kind in KINDS if (found := uow.published(kind))}
    bodies["rules"]["profiles"] = with_variations(bodies["rules"]["profiles"], count)
    here.services.administration.publish(bodies, by="bench")
    return len(bodies["rules"]["profiles"])


def with_variations(own: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return *own* and, up to *count*, variations of them."""
    return own + [_varied(own[at % len(own)], 1 + at // len(own)) for at in range(len(own), count)]


def _varied(profile: dict[str, Any], number: int) -> dict[str, Any]:
    code = f"{profile['code']}_{number}"
    return {**profile, "code": code, "share": SHARE, "when": _when(profile["when"], number)}


def _when(condition: Any, number: int) -> Any:
    """Return *condition* with each compared number a few percent away."""
    if isinstance(condition, list):
        return [_when(each, number) for each in condition]
    if not isinstance(condition, dict):
        return condition
    return {
        name: _number(value, number) if name in {"<", "<=", ">", ">="} else _when(value, number)
        for name, value in condition.items()
    }


def _number(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return format((Decimal(value) * (100 + number) / 100).quantize(Decimal("0.0001")).normalize(), "f")
    return value + number if type(value) is int else value
