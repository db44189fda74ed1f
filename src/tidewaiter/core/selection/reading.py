"""Read what an administration wrote (plain mappings and lists) and collect every fault.

A reader never stops at the first mistake and never guesses: it notes the fault with its place,
goes on with a harmless stand-in, and the caller raises once at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError, Fault, shorten

__all__ = ["Reader"]

_ABSENT: Final = object()


class Reader:
    """One mapping of the configuration, its place, and the shared list of faults."""

    def __init__(self, data: object, place: str, faults: list[Fault]) -> None:
        self.place = place
        self.faults = faults
        self._known: set[str] = set()
        self._data: Mapping[str, Any] = {}
        if isinstance(data, Mapping) and all(isinstance(key, str) for key in data):
            self._data = data
        else:
            self.fault(
                "", "not-a-mapping", "this is a mapping of names to values", data, "Write `name: value`."
            )

    def __contains__(self, name: str) -> bool:
        """Tell whether something other than null is written under *name*."""
        return self._data.get(name) is not None

    def fault(
        self, name: str, code: str, message: str, value: object = None, hint: str | None = None
    ) -> None:
        """Note a fault at *name* of this mapping (or at the mapping itself when *name* is empty)."""
        place = f"{self.place}/{name}" if name else self.place or "/"
        shown = None if value is None else shorten(value)
        self.faults.append(Fault(code=code, place=place, message=message, value=shown, hint=hint))

    def _take(self, name: str) -> Any:
        self._known.add(name)
        found = self._data.get(name, _ABSENT)
        return _ABSENT if found is None else found

    def _missing(self, name: str, stand_in: Any, default: Any) -> Any:
        if default is not _ABSENT:
            return default
        self.fault(
            name, "missing", f"`{name}` is not given", hint="Add it; the starter files show an example."
        )
        return stand_in

    def text(self, name: str, default: Any = _ABSENT) -> Any:
        """Return the non-empty text under *name* (or *default*, which may be None)."""
        found = self._take(name)
        if found is _ABSENT:
            return self._missing(name, "", default)
        if isinstance(found, str) and found.strip():
            return found
        self.fault(name, "not-text", "this is a non-empty text", found, "Put it in quotation marks.")
        return "" if default is _ABSENT else default

    def number(self, name: str, low: float, high: float, default: Any = _ABSENT) -> Any:
        """Return the number under *name*, from *low* to *high* inclusive, as a float."""
        found = self._take(name)
        if found is _ABSENT:
            return self._missing(name, low, default)
        if isinstance(found, int | float) and not isinstance(found, bool) and low <= found <= high:
            return float(found)  # NaN is in no range, and a huge whole number is refused before this
        self.fault(name, "not-in-range", f"this is a number from {low:g} to {high:g}", found)
        return low if default is _ABSENT else default

    def flag(self, name: str, default: Any = _ABSENT) -> Any:
        """Return the truth under *name*: ``true`` or ``false``."""
        found = self._take(name)
        if found is _ABSENT:
            return self._missing(name, stand_in=False, default=default)
        if isinstance(found, bool):
            return found
        self.fault(name, "not-a-flag", "this is `true` or `false`", found)
        return False if default is _ABSENT else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the list of distinct texts under *name*, or an empty one when nothing is written."""
        found = self._take(name)
        if found is _ABSENT:
            return ()
        if isinstance(found, list | tuple) and all(isinstance(entry, str) and entry for entry in found):
            return tuple(dict.fromkeys(found))
        self.fault(
            name, "not-a-list-of-texts", "this is a list of texts", found, "Write codes in quotation marks."
        )
        return ()

    def words(self, name: str) -> dict[str, str]:
        """Return the texts by language tag under *name*."""
        found = self._take(name)
        if isinstance(found, Mapping) and all(
            isinstance(key, str) and isinstance(value, str) for key, value in found.items()
        ):
            return dict(found)
        if found is not _ABSENT:
            self.fault(name, "not-words", "this is one text per language tag, such as `en: Documents`", found)
        return {}

    def child(self, name: str) -> Reader:
        """Return a reader of the mapping under *name*; an absent one reads as empty."""
        found = self._take(name)
        return Reader({} if found is _ABSENT else found, f"{self.place}/{name}", self.faults)

    def children(self, name: str) -> list[Reader]:
        """Return a reader for each entry of the list under *name*."""
        found = self._take(name)
        if found is _ABSENT:
            return []
        if isinstance(found, list | tuple):
            return [Reader(entry, f"{self.place}/{name}/{i}", self.faults) for i, entry in enumerate(found)]
        self.fault(name, "not-a-list", "this is a list", found)
        return []

    def entries(self) -> list[str]:
        """Return all names of this mapping: for mappings whose names are the administration's own."""
        self._known.update(self._data)
        return list(self._data)

    def close(self) -> None:
        """Note a fault for each name that nobody asked for: a misspelt parameter must not be silent."""
        for name in self._data:
            if name not in self._known:
                known = ", ".join(sorted(self._known))
                self.fault(
                    name, "unknown-name", f"there is no parameter `{name}` here", hint=f"Known: {known}."
                )

    def one_of(self, name: str, allowed: Collection[str], what: str, default: Any = _ABSENT) -> Any:
        """Return the text under *name* when it is in *allowed*; else note what there is."""
        found = self.text(name, default)
        if found and found not in allowed:
            self.fault(
                name, "not-known", f"there is no {what} of this code", found, f"Known: {', '.join(allowed)}."
            )
        return found


def finish(faults: list[Fault], what: str) -> None:
    """Raise :class:`ConfigurationError` with all *faults*, if there are any."""
    if faults:
        plural = "fault" if len(faults) == 1 else "faults"
        raise ConfigurationError(f"The {what} cannot be used: {len(faults)} {plural}.", faults=tuple(faults))
