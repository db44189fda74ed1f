"""The parsed parts of a text: nodes that remember where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import group_key
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Node, NoneOf, Not
from tidewaiter.core.rules.text.places import Span

__all__ = ["OPERATOR", "Part", "placed"]

#: The place of the operator alone; in the written form it has none that is not that of its value too.
OPERATOR: Final = "/#"


@dataclass(frozen=True, slots=True)
class Part:
    """A node with its place in the text."""

    node: Node
    span: Span
    #: Of a literal: places of its feature and values, by JSON pointer within it (``/in/1``), and of its
    #: operator (``OPERATOR``).
    marks: Mapping[str, Span] = field(default_factory=dict)
    inner: tuple[Part, ...] = ()


def placed(part: Part, pointer: str = "") -> Iterator[tuple[str, Part]]:
    """Iterate over *part* and all parts below it with the JSON pointers of the written form (`form`)."""
    yield pointer, part
    match part.node:
        case AllOf() | AnyOf() | NoneOf():
            below = at(pointer, group_key(part.node))
            for index, inner in enumerate(part.inner):
                yield from placed(inner, at(below, index))
        case Not():
            yield from placed(part.inner[0], at(pointer, "not"))
        case _:
            pass
