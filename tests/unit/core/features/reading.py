"""Reads features of one declaration, for the tests of the families."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.unit.core.history.events import at, declaration, item
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.features import REGISTRY, compute
from tidewaiter.core.history import History


def features(
    whole: Declaration, history: History | None = None, moment: datetime | None = None
) -> dict[str, Any]:
    """Return the features of the header and of the first item of *whole*, by name."""
    vector = compute(whole, history or History(), moment or at(0))
    named = REGISTRY.as_mapping(vector)
    return {**named["header"], **named["items"][0]}


def of_header(**fields: Any) -> dict[str, Any]:
    """Return the features of a declaration with *fields*."""
    return features(declaration(**fields))


def of_item(**fields: Any) -> dict[str, Any]:
    """Return the features of a declaration of one item with *fields*."""
    return features(declaration(items=(item(**fields),)))
