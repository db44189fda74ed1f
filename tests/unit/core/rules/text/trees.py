"""Random trees for the text: anything that the written form accepts, whether it makes sense or not.

Drawn with a plain generator of random numbers, so that a bench can draw 100,000 of them.
"""

from __future__ import annotations

from random import Random  # noqa: TID251 - seeded: the same trees in every run

from tidewaiter.core.features.registry import Kind, Registry
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    Comparison,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Literal,
    Node,
    NoneOf,
    Not,
    Prefix,
)

__all__ = ["tree"]

_LETTERS = "abcXYZ019 \"\\`'“”(),#=<>!.-_%é√中ع🚢"
_NAMES = [
    "in",
    "Missing",
    "list",
    "hs 2",
    "a`b",
    "back\\slash",
    "_x",
    "X9",
    "unknown_feature",
    "été",
    "22",
    "and",
]
_WORDS = [
    "22",
    "0101",
    "FR",
    "USED",
    " USED ",
    "true",
    "5",
    "-4",
    "0.50",
    "007",
    "1e5",
    "2026-12-31",
    "#5",
    "(",
]


def tree(random: Random, registry: Registry, levels: int = 5) -> Node:
    """Return a condition of at most *levels* levels below this one."""
    if levels == 0 or random.random() < 0.35:
        return _leaf(random, registry)
    make = random.choice([AllOf, AnyOf, NoneOf, Not])
    if make is Not:
        return Not(tree(random, registry, levels - 1))
    members = [tree(random, registry, levels - 1) for _ in range(random.choice([1, 1, 2, 2, 2, 3]))]
    return make(tuple(members))


def _leaf(random: Random, registry: Registry) -> Node:
    feature = _feature(random, registry)

    def value() -> Literal:
        return _value(random, feature, registry)

    def texts() -> tuple[str, ...]:
        return tuple(_text(random) for _ in range(_count(random)))

    match random.randrange(8):
        case 0:
            return Compare(feature, random.choice(list(Comparison)), value())
        case 1:
            return CompareFields(feature, random.choice(list(Comparison)), _feature(random, registry))
        case 2:
            return Between(feature, value(), value())
        case 3:
            return In(feature, tuple(value() for _ in range(_count(random))))
        case 4:
            return InList(feature, _name(random))
        case 5:
            return Prefix(feature, texts())
        case 6:
            return ContainsAny(feature, texts())
        case _:
            return IsMissing(feature)


def _count(random: Random) -> int:
    return random.choice([1, 1, 2, 3, 30]) if random.random() < 0.3 else 1


def _feature(random: Random, registry: Registry) -> str:
    return random.choice([known.name for known in registry]) if random.random() < 0.85 else _name(random)


def _name(random: Random) -> str:
    return random.choice(_NAMES) if random.random() < 0.6 else _text(random)


def _text(random: Random) -> str:
    if random.random() < 0.5:
        return random.choice(_WORDS)
    return "".join(random.choice(_LETTERS) for _ in range(random.randint(1, 12)))


def _value(random: Random, feature: str, registry: Registry) -> Literal:
    """Return a value: mostly one of the feature's kind, at times any other."""
    kind = registry[feature].kind if feature in registry and random.random() < 0.7 else None
    match kind:
        case Kind.AMOUNT | Kind.RATIO:
            sign = random.choice(["", "", "-"])
            return sign + random.choice(["0", "5", "1000.50", "0.000001", "123456789012.123456"])
        case Kind.COUNT:
            return random.randint(0, 10**15)
        case Kind.FLAG:
            return random.random() < 0.5
        case Kind.DAY:
            return random.choice(["2026-01-01", "1999-12-31"])
        case _:
            return random.choice([_text(random), random.randint(-(10**20), 10**20), True, False])
