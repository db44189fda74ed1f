"""How a condition reads as a sentence.

The words are data keyed by code, one message per kind of feature and operator, so that a language
is one more table.  A sentence is for the authors of profiles: it shows thresholds, and is never an
officer's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from tidewaiter.core.features.registry import Kind, Registry, Value
from tidewaiter.core.quantities import PLACES_MAX, canonical
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

_MEASURED: Final = {
    "=": "{feature} is exactly {value}{unit}",
    "!=": "{feature} is not {value}{unit}",
    "<": "{feature} is below {value}{unit}",
    "<=": "{feature} is at most {value}{unit}",
    ">": "{feature} is above {value}{unit}",
    ">=": "{feature} is at least {value}{unit}",
    "between": "{feature} is from {low} to {high}{unit}",
    "in": "{feature} is one of {values}{unit}",
}
_NAMED: Final = {
    "=": "{feature} is {value}",
    "!=": "{feature} is not {value}",
    "in": "{feature} is one of {values}",
    "in_list": "{feature} is in the list {value}",
}
_DATED: Final = {
    "=": "{feature} is {value}",
    "!=": "{feature} is not {value}",
    "<": "{feature} is before {value}",
    "<=": "{feature} is on or before {value}",
    ">": "{feature} is after {value}",
    ">=": "{feature} is on or after {value}",
    "between": "{feature} is from {low} to {high}",
    "in": "{feature} is one of {values}",
}
_SIZED: Final = ("amount", "ratio", "count")

#: Messages of a language: ``kind.operator``, ``fields.operator``, and the groups.
ENGLISH: Final[Mapping[str, str]] = {
    **{f"{kind}.{operator}": words for kind in _SIZED for operator, words in _MEASURED.items()},
    **{f"code.{operator}": words for operator, words in _NAMED.items()},
    **{f"text.{operator}": words for operator, words in _NAMED.items()},
    **{f"day.{operator}": words for operator, words in _DATED.items()},
    "code.prefix": "{feature} begins with {values}",
    "text.contains_any": "{feature} contains {values}",
    "flag.=": "{feature} is {value}",
    "flag.!=": "{feature} is not {value}",
    **{f"{kind.value}.is_missing": "{feature} is missing" for kind in Kind},
    "fields.=": "{feature} is the same as {other}",
    "fields.!=": "{feature} differs from {other}",
    "fields.<": "{feature} is below {other}",
    "fields.<=": "{feature} is at most {other}",
    "fields.>": "{feature} is above {other}",
    "fields.>=": "{feature} is at least {other}",
    "all_of": "{members}",
    "any_of": "{members}",
    "none_of": "none of these holds: {members}",
    "not": "it is not so that {member}",
    "and": " and ",
    "or": " or ",
    "true": "true",
    "false": "false",
    "more": "{values} and {count} more",
}

#: Values of a literal that are written out before the rest is only counted.
_VALUES_SHOWN: Final = 8

#: Parts of feature names that are not words of their own.
_PARTS: Final[Mapping[str, str]] = {
    "hs2": "HS chapter",
    "hs4": "HS heading",
    "hs6": "HS subheading",
    "hs": "HS",
    "aeo": "AEO",
    "id": "identity",
    "7": "in 7 days",
    "30": "in 30 days",
    "90": "in 90 days",
    "365": "in 365 days",
    "all": "ever",
}


def phrase(feature: str) -> str:
    """Return the name of a feature in words.

    >>> phrase("importer_irregular_365")
    'importer irregular in 365 days'
    """
    return " ".join(_PARTS.get(part, part) for part in feature.split("_"))


def sentence(node: Node, registry: Registry, messages: Mapping[str, str] = ENGLISH) -> str:
    """Return *node* as a sentence in the language of *messages*, without a full stop."""
    match node:
        case AllOf(nodes):
            return messages["all_of"].format(members=_joined(nodes, "and", registry, messages))
        case AnyOf(nodes):
            return messages["any_of"].format(members=_joined(nodes, "or", registry, messages))
        case NoneOf(nodes):
            return messages["none_of"].format(members=_joined(nodes, "or", registry, messages))
        case Not(inner):
            return messages["not"].format(member=_member(inner, registry, messages))
        case _:
            return _leaf(node, registry, messages)


def shown(kind: Kind, value: Value, messages: Mapping[str, str] = ENGLISH) -> str:
    """Return a value of a feature of *kind*, as it stands in a feature vector, in words.

    >>> shown(Kind.AMOUNT, 1_500_000), shown(Kind.DAY, 739617)
    ('1.5', '2026-01-01')
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return messages["true" if value else "false"]
    if kind is Kind.AMOUNT and isinstance(value, int):
        return canonical(Decimal(value).scaleb(-PLACES_MAX))
    if kind is Kind.DAY and isinstance(value, int):
        return date.fromordinal(value).isoformat()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _joined(nodes: tuple[Node, ...], word: str, registry: Registry, messages: Mapping[str, str]) -> str:
    return messages[word].join(_member(inner, registry, messages) for inner in nodes)


def _member(node: Node, registry: Registry, messages: Mapping[str, str]) -> str:
    """Return a member of a group; groups with several members stand in brackets."""
    text = sentence(node, registry, messages)
    return f"({text})" if isinstance(node, AllOf | AnyOf | NoneOf) and len(node.nodes) > 1 else text


def _leaf(leaf: Leaf, registry: Registry, messages: Mapping[str, str]) -> str:
    """Return a literal as a clause."""
    known = registry[leaf.feature]
    kind = known.kind.value
    plain = {"feature": phrase(leaf.feature), "unit": "" if known.unit == "-" else f" {known.unit}"}
    match leaf:
        case Compare(_, operator, value):
            return messages[f"{kind}.{operator.value}"].format(**plain, value=_word(value, messages))
        case CompareFields(_, operator, other):
            return messages[f"fields.{operator.value}"].format(**plain, other=phrase(other))
        case Between(_, low, high):
            bounds = {"low": _word(low, messages), "high": _word(high, messages)}
            return messages[f"{kind}.between"].format(**plain, **bounds)
        case In(_, values):
            return messages[f"{kind}.in"].format(**plain, values=_several(values, messages))
        case InList(_, name):
            return messages[f"{kind}.in_list"].format(**plain, value=f"“{name}”")
        case Prefix(_, prefixes):
            return messages[f"{kind}.prefix"].format(**plain, values=_several(prefixes, messages))
        case ContainsAny(_, texts):
            quoted = tuple(f"“{text}”" for text in texts)
            return messages[f"{kind}.contains_any"].format(**plain, values=_several(quoted, messages))
        case IsMissing():
            return messages[f"{kind}.is_missing"].format(**plain)


def _word(value: Literal, messages: Mapping[str, str]) -> str:
    return messages["true" if value else "false"] if isinstance(value, bool) else str(value)


def _several(values: tuple[Literal, ...], messages: Mapping[str, str]) -> str:
    """Return alternatives joined by *or*; a long list is shortened and counted."""
    words = [_word(value, messages) for value in values]
    if len(words) <= _VALUES_SHOWN:
        return ", ".join(words[:-1]) + messages["or"] + words[-1] if len(words) > 1 else words[0]
    return messages["more"].format(values=", ".join(words[:_VALUES_SHOWN]), count=len(words) - _VALUES_SHOWN)
