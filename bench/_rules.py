"""Rules and items for the benches of rules: shaped like an administration's, made from a seed.

Of the rules a quarter ask for tariff codes and an origin, the rest for ratios, lists, texts, history,
alternatives, exclusions, days and numbers.  Values are skewed as in trade; in some columns 2 to 40 % are
missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random  # noqa: TID251 - seeded: the same rules in every run
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import FeatureVector, Value
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.nodes import Node

__all__ = ["FEATURES", "LISTS", "Table", "make_rules", "make_table", "vectors"]

#: The features that rules of the bench read.
FEATURES: Final = (
    "office",
    "importer",
    "declarant",
    "lodged_day",
    "departure_country",
    "importer_aeo",
    "importer_declared_90",
    "importer_irregular_365",
    "invoice_amount",
    "freight_share",
    "hs_code",
    "hs2",
    "origin",
    "description",
    "net_mass",
    "gross_mass",
    "customs_value",
    "unit_value_ratio",
    "unit_value_distance",
    "package_count",
    "origin_proof_code",
    "price_is_zero",
)

#: By feature: the values, an object array with None for missing.
Table = Mapping[str, NDArray[Any]]

_COUNTRIES: Final = [one + two for one in "ABCDEFGHIN" for two in "AEIORTUXYZ"]
_WORDS: Final = [
    start + end
    for start in ("BRA", "COT", "DEL", "FIR", "GAS", "LEA", "MET", "OIL", "PLA", "RUB", "SIL", "TEX")
    for end in (
        "NEW",
        "PART",
        "SET",
        "TOP",
        "USED",
        "WARE",
        "TON",
        "FORM",
        "CASE",
        "GOOD",
        "ING",
        "LET",
        "MAN",
    )
]
_CODES: Final = [f"{chapter:02}{rest:06}" for chapter in range(1, 97) for rest in range(0, 1_000_000, 8000)]
_IMPORTERS: Final = 50_000
_DAY: Final = 739_617  # 1 January 2026

LISTS: Final[Mapping[str, frozenset[str]]] = {
    f"watched_{size}": frozenset(f"T{number * 7 % _IMPORTERS:06}" for number in range(size))
    for size in (50, 500, 5000)
}


def make_rules(count: int, seed: int = 1) -> list[Node]:
    """Return so many conditions."""
    random = Random(seed)
    kinds: list[tuple[Callable[[Random], Any], int]] = [
        (_goods, 25),
        (_price, 15),
        (_watched, 10),
        (_text, 10),
        (_history, 10),
        (_either, 8),
        (_except, 7),
        (_days, 5),
        (_numbers, 5),
        (_mixed, 5),
    ]
    makers, weights = zip(*kinds, strict=True)
    return [from_data(random.choices(makers, weights)[0](random)) for _ in range(count)]


def _one(feature: str, operator: str, value: Any) -> dict[str, Any]:
    return {"feature": feature, operator: value}


def _decimal(random: Random, low: float, high: float) -> str:
    return f"{random.uniform(low, high):.3f}"


def _goods(random: Random) -> Any:
    prefixes = [random.choice(_CODES)[: random.choice((2, 4, 6))] for _ in range(random.randint(1, 4))]
    origins = random.sample(_COUNTRIES, random.randint(1, 5))
    return {"all_of": [_one("hs_code", "prefix", prefixes), _one("origin", "in", origins)]}


def _price(random: Random) -> Any:
    code = random.choice(_CODES)[:2]
    return {
        "all_of": [
            _one("unit_value_ratio", "<", _decimal(random, 0.1, 0.6)),
            _one("hs2", "=", code),
            _one("customs_value", ">", _decimal(random, 100, 5000)),
        ]
    }


def _watched(random: Random) -> Any:
    return {
        "all_of": [
            _one("importer", "in_list", random.choice(sorted(LISTS))),
            _one("origin", "=", random.choice(_COUNTRIES)),
        ]
    }


def _text(random: Random) -> Any:
    texts = [random.choice(_WORDS)[random.randint(0, 2) :] for _ in range(random.randint(1, 3))]
    return {
        "all_of": [
            _one("description", "contains_any", texts),
            _one("hs2", "in", [random.choice(_CODES)[:2] for _ in range(3)]),
        ]
    }


def _history(random: Random) -> Any:
    return {
        "all_of": [
            _one("importer_irregular_365", ">=", random.randint(2, 6)),
            _one("importer_declared_90", "<", random.randint(2, 9)),
            _one("departure_country", "in", random.sample(_COUNTRIES, 4)),
        ]
    }


def _either(random: Random) -> Any:
    return {
        "all_of": [
            {"any_of": [_goods(random), _one("freight_share", ">", _decimal(random, 0.3, 0.5))]},
            _one("origin", "=", random.choice(_COUNTRIES)),
        ]
    }


def _except(random: Random) -> Any:
    return {
        "all_of": [
            _goods(random),
            {"none_of": [{"feature": "importer_aeo", "=": True}, _one("origin_proof_code", "=", "N954")]},
            {"not": _one("net_mass", "<", _decimal(random, 0.5, 5))},
        ]
    }


def _days(random: Random) -> Any:
    return {
        "all_of": [
            _one(
                "lodged_day",
                "between",
                [f"2026-0{random.randint(1, 5)}-10", f"2026-0{random.randint(5, 9)}-20"],
            ),
            _one("office", "=", f"O{random.randint(0, 39):02}"),
            _one("hs2", "=", random.choice(_CODES)[:2]),
        ]
    }


def _numbers(random: Random) -> Any:
    return {
        "all_of": [
            _one("customs_value", "between", [str(low := random.randint(1, 90_000)), str(low + 300)]),
            _one("package_count", ">", random.randint(1, 60)),
        ]
    }


def _mixed(random: Random) -> Any:
    return {
        "all_of": [
            _one("origin", "!=", {"feature": "departure_country"}),
            _one("unit_value_distance", "<", _decimal(random, -4, -2)),
            _one("hs_code", "prefix", [random.choice(_CODES)[:2]]),
            _one("net_mass", ">", {"feature": "gross_mass"}),
        ]
    }


def make_table(count: int, seed: int = 2) -> Table:
    """Return so many items: five of each declaration on average, so headers repeat."""
    random = np.random.default_rng(seed)
    headers = count // 5 + 1
    of_header = np.sort(random.integers(0, headers, count))
    party = np.minimum(random.zipf(1.3, headers), _IMPORTERS) - 1
    header: dict[str, NDArray[Any]] = {
        "office": _named(random, "O", 40, headers),
        "importer": _spelled("T{:06}", party),
        "declarant": _named(random, "D", 400, headers),
        "lodged_day": _DAY + random.integers(0, 330, headers),
        "departure_country": _chosen(random, _COUNTRIES, headers),
        "importer_aeo": random.random(headers) < 0.1,
        "importer_declared_90": random.poisson(6, headers),
        "importer_irregular_365": random.poisson(1, headers),
        "invoice_amount": _amounts(random, 9, headers),
        "freight_share": random.beta(1, 9, headers),
    }
    codes = _chosen(random, _CODES, count)
    words = np.array(_WORDS)[random.integers(0, len(_WORDS), (count, 3))]
    lots = random.integers(0, 10**6, count)
    net = _amounts(random, 4, count)
    items: dict[str, NDArray[Any]] = {
        "hs_code": codes,
        "hs2": np.array([code[:2] for code in codes], object),
        "origin": _chosen(random, _COUNTRIES, count),
        "description": _described(words, lots),
        "net_mass": net,
        "gross_mass": (net * random.uniform(0.98, 1.3, count)).astype(np.int64),
        "customs_value": _amounts(random, 7, count),
        "unit_value_ratio": random.lognormal(0, 0.6, count),
        "unit_value_distance": random.normal(0, 1.5, count),
        "package_count": random.poisson(20, count),
        "origin_proof_code": _chosen(random, ["N954", "U110", "U112"], count),
        "price_is_zero": random.random(count) < 0.01,
    }
    columns = {name: values[of_header] for name, values in header.items()} | items
    missing = {
        "importer": 0.02,
        "freight_share": 0.3,
        "departure_country": 0.05,
        "unit_value_ratio": 0.2,
        "unit_value_distance": 0.2,
        "origin_proof_code": 0.4,
        "gross_mass": 0.1,
        "importer_aeo": 0.1,
    }
    table = {}
    for name in FEATURES:
        table[name] = columns[name].astype(object)
        if name in missing:
            share = random.random(headers)[of_header] if name in header else random.random(count)
            table[name][share < missing[name]] = None
    return table


def _described(words: NDArray[Any], lots: NDArray[Any]) -> NDArray[Any]:
    """Return descriptions of three words and a lot, which are nearly all different."""
    named = zip(words.tolist(), lots.tolist(), strict=True)
    return np.array([f"{' '.join(three)} LOT {lot}" for three, lot in named], object)


def _amounts(random: np.random.Generator, middle: float, count: int) -> NDArray[Any]:
    """Return amounts in millionths, to the hundredth."""
    return np.round(random.lognormal(middle, 1.5, count), 2).__mul__(1e6).astype(np.int64)


def _chosen(random: np.random.Generator, values: list[str], count: int) -> NDArray[Any]:
    """Return values of which the first are much more frequent than the last."""
    at = (len(values) * random.beta(0.7, 2, count)).astype(int)
    return np.array(values, object)[np.random.default_rng(7).permutation(len(values))[at]]


def _named(random: np.random.Generator, letter: str, values: int, count: int) -> NDArray[Any]:
    return _spelled(letter + "{:02}", random.integers(0, values, count))


def _spelled(form: str, numbers: NDArray[Any]) -> NDArray[Any]:
    return np.array([form.format(number) for number in numbers.tolist()], object)


def vectors(table: Table, items: int = 5) -> list[FeatureVector]:
    """Return the table as declarations of so many items; the header is that of the first item."""
    rows = len(next(iter(table.values())))
    columns: dict[str, list[Value]] = {name: values.tolist() for name, values in table.items()}
    empty: list[Value] = [None] * rows
    header = [columns.get(feature.name, empty) for feature in REGISTRY.header]
    of_item = [columns.get(feature.name, empty) for feature in REGISTRY.items]
    return [
        FeatureVector(
            header=tuple(column[first] for column in header),
            items=tuple(tuple(column[at] for column in of_item) for at in range(first, first + items)),
        )
        for first in range(0, rows - items + 1, items)
    ]
