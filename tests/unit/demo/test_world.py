"""The world streams a year of customs that can be repeated, bounded, and asked for its truth."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest

from tidewaiter.adapters.formats.json import read_declaration, write_declaration
from tidewaiter.core.control import ControlKind
from tidewaiter.core.declaration import Declaration, TradeFlow
from tidewaiter.core.errors import NotFound
from tidewaiter.demo import SCHEMES, World


def stream(world: World, count: int | None = None) -> list[bytes]:
    return [write_declaration(declaration) for declaration in islice(world.declarations(), count)]


def disorder(declarations: Iterable[Declaration]) -> int:
    """Return how often a declaration was lodged before its predecessor."""
    last, found = datetime.min.replace(tzinfo=UTC), 0
    for declaration in declarations:
        found += declaration.lodged_at < last
        last = declaration.lodged_at
    return found


@pytest.fixture(scope="module")
def year() -> tuple[World, list[Declaration]]:
    world = World(seed=11, size=60_000)
    return world, list(world.declarations())


def test_same_seed_gives_the_same_stream_byte_for_byte() -> None:
    first = stream(World(seed=5, size=4_000, days=60))
    world = World(seed=5, size=4_000, days=60)
    assert stream(world) == first
    assert stream(world) == first, "a second run of the same world must begin anew"


def test_another_seed_gives_another_stream() -> None:
    assert stream(World(seed=5, size=2_000, days=60), 50) != stream(World(seed=6, size=2_000, days=60), 50)


def test_declarations_come_in_the_order_of_lodging(year: tuple[World, list[Declaration]]) -> None:
    world, declarations = year
    assert disorder(declarations) == 0
    begin = datetime.combine(world.start, time(), tzinfo=UTC)
    assert begin <= declarations[0].lodged_at
    assert declarations[-1].lodged_at < begin + timedelta(days=world.days)


def test_the_check_of_order_sees_two_declarations_changed_about(
    year: tuple[World, list[Declaration]],
) -> None:
    _, declarations = year
    assert disorder([declarations[0], declarations[-1], declarations[1]]) == 1


def test_sizes_and_shares_are_as_stated(year: tuple[World, list[Declaration]]) -> None:
    world, declarations = year
    originals = [d for d in declarations if d.version == 1]
    count = len(originals)
    sizes = Counter(len(d.items) for d in originals)
    assert sum(len(d.items) for d in originals) == pytest.approx(60_000, rel=0.08)
    assert sum(n for size, n in sizes.items() if size <= 5) / count > 0.85
    assert max(sizes) > 100
    assert max(sizes) <= 500
    assert sum(d.flow is TradeFlow.IMPORT for d in originals) / count == pytest.approx(0.85, abs=0.06)
    assert {d.flow for d in originals} == set(TradeFlow)
    assert 0.01 <= sum(d.version > 1 for d in declarations) / count <= 0.02
    assert 0.001 <= sum(int(d.id[6:]) > 50_000_000 for d in originals) / count <= 0.006
    assert sum(world.truth(d.id).irregular for d in originals) / count == pytest.approx(0.04, abs=0.008)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.08])
def test_the_irregular_share_follows_its_parameter(share: float) -> None:
    world = World(seed=3, size=30_000, irregular_share=share)
    found = [world.truth(d.id).irregular for d in world.declarations()]
    assert sum(found) / len(found) == pytest.approx(share, rel=0.3)


def test_the_country_has_what_a_customs_officer_expects(year: tuple[World, list[Declaration]]) -> None:
    _, declarations = year
    items = [item for d in declarations for item in d.items]
    assert len({item.hs_code[:6] for item in items}) > 350
    assert any(item.hs_code.startswith("0") for item in items), "leading zeros are kept"
    assert any(item.origin == "NA" for item in items), "Namibia trades"
    assert {d.office for d in declarations} == {"PORT", "AIRP", "LAND", "RAIL", "POST", "DRYP"}
    rates = {item.duty_rate_percent for item in items if item.duty_rate_percent is not None}
    assert min(rates) == 0
    assert max(rates) == 40
    assert {item.duty_regime_code for item in items} == {"A", "P1", "P2", None}
    papers = {paper.type_code for d in declarations for paper in d.documents}
    papers |= {paper.type_code for item in items for paper in item.documents}
    assert {"380", "705", "861", "954", "911"} <= papers
    assert any(party.aeo for d in declarations for party in d.parties)
    assert any(len(d.transport.container_ids) > 1 for d in declarations)


def test_offices_that_close_at_night_get_no_declarations_at_night(
    year: tuple[World, list[Declaration]],
) -> None:
    _, declarations = year
    night = {
        d.office for d in declarations if d.version == 1 and d.lodged_at.hour < 6 and int(d.id[6:]) < 5e7
    }
    assert night
    assert night.isdisjoint({"PORT", "DRYP"})


def test_weekends_are_quieter_than_weekdays(year: tuple[World, list[Declaration]]) -> None:
    _, declarations = year
    weekdays = Counter(d.lodged_at.weekday() for d in declarations)
    assert max(weekdays[5], weekdays[6]) * 2 < min(weekdays[day] for day in range(5))


def test_declarations_are_valid_by_the_types_of_the_core(year: tuple[World, list[Declaration]]) -> None:
    # Reading checks each code, amount and number of items; the round trip is exact.
    for declaration in year[1][::15]:
        assert read_declaration(write_declaration(declaration)) == declaration


def test_item_numbers_have_no_gaps_and_totals_are_those_of_the_items(
    year: tuple[World, list[Declaration]],
) -> None:
    for declaration in year[1][::5]:
        assert [item.number for item in declaration.items] == list(range(1, len(declaration.items) + 1))
        assert declaration.gross_mass_kg == sum(item.gross_mass_kg or 0 for item in declaration.items)


def test_an_amendment_changes_the_declaration_and_not_its_truth(
    year: tuple[World, list[Declaration]],
) -> None:
    world, declarations = year
    first = {d.id: d for d in declarations if d.version == 1}
    amended = [d for d in declarations if d.version == 2]
    assert amended
    for declaration in amended:
        before = first[declaration.id]
        assert before.lodged_at < declaration.lodged_at <= before.lodged_at + timedelta(days=3)
        assert (before.items, before.package_count) != (declaration.items, declaration.package_count)
        assert world.truth(declaration.id, 2).items == world.truth(declaration.id, 1).items


def test_a_resubmission_is_the_same_consignment_under_a_new_number(
    year: tuple[World, list[Declaration]],
) -> None:
    world, declarations = year
    first = {d.id: d for d in declarations if d.version == 1}
    again = [d for d in declarations if int(d.id[6:]) > 50_000_000]
    assert again
    for declaration in again:
        before = first[f"{declaration.id[:6]}{int(declaration.id[6:]) - 50_000_000:08d}"]
        assert declaration.transport == before.transport
        assert declaration.items == before.items
        assert world.truth(declaration.id).items == world.truth(before.id).items


@pytest.mark.parametrize(
    ("text", "version"),
    [("26PORT99999999", 1), ("nonsense", 1), ("26PORT00000000", 1), ("26PORT00000001", 3)],
)
def test_truth_of_what_was_never_lodged_is_not_found(
    year: tuple[World, list[Declaration]], text: str, version: int
) -> None:
    with pytest.raises(NotFound, match="declaration"):
        year[0].truth(text, version)


def test_what_is_not_lodged_yet_has_no_truth_yet() -> None:
    world = World(seed=2, size=3_000, days=30)
    run = world.declarations()
    first = next(run)
    world.truth(first.id)
    with pytest.raises(NotFound, match="so far"):
        world.truth(f"{first.id[:6]}00000500")


def test_what_was_missed_is_all_when_nothing_was_controlled(year: tuple[World, list[Declaration]]) -> None:
    world, declarations = year
    accounts = world.missed({d.id: "release" for d in declarations})
    assert [account.scheme for account in accounts] == [scheme.name for scheme in SCHEMES]
    irregular = [d for d in declarations if d.version == 1 and world.truth(d.id).irregular]
    again = sum(int(d.id[6:]) > 50_000_000 for d in irregular)
    assert sum(account.irregular for account in accounts) == len(irregular) - again
    assert all(account.missed == account.irregular for account in accounts)
    assert all(account.missed_duty == account.evaded_duty for account in accounts)


def test_what_inspectors_found_is_not_missed() -> None:
    world = World(seed=4, size=10_000)
    decisions, found = {}, 0
    for declaration in world.declarations():
        lane = "examination" if declaration.office == "PORT" else "release"
        decisions[declaration.id] = lane
        if lane == "examination" and declaration.version == 1 and int(declaration.id[6:]) < 50_000_000:
            result, known_at = world.inspect(declaration, lane, declaration.lodged_at)
            assert known_at > result.ended_at > declaration.lodged_at
            found += result.irregular and world.truth(declaration.id).irregular
    accounts = world.missed(decisions)
    assert sum(account.found for account in accounts) == found > 0
    assert all(account.found <= account.controlled <= account.irregular for account in accounts)
    assert sum(caught for account in accounts for _, caught in account.weeks.values()) == found
    assert all(sum(n for n, _ in account.weeks.values()) == account.irregular for account in accounts)


def test_a_lane_without_a_control_cannot_be_inspected() -> None:
    world = World(seed=4, size=2_000, days=30)
    declaration = next(world.declarations())
    with pytest.raises(ValueError, match="release"):
        world.inspect(declaration, "release", declaration.lodged_at)
    assert world.inspect(declaration, ControlKind.SCAN, declaration.lodged_at)[0].kind is ControlKind.SCAN


@pytest.mark.parametrize("wrong", [{"size": 0}, {"days": 0}, {"irregular_share": 0.5}])
def test_a_world_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="size and days"):
        World(**wrong)  # type: ignore[arg-type]


def peak_megabytes(size: int, keep: bool) -> float:
    """Return the highest memory, MB, that the last third of a stream of *size* items adds."""
    # A short and busy period: whole days are far larger than a slice.
    world = World(seed=8, size=size, days=20, start=date(2026, 3, 2))
    untraced = int(world.expected * 2 / 3)
    kept = []
    for position, declaration in enumerate(world.declarations()):
        if position == untraced:
            gc.collect()
            tracemalloc.start()
        if keep:
            kept.append(declaration)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def test_memory_stays_bounded_over_a_hundred_thousand_items() -> None:
    # A slice in columns, its truth, and amendments that wait are some 4 MB; what is streamed is 40 MB.
    assert peak_megabytes(100_000, keep=False) < 12


def test_the_bound_of_memory_would_see_a_stream_that_keeps_what_it_made() -> None:
    assert peak_megabytes(45_000, keep=True) > 12
