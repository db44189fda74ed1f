"""Cheats learn from what is reported to them, and from nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from statistics import mean

from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.core.declaration import Declaration, PartyRole
from tidewaiter.demo import Truth, World
from tidewaiter.demo.adaptation import DEPTH_FIRST, DEPTH_LEAST

SIZE = 60_000
Report = Callable[[World, Declaration, Truth], None]
Found = dict[str, list[tuple[Declaration, Truth]]]


def hidden(declaration: Declaration, truth: Truth) -> float:
    """Return the share of the value that is hidden in the first irregular item, 0 to 1."""
    item = truth.items[0]
    return float(1 - (declaration.items[item.number - 1].customs_value or 0) / item.customs_value)


@cache
def run(report: Report, size: int = SIZE) -> tuple[World, Found]:
    """Return a world after a year in which *report* saw every declaration, and who followed which scheme."""
    world, found = World(seed=41, size=size), defaultdict(list)
    for declaration in world.declarations():
        truth = world.truth(declaration.id, declaration.version)
        report(world, declaration, truth)
        if truth.scheme is not None and declaration.version == 1:
            found[truth.scheme].append((declaration, truth))
    return world, found


def nothing(world: World, declaration: Declaration, truth: Truth) -> None:
    """Report nothing."""


def catch_cheats(world: World, declaration: Declaration, truth: Truth) -> None:
    """Report that cheats are examined and all else is released; examine the phoenixes."""
    world.observe_lane(declaration.id, "examination" if truth.scheme == "adaptive" else "release")
    if truth.scheme == "phoenix" and declaration.version == 1:
        world.inspect(declaration, "examination", declaration.lodged_at)


def release_all(world: World, declaration: Declaration, truth: Truth) -> None:
    """Report that everything is released."""
    world.observe_lane(declaration.id, "release")


def traffic(found: Found) -> dict[tuple[object, object], set[str]]:
    """Return the offices that each importer of an adaptive broker uses for each of its sellers."""
    offices: dict[tuple[object, object], set[str]] = defaultdict(set)
    for declaration, _ in found["adaptive"]:
        pair = (declaration.party_id(PartyRole.IMPORTER), declaration.party_id(PartyRole.SELLER))
        offices[pair].add(declaration.office)
    return offices


def test_adaptive_brokers_hide_less_when_they_are_selected() -> None:
    world, found = run(catch_cheats)
    early = mean(hidden(*pair) for pair in found["adaptive"][:3])
    late = mean(hidden(*pair) for pair in found["adaptive"][-15:])
    assert early > 0.35
    assert late < 0.6 * early
    assert (world.adaptation.morning(365).depth[world.plot.adaptive_brokers] < DEPTH_FIRST).all()


def test_adaptive_brokers_move_to_another_office_when_they_are_selected() -> None:
    loud, quiet = traffic(run(catch_cheats)[1]), traffic(run(nothing)[1])
    assert any(len(offices) > 1 for offices in loud.values())
    assert all(len(offices) == 1 for offices in quiet.values())


def test_without_reports_nobody_changes() -> None:
    world, found = run(nothing)
    assert mean(hidden(*pair) for pair in found["adaptive"][-15:]) > 0.4
    assert (world.adaptation.morning(365).depth == DEPTH_FIRST).all()


def test_a_release_teaches_brokers_that_they_may_go_on() -> None:
    world, found = run(release_all, 20_000)
    assert (world.adaptation.morning(365).depth == DEPTH_FIRST).all()
    assert mean(hidden(*pair) for pair in found["adaptive"]) > 0.4


def test_reports_change_the_declarations_of_those_who_adapt_and_no_others() -> None:
    def bodies(select: bool) -> dict[str, bytes]:
        world, written = World(seed=42, size=15_000, days=120), {}
        for declaration in world.declarations():
            cheats = world.truth(declaration.id, declaration.version).scheme == "adaptive"
            if select:
                world.observe_lane(declaration.id, "examination" if cheats else "release")
            if not cheats and declaration.version == 1:
                written[declaration.id[6:]] = write_declaration(declaration)
        return written

    quiet, loud = bodies(False), bodies(True)
    # What a scheme no longer saves is declared truthfully, so a few declarations may cross over.
    both = quiet.keys() & loud.keys()
    assert len(both) > 0.995 * len(quiet)
    assert all(quiet[number] == loud[number] for number in both)


def test_depth_keeps_its_bounds_whatever_is_reported() -> None:
    depth = run(catch_cheats)[0].adaptation.morning(365).depth
    assert (depth >= DEPTH_LEAST).all()
    assert (depth <= DEPTH_FIRST).all()


def test_a_burnt_importer_comes_back_under_a_new_name_with_its_broker_and_seller() -> None:
    def names(report: Report) -> tuple[set[object], set[object]]:
        roles = (PartyRole.IMPORTER, PartyRole.DECLARANT, PartyRole.SELLER)
        people = [tuple(d.party_id(role) for role in roles) for d, _ in run(report)[1]["phoenix"]]
        return {importer for importer, _, _ in people}, {(broker, seller) for _, broker, seller in people}

    burnt, burnt_pairs = names(catch_cheats)
    tired, tired_pairs = names(nothing)
    assert len(burnt) > 1.3 * len(tired), "being caught makes names wear out faster"
    assert len(tired) > len(tired_pairs), "names wear out also without being caught"
    assert burnt_pairs == tired_pairs, "broker and seller stay"


def test_names_of_burnt_importers_belong_to_nobody_else() -> None:
    _, found = run(catch_cheats)
    names = {
        scheme: {declaration.party_id(PartyRole.IMPORTER) for declaration, _ in pairs}
        for scheme, pairs in found.items()
    }
    phoenix = names.pop("phoenix")
    names.pop("error")  # a phoenix errs too
    assert phoenix
    assert all(phoenix.isdisjoint(others) for others in names.values())
