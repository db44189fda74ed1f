"""Texts that are no condition: every fault is found, at its place, in words that are kept in files."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.texts import golden
from tests.unit.core.rules import kit
from tests.unit.core.rules.text.broken import BROKEN
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import DEPTH_MAX, NODES_MAX, VALUES_MAX
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.core.rules.text.grammar import parse, read_text
from tidewaiter.core.rules.text.judged import judged
from tidewaiter.core.rules.text.places import in_text

LISTS = {
    code: NamedList(code=code, kind=kind, entries=entries, source="Tests", expires=date(2027, 12, 31))
    for code, kind, entries in [
        ("borders", CodeForm.OFFICE, frozenset({"LAND"})),
        ("nations", CodeForm.COUNTRY, frozenset({"NO"})),
    ]
}


def told(text: str) -> str:
    """Return a broken text and all that its author is told."""
    shown = text if len(text) < 120 else f"{text[:117]}..."
    faults = "\n".join(in_text(text, marked) for marked in judged(text, REGISTRY, LISTS)[1])
    return f"--- {shown!r}\n{faults}\n"


@pytest.mark.parametrize("kind", BROKEN)
def test_the_faults_of_broken_texts_read_as_kept(kind: str) -> None:
    text = "\n".join(told(broken) for broken in BROKEN[kind])
    assert text == golden(f"rules/text-{kind}.txt", text), (
        "if the new text is better, run with WRITE_GOLDEN=1"
    )


def test_there_are_many_broken_texts_and_none_of_them_twice() -> None:
    every = [text for texts in BROKEN.values() for text in texts]
    assert len(every) == len(set(every)) >= 200


@pytest.mark.parametrize("text", [text for texts in BROKEN.values() for text in texts])
def test_a_broken_text_gives_no_tree_and_faults_in_the_order_of_the_text(text: str) -> None:
    node, faults = judged(text, REGISTRY, LISTS)
    assert node is None
    assert faults
    assert list(faults) == sorted(faults, key=lambda marked: marked.span)
    assert len({(marked.span, marked.fault.message) for marked in faults}) == len(faults), "said once"
    for marked in faults:
        assert 0 <= marked.span.start <= marked.span.end <= len(text)
        assert marked.fault.message[0].islower() or marked.fault.message[0] in "`U"
        assert not marked.fault.message.endswith(".")


def test_one_reading_finds_all_faults() -> None:
    text = (
        'hs3 = "22"\n  and net_mass < 5kg\n  and (origin = FR or office in borders)\n  and hs2 in ("22", 24'
    )
    with pytest.raises(ConfigurationError) as caught:
        parse(text, REGISTRY)
    places = [fault.place for fault in caught.value.faults]
    assert places == ["line 2, column 18", "line 3, column 17", "line 3, column 33",
                      "line 4, column 21", "line 4, column 23"]  # fmt: skip
    _, faults = judged(text, REGISTRY, LISTS)
    assert faults[0].fault.code == "feature-unknown"


def test_the_place_of_a_fault_in_the_meaning_is_the_word_that_is_wrong() -> None:
    text = 'hs2 = "22" and not (\n  origin in ("FR", "fr")\n)'
    (marked,) = judged(text, REGISTRY, LISTS)[1]
    assert text[marked.span.start : marked.span.end] == '"fr"'
    assert marked.fault.place == "line 2, column 20"


def test_a_condition_is_as_deep_and_large_as_in_the_written_form_and_no_more() -> None:
    leaf = 'hs2 = "22"'
    most = " or ".join([leaf] * (NODES_MAX - 1))
    values = ", ".join(str(number) for number in range(VALUES_MAX))
    for good, one_more in [
        ("not " * (DEPTH_MAX - 1) + leaf, "not " * DEPTH_MAX + leaf),
        (most, f"{most} or {leaf}"),
        (f"package_count in ({values})", f"package_count in ({values}, 5000)"),
    ]:
        assert read_text(good, REGISTRY).node is not None
        assert read_text(one_more, REGISTRY).node is None


def test_a_hostile_text_is_refused_without_deep_recursion() -> None:
    for text in ("(" * 20_000, "not " * 20_000, "all of (" * 10_000, "hs2 in (" * 10_000, "," * 20_000):
        assert read_text(text, REGISTRY).node is None


_WORDS = st.sampled_from([
    "hs2", "net_mass", "package_count", "origin", "and", "or", "not", "none", "any", "of", "in", "list", "is",
    "missing", "between", "starts", "with", "contains", "(", ")", ",", "=", "<", '"22"', "5", "2026-12-31",
    "#5", "true", '"', "`x`", "==", "5kg", "é", "\u202e", "*", "\n",
])  # fmt: skip


@given(st.lists(_WORDS, max_size=25).map(" ".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    reading = read_text(text, kit.REGISTRY)
    assert (reading.node is None) is bool(reading.faults), (
        "a refusal names its reasons, and nothing else does"
    )
    for marked in judged(text, kit.REGISTRY, LISTS)[1]:
        assert in_text(text, marked)
