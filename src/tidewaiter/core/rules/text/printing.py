"""The canonical text of a tree: one tree has one text, and reading that text gives the tree again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from tidewaiter.core.features.registry import Kind, Registry
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Leaf,
    Literal,
    Node,
    NoneOf,
    Not,
    Prefix,
)
from tidewaiter.core.rules.text.tokens import KEYWORDS, NAME

__all__ = ["print_text"]

#: A text of at most this many columns stands on one line.
_WIDTH: Final = 96
_INDENT: Final = "  "
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def print_text(node: Node, registry: Registry) -> str:
    """Return the canonical text of *node*, without a line end; `grammar.parse` gives *node* again.

    Holds for every tree that the written form (`form`) accepts and whose whole numbers have at most
    200 digits.
    """
    return "\n".join(_Printing(registry).lines(node, 0))


_JOIN: Final[Mapping[type, str]] = {AllOf: "and", AnyOf: "or"}
_GROUP: Final[Mapping[type, str]] = {AllOf: "all of", AnyOf: "any of", NoneOf: "none of"}


class _Printing:
    """One printing: the registry tells which values stand without quotes."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    # -- lines

    def lines(self, node: Node, indent: int) -> list[str]:
        """Return *node* on one line when it is short enough, else one member a line."""
        flat = self.flat(node)
        if len(flat) + indent <= _WIDTH:
            return [flat]
        match node:
            case AllOf(nodes) | AnyOf(nodes) if len(nodes) > 1:
                return self._joined(_JOIN[type(node)], nodes, indent)
            case AllOf(nodes) | AnyOf(nodes) | NoneOf(nodes):
                return self._listed(f"{_GROUP[type(node)]} (", nodes, indent)
            case Not(IsMissing() | In() | InList() as leaf):
                return self._filled(leaf, indent, negated=True)
            case Not(inner):
                return self._listed("not (", (inner,), indent)
            case _:
                return self._filled(node, indent)

    def _joined(self, word: str, nodes: Sequence[Node], indent: int) -> list[str]:
        """Return members that are joined by *word*, which begins each line but the first."""
        found: list[str] = []
        for node in nodes:
            first = f"{word} " if found else ""
            if _in_brackets(node):
                inner = self.lines(node, indent + len(_INDENT))
                flat = f"({inner[0]})" if len(inner) == 1 else ""
                fits = flat and indent + len(first) + len(flat) <= _WIDTH
                lines = [flat] if fits else ["(", *(_INDENT + line for line in inner), ")"]
            else:
                lines = self.lines(node, indent + len(first))
            found += [first + lines[0], *lines[1:]]
        return found

    def _listed(self, head: str, nodes: Sequence[Node], indent: int) -> list[str]:
        """Return members between brackets, with commas, each on lines of its own."""
        found = [head]
        for node in nodes:
            lines = [_INDENT + line for line in self.lines(node, indent + len(_INDENT))]
            lines[-1] += "," if node is not nodes[-1] else ""
            found += lines
        return [*found, ")"]

    def _filled(self, leaf: Leaf, indent: int, *, negated: bool = False) -> list[str]:
        """Return a literal with its values filled into lines."""
        head, values = self._words(leaf, negated=negated)
        if len(values) < 2:
            return [head + "".join(values)]
        lines, line = [f"{head}("], _INDENT
        for index, value in enumerate(values):
            word = value if index == len(values) - 1 else f"{value},"
            if line.strip() and indent + len(line) + len(word) > _WIDTH:
                lines.append(line.rstrip())
                line = _INDENT
            line += f"{word} "
        return [*lines, line.rstrip(), ")"]

    # -- one line

    def flat(self, node: Node) -> str:
        """Return *node* on one line."""
        match node:
            case AllOf(nodes) | AnyOf(nodes) if len(nodes) > 1:
                return f" {_JOIN[type(node)]} ".join(self._member(inner) for inner in nodes)
            case AllOf(nodes) | AnyOf(nodes) | NoneOf(nodes):
                return f"{_GROUP[type(node)]} ({', '.join(self.flat(inner) for inner in nodes)})"
            case Not(IsMissing() | In() | InList() as leaf):
                return self._literal(leaf, negated=True)
            case Not(inner):
                return f"not ({self.flat(inner)})"
            case _:
                return self._literal(node)

    def _member(self, node: Node) -> str:
        return f"({self.flat(node)})" if _in_brackets(node) else self.flat(node)

    def _literal(self, leaf: Leaf, *, negated: bool = False) -> str:
        head, values = self._words(leaf, negated=negated)
        single = len(values) < 2 and not head.endswith("in ")
        return head + ("".join(values) if single else f"({', '.join(values)})")

    def _words(self, leaf: Leaf, *, negated: bool) -> tuple[str, list[str]]:
        """Return a literal as what stands before its alternatives, and the alternatives."""
        name, negation = self._feature(leaf.feature), "not " if negated else ""
        match leaf:
            case Compare(feature, operator, value):
                return f"{name} {operator.value} {self._value(value, feature)}", []
            case CompareFields(_, operator, other):
                return f"{name} {operator.value} {self._feature(other)}", []
            case Between(feature, low, high):
                return f"{name} between {self._value(low, feature)} and {self._value(high, feature)}", []
            case In(feature, values):
                return f"{name} {negation}in ", [self._value(value, feature) for value in values]
            case InList(_, named):
                return f"{name} {negation}in list {_name(named)}", []
            case Prefix(_, prefixes):
                return f"{name} starts with {_any_of(prefixes)}", [_quoted(text) for text in prefixes]
            case ContainsAny(_, texts):
                return f"{name} contains {_any_of(texts)}", [_quoted(text) for text in texts]
            case IsMissing():
                return f"{name} is {negation}missing", []

    def _feature(self, name: str) -> str:
        """Return the name of a feature; one that is not registered could be taken for a value."""
        return _name(name) if name in self.registry else _back_quoted(name)

    def _value(self, value: Literal, feature: str) -> str:
        """Return a value; without quotes where the kind of its feature says what it is."""
        if isinstance(value, bool):
            return "true" if value else "false"
        kind = self.registry[feature].kind if feature in self.registry else None
        if isinstance(value, int):
            return str(value) if kind is Kind.COUNT else f"#{value}"
        if kind in {Kind.AMOUNT, Kind.RATIO} and _NUMBER.fullmatch(value):
            return value
        if kind is Kind.DAY and _DAY.fullmatch(value):
            return value
        return _quoted(value)


def _in_brackets(node: Node) -> bool:
    """Tell whether *node* stands in brackets beside others: groups that are joined by a word do."""
    return isinstance(node, AllOf | AnyOf) and len(node.nodes) > 1


def _any_of(values: Sequence[str]) -> str:
    return "any of " if len(values) > 1 else ""


def _name(name: str) -> str:
    plain = NAME.fullmatch(name) is not None and name.lower() not in KEYWORDS
    return name if plain else _back_quoted(name)


def _back_quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
