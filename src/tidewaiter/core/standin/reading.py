"""Reads a stand-in policy from plain data, and refuses one that would release without a limit."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.errors import Fault
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.plain import Reader, distinct, refuse
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.standin.policy import Cap, Floor, Policy, Rule

__all__ = ["policy_from_data"]

_RULES_MAX: Final = 200
_GOODS_MAX: Final = 2_000
_AMOUNT_MAX: Final = Decimal(10**15)
_DECLARATIONS_MAX: Final = 100_000
#: Below this a random floor measures nothing and deters nobody.
_PROBABILITY_MIN: Final = 0.001
#: What a rule may ask of a declaration.
_CONDITIONS: Final = ("flows", "aeo", "procedures", "goods", "goods_only", "value_max", "guaranteed")


def policy_from_data(data: object, lanes: Lanes) -> Policy:
    """Return the policy written in *data*, which names lanes of *lanes*.

    Raises:
        ConfigurationError: with every fault and its place: a lane that is none, a release without
            caps or without a condition, a lane that should control and does not.

    """
    faults: list[Fault] = []
    top = Reader(data, "", faults)
    otherwise = _control(top, "otherwise", lanes)
    floor = top.child("random_floor")
    drawn = Floor(
        lane=_control(floor, "lane", lanes),
        probability=floor.number("probability", at_least=_PROBABILITY_MIN, at_most=1),
    )
    floor.close()
    readers = top.children("rules", at_most=_RULES_MAX, required=False)
    rules = tuple(_rule(reader, lanes) for reader in readers)
    distinct(readers, "code", "rules")
    top.close()
    refuse("stand-in policy", faults)
    version = hashlib.sha256(canonical_json(data)).hexdigest()[:16]
    return Policy(version=version, otherwise=otherwise, floor=drawn, rules=rules)


def _rule(reader: Reader, lanes: Lanes) -> Rule:
    lane = reader.one_of("lane", lanes.codes)
    releases = lane in lanes and not lanes[lane].control
    if releases and not reader.has("cap"):
        reader.fault(
            "no-cap", "cap", "a rule that releases has caps",
            hint="Add `cap` with `declarations`, `amount` and `beyond`.",
        )  # fmt: skip
    if not any(reader.has(name) for name in _CONDITIONS):
        hint = f"State at least one of: {', '.join(_CONDITIONS)}."
        reader.fault("no-condition", None, "the rule is about every declaration", hint=hint)
    rule = Rule(
        code=reader.code("code"),
        lane=lane,
        reason=reader.text("reason", at_most=300),
        flows=frozenset(reader.choices("flows", TradeFlow, required=False)),
        aeo=reader.truth("aeo") if reader.has("aeo") else None,
        procedures=reader.texts("procedures", required=False),
        goods=reader.texts("goods", required=False, at_most=_GOODS_MAX),
        goods_only=reader.texts("goods_only", required=False, at_most=_GOODS_MAX),
        value_max=reader.decimal("value_max", at_most=_AMOUNT_MAX) if reader.has("value_max") else None,
        guaranteed=reader.truth("guaranteed") if reader.has("guaranteed") else False,
        cap=_cap(reader.child("cap"), lanes) if reader.has("cap") else None,
    )
    reader.close()
    return rule


def _cap(reader: Reader, lanes: Lanes) -> Cap:
    cap = Cap(
        declarations=reader.integer("declarations", at_least=0, at_most=_DECLARATIONS_MAX),
        amount=reader.decimal("amount", at_most=_AMOUNT_MAX),
        beyond=_control(reader, "beyond", lanes),
    )
    reader.close()
    return cap


def _control(reader: Reader, key: str, lanes: Lanes) -> str:
    """Return the lane at *key*, which must end in a control."""
    lane = reader.one_of(key, lanes.codes)
    if lane in lanes and not lanes[lane].control:
        reader.fault(
            "lane-releases", key, "this lane must end in a control", lane,
            hint="What is not assessed is released by a rule with caps only.",
        )  # fmt: skip
    return lane
