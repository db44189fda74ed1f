"""Names of the features of history, put together from who, what and since when."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["composed", "unsaid"]

_COUNTED: Final = re.compile(r"(?P<who>\w+)_(?P<what>declared|inspected|irregular)_(?P<when>7|30|90|365|all)")
_UNSAID: Final = (
    *("-", "ratio", "controls", "declarations", "items", "packages", "countries", "versions"),
    *("containers", "parties", "documents", "position"),
)
_FIRST: Final = re.compile(r"(?P<who>\w+)_days_since_first")


def unsaid() -> dict[str, Mapping[str, str]]:
    """Return the units that a language does not say, because its names of features do: *number of …*."""
    return {unit: {"other": ""} for unit in _UNSAID}


def composed(
    names: Mapping[str, str],
    subjects: Mapping[str, str],
    patterns: Mapping[str, str],
    windows: Mapping[str, str],
) -> Callable[[str], str]:
    """Return the function that names a feature: by *names*, else from its parts.

    *subjects* say of whom or what (``importer``, ``hs6_origin``), *patterns* what is counted
    (``declared``, ``days_since_first`` …, with blanks for ``who`` and ``when``), *windows* since when.
    """

    def phrase(feature: str) -> str:
        if feature in names:
            return names[feature]
        counted = _COUNTED.fullmatch(feature)
        if counted is not None:
            who, when = subjects[counted["who"]], windows[counted["when"]]
            return patterns[counted["what"]].format(who=who, when=when)
        first = _FIRST.fullmatch(feature)
        if first is None:
            raise KeyError(feature)
        return patterns["days_since_first"].format(who=subjects[first["who"]])

    return phrase
