"""What is printed is read back as it was, whatever the texts hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidewaiter.adapters.starter.print_yaml import print_yaml
from tidewaiter.adapters.starter.strict_yaml import read_yaml
from tidewaiter.core.errors import ConfigurationError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["NO", "no", "null", "~", "", " ", "a: b", "- a", "# x", "0101", "1e5", "2026-01-01", "{", "[a]", "'",
     '"', "a\nb", "a\n b", "a\n\nb", "a \nb", "\ufeff", "\x85", "\u2028", "\x7f", "é", "日本", "🙂",
     "a #b", "=1+1"]
)  # fmt: skip
NUMBERS = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False).map(
    lambda number: round(number, 8) if abs(number) < 1e8 else 0.5
)
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none()
DATA = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=40) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=30,
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def read(text: str) -> Any:
    return read_yaml(text.encode(), "x.yaml").data


@given(DATA)
@example({"when": "hs2 = 22\nand origin = NO"})
@example({"rate": 1e-7, "whole": 3.0, "odd": 0.30000000000000004})
def test_what_is_printed_is_read_back_as_it_was(data: dict[str, Any]) -> None:
    back = read(print_yaml(data))
    assert back == data
    assert [type(each) for each in back.values()] == [type(each) for each in data.values()]


def test_it_reads_as_people_write_it() -> None:
    data = {
        "code": "phones", "share": "0.5", "flows": ["import"], "note": "Weigh: the goods.",
        "when": "hs6 = 851713\nand net_mass < 1",
        "strata": [{"code": "a", "flows": ["export"], "probability": 0.01}],
        "entries": [f"{n:06}" for n in range(14)], "offices": {}, "deep": {"one": {"two": [{"three": [1]}]}},
    }  # fmt: skip
    assert (
        print_yaml(data)
        == """\
code: phones
share: "0.5"
flows: [import]
note: "Weigh: the goods."
when: |-
  hs6 = 851713
  and net_mass < 1
strata:
  - code: a
    flows: [export]
    probability: 0.01
entries: [
  "000000", "000001", "000002", "000003", "000004", "000005", "000006", "000007", "000008",
  "000009", "000010", "000011", "000012", "000013",
]
offices: {}
deep:
  one:
    two:
      - three: [1]
"""
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(ConfigurationError, match="not finite"):
        print_yaml({"rate": number})
