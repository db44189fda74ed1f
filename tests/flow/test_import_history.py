"""The past becomes known in the order of time: all of it or nothing, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes import trade
from tests.fakes.failing_store import FailingStore
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import SOURCE, START, Site
from tests.fakes.sql_stores import DATABASES
from tidewaiter.adapters.formats.json import read_control_result, read_declaration
from tidewaiter.core.codes import Identifier
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Conflict, Unavailable
from tidewaiter.core.features import REGISTRY
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.import_history import Imported, PastDeclaration, known_at
from tidewaiter.flow.ports import Store


def past(number: int, *results: ControlResult, **changes: object) -> PastDeclaration:
    return PastDeclaration(declaration=trade.declaration(number, **changes), results=results)


def journal(store: Store) -> list[tuple[str, datetime]]:
    """Return the journal: what each entry speaks of, and its instant."""
    with store.read() as uow:
        return [
            (
                str(read_declaration(entry.body).id)
                if entry.declaration_body is None
                else str(read_control_result(entry.body).id),
                entry.at,
            )
            for entry in uow.journal()
        ]


@pytest.fixture(params=["memory", *DATABASES])
def site(request: pytest.FixtureRequest) -> Site:
    """Return a site on each kind of store."""
    if request.param == "memory":
        return Site()
    made: Callable[[], Store] = request.getfixturevalue(f"make_{request.param}_store")
    return Site(made())


def test_the_journal_is_in_the_order_in_which_things_became_known(site: Site) -> None:
    done = site.import_history(
        SOURCE,
        [
            past(3, trade.result(3, ended_at=START + timedelta(minutes=21))),
            past(1, trade.result(1, ended_at=START + timedelta(minutes=16))),
            past(2),
            past(4),
        ],
    )
    assert done == Imported(declarations=4, results=2, known=0)
    entries = journal(site.store)
    assert [name for name, _ in entries] == ["D1", "D2", "D3", "C1", "D4", "C3"]
    assert [at for _, at in entries] == sorted(at for _, at in entries)


def test_a_result_of_the_same_instant_comes_after_the_declarations_of_that_instant(site: Site) -> None:
    moment = trade.declaration(5).lodged_at
    site.import_history(SOURCE, [past(1, trade.result(1, ended_at=moment)), past(5)])
    assert [name for name, _ in journal(site.store)] == ["D1", "D5", "C1"]


def test_a_result_that_carries_a_date_is_known_at_the_end_of_that_day(site: Site) -> None:
    midnight = datetime(2026, 6, 1, tzinfo=UTC)
    result = trade.result(1, ended_at=midnight, ended_on_date_only=True)
    assert known_at(result) == datetime(2026, 6, 1, 23, 59, 59, 999999, tzinfo=UTC)
    site.import_history(SOURCE, [past(1, result), past(150)])
    assert [name for name, _ in journal(site.store)] == ["D1", "D150", "C1"]


def test_a_result_is_never_known_before_its_declaration(site: Site) -> None:
    site.import_history(SOURCE, [past(4, trade.result(4, ended_at=START)), past(2)])
    assert [name for name, _ in journal(site.store)] == ["D2", "D4", "C4"]


def test_importing_again_changes_nothing_and_says_so(site: Site) -> None:
    rows = [past(1, trade.result(1)), past(2), past(3)]
    site.import_history(SOURCE, rows)
    before = journal(site.store)
    assert site.import_history(SOURCE, rows) == Imported(declarations=0, results=0, known=3)
    assert journal(site.store) == before


def test_what_is_new_in_a_file_is_imported_beside_what_is_known(site: Site) -> None:
    site.import_history(SOURCE, [past(1), past(2)])
    done = site.import_history(SOURCE, [past(1), past(2), past(3, trade.result(3))])
    assert done == Imported(declarations=1, results=1, known=2)


def test_the_same_number_of_another_source_is_another_declaration(site: Site) -> None:
    site.import_history(SOURCE, [past(1)])
    assert site.import_history("rail", [past(1)]).declarations == 1


def test_versions_of_a_declaration_are_imported_each(site: Site) -> None:
    second = trade.amended(trade.declaration(1), items=(trade.item(1, heading="2523"),))
    site.import_history(SOURCE, [past(1), PastDeclaration(declaration=second)])
    assert site.import_history(SOURCE, [past(1), PastDeclaration(declaration=second)]).known == 2


def test_an_interrupted_import_leaves_nothing(site: Site) -> None:
    def interrupted() -> Iterator[PastDeclaration]:
        yield past(1, trade.result(1))
        yield past(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.import_history(SOURCE, interrupted())
    assert journal(site.store) == []
    assert site.import_history(SOURCE, [past(1), past(2)]).declarations == 2


def test_the_same_declaration_twice_in_one_file_is_refused_and_leaves_nothing(site: Site) -> None:
    with pytest.raises(Conflict):
        site.import_history(SOURCE, [past(1), past(2), past(1)])
    assert journal(site.store) == []


def test_a_commit_that_fails_leaves_nothing() -> None:
    store = FailingStore(MemoryStore())
    site = Site(store)
    store.failures = 1
    with pytest.raises(Unavailable):
        site.import_history(SOURCE, [past(1, trade.result(1))])
    assert journal(store) == []


def test_a_declaration_knows_the_imported_past() -> None:
    site = Site()
    site.import_history(SOURCE, [past(1, trade.result(1)), past(6), past(2)])
    decided = site.decide(trade.declaration(101))
    header = REGISTRY.as_mapping(inputs_of(site.decisions()[decided["id"]][1])[0])["header"]
    assert header["importer_declared_all"] == 2
    assert (header["importer_inspected_all"], header["importer_irregular_all"]) == (1, 1)
    assert decided["journal"] == 5
    assert not site.services.replay(decided["id"], from_history=True).differences


def test_a_past_that_is_imported_late_counts_from_now_on() -> None:
    site = Site()
    site.assess(trade.declaration(100))
    site.import_history(SOURCE, [past(6, trade.result(6))])
    decided = site.decide(trade.declaration(101))
    header = REGISTRY.as_mapping(inputs_of(site.decisions()[decided["id"]][1])[0])["header"]
    assert header["importer_declared_all"] == 1
    assert not any(replay.differences for replay in site.replays(from_history=True))


def test_an_imported_declaration_takes_the_results_that_waited_for_it() -> None:
    site = Site()
    site.record(trade.result(1))
    site.import_history(SOURCE, [past(1)])
    assert [name for name, _ in journal(site.store)] == ["D1", "C1"]
    decided = site.decide(trade.declaration(101))
    assert not site.services.replay(decided["id"], from_history=True).differences


def test_imported_and_assessed_history_mean_the_same() -> None:
    """The features of a declaration do not depend on how its past became known."""
    imported, lived = Site(), Site()
    declarations: list[Declaration] = [replace(d, version=1) for d in unique(trade.stream()[:80])]
    imported.import_history(SOURCE, [PastDeclaration(declaration=d) for d in declarations[:-1]])
    lived.assess(*declarations[:-1])
    vectors = []
    for site in (imported, lived):
        decided = site.decide(declarations[-1])
        vectors.append(inputs_of(site.decisions()[decided["id"]][1])[0])
    assert vectors[0] == vectors[1]


def unique(declarations: tuple[Declaration, ...]) -> list[Declaration]:
    return list({Identifier(d.id): d for d in reversed(declarations)}.values())[::-1]
