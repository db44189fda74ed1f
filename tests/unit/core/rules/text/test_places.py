"""Places in a text, as people see them."""

from __future__ import annotations

import pytest

from tidewaiter.core.rules.text.places import Span, in_text, line_and_column
from tidewaiter.core.rules.text.stream import mark


def shown(text: str, start: int, end: int, hint: str | None = None) -> list[str]:
    """Return the lines that are shown of a fault from *start* to *end*."""
    return in_text(text, mark(text, Span(start, end), "code", "it is wrong", hint)).split("\n")


@pytest.mark.parametrize(
    ("offset", "place"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (5, (3, 2))]
)
def test_lines_and_columns_count_from_one(offset: int, place: tuple[int, int]) -> None:
    assert line_and_column("ab\n\nc", offset) == place


def test_the_stretch_is_underlined_and_the_hint_stands_below() -> None:
    assert shown("ab cde\nx", 3, 6, "Do this.") == [
        "line 1, column 4: it is wrong", "  1 | ab cde", "    |    ^^^", "    = Do this.",
    ]  # fmt: skip


def test_the_end_has_a_mark_behind_the_last_character() -> None:
    assert shown("ab", 2, 2)[1:] == ["  1 | ab", "    |   ^"]
    assert shown("", 0, 0)[1:] == ["  1 | ", "    | ^"]


def test_wide_characters_take_two_columns_and_invisible_ones_are_seen() -> None:
    assert shown("船 x", 2, 3)[1:] == ["  1 | 船 x", "    |    ^"]
    assert shown("\u202ex", 1, 2)[1:] == ["  1 | \ufffdx", "    |  ^"]
    assert shown("\tx", 1, 2)[1:] == ["  1 |  x", "    |  ^"]


def test_of_a_long_line_the_part_around_the_fault_is_shown() -> None:
    text = "a" * 500 + "HERE" + "b" * 500
    _, line, marks = shown(text, 500, 504)
    assert len(line) < 120
    assert line[marks.index("^") :].startswith("HERE")
    assert marks.count("^") == 4


def test_a_stretch_over_several_lines_is_underlined_on_its_first() -> None:
    assert shown("ab\ncd", 1, 5)[1:] == ["  1 | ab", "    |  ^"]
