"""The reference page of all features, rendered from the registry."""

from __future__ import annotations

from itertools import groupby

from tidewaiter.core.features.compute import REGISTRY
from tidewaiter.core.features.registry import Feature, Kind, Registry

__all__ = ["features_page"]

_HEAD = """\
# Features

What rules, models and reasons may know about a declaration. This page is rendered from the registry
(`tidewaiter.core.features.page`), and a test keeps the two equal.

A feature of scope *header* has one value per declaration, one of scope *item* one per item. A value that
is missing is never zero: the last column says what it means. Windows are UTC days that end with the day of
the decision; a result of a control counts strictly after the instant at which it became known. An
amendment is compared with other declarations, not with the version that it replaces.

| kind | value |
|---|---|
"""


def features_page(registry: Registry = REGISTRY) -> str:
    """Return the page in Markdown: a table for each family."""
    kinds = "".join(f"| {kind.value} | {meaning} |\n" for kind, meaning in _KINDS.items())
    count = f"\n{len(registry)} features; version of this set: `{registry.version}`.\n"
    families = groupby(registry, key=lambda feature: feature.family)
    return _HEAD + kinds + count + "".join(_table(name, list(features)) for name, features in families)


_KINDS = {
    Kind.CODE: "a code: equal, in a list, or by prefix",
    Kind.TEXT: "text in capitals with single blanks",
    Kind.AMOUNT: "an exact amount, kept as millionths of its unit",
    Kind.RATIO: "a ratio, distance or rate",
    Kind.COUNT: "a whole number from 0",
    Kind.FLAG: "true or false",
    Kind.DAY: "a UTC day",
}


def _table(family: str, features: list[Feature]) -> str:
    """Return the chapter of one family."""
    head = ("name", "scope", "kind", "unit", "what it says", "source", "missing means")
    rows = [
        (f"`{f.name}`", f.scope.value, f.kind.value, f.unit, f.sentence, f.source, f.missing)
        for f in features
    ]
    lines = [_line(head), "|---" * len(head) + "|\n", *(_line(row) for row in rows)]
    return f"\n## {family.capitalize()}\n\n" + "".join(lines)


def _line(cells: tuple[str, ...]) -> str:
    """Return one row of a table."""
    return "| " + " | ".join(cells) + " |\n"
