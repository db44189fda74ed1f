"""Criteria of another system are mapped whole, or told with row and reason; nothing is lost in between."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.folder import read_folder, write_part
from tidewaiter.adapters.starter.load import Starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.tables.selectivity import Brought, read_selectivity, write_report
from tidewaiter.core.errors import ConfigurationError, InputError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.text.printing import print_text

FIXTURES = Path(__file__).parents[3] / "fixtures" / "selectivity"


@pytest.fixture(scope="module")
def around() -> Starter:
    return load_starter(starter_folder(), REGISTRY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES, tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def brought(folder: Path, around: Starter) -> Brought:
    return read_selectivity(folder, REGISTRY, around)


def test_criteria_become_profiles_with_their_lists(brought: Brought) -> None:
    cars, watched, others, later = brought.profiles
    assert (cars.code, cars.title, cars.lane, str(cars.share)) == (
        "tx_01", "Cars at a low price", "examination", "0.5",
    )  # fmt: skip
    assert (cars.level.value, cars.offices, cars.checks) == ("office", {"PORT"}, ("check_classification",))
    assert print_text(cars.when, REGISTRY).replace('"', "") == (
        "hs_code starts with any of (8703, 8704) and origin != CN and unit_value_ratio < 0.5"
    )
    assert (watched.code, len(watched.flows)) == ("w_1", 3)
    assert print_text(watched.when, REGISTRY) == "importer in list watched_importers"
    assert print_text(others.when, REGISTRY) == "importer not in list watched_importers"
    assert (others.level.value, others.offices) == ("regional", {"PORT", "AIRP"})
    assert (later.lane, later.checks) == ("audit_later", ("review_compliance_record",))
    (named,) = brought.lists
    assert (named.code, named.entries) == ("watched_importers", {"TIN1", "TIN2"})


def test_every_criterion_is_mapped_or_told(brought: Brought) -> None:
    told = {(each.table, each.what): (each.line, each.reason) for each in brought.unmapped}
    criteria = {what: reason for (table, what), (_, reason) in told.items() if table == "criteria.csv"}
    with (FIXTURES / "criteria.csv").open(newline="") as file:
        names = {row["criterion"] for row in csv.DictReader(file)}
    assert len(brought.profiles) + len(criteria) == len(names)
    expected = {
        "G-1": "`release` is no stricter than a release", "U-1": "the field 'MOON'",
        "U-2": "the comparison 'SOUNDS'",
        "U-3": "the lane 'BLACK'", "U-4": "'no_such_feature'", "U-5": "the field 'MOON'",
        "U-6": "the list 'BROKEN' is not here", "U-7": "not active",
        "U-8": "`lane` is 'YELLOW' here and 'RED' before", "U-9": "two capital letters", "U-10": "formula",
        "U-11": "asks nothing", "U-12": "at most 2 years", "U-13": "the percentage is none",
        "U-14": "`MOON` is not defined", "U-15": "yes or no", "w 1": "another criterion is called 'w_1'",
        "": "names no criterion",
    }  # fmt: skip
    assert set(criteria) == set(expected)
    for what, reason in expected.items():
        assert reason in criteria[what], what
    assert told["criteria.csv", "U-5"][0] == 14
    assert told["lists.csv", "BROKEN"] == (5, "a code of kind `hs4` is four digits, not '203'")
    assert "does not say what this list is" in told["lists.csv", "OTHER"][1]


def test_rates_go_into_the_plan_as_far_as_it_has_them(brought: Brought, around: Starter) -> None:
    assert brought.plan is not None
    floor, top_up = brought.plan["random_floor"], brought.plan["top_up"]
    assert (floor["lane"], floor["probability"]) == ("examination", 0.02)
    assert floor["strata"] == [
        {"code": "brought-export-port", "lane": "examination", "probability": 0.05, "flows": ["export"],
         "offices": ["PORT"]},
        {"code": "brought-export", "lane": "examination", "probability": 0.01, "flows": ["export"]},
    ]  # fmt: skip
    assert top_up == {"lane": "examination", "rate": 0.1, "offices": {"AIRP": 0.15}}
    untouched = set(brought.plan) - {"random_floor", "top_up"}
    assert {key: brought.plan[key] for key in untouched} == {
        key: around.bodies["plan"][key] for key in untouched
    }
    rates = [(each.line, each.what, each.reason) for each in brought.unmapped if each.table == "rates.csv"]
    assert sorted(line for line, _, _ in rates) == [5, 5, 6, 8, 9, 10, 11, 12, 13, 14, 14]
    reasons = " ".join(reason for _, _, reason in rates)
    for said in ("draws for one lane, which", "draws for one lane here", "has one lane", "for every flow",
                 "is no control", "which is none", "say what this lane is", "say what the flow",
                 "from 0.1 to 100", "no percentage", "at most 100 per cent"):  # fmt: skip
        assert said in reasons, said


def test_what_is_mapped_can_be_brought_and_what_is_not_stands_in_a_report(
    brought: Brought, around: Starter, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_part(out, brought.profiles, brought.lists, REGISTRY, plan=brought.plan)
    content = read_folder(out, REGISTRY, around.bodies)
    assert {"tx_01", "w_1", "w_2"} < {each["code"] for each in content["rules"]["profiles"]}
    assert content["plan"] == brought.plan
    write_report(out / "unmapped.csv", brought.unmapped)
    with (out / "unmapped.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(brought.unmapped)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_tables_that_need_not_be_there_need_not(folder: Path, around: Starter) -> None:
    (folder / "lists.csv").unlink()
    (folder / "rates.csv").unlink()
    brought = read_selectivity(folder, REGISTRY, around)
    assert (brought.plan, brought.lists) == (None, ())
    assert {profile.code for profile in brought.profiles} == {"tx_01", "b_1", "w_1"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("mapping.yaml", "lanes: {RED: 7}\n", "mapping.yaml:1 /lanes/RED: text is expected"),
        ("mapping.yaml", "papers: {}\ncomparisons: {EQ: same}\n", "a comparison is one of"),
        ("mapping.yaml", "papers: 1\n", "mapping.yaml:1 /papers"),
        ("mapping.yaml", "papers: {}\nlists: {A: {code: a}}\n", "/lists/A/kind"),
        ("mapping.yaml", "paper: {}\n", "/paper: the key is not known here"),
        ("criteria.csv", "criterion,lane\nA,RED\n", "the column `field` is missing"),
        ("criteria.csv", "criterion,lane,field,comparison,value,weight\n", "Known here:"),
        ("criteria.csv", "criterion,lane,field,comparison,value,value\n", "the column is there twice"),
        ("criteria.csv", "criterion,lane,field,comparison,value\nA\n", "the line has 1 cells"),
        ("lists.csv", "", "empty"),
        ("rates.csv", "lane\n\x00\n", "NUL"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_refused_in_words(
    folder: Path, around: Starter, name: str, content: str, told: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises((ConfigurationError, InputError)) as caught:
        read_selectivity(folder, REGISTRY, around)
    assert told in str(caught.value)
