from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random  # noqa: TID251 - seeded below, so that damage can be repeated
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from tidewaiter.adapters.formats.tabular.rules import FormatRules
from tidewaiter.adapters.formats.tabular.sheet_source import (
    cell_text,
    excel_header,
    excel_rows,
    parquet_header,
    parquet_rows,
)
from tidewaiter.core.errors import InputError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("010121", "010121"),
        (40, "40"),
        (40.0, "40"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e16, "10000000000000000"),
        (1.5e-7, "0.00000015"),
        (16300000.0, "16300000"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (-2.5, "-2.5"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1000"),
        (True, "true"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, 30), "2026-03-01T08:30:00"),  # noqa: DTZ001 - sheets have no offsets
        (datetime(2026, 3, 1, 8, 30, tzinfo=UTC), "2026-03-01T08:30:00+00:00"),
    ],
)
def test_a_cell_is_written_exactly_and_without_exponent(value: Any, text: str) -> None:
    assert cell_text(value) == text


def parquet(path: Path, **columns: Any) -> Path:
    file = path / "table.parquet"
    pl.DataFrame(columns).write_parquet(file, row_group_size=1000)
    return file


def test_parquet_is_read_in_order_over_many_row_groups(tmp_path: Path) -> None:
    file = parquet(tmp_path, a=list(range(45_000)), b=["x"] * 45_000)
    found = list(parquet_rows(file, {"a"}))
    assert [row.line for row in found] == list(range(1, 45_001))
    assert [row.cells for row in found] == [[str(number), ""] for number in range(45_000)]


def test_parquet_numbers_keep_the_precision_of_their_type(tmp_path: Path) -> None:
    single = pl.Series([0.1, 1e10, None], dtype=pl.Float32)
    file = parquet(
        tmp_path, single=single, double=[0.1, 1e10, None], exact=[Decimal("0.10"), Decimal(5), None]
    )
    cells = [row.cells for row in parquet_rows(file, {"single", "double", "exact"})]
    assert cells == [["0.1", "0.1", "0.10"], ["10000000000", "10000000000", "5.00"], ["", "", ""]]


def test_parquet_columns_of_lists_are_refused_by_name(tmp_path: Path) -> None:
    file = parquet(tmp_path, a=[[1]], b=[b"x"])
    with pytest.raises(InputError, match="'a'"):
        list(parquet_rows(file, {"a"}))
    with pytest.raises(InputError, match="'b'"):
        list(parquet_rows(file, {"b"}))


def damaged(good: bytes, random: Random) -> bytes:
    """Return *good* with some bits flipped, half of them near its end, where the directory is."""
    body = bytearray(good)
    for _ in range(random.randint(1, 20)):
        last = min(1500, len(body)) if random.random() < 0.5 else len(body)
        body[len(body) - 1 - random.randrange(last)] ^= 1 << random.randrange(8)
    return bytes(body)


def test_a_damaged_parquet_file_is_read_or_refused(tmp_path: Path) -> None:
    file = parquet(tmp_path, a=list(range(5000)), b=["text"] * 5000)
    good, random, refused = file.read_bytes(), Random(7), 0
    for _ in range(60):
        file.write_bytes(damaged(good, random))
        try:
            parquet_header(file)
            list(parquet_rows(file, {"a", "b"}))
        except InputError:
            refused += 1
    assert refused > 20


def test_a_reader_that_panics_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = parquet(tmp_path, a=[1])

    def panic(*_given: Any, **_settings: Any) -> Any:
        raise pl.exceptions.PanicException("assertion failed")

    monkeypatch.setattr(pl, "scan_parquet", panic)
    with pytest.raises(InputError, match="assertion failed"):
        list(parquet_rows(file, {"a"}))


def workbook(path: Path, rows: list[list[Any]], *, sheet: str = "Sheet1", first_row: int = 0) -> Path:
    file = path / "table.xlsx"
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows, start=first_row):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    page.write_string(number, column, value)
                elif value is not None:
                    page.write(number, column, value)
    return file


def test_excel_texts_stay_and_numbers_lose_their_point_zero(tmp_path: Path) -> None:
    file = workbook(
        tmp_path, [["id", "hs", "n", "d"], ["1", "010121", 40, date(2026, 3, 1)], ["2", 10121, 0.5, None]]
    )
    assert excel_header(file, FormatRules()) == ["id", "hs", "n", "d"]
    found = [(row.line, row.cells) for row in excel_rows(file, FormatRules(), 4)]
    assert found == [(2, ["1", "010121", "40", "2026-03-01"]), (3, ["2", "10121", "0.5", ""])]


def test_excel_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["id"], ["1"], [None], ["2"]])
    assert [(row.line, row.cells) for row in excel_rows(file, FormatRules(), 1)] == [(2, ["1"]), (4, ["2"])]


def test_a_sheet_is_found_by_its_name(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["id"]], sheet="Data")
    assert excel_header(file, FormatRules(sheet="Data")) == ["id"]
    with pytest.raises(InputError, match=r"no sheet 'Other'. Its sheets: Data"):
        excel_header(file, FormatRules(sheet="Other"))


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty"):
        excel_header(workbook(tmp_path, []), FormatRules())


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 no zip", b"id,b\n1,2\n"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "table.xlsx"
    file.write_bytes(body)
    with pytest.raises(InputError, match=r"table\.xlsx"):
        excel_header(file, FormatRules())


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
    with pytest.raises(InputError, match="unpacks to 50000000 bytes"):
        excel_header(file, FormatRules())


def test_a_damaged_workbook_is_read_or_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path, [["id", "hs"], *([str(number), "010121"] for number in range(300))])
    good, random, refused = file.read_bytes(), Random(11), 0
    for _ in range(60):
        file.write_bytes(damaged(good, random))
        try:
            width = len(excel_header(file, FormatRules()))
            list(excel_rows(file, FormatRules(), width))
        except InputError:
            refused += 1
    assert refused > 20


def test_a_page_that_claims_more_than_all_memory_ends_a_child_and_not_us() -> None:
    path = Path(__file__).parents[4] / "fixtures" / "aborts.parquet"
    with pytest.raises(InputError, match="ends the process"):
        list(parquet_rows(path, set(parquet_header(path))))
