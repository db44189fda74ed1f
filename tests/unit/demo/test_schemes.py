"""Each scheme is there, its truth fits what was declared, and the new one begins when it should."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tidewaiter.core.control import Irregularity
from tidewaiter.core.declaration import Declaration, Item, PartyRole
from tidewaiter.demo import SCHEMES, ItemTruth, Truth, World
from tidewaiter.demo.schemes import CORRIDOR_DEPARTURE

Year = tuple[World, list[tuple[Declaration, Truth]], Counter[str]]

SIZE = 110_000
#: What each scheme does.
KINDS = {
    "undervaluation": {Irregularity.UNDERVALUATION},
    "misclassification": {Irregularity.MISCLASSIFICATION},
    "false_origin": {Irregularity.FALSE_ORIGIN},
    "quantity": {Irregularity.QUANTITY},
    "ring": {Irregularity.UNDERVALUATION},
    "phoenix": {Irregularity.UNDERVALUATION},
    "adaptive": {Irregularity.UNDERVALUATION},
    "corridor": {Irregularity.MISCLASSIFICATION},
    "error": {Irregularity.DOCUMENTS, Irregularity.MISCLASSIFICATION, Irregularity.QUANTITY},
}


def duty(item: Item) -> Decimal:
    """Return the duty that follows from what the item declares."""
    rate, value = item.duty_rate_percent or Decimal(0), item.customs_value or Decimal(0)
    return (value * rate / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def contradictions(declaration: Declaration, truth: Truth) -> list[str]:
    """Return what in the truth does not fit the declaration."""
    return [said for item in truth.items for said in _item(declaration.items[item.number - 1], item, truth)]


def _item(declared: Item, true: ItemTruth, truth: Truth) -> list[str]:
    facts = {
        "value is not above what was declared": (
            Irregularity.UNDERVALUATION in true.kinds and not true.customs_value > declared.customs_value
        ),
        "code is the declared one": (
            Irregularity.MISCLASSIFICATION in true.kinds and true.hs_code == declared.hs_code
        ),
        "origin is the declared one": Irregularity.FALSE_ORIGIN in true.kinds
        and true.origin == declared.origin,
        "mass is the declared one": (
            Irregularity.QUANTITY in true.kinds and true.net_mass_kg == declared.net_mass_kg
        ),
        "nothing evaded": truth.scheme != "error" and true.evaded_duty <= 0,
        "negative evasion": true.evaded_duty < 0,
        "kind of another scheme": not true.kinds <= KINDS[str(truth.scheme)],
        "no kind": not true.kinds,
    }
    return [said for said, wrong in facts.items() if wrong]


@pytest.fixture(scope="module")
def year() -> Year:
    """Return a world after its year, its irregular declarations, and counts of all declarations."""
    world = World(seed=21, size=SIZE)
    irregular, counts = [], Counter[str]()
    for declaration in world.declarations():
        truth = world.truth(declaration.id, declaration.version)
        if truth.irregular:
            irregular.append((declaration, truth))
        importer = declaration.party(PartyRole.IMPORTER)
        counts["all"] += 1
        counts["wrong duty"] += declaration.version == 1 and any(
            item.duty_amount != duty(item) for item in declaration.items if item.duty_amount is not None
        )
        counts["irregular operator"] += bool(
            importer and importer.aeo and truth.irregular and truth.scheme != "error"
        )
    return world, irregular, counts


def test_every_scheme_is_there_with_its_share(year: Year) -> None:
    _, irregular, _ = year
    found = Counter(truth.scheme for _, truth in irregular)
    for scheme in SCHEMES:
        # The new scheme runs for half of the year.  A scheme is a handful of traders, so its share
        # moves: three standard deviations of a count of 60 and more are below a half.
        share = scheme.share * (0.5 if scheme.name == "corridor" else 1)
        assert found[scheme.name] / len(irregular) == pytest.approx(share, rel=0.5), scheme.name


def test_the_truth_fits_what_was_declared(year: Year) -> None:
    for declaration, truth in year[1]:
        assert contradictions(declaration, truth) == [], (declaration.id, truth)


@pytest.mark.parametrize("scheme", ["undervaluation", "misclassification", "false_origin", "quantity"])
def test_the_check_of_truth_sees_a_declaration_that_is_true(year: Year, scheme: str) -> None:
    declaration, truth = next(pair for pair in year[1] if pair[1].scheme == scheme)
    true = truth.items[0]
    items = list(declaration.items)
    items[true.number - 1] = replace(
        items[true.number - 1], customs_value=true.customs_value, hs_code=true.hs_code, origin=true.origin,
        net_mass_kg=true.net_mass_kg,
    )  # fmt: skip
    assert contradictions(replace(declaration, items=tuple(items)), truth)


def test_duty_is_value_times_rate_everywhere(year: Year) -> None:
    assert year[2]["wrong duty"] == 0


def test_authorised_operators_err_and_do_not_cheat(year: Year) -> None:
    assert year[2]["irregular operator"] == 0


def test_evaded_duty_is_true_duty_less_declared_duty(year: Year) -> None:
    world, irregular, _ = year
    rates = {line.code: Decimal(str(line.rate_percent)) for line in world.country.tariff}
    checked = 0
    for declaration, truth in irregular:
        for item in truth.items:
            # Only schemes without preference can be computed from the tariff alone.
            if truth.scheme == "error" or item.preference:
                continue
            due = (item.customs_value * rates[item.hs_code] / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert item.evaded_duty == due - (declaration.items[item.number - 1].duty_amount or 0)
            checked += 1
    assert checked > 500


def test_the_new_scheme_is_absent_before_its_start(year: Year) -> None:
    world, irregular, _ = year
    days = [(d.lodged_at.date() - world.start).days for d, truth in irregular if truth.scheme == "corridor"]
    assert min(days) >= world.new_scheme_day
    assert min(days) < world.new_scheme_day + 14, "it begins soon after"


def test_the_new_scheme_can_start_on_another_day() -> None:
    world = World(seed=9, size=40_000, new_scheme_day=300)
    for declaration in world.declarations():
        if world.truth(declaration.id, declaration.version).scheme == "corridor":
            assert (declaration.lodged_at.date() - world.start).days >= 300
    account = next(account for account in world.missed({}) if account.scheme == "corridor")
    assert account.irregular > 0
    assert min(account.weeks) >= 300 // 7


def test_the_new_corridor_has_its_heading_its_departure_and_new_sellers(year: Year) -> None:
    corridor = [(d, truth) for d, truth in year[1] if truth.scheme == "corridor"]
    sellers = {d.party_id(PartyRole.SELLER) for d, _ in corridor}
    assert {d.departure_country for d, _ in corridor} == {CORRIDOR_DEPARTURE}
    assert {d.items[item.number - 1].hs_code[:4] for d, truth in corridor for item in truth.items} == {"6406"}
    assert {item.hs_code[:4] for _, truth in corridor for item in truth.items} == {"6403"}
    assert len(sellers) <= len({d.party_id(PartyRole.IMPORTER) for d, _ in corridor})
    others = {
        d.party_id(PartyRole.SELLER) for d, truth in year[1] if truth.scheme not in {"corridor", "error"}
    }
    assert sellers.isdisjoint(others)


def test_a_ring_has_one_style_and_few_brokers(year: Year) -> None:
    ring = [(d, truth) for d, truth in year[1] if truth.scheme == "ring" and d.version == 1]
    brokers = Counter(d.party_id(PartyRole.DECLARANT) for d, _ in ring)
    assert len(brokers) == 3 * len(year[0].plot.ring_brokers)
    assert {d.delivery_terms_code for d, _ in ring} == {"EXW"}
    for declaration, truth in ring:
        for item in truth.items:
            declared = declaration.items[item.number - 1]
            unit = declared.customs_value / declared.net_mass_kg
            assert unit == pytest.approx(round(unit), abs=0.06), "prices per kg are whole numbers"


def test_misclassified_goods_stay_in_their_neighbourhood_and_pay_less(year: Year) -> None:
    world, irregular, _ = year
    rates = {line.code: line.rate_percent for line in world.country.tariff}
    for declaration, truth in irregular:
        for item in truth.items:
            declared = declaration.items[item.number - 1].hs_code
            if truth.scheme == "misclassification":
                assert declared[:2] == item.hs_code[:2]
                assert rates[declared] <= rates[item.hs_code] - 5


def test_false_origin_claims_a_preference_with_its_paper(year: Year) -> None:
    for declaration, truth in year[1]:
        if truth.scheme == "false_origin":
            for item in truth.items:
                declared = declaration.items[item.number - 1]
                assert declared.duty_regime_code in {"P1", "P2"}
                assert not item.preference
                assert any(paper.type_code in {"861", "954"} for paper in declared.documents)


def test_low_prices_are_also_honest() -> None:
    # Among the lowest tenth of unit values of the usual price, most declarations are in order:
    # the truth cannot be read off the unit value alone.
    world = World(seed=22, size=40_000)
    usual = {line.code: float(line.price_per_kg) for line in world.country.tariff}
    ratios = []
    for declaration in world.declarations():
        irregular = {item.number for item in world.truth(declaration.id, declaration.version).items}
        for item in declaration.items:
            if item.net_mass_kg and item.customs_value and item.duty_amount:
                unit = float(item.customs_value / item.net_mass_kg)
                ratios.append((unit / usual[item.hs_code], item.number in irregular))
    ratios.sort()
    lowest = [irregular for _, irregular in ratios[: len(ratios) // 10]]
    assert 0.05 < sum(lowest) / len(lowest) < 0.5


def test_new_traders_err_more_often() -> None:
    world = World(seed=23, size=70_000, irregular_share=0.15)
    first: dict[str, int] = {}
    errors, counts = Counter[bool](), Counter[bool]()
    for declaration in world.declarations():
        importer = declaration.party_id(PartyRole.IMPORTER)
        if importer is None:
            continue
        day = (declaration.lodged_at.date() - world.start).days
        begun = first.setdefault(importer, day)
        new = begun > 60 and day - begun < 30
        counts[new] += 1
        errors[new] += world.truth(declaration.id, declaration.version).scheme == "error"
    assert errors[True] / counts[True] > 1.8 * errors[False] / counts[False]


def test_a_missing_paper_is_the_licence_or_the_proof_of_origin_or_the_invoice(year: Year) -> None:
    world, irregular, _ = year
    licensed = {line.code for line in world.country.tariff if line.licensed}
    missing = Counter[str]()
    effects = Counter[tuple[bool, bool]]()
    for declaration, truth in irregular:
        if truth.kinds == {Irregularity.DOCUMENTS}:
            item = declaration.items[0]
            papers = {paper.type_code for paper in item.documents}
            header = {paper.type_code for paper in declaration.documents}
            if item.hs_code in licensed and declaration.flow != "transit":
                missing["licence"] += 1
                assert "911" not in papers
                assert truth.evaded_duty == 0
            elif item.duty_regime_code in {"P1", "P2"}:
                missing["proof"] += 1
                assert papers.isdisjoint({"861", "954"})
                # The preference is refused, so the full rate is due.
                result = world.inspect(declaration, "documents", declaration.lodged_at)[0]
                dutiable = declaration.flow == "import" and truth.evaded_duty > 0
                effects[dutiable, result.duty_effect > 0] += 1
                assert result.duty_effect in {0, truth.evaded_duty}
            else:
                missing["invoice"] += 1
                assert "380" not in header
    assert len(missing) == 3
    assert effects[True, True] > effects[True, False]
    assert not effects[False, True]
