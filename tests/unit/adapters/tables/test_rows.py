"""Whatever comes as a table of rules is read whole or refused in words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tidewaiter.adapters.tables.rows import read_rows
from tidewaiter.core.errors import InputError
from tidewaiter.core.rules.tables.table import ROWS_MAX

GOOD = "hs_code,origin,lane\nis,is,\n8703*,CN,scan\n\n-,-,-\n"


def csv(folder: Path, content: bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(folder: Path, *cells: tuple[str, object]) -> Path:
    path = folder / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, value in cells:
            sheet.write(place, value)
    return path


def test_rows_are_those_of_the_file_with_their_lines(tmp_path: Path) -> None:
    rows = read_rows(csv(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()))
    assert [(row.line, row.cells) for row in rows] == [
        (1, ("hs_code", "origin", "lane")), (2, ("is", "is", "")), (3, ("8703*", "CN", "scan")),
        (5, ("-", "-", "-")),
    ]  # fmt: skip
    assert read_rows(csv(tmp_path, b"a,b,,\n1,,,\n,,,\n"))[1].cells == ("1", "")
    semicolons = csv(tmp_path, GOOD.replace(",", ";").encode())
    assert [row.cells for row in read_rows(semicolons, ";")] == [row.cells for row in rows]


def test_a_workbook_says_what_its_cells_hold(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, ("A1", "hs_code"), ("B1", "item_count"), ("A2", "is"), ("B2", "<="), ("A3", "870322"),
        ("B3", 3),
    )  # fmt: skip
    assert [(row.line, row.cells) for row in read_rows(path)] == [
        (1, ("hs_code", "item_count")), (2, ("is", "<=")), (3, ("870322", "3")),
    ]  # fmt: skip


def test_a_formula_is_refused_with_its_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("A1", "origin"), ("A2", "is"), ("A3", "CN"), ("B7", "=A3"))
    with pytest.raises(InputError, match=r"t\.xlsx: cell B7 holds a formula; paste values only"):
        read_rows(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"), (b"\xff\xfea\x00", "UTF-16"), (b"a,b\n1\n", "t.csv:2: the line has 1 cells"),
        (b"a,b\n1,\x00\n", "t.csv:2: the line holds a NUL character"), (b"a\n\xe9\n", "is not utf-8 text"),
        (b'a,b\n"1,2\n', "t.csv:2: the quotes of the line do not fit"), (b"\x00\n", "cannot be read"),
        (b"a\n" + b"x" * 40_000 + b"\n", "at most 32767"),
        (b"a\n" + b"x\n" * (ROWS_MAX + 2), "has more than 20,002 rows"),
        (b"a\n" + b"," * 16 * 1024 * 1024, "bytes; a table of rules has at most"),
        (b"a,b\n" + b"1\n" * 100, "t.csv:51:"),
    ],
)  # fmt: skip
def test_a_csv_that_is_none_is_refused_in_words(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_rows(csv(tmp_path, content))
    assert told in str(caught.value)


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (200 * 1024 * 1024))
    with pytest.raises(InputError, match="unpacks to 209,715,200 bytes"):
        read_rows(path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.xlsx", b"PK\x03\x04 broken", "is no Excel workbook"), ("t.xlsx", b"", "is no Excel workbook"),
        ("t.xls", b"a", "its name ends in .csv or .xlsx"), ("t", b"a", "its name ends in .csv or .xlsx"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        read_rows(csv(tmp_path, content, name))


def test_a_zip_that_is_no_workbook_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(InputError, match="cannot be read as Excel"):
        read_rows(path)
    damaged = workbook(tmp_path, ("A1", "origin"))
    content = bytearray(damaged.read_bytes())
    content[60:400] = bytes(340)
    damaged.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as Excel"):
        read_rows(damaged)
