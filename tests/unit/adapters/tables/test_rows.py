"""Whatever comes as a table of rules is read whole or refused in words."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same damage in every run

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


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """Return a workbook of two cells whose sheet was changed by hand."""
    good, path = workbook(folder, ("A1", "origin"), ("B2", "is")), folder / "changed.xlsx"
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for part in archive.infolist():
            content = archive.read(part)
            made.writestr(part.filename, change(content) if part.filename == SHEET else content)
    return path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'r="B2"', b'r="XFD1048576"', "cell XFD1048576 lies outside of a table of 20,002 rows"),
        (b'r="B2"', b"r = '&#88;FD2'", "cell XFD2 lies outside"),
        (b'r="B2"', b'r="B99999"', "cell B99999 lies outside"),
        (b'r="B2"', b'r="2B"', "cell 2B lies outside"),
        (b'<row r="2"', b'<row r="1048576"', "row 1048576 lies outside"),
        (b'<row r="2"', b'<row r="x"', "row x lies outside"),
        (b"</sheetData>", b"<row><c/><c><f>1+1</f></c></row></sheetData>", "cell 2 of row 3 holds a formula"),
        (b"</sheetData>", b"<row>" + b"<c/>" * 257 + b"</row></sheetData>", "cell 257 of row 3 lies outside"),
        (b"</sheetData>", b"<row/>" * 20_001 + b"</sheetData>", "row 20003 lies outside"),
        (b"</sheetData>", b"<x:f xmlns:x='urn:x'/></sheetData>", "cell B2 holds a formula"),
        (b"</sheetData>", b"</sheetDat>", "cannot be read as Excel: mismatched tag"),
        (b"<worksheet", b"<!DOCTYPE worksheet [<!ENTITY f '=1'>]><worksheet", "has a document type"),
    ],
)  # fmt: skip
def test_what_the_reader_must_not_see_is_refused_in_words(
    tmp_path: Path, old: bytes, new: bytes, told: str
) -> None:
    path = with_sheet(tmp_path, lambda content: content.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_rows(path)
    assert told in str(caught.value)


def test_a_sheet_is_looked_at_wherever_it_lies_and_however_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/other/part.bin", b'<a><sheetData><c r="XFD1048576"/></sheetData></a>')
    with pytest.raises(InputError, match="XFD1048576 lies outside"):
        read_rows(path)


def test_a_sheet_in_another_encoding_is_none(tmp_path: Path) -> None:
    path = with_sheet(tmp_path, lambda content: content.decode().encode("utf-16"))
    with pytest.raises(InputError, match="is empty"):
        read_rows(path)


def test_damaged_workbooks_are_read_or_refused(tmp_path: Path) -> None:
    random, good = Random(1), workbook(tmp_path, ("A1", "origin"), ("B2", "is"), ("C3", 1.5)).read_bytes()
    path, refused = tmp_path / "damaged.xlsx", 0
    for _ in range(300):
        content = bytearray(good)
        for _ in range(random.randrange(1, 6)):
            content[random.randrange(len(content))] = random.randrange(256)
        path.write_bytes(content)
        try:
            read_rows(path)
        except InputError:
            refused += 1
    assert 100 < refused < 300


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
