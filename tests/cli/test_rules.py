"""Conditions at the command line: checked, printed in both forms, put into words."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tidewaiter.adapters.starter.paths import starter_folder

CARS = 'hs4 = "8703" and unit_value_ratio < 0.6 and origin in ("FR", "IT")'


def written(text: str, name: str = "cars.rule") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_condition_has_nothing_to_be_said_of_it(run: Run, tmp_path: Path) -> None:
    told = run("rules", "check", written(CARS))
    assert (told.code, told.out) == (0, "cars.rule: nothing to say.\n")
    assert run("rules", "check", "cars.rule", "--json").json == {"faults": [], "remarks": []}
    assert not (tmp_path / "tidewaiter-data").exists(), "nothing is made on the way"


def test_every_fault_is_told_with_its_line_underlined(run: Run) -> None:
    path = written('hs3 = "87" and\n  net_mass < 5kg and origin in list nowhere')
    told = run("rules", "check", path)
    assert told.code == 4
    assert "  2 |   net_mass < 5kg and origin in list nowhere\n    |              ^^^\n" in told.out
    faults = run("rules", "check", path, "--json").json["faults"]
    assert [fault["code"] for fault in faults] == ["feature-unknown", "word", "list-unknown"]
    assert faults[0]["place"] == "cars.rule, line 1, column 1"
    assert faults[0]["hint"] == "Did you mean `hs6`?"


def test_what_is_surely_not_meant_is_told_and_ends_with_three(run: Run) -> None:
    told = run("rules", "check", written('hs2 = "22" and hs4 = "8703"'))
    assert told.code == 3
    assert "the condition never holds" in told.out


def test_text_and_data_are_two_forms_of_the_same(run: Run) -> None:
    data = run("rules", "print", written(CARS), "--form", "json")
    again = run("rules", "print", written(data.out, "cars.json"))
    assert (again.code, again.out) == (0, f"{CARS}\n")
    both = run("rules", "print", "cars.json", "--json").json
    assert (both["text"], both["data"]) == (CARS, json.loads(data.out))


def test_a_profile_is_checked_with_its_papers_and_beside_the_others(run: Run) -> None:
    text = (starter_folder() / "profiles" / "drug_precursors.yaml").read_text()
    twin = written(text.replace("code: drug_precursors", "code: twin", 1), "twin.yaml")
    told = run("rules", "check", twin)
    assert told.code == 3
    assert "profile `drug_precursors` finds everything that this profile finds" in told.out
    broken = written(text.replace("in_list: drug_precursors", "in_list: drug_precursor", 1), "broken.yaml")
    told = run("rules", "check", broken)
    assert told.code == 4
    assert "broken.yaml:" in told.out
    assert "Did you mean `drug_precursors`?" in told.out


def test_a_condition_is_put_into_words_in_a_language(run: Run) -> None:
    path = written(CARS)
    assert "HS heading is 8703 and unit value ratio" in run("rules", "sentence", path).out
    assert "l’origine est FR ou IT" in run("rules", "sentence", path, "--language", "fr").out
    told = run("rules", "sentence", path, "--language", "ar", "--json").json
    assert told["language"] == "ar"
    assert "\u2068FR\u2069" in told["sentence"]
    assert run("rules", "sentence", path, "--language", "tlh").code == 2


def test_what_cannot_be_read_is_told_and_never_ends_in_a_trace(run: Run) -> None:
    for content in (b"\xff\xfe", b"", b"hs2 ="):
        Path("odd.rule").write_bytes(content)
        told = run("rules", "sentence", "odd.rule")
        assert told.code == 4
        assert "odd.rule" in told.err
        assert "Traceback" not in told.err
    assert run("rules", "check", written("- a list", "odd.yaml")).code == 4
    assert run("rules", "check", written("when: [", "odd.yaml")).code == 4
    assert run("rules", "check", "missing.rule").code == 2
