"""One meaning: the specification, the live and the replay evaluation, and SQL on two databases agree."""

from __future__ import annotations

from random import Random  # noqa: TID251 - seeded by the law
from unittest import mock

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.postgresql_stores import postgresql_url  # noqa: F401 - a fixture is found by its name
from tests.fakes.random_rules import (
    CODES,
    EVALUATIONS,
    TEXTS,
    by_postgresql,
    by_reference,
    differences,
    random_rows,
    random_rules,
)
from tidewaiter.core.rules import sql

RULES, ROWS = 50, 40
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("name", EVALUATIONS)
@given(seed=seeds)
@settings(max_examples=12)
def test_every_evaluation_agrees_with_the_specification(name: str, seed: int) -> None:
    random = Random(seed)
    rules, rows = random_rules(random, RULES), random_rows(random, ROWS)
    assert differences(by_reference(rules, rows), EVALUATIONS[name](rules, rows)) == []


@given(seed=seeds)
@settings(max_examples=8)
def test_postgresql_agrees_with_the_specification(postgresql_url: str, seed: int) -> None:  # noqa: F811
    random = Random(seed)
    rules, rows = random_rules(random, RULES), random_rows(random, ROWS)
    assert differences(by_reference(rules, rows), by_postgresql(postgresql_url)(rules, rows)) == []


def test_the_random_pairs_have_every_answer_often_enough() -> None:
    random = Random(1)
    answers = [
        answer
        for of_rule in by_reference(random_rules(random, 300), random_rows(random, 30))
        for answer in of_rule
    ]
    assert min(answers.count(answer) for answer in (True, False, None)) > len(answers) / 10


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_text_is_the_same_under_every_setting_of_postgresql(postgresql_url: str, setting: str) -> None:  # noqa: F811
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        connection.execute(f"SET standard_conforming_strings = {setting}".encode())
        for text in [*CODES, *TEXTS, "\\' OR TRUE --", "\\\\'"]:
            assert connection.execute(f"SELECT {sql.quoted(text)}".encode()).fetchone() == (text,)


# -- planted faults: the law sees each of them within 2,000 pairs


@pytest.mark.parametrize(
    ("where", "fault", "blind"),
    [
        ("tidewaiter.core.rules.sql._Renderer._present", lambda self, feature: "TRUE", "duckdb"),
        ("tidewaiter.core.rules.sql._CONTRARY", sql._SAME, "duckdb"),
        ("tidewaiter.core.rules.classes.bisect_left", lambda cuts, value: len(cuts), "live"),
        ("tidewaiter.core.rules.live.present", lambda value: value, "live"),
        ("tidewaiter.adapters.columns.truth._fits", lambda cut, values: False, "columns"),
        ("tidewaiter.adapters.columns.truth._all", lambda truths, count: next(iter(truths)), "columns"),
    ],
)
def test_a_planted_fault_is_seen(where: str, fault: object, blind: str) -> None:
    random = Random(7)
    rules, rows = random_rules(random, RULES), random_rows(random, ROWS)
    expected = by_reference(rules, rows)
    assert differences(expected, EVALUATIONS[blind](rules, rows)) == []
    with mock.patch(where, fault):
        assert differences(expected, EVALUATIONS[blind](rules, rows))
