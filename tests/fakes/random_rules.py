"""Random conditions and rows with nasty values, and every way of evaluating them, databases included.

A row holds, as often as not, a value that is a literal of some condition or lies one step beside it, so
that thresholds, entries and prefixes are met on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random  # noqa: TID251 - seeded by its caller
from typing import Any, Final, TypeAlias

import duckdb
import psycopg

from tests.unit.core.rules import kit
from tidewaiter.adapters.columns import ColumnIndex, encode
from tidewaiter.core.features.registry import Feature, Kind, Value
from tidewaiter.core.rules.evaluate import evaluate, reader
from tidewaiter.core.rules.live import LiveIndex
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
    Node,
    NoneOf,
    Not,
    Prefix,
)
from tidewaiter.core.rules.sql import render_sql

__all__ = [
    "CODES", "EVALUATIONS", "LISTS", "TEXTS", "Answers", "Row", "by_postgresql", "by_reference",
    "differences", "random_rows", "random_rules",
]  # fmt: skip

#: The level of a condition that is wider than deep.
WIDE: Final = -1

Row: TypeAlias = dict[str, Value]
#: By condition and row: true, false or unknown.
Answers: TypeAlias = list[list[bool | None]]

CODES: Final = [
    "LAND", "RAIL", "NO", "NA", "FR", "22", "24", "0101", "010121", "8517130010", "É", "Q\u0301", "日本",
    "🙂", "A'B", "A\\B", 'A"B', "A%_", "A--B", "land", "\\", "'",
]  # fmt: skip
TEXTS: Final = [
    "USED", "TYRES, USED", "FUSED QUARTZ", "IT'S", "A\\'B", "\\N", "'; DROP TABLE ITEMS; --", "ÉTÉ",
    "Q\u0301TE", "Q", "日本 TEA", "🙂🙂", "100% _", "$1 ?", ":NAME %S {0}", "TEA",
]  # fmt: skip
LISTS: Final = {
    "borders": frozenset({"LAND", "RAIL", "A'B", "\\"}), "nations": frozenset({"NO", "NA", "日本", "É"}),
    "nothing": frozenset({"?"}), "empty": frozenset[str](),
}  # fmt: skip
_DECIMALS: Final = [
    "0",
    "0.000001",
    "0.3",
    "0.300000",
    "1",
    "2.5",
    "1000000",
    "123456789012.123456",
    "999999999999999999",
]
_DAYS: Final = [("2026-01-01", 739617), ("2026-12-31", 739981), ("0001-01-01", 1), ("9999-12-31", 3652059)]
_COUNTS: Final = [0, 1, 2, 3, 10**15]
_PAIRS: Final = [
    ("origin", "departure_country", "=!"), ("office", "hs_code", "=!"), ("net_mass", "gross_mass", "=!<>"),
    ("freight_amount", "customs_value", "=!<>"), ("importer_declared_all", "package_count", "=!<>"),
    ("unit_value_ratio", "freight_share", "<>"),
]  # fmt: skip


def random_rules(random: Random, count: int) -> list[Node]:
    """Return so many conditions, of one literal up to a few dozen, some wider than is made into terms."""
    levels = [random.choice((0, 1, 1, 2, 2, 3, 4, WIDE)) for _ in range(count)]
    return [_wide(random) if level == WIDE else _tree(random, level) for level in levels]


def random_rows(random: Random, count: int) -> list[Row]:
    """Return so many rows; in each, its own share of the values is missing."""
    rows = []
    for _ in range(count):
        share = random.choice((0, 0.1, 0.5))
        rows.append({f.name: None if random.random() < share else _value(random, f) for f in kit.REGISTRY})
    return rows


def _wide(random: Random) -> Node:
    """Return a condition of 81 alternatives: one of its groups is kept whole."""
    every, some = random.choice(((AllOf, AnyOf), (NoneOf, AllOf)))
    return every(tuple(some(tuple(_leaf(random) for _ in range(9))) for _ in range(2)))


def _tree(random: Random, levels: int) -> Node:
    if not levels:
        return _leaf(random)
    if random.random() < 0.25:
        return Not(_tree(random, levels - 1))
    shape = random.choice((AllOf, AnyOf, NoneOf))
    width = random.choice((1, 2, 2, 3, 4) if levels > 1 else (1, 2, 3, 9))
    return shape(tuple(_tree(random, random.randrange(levels)) for _ in range(width)))


def _leaf(random: Random) -> Node:
    if random.random() < 0.1:
        one, two, signs = random.choice(_PAIRS)
        return CompareFields(one, random.choice([c for c in Comparison if c.value[0] in signs]), two)
    known = random.choice(list(kit.REGISTRY))
    name, kind = known.name, known.kind
    if random.random() < 0.1:
        return IsMissing(name)
    shapes: list[Callable[[], Node]] = []
    several = tuple(_literal(random, kind) for _ in range(random.randint(1, 4)))
    if kind is not Kind.RATIO:
        equality = random.choice((Comparison.EQUAL, Comparison.NOT_EQUAL))
        shapes += [lambda: Compare(name, equality, several[0])]
        shapes += [lambda: In(name, several)] if kind is not Kind.FLAG else []
    if kind in {Kind.AMOUNT, Kind.COUNT, Kind.DAY, Kind.RATIO}:
        order = random.choice((Comparison.LESS, Comparison.AT_MOST, Comparison.GREATER, Comparison.AT_LEAST))
        shapes += [lambda: Compare(name, order, several[0]), lambda: Between(name, several[0], several[-1])]
    if kind is Kind.CODE:
        starts = tuple(str(code)[: random.randint(1, 4)] for code in several)
        shapes += [lambda: InList(name, random.choice(sorted(LISTS))), lambda: Prefix(name, starts)]
    if kind is Kind.TEXT:
        parts = tuple(str(text)[random.randint(0, len(str(text)) > 1) :] for text in several)
        shapes += [lambda: ContainsAny(name, parts)] * 2
    return random.choice(shapes)()


def _literal(random: Random, kind: Kind) -> Any:
    signed = random.choice(("", "-")) + random.choice(_DECIMALS)
    return {
        Kind.CODE: random.choice(CODES), Kind.TEXT: random.choice(TEXTS), Kind.RATIO: signed,
        Kind.AMOUNT: random.choice(_DECIMALS), Kind.COUNT: random.choice(_COUNTS),
        Kind.FLAG: random.random() < 0.5, Kind.DAY: random.choice(_DAYS)[0],
    }[kind]  # fmt: skip


def _value(random: Random, known: Feature) -> Value:
    beside = random.choice((-1, 0, 0, 1))
    match known.kind:
        case Kind.CODE:
            return random.choice(CODES) + random.choice(("", "", "1", "\u0301", "'"))
        case Kind.TEXT:
            return " ".join(random.choices(TEXTS, k=random.randint(1, 3)))
        case Kind.FLAG:
            return random.random() < 0.5
        case Kind.RATIO:
            number = float(_literal(random, Kind.RATIO))
            odd = (math.nan, math.inf, -math.inf, -0.0, 1e308, 5e-324, math.nextafter(number, math.inf))
            return random.choice(odd) if random.random() < 0.3 else number
        case Kind.AMOUNT:
            return max(0, int(Fraction(_literal(random, Kind.AMOUNT)) * 10**6) + beside)
        case Kind.COUNT:
            return max(0, random.choice(_COUNTS) + beside)
        case Kind.DAY:
            return max(1, random.choice(_DAYS)[1] + beside)


def by_reference(rules: Sequence[Node], rows: Sequence[Row]) -> Answers:
    vectors = [kit.vector(row) for row in rows]
    readers = [reader(kit.REGISTRY, vector.header, vector.items[0]) for vector in vectors]
    return [[evaluate(rule, read, kit.REGISTRY, LISTS) for read in readers] for rule in rules]


def by_live(rules: Sequence[Node], rows: Sequence[Row]) -> Answers:
    index = LiveIndex(rules, kit.REGISTRY, LISTS)
    every = index.among(range(len(rules)))
    found: Answers = [[False] * len(rows) for _ in rules]
    for at, row in enumerate(rows):
        for match in index.match(kit.vector(row), every):
            found[match.condition][at] = True if match.true else None
    return found


def by_columns(rules: Sequence[Node], rows: Sequence[Row]) -> Answers:
    columns = encode({name: [row[name] for row in rows] for name in kit.REGISTRY_NAMES}, kit.REGISTRY)
    found: Answers = [[False] * len(rows) for _ in rules]
    for block in ColumnIndex(rules, kit.REGISTRY, LISTS).match(columns):
        pairs = zip(block.conditions.tolist(), block.rows.tolist(), block.unknown.tolist(), strict=True)
        for condition, at, unknown in pairs:
            found[condition][at] = None if unknown else True
    return found


def by_duckdb(rules: Sequence[Node], rows: Sequence[Row]) -> Answers:
    with duckdb.connect() as connection:
        connection.execute(_table("HUGEINT"))
        connection.executemany(_insert("?"), [[at, *row.values()] for at, row in enumerate(rows)])
        return _answers_of_sql(lambda text: connection.execute(text).fetchall(), rules)


def by_postgresql(url: str) -> Callable[[Sequence[Node], Sequence[Row]], Answers]:
    """Return the evaluation by the server at *url* (of SQLAlchemy's form); it leaves nothing there."""

    def by_server(rules: Sequence[Node], rows: Sequence[Row]) -> Answers:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(_table("NUMERIC").replace("CREATE", "CREATE TEMPORARY", 1))
            with connection.cursor() as cursor:
                cursor.executemany(_insert("%s"), [[at, *row.values()] for at, row in enumerate(rows)])
            found = _answers_of_sql(lambda text: connection.execute(text.encode()).fetchall(), rules)
            connection.rollback()
            return found

    return by_server


#: The evaluations that need no server.
EVALUATIONS: Final = {"live": by_live, "columns": by_columns, "duckdb": by_duckdb}


def _table(amount: str) -> str:
    types = {
        Kind.CODE: "TEXT", Kind.TEXT: "TEXT", Kind.AMOUNT: amount, Kind.RATIO: "DOUBLE PRECISION",
        Kind.COUNT: "BIGINT", Kind.FLAG: "BOOLEAN", Kind.DAY: "INTEGER",
    }  # fmt: skip
    columns = ", ".join(f'"{known.name}" {types[known.kind]}' for known in kit.REGISTRY)
    return f"CREATE TABLE items (position INTEGER, {columns})"


def _insert(mark: str) -> str:
    return f"INSERT INTO items VALUES ({', '.join([mark] * (1 + len(kit.REGISTRY)))})"  # noqa: S608 - marks


def _answers_of_sql(run: Callable[[str], list[Any]], rules: Sequence[Node]) -> Answers:
    """Return what SQL says about the rows; null, or both true and false, is no answer."""
    rendered = [render_sql(rule, kit.REGISTRY, LISTS) for rule in rules]
    cases = ", ".join(f"CAST({one.true} AS INT) + 2 * CAST({one.false} AS INT)" for one in rendered)
    rows = run(f"SELECT {cases} FROM items ORDER BY position")  # noqa: S608 - what is tested here
    truth: dict[Any, Any] = {0: None, 1: True, 2: False}
    return [[truth.get(row[at], "null, or both") for row in rows] for at in range(len(rules))]


def differences(one: Answers, two: Answers) -> list[tuple[int, int]]:
    """Return the pairs of condition and row on which two evaluations differ."""
    return [
        (rule, row)
        for rule, (left, right) in enumerate(zip(one, two, strict=True))
        for row, pair in enumerate(zip(left, right, strict=True))
        if pair[0] is not pair[1]
    ]
