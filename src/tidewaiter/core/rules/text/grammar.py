"""The grammar of conditions: groups of literals, with every fault at its place.

A hand-written parser by recursive descent.  After a fault it goes on at the next `and`, `or`, comma
or bracket, so that one reading finds all faults.  `and` and `or` never stand side by side without
brackets: nobody has to know which of them binds more strongly.

The grammar is printed in docs/reference/rule-language.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.nodes import DEPTH_MAX, NODES_MAX, AllOf, AnyOf, Node, NoneOf, Not, depth, walk
from tidewaiter.core.rules.text.clauses import Clauses
from tidewaiter.core.rules.text.parts import Part, placed
from tidewaiter.core.rules.text.places import Marked, Span
from tidewaiter.core.rules.text.stream import Stream
from tidewaiter.core.rules.text.tokens import Shape

__all__ = ["Reading", "parse", "read_text"]

_GROUPS: Final[Mapping[str, Callable[[tuple[Node, ...]], Node]]] = {
    "all": AllOf,
    "any": AnyOf,
    "none": NoneOf,
}
_NAMES: Final = frozenset({Shape.NAME, Shape.QUOTED_NAME})
_BEGIN_HINT: Final = "A condition begins with the name of a feature, `not` or a bracket."
_VALUE_HINT: Final = "Name the feature first: for several values write `in (…)`."
#: Brackets that say nothing are accepted, but not without end.
_LEVELS_MAX: Final = 3 * DEPTH_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says."""

    #: None: the text has faults.
    node: Node | None
    #: In the order of the text.
    faults: tuple[Marked, ...]
    #: What could be read, by JSON pointer; with faults, every literal that has none.
    parts: tuple[tuple[str, Part], ...]


def parse(text: str, registry: Registry) -> Node:
    """Return the tree that *text* writes over the features of *registry*.

    Names and meaning are not judged (`judged`); the kinds of known features tell what a bare number is.

    Raises :class:`ConfigurationError` with every fault and its place.
    """
    reading = read_text(text, registry)
    if reading.node is None:
        faults = tuple(marked.fault for marked in reading.faults)
        raise ConfigurationError(
            "The condition cannot be read; correct the places named here.", faults=faults
        )
    return reading.node


def read_text(text: str, registry: Registry) -> Reading:
    """Return the tree that *text* writes, or all its faults."""
    stream = Stream(text)
    grammar = _Grammar(stream, registry)
    whole = grammar.text()
    if whole is not None and not stream.met:
        _bounds(whole, stream)
    faults = tuple(sorted(stream.faults, key=lambda marked: marked.span))
    if faults or whole is None:
        loose = (("", part) for part in grammar.literals)
        return Reading(node=None, faults=faults, parts=tuple(loose))
    return Reading(node=whole.node, faults=(), parts=tuple(placed(whole)))


def _bounds(whole: Part, stream: Stream) -> None:
    """Record that the condition is larger than a condition may be."""
    if depth(whole.node) > DEPTH_MAX:
        message = f"a condition has at most {DEPTH_MAX} levels"
        stream.fault(whole.span, "condition-too-deep", message, "Flatten the groups.")
    if sum(1 for _ in walk(whole.node)) > NODES_MAX:
        message = f"a condition has at most {NODES_MAX} nodes"
        hint = "Split the profile, or use a named list."
        stream.fault(whole.span, "condition-too-large", message, hint)


