from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.formats.tabular.cells import CellFault, FieldKind, reader_for
from tidewaiter.adapters.formats.tabular.rules import FieldRule


def read(kind: FieldKind, text: str, *, trim: bool = False, **settings: Any) -> Any:
    reader = reader_for(kind, FieldRule(column="C", **settings), trim=trim)
    return text if reader is None else reader(text)


def fault(kind: FieldKind, text: str, **settings: Any) -> str:
    with pytest.raises(CellFault) as caught:
        read(kind, text, **settings)
    return caught.value.code


def test_a_text_cell_is_taken_as_it_is() -> None:
    assert reader_for(FieldKind.TEXT, FieldRule(column="C"), trim=False) is None
    assert read(FieldKind.TEXT, " NA ", trim=True) == "NA"


def test_only_listed_texts_mean_that_nothing_is_declared() -> None:
    assert read(FieldKind.TEXT, "NA") == "NA"
    assert read(FieldKind.TEXT, "-", missing=["-", "n/a"]) is None
    assert read(FieldKind.TEXT, " ", trim=True) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10121", "010121"), ("010121", "010121"), ("0101210", "0101210"), ("1012A", "1012A")],
)
def test_leading_zeros_are_restored_to_digits_only(text: str, expected: str) -> None:
    assert read(FieldKind.TEXT, text, pad_zeros=6) == expected


def test_a_code_kept_as_a_number_loses_its_point_zero() -> None:
    assert read(FieldKind.TEXT, "40.0", drop_point_zero=True) == "40"
    assert read(FieldKind.TEXT, "10121.0", drop_point_zero=True, pad_zeros=6) == "010121"
    assert read(FieldKind.TEXT, "40.5", drop_point_zero=True) == "40.5"
    assert read(FieldKind.TEXT, "40.0") == "40.0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("241.58000000000004", "241.58"),
        ("53051833.99999999", "53051834"),
        ("0.08000000000000003", "0.08"),
        ("8.0", "8.0"),
        ("0.0000005", "0"),
        ("0.0000015", "0.000002"),
        ("1e5", "1e5"),
        ("-1.00000001", "-1.00000001"),
        ("1e400000", "1e400000"),
    ],
)
def test_a_quantity_is_rounded_half_even_and_nothing_else(text: str, expected: str) -> None:
    assert read(FieldKind.QUANTITY, text, round_places=6) == expected


@given(st.integers(0, 10**12), st.integers(0, 10**9), st.integers(0, 6))
def test_rounding_moves_a_quantity_by_at_most_half_a_place(whole: int, fraction: int, places: int) -> None:
    text = f"{whole}.{fraction:09d}"
    rounded = Decimal(read(FieldKind.QUANTITY, text, round_places=places))
    assert abs(rounded - Decimal(text)) <= Decimal(5).scaleb(-places - 1)


@pytest.mark.parametrize(
    ("text", "decimal_mark", "grouping_mark", "expected"),
    [
        ("1.234.567,89", ",", ".", "1234567.89"),
        ("1,234,567.89", ".", ",", "1234567.89"),
        ("1 234,5", ",", " ", "1234.5"),
        ("12,5", ",", None, "12.5"),
        ("999", ",", ".", "999"),
    ],
)
def test_national_ways_of_writing_quantities_are_read(
    text: str, decimal_mark: str, grouping_mark: str | None, expected: str
) -> None:
    settings = {"decimal_mark": decimal_mark, "grouping_mark": grouping_mark}
    assert read(FieldKind.QUANTITY, text, **settings) == expected


@pytest.mark.parametrize("text", ["1.23", "12.34.567", "1234.567", "1.2345", ".123"])
def test_thousands_that_are_not_groups_of_three_are_refused(text: str) -> None:
    assert fault(FieldKind.QUANTITY, text, decimal_mark=",", grouping_mark=".") == "grouping-wrong"


def test_a_point_where_the_mapping_says_comma_is_refused() -> None:
    assert fault(FieldKind.QUANTITY, "12.5", decimal_mark=",") == "decimal-mark-wrong"


