"""History: when a declaration, an amendment, a result and a correction count, in small examples."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from tests.unit.core.history.events import at, declaration, finding, item, party, result
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.features import REGISTRY, Value, compute
from tidewaiter.core.history import History
from tidewaiter.core.times import end_of_day

PROBE = declaration("probe")


def read(history: History, moment: datetime, name: str, probe: Declaration = PROBE) -> Value:
    """Return a feature of *probe* as of *moment*."""
    return REGISTRY.value(compute(probe, history, moment), name)


def with_declarations(*days: float) -> History:
    """Return a history of one declaration of importer I1 on each of *days*."""
    history = History()
    for number, day in enumerate(days):
        history.observe_declaration(declaration(f"E{number}"), at(day))
    return history


def test_a_new_history_has_seen_nobody() -> None:
    history = History()
    assert read(history, at(0), "importer_declared_all") == 0
    assert read(history, at(0), "importer_days_since_first") is None
    assert read(history, at(0), "importer_is_new") is True


def test_a_window_holds_complete_utc_days_and_today_so_far() -> None:
    history = with_declarations(0, 3.9, 4, 10)
    assert read(history, at(10, 12), "importer_declared_7") == 2
    assert read(history, at(10, 12), "importer_declared_30") == 4
    assert read(history, at(10, 12), "declarations_of_importer_today") == 1
    assert read(history, at(11), "importer_declared_7") == 1
    assert read(history, at(10, 12), "importer_days_since_first") == 10


def test_a_result_counts_strictly_after_the_instant_at_which_it_is_known() -> None:
    history = with_declarations(0)
    history.observe_result(result(), declaration("E0"), at(1, 9))
    assert read(history, at(1, 9), "importer_irregular_all") == 0
    assert read(history, at(1, 9.001), "importer_irregular_all") == 1
    assert read(history, at(1, 9), "importer_irregular_all") == 0


def test_a_result_that_carries_only_a_date_changes_nothing_on_its_day() -> None:
    history = with_declarations(0)
    history.observe_result(result(), declaration("E0"), end_of_day(at(1).date()))
    assert read(history, at(1, 23.99), "importer_inspected_all") == 0
    assert read(history, at(2), "importer_inspected_all") == 1


def test_a_result_counts_in_the_window_of_the_day_on_which_it_became_known() -> None:
    history = with_declarations(0)
    history.observe_result(result(), declaration("E0"), at(50, 1))
    assert read(history, at(50 + 89, 1), "importer_irregular_90") == 1
    assert read(history, at(50 + 90, 1), "importer_irregular_90") == 0
    assert read(history, at(50 + 365, 1), "importer_irregular_365") == 0
    assert read(history, at(50 + 365, 1), "importer_irregular_all") == 1


def test_a_result_that_arrives_late_counts_from_the_last_declaration_on() -> None:
    history = with_declarations(0, 20)
    history.observe_result(result(), declaration("E0"), at(3))
    assert read(history, at(20), "importer_irregular_all") == 0
    assert read(history, at(20, 1), "importer_irregular_all") == 1


def test_a_declaration_that_arrives_with_an_earlier_time_counts_from_the_last_one() -> None:
    history = with_declarations(10, 4)
    assert history.last_at == at(10)
    assert read(history, at(10), "declarations_of_importer_today") == 2


def test_a_result_never_holds_back_the_clock() -> None:
    history = with_declarations(1)
    history.observe_result(result(), declaration("E0"), at(1, 23))
    history.observe_declaration(declaration("E5"), at(1, 2))
    assert history.last_at == at(1, 2)


def test_an_amendment_moves_its_content_and_keeps_the_original_day() -> None:
    history = with_declarations(0)
    amended = declaration("E0", version=2, parties=(party("importer", "I2"), party("declarant", "D1")))
    history.observe_declaration(amended, at(40))
    other = declaration("probe", parties=amended.parties)
    assert read(history, at(41), "importer_declared_all") == 0
    assert read(history, at(41), "importer_is_new") is True
    assert read(history, at(41), "importer_declared_all", other) == 1
    assert read(history, at(41), "importer_declared_30", other) == 0
    assert read(history, at(41), "importer_days_since_first", other) == 41
    assert read(history, at(41), "declarant_declared_all") == 1


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_is_not_newer_changes_nothing(version: int) -> None:
    history = with_declarations(0)
    history.observe_declaration(declaration("E0", version=2), at(1))
    stale = declaration("E0", version=version, parties=(party("importer", "I9"),))
    history.observe_declaration(stale, at(5))
    assert history.last_at == at(1)
    assert read(history, at(6), "importer_declared_all", declaration("probe", parties=stale.parties)) == 0


def test_the_same_number_from_another_source_is_another_declaration() -> None:
    history = with_declarations(0)
    history.observe_declaration(declaration("E0"), at(1), source="airport")
    assert read(history, at(1), "importer_declared_all") == 2


def test_an_amendment_is_compared_with_others_and_not_with_itself() -> None:
    history = with_declarations(0)
    amended = declaration("E0", version=2)
    assert read(history, at(1), "importer_is_new", amended) is True
    assert read(history, at(1), "importer_is_new", declaration("E9")) is False
    assert read(history, at(1), "importer_declared_all") == 1


def corrected(outcome: str, version: int) -> ControlResult:
    """Return a version of the result of control C1."""
    return result(finding(outcome), version=version)


def test_a_corrected_result_replaces_the_older_one_from_its_own_instant_on() -> None:
    history = with_declarations(0)
    history.observe_result(corrected("irregular", 1), declaration("E0"), at(1))
    history.observe_result(corrected("compliant", 2), declaration("E0"), at(5))
    assert [read(history, at(day), "importer_irregular_all") for day in (1, 2, 5, 6)] == [0, 1, 1, 0]
    assert [read(history, at(day), "importer_inspected_all") for day in (1, 2, 5, 6)] == [0, 1, 1, 1]
    assert read(history, at(5 + 89), "importer_inspected_90") == 1, "it counts on the day of the correction"


@pytest.mark.parametrize("version", [1, 2])
def test_a_result_version_that_is_not_newer_changes_nothing(version: int) -> None:
    history = with_declarations(0)
    history.observe_result(corrected("compliant", 2), declaration("E0"), at(1))
    history.observe_result(corrected("irregular", version), declaration("E0"), at(2))
    assert read(history, at(9), "importer_irregular_all") == 0
    assert read(history, at(9), "importer_inspected_all") == 1


def test_a_result_corrected_to_open_teaches_nothing_any_more() -> None:
    history = with_declarations(0)
    history.observe_result(corrected("irregular", 1), declaration("E0"), at(1))
    history.observe_result(corrected("inconclusive", 2), declaration("E0"), at(2))
    assert read(history, at(2), "importer_inspected_all") == 1
    assert read(history, at(3), "importer_inspected_all") == 0


def test_a_result_keeps_the_content_that_was_controlled_when_the_declaration_is_amended() -> None:
    history = with_declarations(0)
    history.observe_result(result(), declaration("E0"), at(1))
    history.observe_declaration(declaration("E0", version=2, parties=(party("importer", "I2"),)), at(2))
    assert read(history, at(3), "importer_irregular_all") == 1
    assert read(history, at(3), "importer_declared_all") == 0


def test_a_look_ahead_is_forgotten_when_an_earlier_instant_is_read() -> None:
    history = with_declarations(0)
    history.observe_result(corrected("irregular", 1), declaration("E0"), at(5))
    history.observe_result(corrected("compliant", 2), declaration("E0"), at(8))
    assert read(history, at(400), "importer_irregular_all") == 0
    history.observe_result(result(identifier="C2"), declaration("E0"), at(6))
    assert [read(history, at(day), "importer_irregular_all") for day in (5, 6, 7, 9)] == [0, 1, 2, 1]


def test_duty_found_is_summed_for_the_importer_within_a_year_and_for_the_same_goods() -> None:
    history = with_declarations(0)
    history.observe_result(result(finding(duty_effect=Decimal("12.5"))), declaration("E0"), at(1))
    assert read(history, at(2), "importer_duty_found_365") == 12_500_000
    assert read(history, at(366), "importer_duty_found_365") == 0
    assert read(history, at(366), "goods_duty_found_all") == 12_500_000
    assert (
        read(history, at(366), "goods_duty_found_all", declaration("probe", items=(item(origin="VN"),))) == 0
    )


def test_items_of_one_declaration_count_each_and_their_importer_once() -> None:
    history = History()
    history.observe_declaration(declaration("E0", items=(item(1), item(2))), at(0))
    assert read(history, at(1), "goods_declared_all") == 2
    assert read(history, at(1), "importer_declared_all") == 1


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="BUG: a naive time"):
        History().observe_declaration(declaration(), datetime(2024, 1, 1))  # noqa: DTZ001 - what is refused
