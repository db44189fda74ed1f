"""Reasons: contributions and feature values in at most four true sentences for officers.

Contributions are gathered by what they speak of: the same goods, the record of a party, the unit
value, the commodity.  A topic becomes a reason only when its contributions together raise the score
and its sentence is true of the values.  A sentence gives the numbers behind it, never a threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tidewaiter.core.decision import Reason
from tidewaiter.core.features import REGISTRY, FeatureVector, Kind, Scope, Value
from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS
from tidewaiter.core.quantities import canonical
from tidewaiter.core.scoring.contract import Contribution
from tidewaiter.core.scoring.words import ITEM_PREFIX, SENTENCES, STATEMENTS, SUBJECTS

__all__ = ["REASONS_MAX", "model_reasons"]

#: More than four are not read.
REASONS_MAX: Final = 4

#: Log-odds below which a topic did not move the score enough to be told: 0.05 is one point of
#: probability at most.
_LEAST: Final = 0.05

#: Ages are told up to here: the general model tells none apart beyond.
_YOUNG_DAYS: Final = 90

_PARTIES: Final = frozenset({"importer", "declarant", "seller", "exporter"})

#: Topic -> features that speak of it, besides the feature that has the name of the topic.
_GATHERED: Final = {
    "unit-value": (
        "unit_value", "unit_value_ratio", "unit_value_distance", "unit_value_reference",
        "unit_value_reference_count", "unit_value_reference_level",
    ),
    "commodity": ("hs2", "hs4", "hs6", "hs_code"),
    "departure-not-origin": ("departure_differs_from_origin",),
    "customs_value": ("customs_value_magnitude",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reader:
    """The values of one item of one declaration."""

    vector: FeatureVector
    item: int

    def value(self, name: str) -> Value:
        """Return the value of feature *name*."""
        return REGISTRY.value(self.vector, name, self.item)

    def text(self, name: str) -> str:
        """Return the value of feature *name* as text, empty when it is missing."""
        value = self.value(name)
        return "" if value is None else str(value)

    def count(self, name: str) -> int:
        """Return the value of a count, 0 when it is missing."""
        value = self.value(name)
        return value if isinstance(value, int) else 0

    def reason(self, code: str, /, *, about_item: bool, **params: str | float) -> Reason:
        """Return the reason *code* with its sentence; the item is named where there are several."""
        several = about_item and len(self.vector.items) > 1
        if several:
            params["item"] = self.count("item_number")
        template = ITEM_PREFIX + SENTENCES[code] if several else SENTENCES[code]
        return Reason(code=code, params=params, text=template.format_map(params))


def model_reasons(vector: FeatureVector, contributions: Sequence[Contribution]) -> tuple[Reason, ...]:
    """Return at most four reasons, the one that raises the score most first.

    *contributions* are those of one item, in log-odds (positive: more suspicious).  Empty when
    nothing that can be told raises the score.
    """
    raised: dict[tuple[int, str], float] = {}
    for part in contributions:
        place = (part.item, _TOPICS.get(part.feature, part.feature))
        raised[place] = raised.get(place, 0.0) + part.log_odds
    found: dict[str, Reason] = {}
    for (item, topic), log_odds in sorted(raised.items(), key=lambda entry: -entry[1]):
        if log_odds < _LEAST or len(found) == REASONS_MAX:
            break
        reason = _told(topic, _Reader(vector, item))
        if reason is not None:
            found.setdefault(reason.text, reason)
    return tuple(found.values())


def _topics() -> dict[str, str]:
    """Return the topic of each feature that does not stand for itself."""
    topics = {name: topic for topic, names in _GATHERED.items() for name in names}
    for family in (*HEADER_KEYS, *ITEM_KEYS):
        for feature in REGISTRY:
            if not feature.name.startswith(f"{family.name}_"):
                continue
            rest = feature.name.removeprefix(f"{family.name}_")
            if rest.startswith(("inspected_", "irregular_")):
                topics[feature.name] = f"record:{family.name}"
            elif rest.startswith("declared_") or rest in {"days_since_first", "is_new"}:
                topics[feature.name] = f"age:{family.name}"
    return topics


_TOPICS: Final = _topics()


def _told(topic: str, read: _Reader) -> Reason | None:
    """Return the reason that tells *topic*, or None when it has no true sentence."""
    kind, _, key = topic.partition(":")
    if kind == "record":
        return _same_goods(read) if key == "goods" else _record(key, read)
    if kind == "age":
        return _age(key, read) if key in _PARTIES else None
    special = _SPECIAL.get(topic)
    return special(read) if special is not None else _feature(topic, read)


def _same_goods(read: _Reader) -> Reason | None:
    """Tell the record of the same goods; one no worse than usual is no reason."""
    inspected, irregular = read.count("goods_inspected_all"), read.count("goods_irregular_all")
    if not _worse_than_usual(inspected, irregular, read):
        return None
    return read.reason("same-goods", about_item=True, inspected=inspected, irregular=irregular)


def _record(key: str, read: _Reader) -> Reason | None:
    """Tell the record of a key that is worse than what is usual at the office."""
    inspected, irregular = read.count(f"{key}_inspected_all"), read.count(f"{key}_irregular_all")
    if not _worse_than_usual(inspected, irregular, read):
        return None
    names = ("hs6", "hs4", "origin", "departure_country")
    subject = SUBJECTS[key].format_map({name: read.text(name) for name in names})
    about_item = REGISTRY[f"{key}_irregular_all"].scope is Scope.ITEM
    return read.reason(
        "record", about_item=about_item, subject=subject, inspected=inspected, irregular=irregular
    )


def _worse_than_usual(inspected: int, irregular: int, read: _Reader) -> bool:
    """Tell whether a record is worse than that of the office as a whole: 1 in 147 warns of nothing."""
    usual = read.count("office_irregular_all") / max(1, read.count("office_inspected_all"))
    return irregular > usual * inspected


def _age(key: str, read: _Reader) -> Reason | None:
    """Tell how long and how much a party has declared."""
    declared, days = read.value(f"{key}_declared_all"), read.value(f"{key}_days_since_first")
    if not isinstance(declared, int):
        return None
    if not declared:
        return read.reason("new-trader", about_item=False, subject=SUBJECTS[key])
    if isinstance(days, int) and days <= _YOUNG_DAYS:
        return read.reason("young-trader", about_item=False, subject=SUBJECTS[key], days=days)
    return read.reason("often-declared", about_item=False, subject=SUBJECTS[key], count=declared)


def _unit_value(read: _Reader) -> Reason | None:
    """Tell a unit value that is at least a tenth below or above the usual."""
    ratio, value, usual = (read.value(n) for n in ("unit_value_ratio", "unit_value", "unit_value_reference"))
    if not (isinstance(ratio, float) and isinstance(value, float) and isinstance(usual, float)):
        return None
    if 0.9 < ratio < 1.1:
        return None
    percent = _figure(100.0 * ratio)
    return read.reason(
        "unit-value-low" if ratio < 1.0 else "unit-value-high",
        about_item=True,
        unit_value=_figure(value),
        percent=percent,
        usual=_figure(usual),
        count=read.count("unit_value_reference_count"),
    )


def _departure(read: _Reader) -> Reason | None:
    """Tell that the goods departed from another country than that of origin."""
    if read.value("departure_differs_from_origin") is not True:
        return None
    departure, origin = read.text("departure_country"), read.text("origin")
    return read.reason("departure-not-origin", about_item=True, departure=departure, origin=origin)


def _commodity(read: _Reader) -> Reason | None:
    """Tell the record of the commodity code, or the code itself where it has none."""
    told = _record("hs6", read)
    return told or read.reason(
        "commodity", about_item=True, code=read.text("hs_code"), chapter=read.text("hs2")
    )


_SPECIAL: Final[dict[str, Callable[[_Reader], Reason | None]]] = {
    "unit-value": _unit_value,
    "departure-not-origin": _departure,
    "commodity": _commodity,
}


def _feature(name: str, read: _Reader) -> Reason | None:
    """Tell a feature that has no sentence of its own, when it has a name that officers know."""
    feature, value, subject = REGISTRY[name], read.value(name), SUBJECTS.get(name)
    about_item = feature.scope is Scope.ITEM
    if isinstance(value, bool):
        statement = STATEMENTS.get((name, value))
        if statement is None:
            return None
        return read.reason("statement", about_item=about_item, statement=statement)
    if subject is None or value is None:
        return None
    if feature.kind is Kind.AMOUNT:
        unit = "%" if feature.unit == "percent" else feature.unit
        shown = canonical(Decimal(value) / 1_000_000)
        return read.reason("amount", about_item=about_item, subject=subject, value=shown, unit=unit)
    if isinstance(value, str):
        return read.reason("code", about_item=about_item, subject=subject, value=value)
    return read.reason("number", about_item=about_item, subject=subject, value=_figure(float(value)))


def _figure(value: float) -> str:
    """Return *value* to three figures, whole from 1000 on, without exponent.

    >>> _figure(148.26), _figure(12345.6), _figure(0.000012)
    ('148', '12346', '0.000012')
    """
    return str(round(value)) if abs(value) >= 1000.0 else canonical(Decimal(f"{value:.3g}"))
