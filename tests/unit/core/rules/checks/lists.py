"""Named lists for tests."""

from __future__ import annotations

from datetime import date

from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.profile import NamedList

__all__ = ["named"]


def named(code: str, kind: CodeForm, *entries: str) -> NamedList:
    """Return a list of *entries* that holds for long."""
    return NamedList(
        code=code, kind=kind, entries=frozenset(entries), source="Tests", expires=date(2027, 12, 31)
    )
