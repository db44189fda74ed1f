"""Strict YAML 1.2: Norway stays Norway, and every fault has its line."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.texts import faults_in_words, golden
from tidewaiter.adapters.starter.strict_yaml import BYTES_MAX, DEPTH_MAX, Sheet, read_yaml
from tidewaiter.core.errors import ConfigurationError, Fault


def read(text: str | bytes) -> Sheet:
    return read_yaml(text if isinstance(text, bytes) else text.encode(), "a.yaml")


def faults_of(text: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return caught.value.faults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("NA", "NA"),
        ("'0101'", "0101"),
        ('"0101"', "0101"),
        ("010121A", "010121A"),
        ("22:30", "22:30"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("=", "="),
        ("<", "<"),
        ("true", True),
        ("False", False),
        ("7", 7),
        ("-7", -7),
        ("0", 0),
        ("0.10", 0.1),
        ("", None),
        ("~", None),
        ("null", None),
        ("'null'", "null"),
        ("[a, 1, [true]]", ["a", 1, [True]]),
        ("{}", {}),
        (">-\n  two\n  lines\n", "two lines"),
        ("|\n  0101\n", "0101\n"),
    ],
)
def test_a_value_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    found = read(f"key: {text}").data["key"]
    assert found == value
    assert type(found) is type(value)


#: Texts that are refused.
REFUSED: list[str | bytes] = [
    "",
    "# nothing\n",
    "a: 1\nb: 2\na: 3\n",
    "a: {x: 1, x: 2, y: {z: 1, z: 2}}\n",
    "code: 010121\n",
    "code: 0x1F\ncode2: 0o17\ncode3: 1e5\ncode4: .inf\ncode5: .5\n",
    "code: 1234567890123456789\n",
    "a: &x 1\nb: *x\n",
    "*x : 1\n",
    "a: !!python/object:os.system ls\nb: !mine 5\n",
    "1: a\ntrue: b\n~: c\n",
    "? [a, b]\n: c\n",
    "a: 1\n---\nb: 2\n",
    "a: [1, 2\n",
    "a: 'open\n",
    "a: b: c\n",
    "\tb: 1\n",
    "a: \x01\n",
    b"a: 1\nb: \xff\xfe\n",
    "[" * (DEPTH_MAX + 1),
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_strict_is_refused_with_a_place(text: str | bytes) -> None:
    faults = faults_of(text)
    assert faults
    assert all(fault.place.startswith("a.yaml") for fault in faults)


def test_the_faults_of_files_read_as_kept() -> None:
    texts = [f"{str(text)[:60]!r}\n{faults_in_words(faults_of(text))}" for text in REFUSED]
    text = "\n".join(texts)
    assert text == golden("starter/yaml-faults.txt", text), (
        "if the new text is better, run with WRITE_GOLDEN=1"
    )


def test_a_duplicate_key_keeps_the_first_value_apart_and_names_both_lines() -> None:
    (fault,) = faults_of("lane: scan\nshare: 1\nlane: release\n")
    assert (fault.code, fault.place, fault.value) == ("duplicate-key", "a.yaml:3", "lane")
    assert "line 1" in fault.message


def test_a_file_too_large_or_too_deep_is_refused_at_once() -> None:
    begun = time.process_time()
    assert faults_of(b"a" * (BYTES_MAX + 1))[0].code == "too-large"
    assert faults_of("[" * 1_000_000)[-1].code == "too-deep"
    assert time.process_time() - begun < 5, "depth must not cost more than its bound"


def test_the_billion_laughs_are_not_told() -> None:
    text = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
    assert {fault.code for fault in faults_of(text)} == {"alias"}


def test_every_value_knows_its_line() -> None:
    sheet = read("a: 1\nb:\n  - x\n  - {c/d: y,\n     e: z}\n")
    assert sheet.data == {"a": 1, "b": ["x", {"c/d": "y", "e": "z"}]}
    lines = {"/a": 1, "/b": 3, "/b/0": 3, "/b/1": 4, "/b/1/c~1d": 4, "/b/1/e": 5}
    assert {pointer: sheet.line(pointer) for pointer in lines} == lines
    assert sheet.line("/b/1/e/nothing/there") == 5, "the nearest value that holds it"


def test_a_fault_is_located_in_its_file() -> None:
    sheet = read("a: 1\nb:\n  c: 2\n")
    for place, within, located in (
        ("/b/c", "", "a.yaml:3 /b/c"),
        ("/", "", "a.yaml:1"),
        ("/profiles/x/b/d", "/profiles/x", "a.yaml:3 /b/d"),
    ):
        fault = Fault(code="x", place=place, message="m")
        assert sheet.locate(fault, within).place == located


@given(st.text(alphabet="ab01:-?[]{},&*!|>'\"%@`# \n\t~.", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        sheet = read(text)
    except ConfigurationError as error:
        refusal = error.faults
    else:
        refusal = ()
        assert sheet.lines
    assert all(fault.place and fault.message for fault in refusal)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(alphabet="aÅ0\"'\\\n :#", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet="aNO0/~", max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(_VALUES)
def test_json_is_read_as_itself(value: Any) -> None:
    assert read(json.dumps(value, ensure_ascii=False)).data == value
