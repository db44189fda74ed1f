"""The command line tells where profiles stand, and changes none."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import TODAY, Run, read
from tests.fakes.people import enrol
from tidewaiter.bootstrap import installation
from tidewaiter.settings import Settings

CODE = "drug_precursors"


def test_profiles_are_listed_and_shown_with_their_versions(run: Run) -> None:
    assert run("publish").code == 0
    listed = run("profiles", "list", "--json").json["profiles"]
    (new,) = [each for each in listed if each["code"] == CODE]
    assert new["in_force"] == 1
    assert new["versions"] == []

    with installation(Settings()) as here:
        enrol(here.services.people, "ada", "analyst")
        ada, today = here.services.people.one("ada"), here.services.clock.now().date()
        here.services.authoring.extend(CODE, today, by=ada)
    told = run("profiles", "list")
    assert "version 2: draft since" in told.out
    shown = run("profiles", "show", CODE, "--json").json
    assert [(each["number"], each["stage"]) for each in shown["versions"]] == [(1, "live"), (2, "draft")]
    assert "written by ada" in run("profiles", "show", CODE).out


def test_a_profile_that_is_not_there_is_told(run: Run) -> None:
    assert run("publish").code == 0
    told = run("profiles", "show", "nothing_like_it")
    assert told.code == 4
    assert "There is no profile 'nothing_like_it'" in told.err


PROFILE = """\
owner: ada
risk_area: valuation
flows: [import]
level: national
valid_from: "2026-01-01"
valid_until: "2027-12-31"
lane: examination
share: "1"
unknown: undecided
when:
  all_of:
    - {feature: origin, in: [CN]}
    - {feature: customs_value, ">": "45000"}
"""


def test_the_impact_of_a_profile_in_a_file_is_told_in_figures(
    run: Run, data: Path, today: Path, tmp_path: Path
) -> None:
    assert run("assess", today, "--mapping", "kcs", "--out", "out.csv", "--data", data).code == 0
    file = tmp_path / "dear.yaml"
    file.write_text(PROFILE, encoding="utf-8")
    dear = sum(float(row["Item Price"]) > 45_000 for row in read(today))
    assert 0 < dear < TODAY

    told = run("profiles", "impact", file, "--data", data, "--json")
    figures = told.json
    assert (figures["decisions"], figures["matches"]) == (TODAY, dear)
    assert [step["left"] for step in figures["steps"]] == [TODAY, dear]
    assert figures["hit_rate"] == {"inspected": 0, "irregular": 0, "interval": None}
    assert "IMP1" not in told.out  # no importer is named at the command line

    words = run("profiles", "impact", file, "--data", data).out
    assert f"{TODAY} decisions asked: {dear} match, 0 undecided." in words
    assert "0 of 0; too few to judge." in words
    assert "not enough evidence to estimate" in words


def test_a_file_that_is_no_profile_has_no_impact(run: Run, tmp_path: Path) -> None:
    assert run("publish").code == 0
    file = tmp_path / "list.yaml"
    file.write_text("- CN\n", encoding="utf-8")
    told = run("profiles", "impact", file)
    assert told.code == 4
    assert "`list.yaml` is no profile" in told.err
    file.write_text(PROFILE.replace("customs_value", "customs_valve"), encoding="utf-8")
    told = run("profiles", "impact", file)
    assert told.code == 4
    assert "customs_valve" in told.err
