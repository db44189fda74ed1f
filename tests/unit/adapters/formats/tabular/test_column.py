"""A column of a table row by row: what cannot be read costs no other row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.formats.tabular.column import read_column
from tidewaiter.core.errors import InputError

CODES = st.lists(st.text("ABC012\u00e9", min_size=1, max_size=8), max_size=30)


@given(CODES)
def test_every_row_is_there_with_its_line(codes: list[str]) -> None:
    content = "\n".join(["note, entry ", *(f"x, {code}" for code in codes)]).encode()
    read = read_column(content, "entry", rows_max=1000)
    assert [(row.line, row.text) for row in read.rows] == [*enumerate(codes, 2)]
    assert not read.more


def test_blank_rows_are_none_and_an_empty_cell_is_one() -> None:
    read = read_column(b"entry,note\n\nA,\n,\n,x\n", "entry", rows_max=10)
    assert [(row.line, row.text) for row in read.rows] == [(3, "A"), (5, "")]


def test_a_row_that_cannot_be_read_is_told_and_the_others_are_read() -> None:
    read = read_column(b'entry\nA\n"B\n\xff\nC\x00\nD\n', "entry", rows_max=10)
    assert [(row.line, row.fault is None) for row in read.rows] == [
        (2, True), (3, False), (4, False), (5, False), (6, True),
    ]  # fmt: skip


def test_more_rows_than_are_wanted_are_told() -> None:
    read = read_column(b"entry\nA\nB\nC\n", "entry", rows_max=2)
    assert ([row.text for row in read.rows], read.more) == (["A", "B"], True)
    assert not read_column(b"entry\nA\nB\n", "entry", rows_max=2).more


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "is empty"), (b"\xff\xfee\x00", "UTF-16"), (b"entri\nA\n", "Did you mean `entry`|no column"),
     (b"entry,entry\n", "more than one column"), (b'"entry\nA', "cannot be read")],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(content: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_column(content, "entry", rows_max=10)
