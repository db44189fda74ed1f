"""Inspectors find what they are said to find, as often as they are said to, and no oftener."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import sqrt

import pytest

from tidewaiter.adapters.formats.json import read_control_result, write_control_result
from tidewaiter.core.control import ControlKind, ControlResult, Irregularity, Outcome
from tidewaiter.core.declaration import Declaration
from tidewaiter.demo import Truth, World
from tidewaiter.demo.inspectors import DETECTION, FALSE_POSITIVES, INCONCLUSIVE, Inspectorate

COPIES = 1_500
KINDS = tuple(ControlKind)


@pytest.fixture(scope="module")
def cases() -> tuple[World, dict[str | None, tuple[Declaration, Truth]]]:
    """Return a world and one declaration of each scheme (and a regular one, and one per error kind)."""
    world = World(seed=31, size=40_000)
    found: dict[str | None, tuple[Declaration, Truth]] = {}
    for declaration in world.declarations():
        truth = world.truth(declaration.id, declaration.version)
        found.setdefault(truth.scheme, (declaration, truth))
        if Irregularity.DOCUMENTS in truth.kinds:
            found.setdefault("documents", (declaration, truth))
    return world, found


def inspected(
    world: World,
    case: tuple[Declaration, Truth],
    kind: ControlKind,
    copies: int = COPIES,
    corrupt: str | None = None,
) -> Iterator[ControlResult]:
    """Yield the results of controls of *copies* of one declaration under different numbers."""
    inspectors = Inspectorate(world.country, 1, corrupt)
    declaration, truth = case
    for number in range(copies):
        copy = replace(declaration, id=f"{declaration.id[:6]}{number + 1:08d}")
        yield inspectors.inspect(copy, truth, kind, declaration.lodged_at)[0]


def expected(world: World, office: str, kind: Irregularity, control: ControlKind) -> float:
    inspectors = Inspectorate(world.country, 1)
    skill = sum(inspectors.skill(f"{office}-{n}") for n in range(1, 5)) / 4
    return skill * DETECTION[kind][KINDS.index(control)]


@pytest.mark.parametrize("control", list(ControlKind))
@pytest.mark.parametrize(
    ("scheme", "kind"),
    [
        ("undervaluation", Irregularity.UNDERVALUATION),
        ("false_origin", Irregularity.FALSE_ORIGIN),
        ("misclassification", Irregularity.MISCLASSIFICATION),
        ("quantity", Irregularity.QUANTITY),
        ("documents", Irregularity.DOCUMENTS),
    ],
)
def test_each_kind_is_found_with_its_probability(cases, scheme, kind, control) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    results = list(inspected(world, found[scheme], control))
    hits = sum(
        any(f.irregularity is kind and f.outcome is Outcome.IRREGULAR and f.found for f in result.findings)
        for result in results
    )
    chance = expected(world, found[scheme][0].office, kind, control)
    checked = kind in {finding.irregularity for finding in results[0].findings}
    chance = chance if checked else 0.0
    # Four standard deviations, and what false positives of the same kind add.
    tolerance = 4 * sqrt(chance * (1 - chance) / COPIES) + 2 * FALSE_POSITIVES
    assert hits / COPIES == pytest.approx(chance, abs=tolerance)


def test_false_positives_and_doubt_are_rare(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    results = list(inspected(world, found[None], ControlKind.EXAMINATION, 8_000))
    wrong = sum(result.irregular for result in results) / len(results)
    unclear = sum(not result.conclusive for result in results) / len(results)
    assert wrong == pytest.approx(FALSE_POSITIVES, abs=4 * sqrt(FALSE_POSITIVES / 8_000))
    assert unclear == pytest.approx(INCONCLUSIVE, abs=4 * sqrt(INCONCLUSIVE / 8_000))


def test_a_result_has_an_answer_for_every_risk_and_can_be_written(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    for case in found.values():
        for control in ControlKind:
            for result in inspected(world, case, control, 20):
                risks = {finding.irregularity for finding in result.findings}
                assert len(risks) >= 2
                assert result.declaration_version == case[0].version
                assert read_control_result(write_control_result(result)) == result


def test_the_duty_effect_is_the_evaded_duty_when_all_is_found(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    for scheme in ("undervaluation", "misclassification", "false_origin", "quantity", "corridor"):
        _, truth = found[scheme]
        effects = set()
        for result in inspected(world, found[scheme], ControlKind.EXAMINATION, 100):
            hits = {f.irregularity for f in result.findings if f.outcome is Outcome.IRREGULAR}
            assert result.duty_effect <= truth.evaded_duty + Decimal("0.01")
            if hits == truth.kinds:
                effects.add(result.duty_effect)
        assert effects == {truth.evaded_duty}, scheme


def test_findings_say_what_was_declared_and_what_was_found(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    declaration, truth = found["misclassification"]
    item = truth.items[0]
    finding = next(
        f
        for result in inspected(world, found["misclassification"], ControlKind.EXAMINATION, 50)
        for f in result.findings
        if f.item_number == item.number and f.irregularity is Irregularity.MISCLASSIFICATION
    )
    assert (finding.element, finding.declared, finding.found) == (
        "hs_code", declaration.items[item.number - 1].hs_code, item.hs_code,
    )  # fmt: skip


def test_results_arrive_hours_to_days_later_and_audits_weeks_later(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    inspectors, (declaration, truth) = Inspectorate(world.country, 1), found[None]
    medians = {}
    for control in ControlKind:
        delays = []
        for number in range(400):
            copy = replace(declaration, id=f"26PORT{number + 1:08d}")
            result, known_at = inspectors.inspect(copy, truth, control, declaration.lodged_at)
            assert declaration.lodged_at < result.ended_at < known_at
            delays.append(known_at - declaration.lodged_at)
        medians[control] = sorted(delays)[200]
    assert timedelta(hours=3) < medians[ControlKind.DOCUMENTARY] < timedelta(hours=12)
    assert timedelta(hours=12) < medians[ControlKind.EXAMINATION] < timedelta(days=2)
    assert timedelta(days=20) < medians[ControlKind.POST_CLEARANCE_AUDIT] < timedelta(days=45)


def test_an_inspection_does_not_depend_on_those_before_it(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    inspectors = Inspectorate(world.country, 1)
    queue = [found[scheme] for scheme in sorted(found, key=str)]
    forward = [inspectors.inspect(d, t, "examination", d.lodged_at) for d, t in queue]
    backward = [inspectors.inspect(d, t, "examination", d.lodged_at) for d, t in reversed(queue)]
    assert forward == backward[::-1]


def test_a_corrupt_officer_finds_nothing_in_the_ring_and_little_else(cases) -> None:  # type: ignore[no-untyped-def]
    world, found = cases
    for scheme, most in (("ring", 0.0), ("undervaluation", 0.35)):
        officer = f"{found[scheme][0].office}-1"
        results = list(inspected(world, found[scheme], ControlKind.EXAMINATION, 2_000, officer))
        own = [r for r in results if r.officer == officer]
        others = [r for r in results if r.officer != officer]

        def rate(of: list[ControlResult]) -> float:
            return sum(r.duty_effect > 1 for r in of) / len(of)

        assert len(own) > 300
        # Some false positives remain even with the officer who sells his results.
        assert rate(own) <= most + 3 * FALSE_POSITIVES
        assert rate(others) > 0.5


def test_inspections_of_a_world_are_those_of_its_seed() -> None:
    def results(seed: int) -> list[ControlResult]:
        world = World(seed=seed, size=2_000, days=30)
        return [world.inspect(d, "documents", d.lodged_at)[0] for d in world.declarations()]

    assert results(1) == results(1)
    assert [r.officer[-1] for r in results(1)[:60]] != [r.officer[-1] for r in results(2)[:60]]