def test_a_count_is_whole() -> None:
    assert read(FieldKind.COUNT, "40") == 40
    assert read(FieldKind.COUNT, "40.0") == 40
    assert fault(FieldKind.COUNT, "40.5") == "count-not-whole"
    assert fault(FieldKind.COUNT, "-1") == "count-not-whole"
    assert fault(FieldKind.COUNT, "9" * 5000) == "count-not-whole"


def test_a_flag_is_translated_by_the_list_of_values() -> None:
    values = {"Y": "true", "N": "false", "?": None}
    assert read(FieldKind.FLAG, "Y", values=values) is True
    assert read(FieldKind.FLAG, "N", values=values) is False
    assert read(FieldKind.FLAG, "?", values=values) is None
    assert fault(FieldKind.FLAG, "y", values=values) == "value-unknown"
    assert fault(FieldKind.FLAG, "Y") == "flag-unknown"


def test_a_list_is_split_at_its_separator() -> None:
    assert read(FieldKind.LIST, "CN; SG ;KR") == ["CN", "SG", "KR"]
    assert read(FieldKind.LIST, "CN|KR", separator="|") == ["CN", "KR"]
    assert read(FieldKind.LIST, "CN;;KR") == ["CN", "", "KR"]


@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        ("2026-03-01", {}, "2026-03-01"),
        ("01/03/2026", {"date_formats": ["%d/%m/%Y"]}, "2026-03-01"),
        ("1 Mar 2026", {"date_formats": ["%Y%m%d", "%d %b %Y"]}, "2026-03-01"),
        ("2026-03-01T08:30:00Z", {}, "2026-03-01T08:30:00Z"),
        ("2026-03-01 08:30", {"utc_offset": "+09:00"}, "2026-03-01T08:30:00+09:00"),
        ("01.03.2026 08:30", {"date_formats": ["%d.%m.%Y %H:%M"], "utc_offset": "Z"}, "2026-03-01T08:30:00Z"),
        ("202603010830+0300", {"date_formats": ["%Y%m%d%H%M%z"]}, "2026-03-01T08:30:00+03:00"),
        ("2026-02-30 08:30", {"utc_offset": "Z"}, "2026-02-30 08:30"),
        ("soon", {"date_formats": ["%d/%m/%Y"]}, "soon"),
    ],
)
def test_a_moment_is_brought_into_iso_8601(text: str, settings: dict[str, Any], expected: str) -> None:
    assert read(FieldKind.MOMENT, text, **settings) == expected


def test_a_time_of_day_without_offset_is_not_guessed() -> None:
    assert fault(FieldKind.MOMENT, "2026-03-01T08:30:00") == "time-without-offset"
    assert fault(FieldKind.MOMENT, "0830 01032026", date_formats=["%H%M %d%m%Y"]) == "time-without-offset"


@pytest.mark.parametrize("kind", FieldKind)
@given(text=st.text(min_size=1))
def test_any_cell_is_read_or_refused(kind: FieldKind, text: str) -> None:
    settings: dict[str, Any] = {}
    if kind is FieldKind.QUANTITY:
        settings = {"round_places": 6, "decimal_mark": ",", "grouping_mark": "."}
    if kind is FieldKind.MOMENT:
        settings = {"date_formats": ["%d/%m/%Y", "%c"], "utc_offset": "+09:00"}
    found: Any = None
    with suppress(CellFault):
        found = read(kind, text, **settings)
    types = {FieldKind.COUNT: int, FieldKind.FLAG: bool, FieldKind.LIST: list}
    assert found is None or type(found) is types.get(kind, str)


def test_each_refusal_says_what_to_do() -> None:
    refused = [
        (FieldKind.COUNT, "x", {}),
        (FieldKind.FLAG, "x", {}),
        (FieldKind.TEXT, "x", {"values": {}}),
        (FieldKind.MOMENT, "2026-03-01 08:30", {}),
        (FieldKind.QUANTITY, "1.23", {"decimal_mark": ",", "grouping_mark": "."}),
    ]
    for kind, text, settings in refused:
        with pytest.raises(CellFault) as caught:
            read(kind, text, **settings)
        assert caught.value.sentence.endswith(".")
        assert caught.value.hint.endswith(".")
