"""How a condition reads as a sentence, in the languages of `languages`.

A sentence is for the authors of profiles: it shows thresholds, and is never an officer's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Final

from tidewaiter.core.features.registry import Feature, Kind, Registry, Value
from tidewaiter.core.quantities import PLACES_MAX, canonical
from tidewaiter.core.rules.languages.english import ENGLISH
from tidewaiter.core.rules.languages.language import Language
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

__all__ = ["ENGLISH", "phrase", "sentence", "shown"]

#: Values of a literal that are written out before the rest is only counted.
_VALUES_SHOWN: Final = 8
_NUMBERS: Final = frozenset({Kind.AMOUNT, Kind.RATIO, Kind.COUNT})


def phrase(feature: str, language: Language = ENGLISH) -> str:
    """Return the name of a feature in words.

    >>> phrase("importer_irregular_365")
    'importer irregular in 365 days'
    """
    return language.phrase(feature)


def sentence(node: Node, registry: Registry, language: Language = ENGLISH) -> str:
    """Return *node* as a sentence in *language*, without a full stop."""
    return _Speaking(registry, language).sentence(node)


def shown(kind: Kind, value: Value, language: Language = ENGLISH) -> str:
    """Return a value of a feature of *kind*, as it stands in a feature vector, in words.

    >>> shown(Kind.AMOUNT, 1_500_000), shown(Kind.DAY, 739617)
    ('1.5', '2026-01-01')
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return language.messages["true" if value else "false"]
    if kind is Kind.AMOUNT and isinstance(value, int):
        return language.number(canonical(Decimal(value).scaleb(-PLACES_MAX)))
    if kind is Kind.DAY and isinstance(value, int):
        return language.value(date.fromordinal(value).isoformat())
    return language.number(f"{value:.4g}") if isinstance(value, float) else language.value(str(value))


class _Speaking:
    """One registry, spoken of in one language."""

    def __init__(self, registry: Registry, language: Language) -> None:
        self.registry = registry
        self.language = language
        self.messages = language.messages

    def sentence(self, node: Node) -> str:
        """Return a condition as a sentence."""
        match node:
            case AllOf(nodes):
                return self.members(nodes, "and")
            case AnyOf(nodes):
                return self.members(nodes, "or")
            case NoneOf(nodes):
                return self.messages["none_of"].format(members=self.members(nodes, "or"))
            case Not(IsMissing(feature)):
                return self.messages["is_present"].format(feature=self.language.phrase(feature))
            case Not(inner):
                # In brackets, so that nobody takes what stands behind it for a part of it.
                return self.messages["not"].format(member=f"({self.sentence(inner)})")
            case _:
                return self.leaf(node)

    def members(self, nodes: Sequence[Node], word: str) -> str:
        """Return members of a group joined by *word*."""
        texts = [self.member(inner) for inner in nodes]
        return reduce(lambda left, right: self.language.joined(word, left, right), texts)

    def member(self, node: Node) -> str:
        """Return a member of a group; what could run on into the next member stands in brackets."""
        text = self.sentence(node)
        several = isinstance(node, AllOf | AnyOf) and len(node.nodes) > 1
        return f"({text})" if several or isinstance(node, NoneOf) else text

    def leaf(self, leaf: Leaf) -> str:
        """Return a literal as a clause."""
        known = self.registry[leaf.feature]
        kind, name = known.kind.value, self.language.phrase(leaf.feature)
        match leaf:
            case Compare(_, operator, value):
                message = self.messages[f"{kind}.{operator.value}"]
                return message.format(feature=name, value=self.measured(value, known))
            case CompareFields(_, operator, other):
                message = self.messages[f"fields.{operator.value}"]
                return message.format(feature=name, other=self.language.phrase(other))
            case Between(_, low, high):
                bounds = {"low": self.word(low, known), "high": self.measured(high, known)}
                return self.messages[f"{kind}.between"].format(feature=name, **bounds)
            case In(_, values):
                words = [self.word(value, known) for value in values]
                unit = self.unit(str(values[-1]), known) if len(values) <= _VALUES_SHOWN else ""
                return self.messages[f"{kind}.in"].format(feature=name, values=self.several(words) + unit)
            case InList(_, named):
                return self.messages[f"{kind}.in_list"].format(feature=name, value=self.quoted(named))
            case Prefix(_, prefixes):
                words = [self.language.value(prefix) for prefix in prefixes]
                return self.messages[f"{kind}.prefix"].format(feature=name, values=self.several(words))
            case ContainsAny(_, texts):
                words = [self.quoted(text) for text in texts]
                return self.messages[f"{kind}.contains_any"].format(feature=name, values=self.several(words))
            case IsMissing():
                return self.messages["is_missing"].format(feature=name)

    def word(self, value: Literal, known: Feature) -> str:
        """Return a value."""
        if isinstance(value, bool):
            return self.messages["true" if value else "false"]
        if known.kind in _NUMBERS:
            return self.language.number(str(value))
        return self.language.value(str(value))

    def measured(self, value: Literal, known: Feature) -> str:
        """Return a value with its unit."""
        return self.word(value, known) + self.unit(str(value), known)

    def unit(self, value: str, known: Feature) -> str:
        """Return the unit behind a number, with a blank before it; nothing for what is no number."""
        return self.language.unit(known.unit, value) if known.kind in _NUMBERS else ""

    def quoted(self, text: str) -> str:
        """Return a text or a name in the quotes of the language."""
        return self.messages["quoted"].format(value=self.language.value(text))

    def several(self, words: Sequence[str]) -> str:
        """Return alternatives joined by *or*; a long list is shortened and counted."""
        if len(words) <= _VALUES_SHOWN:
            first = self.messages["comma"].join(words[:-1])
            return self.language.joined("or", first, words[-1]) if first else words[-1]
        count = str(len(words) - _VALUES_SHOWN)
        plural = f"more.{self.language.plural(count)}"
        message = self.messages.get(plural, self.messages["more.other"])
        values = self.messages["comma"].join(words[:_VALUES_SHOWN])
        return message.format(values=values, count=self.language.value(count))
