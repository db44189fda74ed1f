"""A text with all that is wrong with it: its form, the features and lists it names, and its literals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.check import check_condition
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.core.rules.text.grammar import Reading, read_text
from tidewaiter.core.rules.text.parts import Part
from tidewaiter.core.rules.text.places import Marked, Span
from tidewaiter.core.rules.text.stream import mark

__all__ = ["judged", "located"]


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
        for fault in check_condition(part.node, registry, lists):
            marked = _marked(text, _span(fault.place, [("", part)]), fault)
            # What the grammar already complained about is not said twice.
            if not any(_overlap(marked.span, span) for span in taken):
                found.append(marked)
    return None, tuple(sorted(found, key=lambda marked: marked.span))


def located(text: str, reading: Reading, faults: Sequence[Fault]) -> tuple[Marked, ...]:
    """Return *faults* of the tree, whose places are JSON pointers, at their places in *text*."""
    found = [_marked(text, _span(fault.place, reading.parts), fault) for fault in faults]
    return tuple(sorted(found, key=lambda marked: marked.span))


def _marked(text: str, span: Span, fault: Fault) -> Marked:
    """Return *fault* at *span*."""
    place = mark(text, span, fault.code, fault.message).fault.place
    return Marked(fault=replace(fault, place=place), span=span)


def _span(pointer: str, parts: Sequence[tuple[str, Part]]) -> Span:
    """Return the stretch that *pointer* names: the longest beginning of it that has a place."""
    places: dict[str, Span] = {}
    for here, part in parts:
        places[here] = part.span
        places |= {here + inner: span for inner, span in part.marks.items()}
    return next(places[begin] for begin in _beginnings(pointer) if begin in places)


def _beginnings(pointer: str) -> Iterator[str]:
    """Iterate over *pointer* and all pointers above it, up to the whole."""
    yield pointer
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


def _overlap(one: Span, two: Span) -> bool:
    return one.start < max(two.end, two.start + 1) and two.start < one.end
