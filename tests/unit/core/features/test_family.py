"""A feature that is not described does not load."""

from __future__ import annotations

import pytest

from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family, FeatureNotDescribed
from tidewaiter.core.features.registry import Kind, Scope, Value


def one(context: Context) -> Value:
    """How many there are.

    Always one.
    """
    return 1


def silent(context: Context) -> Value:
    return 1


def fragment(context: Context) -> Value:
    """A count without an end"""
    return 1


def test_a_feature_takes_its_name_from_its_function_and_its_sentence_from_the_docstring() -> None:
    family = Family("test")
    family.header(Kind.COUNT, unit="things", source="items", missing="never missing")(one)
    (feature,) = family.features
    assert (feature.name, feature.family, feature.scope, feature.kind) == (
        "one",
        "test",
        Scope.HEADER,
        Kind.COUNT,
    )
    assert (feature.unit, feature.source, feature.missing) == ("things", "items", "never missing")
    assert feature.sentence == "How many there are."
    assert feature.compute is one


@pytest.mark.parametrize("part", ["unit", "source", "missing"])
def test_a_feature_without_a_part_of_its_description_is_refused(part: str) -> None:
    parts = {"unit": "things", "source": "items", "missing": "never missing"} | {part: " "}
    words = "meaning of missing" if part == "missing" else part
    for register in (Family("test").header, Family("test").item):
        with pytest.raises(FeatureNotDescribed, match=f"BUG: feature one of family test has no {words}"):
            register(Kind.COUNT, **parts)(one)


def test_a_feature_without_docstring_is_refused() -> None:
    with pytest.raises(FeatureNotDescribed, match="feature silent of family test has no docstring"):
        Family("test").header(Kind.COUNT, unit="-", source="x", missing="x")(silent)


def test_a_docstring_that_is_no_sentence_is_refused() -> None:
    with pytest.raises(FeatureNotDescribed, match="does not begin with a sentence"):
        Family("test").header(Kind.COUNT, unit="-", source="x", missing="x")(fragment)


def test_a_name_in_capitals_is_refused() -> None:
    with pytest.raises(FeatureNotDescribed, match="a feature is called 'Big'"):
        Family("test").add("Big", Scope.HEADER, Kind.COUNT, "-", "x", "x", "A sentence.", one)


def test_the_meaning_of_missing_cannot_be_left_out() -> None:
    with pytest.raises(TypeError, match="missing"):
        Family("test").header(Kind.COUNT, unit="-", source="x")(one)  # type: ignore[call-arg]
