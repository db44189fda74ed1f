"""The naive twin of history: every feature that rests on history, from the list of events, from scratch.

It shares no code with what it checks: no counters, no windows kept up to date, no retraction.  It
goes through the whole list for each value, so that each definition can be read in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.unit.core.history.events import Declared, Event
from tidewaiter.core.control import ControlResult, Outcome
from tidewaiter.core.declaration import Declaration, Item

Key = tuple[Any, ...]


def who(declaration: Declaration, role: str) -> Key | None:
    """Return identifier, or name and country, of the first party in *role*."""
    for party in declaration.parties:
        if party.role.value == role:
            if party.id is not None:
                return ("id", party.id)
            name = " ".join((party.name or "").upper().split())
            return ("name", name, party.country) if name else None
    return None


def both(*parts: object) -> Key | None:
    """Return the parts as one key, or None when one of them is missing."""
    return None if None in parts else parts


HEADER_KEYS: dict[str, Callable[[Declaration], Key | None]] = {
    "importer": lambda d: who(d, "importer"),
    "declarant": lambda d: who(d, "declarant"),
    "seller": lambda d: who(d, "seller"),
    "exporter": lambda d: who(d, "exporter"),
    "office": lambda d: both(d.office),
    "importer_declarant": lambda d: both(who(d, "importer"), who(d, "declarant")),
}
ITEM_KEYS: dict[str, Callable[[Declaration, Item], Key | None]] = {
    "goods": lambda d, i: None if i.net_mass_kg is None else (
        i.hs_code[:6], d.departure_country, i.origin, i.duty_rate_percent, i.duty_regime_code, i.net_mass_kg
    ),
    "hs6": lambda d, i: both(i.hs_code[:6]),
    "hs6_origin": lambda d, i: both(i.hs_code[:6], i.origin),
    "hs4_origin": lambda d, i: both(i.hs_code[:4], i.origin),
    "hs4_departure": lambda d, i: both(i.hs_code[:4], d.departure_country),
    "importer_hs4": lambda d, i: both(who(d, "importer"), i.hs_code[:4]),
    "declarant_hs4": lambda d, i: both(who(d, "declarant"), i.hs_code[:4]),
    "seller_hs4": lambda d, i: both(who(d, "seller"), i.hs_code[:4]),
    "importer_origin": lambda d, i: both(who(d, "importer"), i.origin),
}  # fmt: skip
PARTIES = ("importer", "declarant", "seller", "exporter")


@dataclass
class Known:
    """What is known at an instant: the latest version of each other declaration, and of each result."""

    today: int
    #: (original day, declaration).
    declared: list[tuple[int, Declaration]]
    #: (day it became known, result, declaration that was controlled).
    results: list[tuple[int, ControlResult, Declaration]]


def known_at(events: Sequence[Event], declaration: Declaration, at: datetime, source: str) -> Known:
    """Return what *events* let one know strictly before *at* that is not of *declaration* itself."""
    last = datetime.min.replace(tzinfo=UTC)
    latest: dict[tuple[str, str], tuple[int, Declaration]] = {}
    results: dict[tuple[str, str], list[tuple[datetime, ControlResult, Declaration]]] = {}
    for event in events:
        if isinstance(event, Declared):
            name = (event.source, event.declaration.id)
            if name in latest and latest[name][1].version >= event.declaration.version:
                continue
            last = max(last, event.at)
            latest[name] = (latest[name][0] if name in latest else last.toordinal(), event.declaration)
        else:
            known = (max(event.known_at, last), event.result, event.declaration)
            results.setdefault((event.source, event.result.id), []).append(known)
    now = max(at, last)
    others = [content for name, content in latest.items() if name != (source, declaration.id)]
    counting = []
    for versions in results.values():
        seen = sorted((known for known in versions if known[0] < now), key=lambda known: known[0])
        if seen:
            # max() keeps the first of equals: the same version again changes nothing.
            instant, result, controlled = max(seen, key=lambda known: known[1].version)
            counting.append((instant.toordinal(), result, controlled))
    return Known(now.toordinal(), others, counting)


def within(days: list[int], today: int, width: int | None) -> int:
    """Return how many of *days* lie in the window of *width* days that ends with *today*."""
    return sum(1 for day in days if width is None or today - width < day)


def outcome_of(result: ControlResult, item: Item) -> str:
    """Return what a result says about one item."""
    outcomes = [f.outcome for f in result.findings if f.item_number is None or f.item_number == item.number]
    if Outcome.IRREGULAR in outcomes:
        return "irregular"
    return "open" if Outcome.INCONCLUSIVE in outcomes else "compliant"


def teaches(result: ControlResult) -> bool:
    """Tell whether a result is conclusive."""
    outcomes = {finding.outcome for finding in result.findings}
    return Outcome.IRREGULAR in outcomes or Outcome.INCONCLUSIVE not in outcomes


def counts(
    name: str, key: Key | None, today: int, declared: list[int], judged: list[tuple[int, bool]]
) -> dict[str, Any]:
    """Return the features of one key: declared days, and days of results with whether irregular."""
    windows = (7, 30, 90, 365, None) if name in PARTIES else (365, None)
    found: dict[str, Any] = {}
    for width in windows:
        found[f"{name}_declared_{width or 'all'}"] = within(declared, today, width)
    found[f"{name}_days_since_first"] = today - min(declared) if declared else None
    for width in (90, 365, None):
        end = width or "all"
        found[f"{name}_inspected_{end}"] = within([day for day, _ in judged], today, width)
        found[f"{name}_irregular_{end}"] = within([day for day, bad in judged if bad], today, width)
    return found if key is not None else dict.fromkeys(found)


def header_features(known: Known, declaration: Declaration) -> dict[str, Any]:
    """Return the features of the header."""
    found: dict[str, Any] = {}
    days: dict[str, list[int]] = {}
    for name, key_of in HEADER_KEYS.items():
        key = key_of(declaration)
        days[name] = [day for day, other in known.declared if key_of(other) == key]
        judged = [
            (day, result.irregular)
            for day, result, controlled in known.results
            if teaches(result) and key_of(controlled) == key
        ]
        found |= counts(name, key, known.today, days[name], judged)
    importer, today = who(declaration, "importer"), known.today
    pair = both(importer, who(declaration, "declarant"))
    year = within(days["importer"], today, 365)
    share = within(days["importer_declarant"], today, 365) / year if year else None
    duty = sum(
        millionths(f.duty_effect) or 0
        for day, result, controlled in known.results
        if teaches(result) and who(controlled, "importer") == importer and known.today - 365 < day
        for f in result.findings
    )
    return found | {
        "importer_is_new": None if importer is None else not days["importer"],
        "declarant_share_of_importer": None if pair is None else share,
        "declarations_of_importer_today": None if importer is None else within(days["importer"], today, 1),
        "importer_duty_found_365": None if importer is None else duty,
    }


def item_features(known: Known, declaration: Declaration, item: Item) -> dict[str, Any]:
    """Return the features of one item."""
    found: dict[str, Any] = {}
    for name, key_of in ITEM_KEYS.items():
        key = key_of(declaration, item)
        days = [day for day, other in known.declared for each in other.items if key_of(other, each) == key]
        judged = [
            (day, outcome_of(result, each) == "irregular")
            for day, result, controlled in known.results
            if teaches(result)
            for each in controlled.items
            if key_of(controlled, each) == key and outcome_of(result, each) != "open"
        ]
        found |= counts(name, key, known.today, days, judged)
    goods = ITEM_KEYS["goods"]
    duty = sum(
        millionths(f.duty_effect) or 0
        for _, result, controlled in known.results
        if teaches(result)
        for each in controlled.items
        if goods(controlled, each) == goods(declaration, item)
        for f in result.findings
        if f.item_number == each.number or len(controlled.items) == 1
    )
    found["goods_duty_found_all"] = None if goods(declaration, item) is None else duty
    return found | unit_values(known, item) | unit_masses(known, item)


def millionths(value: Decimal | None) -> int | None:
    """Return a decimal in millionths."""
    return None if value is None else int(Fraction(value) * 10**6)


def per(value: Decimal | None, by: Decimal | None) -> int | None:
    """Return value / by in millionths, rounded down."""
    return None if value is None or not by else int(Fraction(value) / Fraction(by) * 10**6)


def steps() -> list[int]:
    """Return the lower ends of the steps of 3 %."""
    ends = [1]
    while ends[-1] < 10**21:
        ends.append(max(ends[-1] + 1, ends[-1] + ends[-1] * 3 // 100))
    return ends


ENDS = steps()


def step(value: int | None) -> int | None:
    """Return the step of a value."""
    return sum(1 for end in ENDS if end <= value) - 1 if value else None


def middle(values: list[int]) -> tuple[int, int]:
    """Return the median and the interquartile range of at least ten steps."""
    ranked, last = sorted(values), len(values) - 1
    return ranked[last // 2], ranked[3 * last // 4] - ranked[last // 4]


def unit_values(known: Known, item: Item) -> dict[str, Any]:
    """Return the features of the usual unit value."""
    own = per(item.customs_value, item.net_mass_kg)
    past = [
        (each, unit)
        for day, other in known.declared
        if known.today - 365 < day
        for each in other.items
        if (unit := step(per(each.customs_value, each.net_mass_kg))) is not None
    ]
    levels = {"hs6_origin": 6, "hs6": 6, "hs4": 4, "hs2": 2}
    for level, digits in levels.items():
        values = [
            unit
            for each, unit in past
            if each.hs_code[:digits] == item.hs_code[:digits]
            and (level != "hs6_origin" or (item.origin is not None and each.origin == item.origin))
        ]
        if len(values) >= 10:
            median, spread = middle(values)
            usual = (ENDS[median] + ENDS[median + 1]) // 2
            own_step = step(own)
            return {
                "unit_value_reference": usual / 10**6,
                "unit_value_ratio": None if own is None else own / usual,
                "unit_value_distance": None if own_step is None else away(own_step, median, spread),
                "unit_value_reference_count": len(values),
                "unit_value_reference_level": level,
            }
    parts = ("reference", "ratio", "distance", "reference_level")
    return {f"unit_value_{part}": None for part in parts} | {"unit_value_reference_count": 0}


def away(own: int, median: int, spread: int) -> float:
    """Return the robust distance of a step."""
    return (own - median) * 1.349 / max(spread, 3)


def unit_masses(known: Known, item: Item) -> dict[str, Any]:
    """Return the feature of the usual mass per supplementary unit."""
    values = [
        unit
        for day, other in known.declared
        if known.today - 365 < day
        for each in other.items
        if each.hs_code[:6] == item.hs_code[:6] and each.supplementary_unit == item.supplementary_unit
        if (unit := step(per(each.net_mass_kg, each.supplementary_quantity))) is not None
    ]
    own = step(per(item.net_mass_kg, item.supplementary_quantity))
    if own is None or item.supplementary_unit is None or len(values) < 10:
        return {"unit_mass_distance": None}
    return {"unit_mass_distance": away(own, *middle(values))}


def recompute(
    events: Sequence[Event], declaration: Declaration, at: datetime, source: str = ""
) -> dict[str, Any]:
    """Return every feature that rests on history: of the header, and of each item."""
    known = known_at(events, declaration, at, source)
    return {
        "header": header_features(known, declaration),
        "items": [item_features(known, declaration, item) for item in declaration.items],
    }
