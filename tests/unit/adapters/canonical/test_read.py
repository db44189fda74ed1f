from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tidewaiter.adapters.canonical import control_result_from_data, declaration_from_data

ITEM = {"number": 1, "hs_code": "010121"}
GOOD: dict[str, Any] = {
    "id": "1",
    "flow": "import",
    "office": "A",
    "lodged_at": "2026-01-01",
    "items": [ITEM],
}
RESULT: dict[str, Any] = {
    "id": "C1",
    "declaration_id": "1",
    "kind": "scan",
    "office": "A",
    "ended_at": "2026-01-02",
    "findings": [{"outcome": "compliant"}],
}


def test_what_is_not_declared_is_none() -> None:
    declaration = declaration_from_data(GOOD)
    assert declaration.type_code is None
    assert declaration.items[0].customs_value is None
    assert declaration.parties == ()
    assert declaration.transport.container_ids == ()
    assert declaration.version == 1


def test_null_means_not_declared() -> None:
    assert declaration_from_data({**GOOD, "type_code": None, "gross_mass_kg": None}) == declaration_from_data(
        GOOD
    )


def test_a_date_alone_is_the_start_of_its_day_and_says_so() -> None:
    declaration = declaration_from_data(GOOD)
    assert declaration.lodged_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert declaration.lodged_on_date_only
    exact = declaration_from_data({**GOOD, "lodged_at": "2026-01-01T00:00:00Z"})
    assert exact.lodged_at == declaration.lodged_at
    assert not exact.lodged_on_date_only


def test_the_end_of_a_control_keeps_whether_only_its_date_is_known() -> None:
    assert control_result_from_data(RESULT).ended_on_date_only
    exact = control_result_from_data({**RESULT, "ended_at": "2026-01-02T10:00:00+09:00"})
    assert exact.ended_at == datetime(2026, 1, 2, 1, tzinfo=UTC)
    assert not exact.ended_on_date_only


def test_the_data_is_left_as_it_was() -> None:
    data = {**GOOD, "items": [dict(ITEM)], "transport": {"routing": ["NA"]}}
    before = repr(data)
    declaration_from_data(data)
    assert repr(data) == before
