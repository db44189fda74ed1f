"""The stand-in policy: what it never releases, its caps, and its draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import trade
from tests.fakes.site import DRAW_KEY, starter_bodies
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Declaration, Guarantee, Party, PartyRole, TradeFlow
from tidewaiter.core.draw import draw, tickets_of
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.selection.lanes import lanes_from_data
from tidewaiter.core.standin import Policy, StandIn, Usage, policy_from_data, stand_in, trader_of

LANES = lanes_from_data(starter_bodies()["lanes"])
DAY = date(2026, 6, 1)
CAP = {"declarations": 2, "amount": "1000", "beyond": "documents"}


def data(**changes: Any) -> dict[str, Any]:
    trusted = {"code": "trusted", "lane": "release", "aeo": True, "cap": CAP, "reason": "Trusted."}
    arms = {"code": "arms", "lane": "examination", "goods": ["93"], "reason": "Arms."}
    made: dict[str, Any] = {
        "otherwise": "documents",
        "random_floor": {"lane": "examination", "probability": 0.001},
        "rules": [trusted, arms],
    }
    return made | changes


def policy(**changes: Any) -> Policy:
    return policy_from_data(data(**changes), LANES)


def declared(
    number: int = 1, *, aeo: bool = True, hs: str = "6109", value: str | None = "400", **changes: Any
) -> Declaration:
    party = Party(role=PartyRole.IMPORTER, id=Identifier("T1"), aeo=aeo)
    amount = None if value is None else Decimal(value)
    goods = trade.item(1, heading=hs, number=number, customs_value=amount)
    return trade.declaration(number, **{"parties": (party,), "items": (goods,)} | changes)


def answered(declaration: Declaration, under: Policy | None = None, usage: Usage | None = None) -> StandIn:
    return stand_in(
        under or policy(), declaration, lanes=LANES, usage=usage or Usage(), day=DAY,
        keys={DRAW_KEY.id: DRAW_KEY}, tickets=tickets_of(declaration, key_id=DRAW_KEY.id),
        plan_id="starter", draws="1",
    )  # fmt: skip


def test_a_rule_that_releases_is_followed_and_counted() -> None:
    assert answered(declared()) == StandIn(
        lane="release", rule="trusted", reason="Trusted.", counted=("trusted",)
    )


def test_what_no_rule_is_about_gets_a_control() -> None:
    assert answered(declared(aeo=False)).lane == "documents"


def test_the_strictest_rule_counts_whatever_the_order() -> None:
    arms = declared(hs="9301")
    forward, backward = policy(), policy(rules=data()["rules"][::-1])
    assert answered(arms, forward).lane == answered(arms, backward).lane == "examination"


def test_an_amendment_is_never_released() -> None:
    told = answered(replace(declared(), version=2))
    assert (told.lane, told.rule) == ("documents", "amendment")


@pytest.mark.parametrize(
    "changes",
    [{"value": None}, {"value": "1001"}, {"parties": (Party(role=PartyRole.IMPORTER, aeo=True),)}],
    ids=["no value", "too much", "no trader"],
)
def test_what_a_cap_cannot_count_is_beyond_it(changes: dict[str, Any]) -> None:
    told = answered(declared(**changes))
    assert (told.lane, told.rule, told.counted) == ("documents", "beyond:trusted", ())


def test_caps_count_number_and_amount_and_begin_anew_each_day() -> None:
    usage, rule = Usage(), policy().rules[0]
    usage.count(("trusted",), declared(value="400"), DAY)
    assert usage.fits(rule, declared(value="600"), DAY)
    assert not usage.fits(rule, declared(value="601"), DAY)
    usage.count(("trusted",), declared(value="1"), DAY)
    assert not usage.fits(rule, declared(value="1"), DAY)
    assert usage.fits(rule, declared(value="1"), DAY.replace(day=2))
    usage.count(("trusted",), declared(value="1"), DAY.replace(day=2))
    assert usage.fits(rule, declared(value="1"), DAY.replace(day=2))


@given(
    st.lists(st.tuples(st.integers(0, 1500), st.booleans(), st.sampled_from(["6109", "9301"])), max_size=30)
)
def test_no_more_is_released_than_the_caps_allow(shipments: list[tuple[int, bool, str]]) -> None:
    usage, under, released = Usage(), policy(), []
    for number, (value, aeo, hs) in enumerate(shipments):
        declaration = declared(number, aeo=aeo, hs=hs, value=str(value))
        told = answered(declaration, under, usage)
        usage.count(told.counted, declaration, DAY)
        if not LANES[told.lane].control:
            assert aeo
            assert hs == "6109"
            released.append(value)
    assert len(released) <= CAP["declarations"]  # type: ignore[operator]
    assert sum(released) <= 1000


@given(st.integers(1, 3000))
def test_the_floor_draws_what_a_normal_assessment_draws(number: int) -> None:
    declaration = declared(number)
    drawn = draw(
        {DRAW_KEY.id: DRAW_KEY}, tickets=tickets_of(declaration, key_id=DRAW_KEY.id), plan_id="starter",
        draws="1", probability=0.3, domain="random_floor",
    )  # fmt: skip
    told = answered(declaration, policy(random_floor={"lane": "examination", "probability": 0.3}))
    assert (told.lane == "examination") is drawn.hit
    assert (told.rule == "random") is drawn.hit


def test_every_condition_of_a_rule_must_hold() -> None:
    def lane(rule: dict[str, Any], **changes: Any) -> str:
        written = {"code": "one", "lane": "scan", "reason": "So."} | rule
        return answered(declared(**changes), policy(rules=[written])).lane

    assert lane({"flows": ["import"]}) == "scan"
    assert lane({"flows": ["export"]}) == "documents"
    assert lane({"procedures": ["40"]}) == "scan"
    assert lane({"procedures": ["51"]}) == "documents"
    assert lane({"goods_only": ["61"]}) == "scan"
    mixed = (trade.item(1, heading="6109"), trade.item(2, heading="8517"))
    assert lane({"goods_only": ["61"]}, items=mixed) == "documents"
    assert lane({"goods": ["85"]}, items=mixed) == "scan"
    assert lane({"value_max": "400"}) == "scan"
    assert lane({"value_max": "399"}) == "documents"
    assert lane({"value_max": "400"}, value=None) == "documents"
    assert lane({"aeo": False}) == "documents"


def test_a_guarantee_covers_the_duty_that_every_item_declares() -> None:
    written = {"code": "one", "lane": "scan", "reason": "So.", "guaranteed": True}

    def lane(duty: str | None, *amounts: str) -> str:
        amount = None if duty is None else Decimal(duty)
        declaration = declared(
            items=(trade.item(1, duty_amount=amount),),
            guarantees=tuple(Guarantee(amount=Decimal(each)) for each in amounts),
        )
        return answered(declaration, policy(rules=[written])).lane

    assert lane("10", "6", "4") == "scan"
    assert lane("10", "6", "3") == "documents"
    assert lane(None, "100") == "documents"
    assert lane("0") == "documents"


def test_the_trader_follows_the_flow() -> None:
    parties = tuple(
        Party(role=role, id=Identifier(role.value))
        for role in (PartyRole.IMPORTER, PartyRole.EXPORTER, PartyRole.DECLARANT)
    )
    named = [trader_of(declared(flow=flow, parties=parties)) for flow in TradeFlow]
    assert named == ["importer", "exporter", "declarant"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"otherwise": "release"}, "lane-releases"),
        ({"random_floor": {"lane": "release", "probability": 0.01}}, "lane-releases"),
        ({"random_floor": {"lane": "scan", "probability": 0}}, "number-range"),
        ({"rules": [{"code": "all", "lane": "release", "aeo": True, "reason": "So."}]}, "no-cap"),
        ({"rules": [{"code": "all", "lane": "scan", "reason": "So."}]}, "no-condition"),
        ({"rules": [{"code": "all", "lane": "purple", "aeo": True, "reason": "So."}]}, "unknown-word"),
        ({"rules": [data()["rules"][0] | {"cap": CAP | {"beyond": "release"}}]}, "lane-releases"),
        ({"rules": [data()["rules"][0] | {"aeo_only": True}]}, "unknown-key"),
        ({"rules": data()["rules"] * 2}, "code-twice"),
    ],
)  # fmt: skip
def test_a_policy_that_could_release_without_limit_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        policy(**changes)
    assert code in {fault.code for fault in refused.value.faults}
