"""A text with all that is wrong with it: its form, the features and lists it names, and its literals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.check import check_condition
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.core.rules.text.grammar import Reading, read_text
from tidewaiter.core.rules.text.parts import OPERATOR, Part
from tidewaiter.core.rules.text.places import Marked, Span
from tidewaiter.core.rules.text.stream import FAULTS_MAX, mark

__all__ = ["judged", "located"]

#: Operators by their keys in the written form.
_WORDS: Final = {
    "in_list": "in list",
    "prefix": "starts with",
    "contains_any": "contains",
    "is_missing": "is missing",
}


def judged(
    text: str, registry: Registry, lists: Mapping[str, NamedList]
) -> tuple[Node | None, tuple[Marked, ...]]:
    """Return the tree that *text* writes, or None with every fault, in the order of the text.

    Where the form is broken, the literals that could be read are judged all the same.
    """
    reading = read_text(text, registry)
    if reading.node is not None:
        faults = located(text, reading, check_condition(reading.node, registry, lists))
        return (None if faults else reading.node), faults
    found = [*reading.faults]
    taken = [marked.span for marked in found]
    for _, part in reading.parts:
        if len(found) >= FAULTS_MAX:
            break
        places = _places([("", part)])
        for fault in check_condition(part.node, registry, lists)[:FAULTS_MAX]:
            marked = _marked(text, places, fault)
            # What the grammar already complained about is not said twice.
            if not any(_overlap(marked.span, span) for span in taken):
                found.append(marked)
    return None, _in_order(found)


def located(text: str, reading: Reading, faults: Sequence[Fault]) -> tuple[Marked, ...]:
    """Return *faults* of the tree, whose places are JSON pointers, at their places in *text*.

    The first hundred are told, so that no text costs without bound.
    """
    places = _places(reading.parts)
    return _in_order([_marked(text, places, fault) for fault in faults[:FAULTS_MAX]])


def _places(parts: Sequence[tuple[str, Part]]) -> dict[str, Span]:
    """Return where everything that has a JSON pointer is written."""
    places: dict[str, Span] = {}
    for here, part in parts:
        places[here] = part.span
        places |= {here + inner: span for inner, span in part.marks.items()}
    return places


def _marked(text: str, places: Mapping[str, Span], fault: Fault) -> Marked:
    """Return *fault* at the stretch that its pointer names, or the longest beginning of it that has one."""
    pointer = fault.place
    if fault.code == "operator-not-for-kind":
        fault = replace(fault, message=_in_words(fault.message), hint=_in_words(fault.hint or ""))
        pointer = f"{pointer.rpartition('/')[0]}{OPERATOR}"
    span = next(places[begin] for begin in _beginnings(pointer) if begin in places)
    place = mark(text, span, fault.code, fault.message).fault.place
    return Marked(fault=replace(fault, place=place), span=span)


def _in_words(message: str) -> str:
    """Return *message* with operators as they are written in a text."""
    for key, words in _WORDS.items():
        message = message.replace(f"`{key}`", f"`{words}`")
    return message


def _in_order(faults: Iterable[Marked]) -> tuple[Marked, ...]:
    return tuple(sorted(faults, key=lambda marked: marked.span)[:FAULTS_MAX])


def _beginnings(pointer: str) -> Iterator[str]:
    """Iterate over *pointer* and all pointers above it, up to the whole."""
    yield pointer
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


def _overlap(one: Span, two: Span) -> bool:
    return one.start < max(two.end, two.start + 1) and two.start < one.end