class _Grammar:
    """One reading of a text."""

    def __init__(self, stream: Stream, registry: Registry) -> None:
        self.stream = stream
        self.clauses = Clauses(stream, registry)
        #: All literals without faults, in the order of the text.
        self.literals: list[Part] = []

    def text(self) -> Part | None:
        """Read the whole text; None when there is a fault that leaves no tree."""
        whole = self.condition(1)
        # Only brackets and commas end a condition early: there they belong to nothing.
        while self.stream.here.shape is not Shape.END:
            self.stream.expected("`and`, `or` or the end", self._after_hint())
            self.stream.take()
            if self.stream.here.shape in {Shape.NUMBER, Shape.TEXT}:
                self.stream.take()
            elif self._part_begins():
                self.condition(1)
            elif self.stream.at("and", "or"):
                self.stream.take()
                self.condition(1)
        return whole

    def _after_hint(self) -> str:
        """Return what to do about the bracket or comma that stands behind a whole condition."""
        if self.stream.at(")"):
            return "Remove it, or open the bracket."
        if self.stream.last.shape is Shape.NUMBER:
            return "A number has a point and no comma: 1000.50."
        if self.stream.last.shape is Shape.TEXT:
            return "For several values write `in (…)`; join conditions by `and` or `or`."
        return "Join conditions by `and` or `or`."

    def condition(self, level: int) -> Part | None:
        """Read parts that are joined by `and`, or by `or`."""
        start = self.stream.here.span.start
        parts = [self.part(level)]
        join = ""
        while not self.stream.at(")", ",") and self.stream.here.shape is not Shape.END:
            if self.stream.at("and", "or"):
                word = self.stream.take()
                if join not in {"", "both", word.value}:
                    message = "`and` and `or` stand side by side, which can be read in two ways"
                    hint = "Put brackets around what belongs together."
                    self.stream.fault(word.span, "mixed", message, hint)
                    join = "both"
                join = join if join == "both" else word.value
                parts.append(self.part(level))
                continue
            self.stream.expected("`and`, `or` or the end" if level == 1 else "`and`, `or` or `)`")
            if self._part_begins() and not self.stream.misspelt():
                parts.append(self.part(level))
            else:
                parts.append(None)
                self.stream.take()
                self.stream.skip()
        return self._joined(join, parts, start)

    def _joined(self, join: str, parts: list[Part | None], start: int) -> Part | None:
        """Return the group of *parts*, or the only one; None when one of them has a fault."""
        found = tuple(part for part in parts if part is not None)
        if len(found) < len(parts):
            return None
        if len(found) == 1:
            return found[0]
        nodes = tuple(part.node for part in found)
        return Part(AnyOf(nodes) if join == "or" else AllOf(nodes), self.stream.since(start), {}, found)

    def _part_begins(self) -> bool:
        return self.stream.here.shape in _NAMES or self.stream.at("not", "(", *_GROUPS)

    def part(self, level: int) -> Part | None:
        """Read a literal, a negation, a group or a condition in brackets."""
        stream = self.stream
        if level > _LEVELS_MAX:
            message = f"a condition has at most {DEPTH_MAX} levels"
            stream.fault(stream.here.span, "condition-too-deep", message, "Flatten the groups.")
            stream.skip()
            return None
        start = stream.here.span.start
        if stream.accept("not"):
            inner = self.part(level + 1)
            return None if inner is None else Part(Not(inner.node), stream.since(start), {}, (inner,))
        if stream.at(*_GROUPS):
            return self._group(level)
        if stream.accept("("):
            inner = self.condition(level + 1)
            return inner if self._closed(start) else None
        if stream.here.shape not in _NAMES:
            value = stream.here.shape in {Shape.TEXT, Shape.NUMBER}
            stream.expected("a condition", _VALUE_HINT if value else _BEGIN_HINT)
            if not stream.at("and", "or"):
                stream.skip()
            return None
        leaf = self.clauses.literal()
        if leaf is not None:
            self.literals.append(leaf)
        return leaf

    def _group(self, level: int) -> Part | None:
        """Read `all of`, `any of` or `none of` with its members between brackets."""
        stream = self.stream
        word = stream.take()
        hint = f"Write `{word.value} of (…)`."
        opened = stream.following.span.start
        if not stream.demand("of", hint) or not stream.demand("(", hint):
            stream.skip()
            return None
        members = [self.condition(level + 1)]
        while stream.accept(","):
            members.append(self.condition(level + 1))
        if not self._closed(opened):
            return None
        found = tuple(member for member in members if member is not None)
        if len(found) < len(members):
            return None
        node = _GROUPS[word.value](tuple(member.node for member in found))
        return Part(node, stream.since(word.span.start), {}, found)

    def _closed(self, start: int) -> bool:
        """Take the closing bracket of what begins at *start*."""
        if self.stream.accept(")"):
            return True
        if self.stream.at(","):
            hint = "Members of a group stand in `all of (…)`, `any of (…)` or `none of (…)`."
            self.stream.expected("`and`, `or` or `)`", hint)
            self.stream.skip_to_close()
            return False
        opened = Span(start, start + 1)
        self.stream.fault(opened, "bracket-open", "the bracket that opens here is not closed", "Add `)`.")
        return False
