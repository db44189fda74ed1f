from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.formats.tabular.csv_source import (
    LINE_BYTES_MAX,
    RECORD_LINES_MAX,
    csv_header,
    csv_rows,
)
from tidewaiter.adapters.formats.tabular.rules import FormatRules
from tidewaiter.core.errors import InputError


def rows(path: Path, body: bytes, **settings: str) -> list[tuple[int, list[str], str | None]]:
    """Return line, cells and fault of each row of *body*."""
    path = path / "table.csv"
    path.write_bytes(body)
    rules = FormatRules(**settings)  # type: ignore[arg-type]
    width = len(csv_header(path, rules))
    return [
        (row.line, row.cells, row.fault.code if row.fault else None) for row in csv_rows(path, rules, width)
    ]


def test_rows_have_the_line_numbers_of_an_editor(tmp_path: Path) -> None:
    found = rows(tmp_path, b'a,b\r\n1,2\r\n\r\n"3\r\n3",4\r\n5,6')
    assert found == [(2, ["1", "2"], None), (4, ["3\r\n3", "4"], None), (6, ["5", "6"], None)]


def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    body = b'a,b\n1,"2\n' + b"".join(b"%d,x\n" % number for number in range(200))
    found = rows(tmp_path, body)
    assert found[0] == (2, ["1", '"2'], "quotes-broken")
    assert [cells for _, cells, fault in found[1:] if fault is None] == [[str(n), "x"] for n in range(200)]


def test_a_record_may_run_over_a_bounded_number_of_lines(tmp_path: Path) -> None:
    fits = b'a,b\n1,"' + b"\n" * (RECORD_LINES_MAX - 1) + b'"\n2,x\n'
    assert [fault for _, _, fault in rows(tmp_path, fits)] == [None, None]
    long = b'a,b\n1,"' + b"\n" * RECORD_LINES_MAX + b'"\n2,x\n'
    found = rows(tmp_path, long)
    assert found[0][2] == "quotes-broken"
    assert found[-1] == (RECORD_LINES_MAX + 3, ["2", "x"], None)


def test_a_line_that_is_too_long_is_set_aside_and_the_next_is_read(tmp_path: Path) -> None:
    body = b"a,b\n1," + b"x" * (2 * LINE_BYTES_MAX) + b"\n2,y\n"
    found = rows(tmp_path, body)
    assert [(line, fault) for line, _, fault in found] == [(2, "line-too-long"), (3, None)]
    assert len("".join(found[0][1])) < 1000


def test_bytes_of_another_encoding_are_set_aside_with_their_line(tmp_path: Path) -> None:
    body = "a,b\n1,한국\n".encode() + "2,한국\n".encode("cp949") + "3,한국\n".encode()
    assert [(line, fault) for line, _, fault in rows(tmp_path, body)] == [
        (2, None),
        (3, "not-decodable"),
        (4, None),
    ]
    assert rows(tmp_path, "a,b\n2,한국\n".encode("cp949"), encoding="cp949") == [(2, ["2", "한국"], None)]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfid,b\n")
    assert csv_header(path, FormatRules()) == ["id", "b"]


@pytest.mark.parametrize("body", [b"", b"\n", b'"id', b"\xff\xfei\x00d\x00", b"i\xffd,b\n"])
def test_a_header_that_cannot_be_read_is_refused_before_any_row(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(body)
    with pytest.raises(InputError, match=r"t\.csv"):
        csv_header(path, FormatRules())


def test_delimiter_and_quote_are_those_of_the_mapping(tmp_path: Path) -> None:
    assert rows(tmp_path, b"a;b\n'1;1';2,5\n", delimiter=";", quote="'") == [(2, ["1;1", "2,5"], None)]


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2))
)
def test_what_a_writer_quotes_is_read_as_it_was(table: list[list[str]]) -> None:
    import csv
    import io
    from tempfile import TemporaryDirectory

    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", "b"], *table])
    with TemporaryDirectory() as folder:
        found = rows(Path(folder), text.getvalue().encode())
    assert [cells for _, cells, _ in found] == table
    assert [fault for _, _, fault in found] == [None] * len(table)
