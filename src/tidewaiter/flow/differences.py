"""Two contents beside each other: what the second adds, changes and removes, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tidewaiter.core.errors import shorten
from tidewaiter.core.plain import at
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.flow.guarded_content import PARAMETERS, lists_in
from tidewaiter.flow.wording import changes

__all__ = ["Change", "Difference", "differences"]

#: Entries, and members of parameters, that are named one by one; the others are counted.
_NAMED_MAX: Final = 10


class Change(StrEnum):
    """What becomes of something."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which two contents differ."""

    #: ``profile``, ``list``, or a kind of parameters.
    what: str
    #: Of a profile or list; of parameters: their kind.
    code: str
    change: Change
    #: What differs, a sentence or part of one each.
    words: tuple[str, ...]

    def __str__(self) -> str:
        """Return the difference as lines for people."""
        name = self.what if self.what == self.code else f"{self.what} {self.code}"
        return "\n".join([f"{name}: {self.change.value}", *(f"  {word}" for word in self.words)])


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return in what two contents (kind -> plain data) differ; both are ones that could be published."""
    return [*_parameters(before, after), *_lists(before, after), *_profiles(before, after)]


def _profiles(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = _by_code(before), _by_code(after)
    for code in sorted({*old, *new}):
        if code not in new:
            yield Difference(what="profile", code=code, change=Change.REMOVED, words=(old[code]["title"],))
            continue
        found = changes(old.get(code, {}), new[code])
        if code not in old:
            yield Difference(
                what="profile", code=code, change=Change.ADDED,
                words=(new[code]["title"], *(f"{each.proposed_words['en']}" for each in found
                                             if each.proposed_words is not None)),
            )  # fmt: skip
        elif found:
            words = tuple(
                f"{each.member}: {_shown(each.in_force, each.in_force_words)} -> "
                f"{_shown(each.proposed, each.proposed_words)}"
                for each in found
            )
            yield Difference(what="profile", code=code, change=Change.CHANGED, words=words)


def _by_code(bodies: Mapping[str, Any]) -> dict[str, Any]:
    return {profile["code"]: profile for profile in bodies["rules"]["profiles"]}


def _shown(value: object, words: Mapping[str, str] | None) -> str:
    return shorten(value) if words is None else f'"{words["en"]}"'


def _lists(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = lists_in(before), lists_in(after)
    for code in sorted({*old, *new}):
        if code not in new:
            words: tuple[str, ...] = (f"{len(old[code].entries):,} entries",)
            yield Difference(what="list", code=code, change=Change.REMOVED, words=words)
        elif code not in old:
            words = (f"{len(new[code].entries):,} entries, from {new[code].source}",)
            yield Difference(what="list", code=code, change=Change.ADDED, words=words)
        elif old[code] != new[code]:
            words = tuple(_of_a_list(old[code], new[code]))
            yield Difference(what="list", code=code, change=Change.CHANGED, words=words)


def _of_a_list(old: NamedList, new: NamedList) -> Iterator[str]:
    for member in ("kind", "source", "expires"):
        was, becomes = getattr(old, member), getattr(new, member)
        if was != becomes:
            yield f"{member}: {was} -> {becomes}"
    for word, entries in (("in", new.entries - old.entries), ("out", old.entries - new.entries)):
        if entries:
            yield f"{len(entries):,} {word}: {_some(sorted(entries))}"


def _parameters(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for kind in PARAMETERS:
        words = [*_places(before[kind], after[kind], "")]
        if words:
            more = [f"and {len(words) - _NAMED_MAX} more"] if len(words) > _NAMED_MAX else []
            told = tuple(words[:_NAMED_MAX] + more)
            yield Difference(what=kind, code=kind, change=Change.CHANGED, words=told)


def _places(old: Any, new: Any, place: str) -> Iterator[str]:
    """Iterate over the places in which plain data differ, each with both values.

    Members of a list that have a code are told apart by it; their order is told when it is another.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _places(old.get(key), new.get(key), at(place, key))
    elif _coded(old) and _coded(new):
        olds, news = ({each["code"]: each for each in members} for members in (old, new))
        yield from _places(olds, news, place)
        common = [code for code in olds if code in news]
        if common != [code for code in news if code in olds]:
            yield f"{place}: in another order, now {_some(list(news))}"
    elif old != new:
        yield f"{place or '/'}: {_value(old)} -> {_value(new)}"


def _coded(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and len(value) > 0
        and all(isinstance(each, Mapping) and isinstance(each.get("code"), str) for each in value)
    )


def _value(value: object) -> str:
    return "nothing" if value is None else shorten(value)


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED_MAX:,} more" if len(words) > _NAMED_MAX else ""
    return ", ".join(words[:_NAMED_MAX]) + more
