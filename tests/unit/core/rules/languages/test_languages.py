"""Each language has every word: a new operator, feature or unit is missed here until it is written."""

from __future__ import annotations

import re

import pytest

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.checks.known import OPERATORS
from tidewaiter.core.rules.languages.known import LANGUAGES
from tidewaiter.core.rules.languages.language import Language
from tidewaiter.core.rules.nodes import Comparison

EVERY = pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
CODES = {
    *(f"{kind}.{operator}" for kind in Kind for operator in OPERATORS[kind] - {"is_missing"}),
    *(f"fields.{comparison.value}" for comparison in Comparison),
    *("is_missing", "is_present", "none_of", "not", "and", "or", "comma", "true", "false", "quoted"),
    "more.other",
}


def test_the_languages_of_the_product_are_there() -> None:
    assert list(LANGUAGES) == ["en", "fr", "es", "pt", "ar"]
    assert [language.tag for language in LANGUAGES.values()] == list(LANGUAGES)


@EVERY
def test_a_language_has_every_message_with_the_blanks_of_the_english_one(language: Language) -> None:
    assert not CODES - set(language.messages), "write these messages"
    for code in CODES:
        blanks = re.findall(r"\{(\w+)\}", language.messages[code])
        assert sorted(blanks) == sorted(re.findall(r"\{(\w+)\}", LANGUAGES["en"].messages[code])), code


@EVERY
def test_a_language_names_every_feature_each_in_words_of_its_own(language: Language) -> None:
    names = {feature.name: language.phrase(feature.name) for feature in REGISTRY}
    twice = [name for name in names.values() if list(names.values()).count(name) > 1]
    assert not twice, "two features must not be called the same"
    assert not [name for name in names.values() if "_" in name or name != name.strip()]


@EVERY
def test_a_language_says_every_unit_of_a_number(language: Language) -> None:
    for feature in REGISTRY:
        if feature.kind in {Kind.AMOUNT, Kind.RATIO, Kind.COUNT}:
            spoken = language.unit(feature.unit, "2")
            english = language.tag == "en" or feature.unit == "kg"
            assert english or feature.unit in language.units, f"write {feature.unit!r} in {language.name}"
            assert spoken == "" or spoken.startswith(" ")


@pytest.mark.parametrize(
    ("tag", "forms"),
    [
        ("en", {"0": "days", "1": "day", "1.5": "days", "2": "days", "11": "days"}),
        ("fr", {"0": "jour", "1": "jour", "1.5": "jour", "2": "jours", "11": "jours"}),
        ("es", {"0": "días", "1": "día", "1.5": "días", "2": "días", "11": "días"}),
        ("pt", {"0": "dia", "1": "dia", "1.5": "dia", "2": "dias", "11": "dias"}),
        ("ar", {"0": "يوم", "1": "يوم", "1.5": "يوم", "3": "أيام", "11": "يومًا", "100": "يوم"}),
    ],
)  # fmt: skip
def test_a_unit_has_the_form_of_its_number(tag: str, forms: dict[str, str]) -> None:
    """The categories are those of CLDR, 'Language Plural Rules'."""
    language = LANGUAGES[tag]
    assert {number: language.unit("days", number).strip() for number in forms} == forms
    assert language.unit("days", "-3") == language.unit("days", "3")


@pytest.mark.parametrize(
    ("word", "right", "joined"),
    [
        ("or", "FR", "A o FR"), ("or", "OM", "A u OM"), ("or", "«HORNO»", "A u «HORNO»"),
        ("or", "8", "A u 8"), ("or", "11", "A u 11"), ("or", "110", "A o 110"),
        ("and", "importador nuevo: sí", "A e importador nuevo: sí"), ("and", "el origen", "A y el origen"),
        ("and", "(importador nuevo: sí o no)", "A e (importador nuevo: sí o no)"),
        ("and", "hielo", "A y hielo"),
    ],
)  # fmt: skip
def test_spanish_joins_by_the_sound_of_the_next_word(word: str, right: str, joined: str) -> None:
    assert LANGUAGES["es"].joined(word, "A", right) == joined


def test_values_are_kept_apart_where_the_text_runs_the_other_way() -> None:
    assert LANGUAGES["ar"].value("+1.5 / 64") == "\u2068+1.5 / 64\u2069"
    assert LANGUAGES["fr"].number("1000.5") == "1000,5"
    assert LANGUAGES["en"].value("FR") == "FR"
