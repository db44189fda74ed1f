from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tidewaiter.adapters.formats.json import read_declaration, write_declaration

BODY = (
    b'{"flow":"import","id":"1","items":[{"hs_code":"010121","number":1}],'
    b'"lodged_at":"2026-01-01","office":"A","version":1}'
)


def test_the_canonical_form_is_sorted_and_holds_only_what_is_declared() -> None:
    assert write_declaration(read_declaration(BODY)) == BODY


def test_a_time_is_written_in_utc_and_a_date_as_a_date() -> None:
    declaration = read_declaration(BODY)
    seoul = datetime(2026, 1, 1, 8, 30, tzinfo=timezone(timedelta(hours=9)))
    exact = replace(declaration, lodged_at=seoul, lodged_on_date_only=False)
    assert b'"lodged_at":"2025-12-31T23:30:00Z"' in write_declaration(exact)
    midnight = replace(declaration, lodged_on_date_only=False)
    assert b'"lodged_at":"2026-01-01T00:00:00Z"' in write_declaration(midnight)


def test_a_date_with_a_time_of_day_is_a_programmers_fault() -> None:
    wrong = replace(read_declaration(BODY), lodged_at=datetime(2026, 1, 1, 8, tzinfo=UTC))
    with pytest.raises(ValueError, match="BUG: lodged_on_date_only"):
        write_declaration(wrong)


def test_a_quantity_is_written_in_its_one_form() -> None:
    body = BODY.replace(b'"number":1', b'"customs_value":"100.500000","duty_amount":"0.0","number":1')
    assert b'"customs_value":"100.5","duty_amount":"0"' in write_declaration(read_declaration(body))
