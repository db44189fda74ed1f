"""The command line tells where profiles stand, and changes none."""

from __future__ import annotations

from tests.cli.conftest import Run
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
