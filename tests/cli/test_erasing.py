"""``tidewaiter retention``, ``hold``, ``erase`` and ``ledger rotate`` from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fakes import trade
from tests.fakes.site import SOURCE, declared
from tidewaiter import bootstrap
from tidewaiter.bootstrap import installation
from tidewaiter.settings import Settings

DATA = Path("tidewaiter-data")
POLICY = ("retention", "set", "--declaration-days", "30", "--person-days", "30")


@pytest.fixture
def decided(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Make an installation that decided on two declarations 40 days ago, and sealed."""
    with installation(Settings(data=DATA)) as here:
        for number in (1, 2):
            here.services.assess([declared(trade.declaration(number))])[0].bytes_or_raise()
        here.services.seal.seal()
    later = datetime.now(UTC) + timedelta(days=40)
    monkeypatch.setattr(bootstrap.SystemClock, "now", lambda _: later)
    return run


def test_what_is_due_is_erased_and_told_as_erased(decided: Run, tmp_path: Path) -> None:
    run = decided
    assert run("erase", "--due", "--ground", "law 5").code == 4, "there is no policy"
    assert run(*POLICY).code == 0
    assert run("retention", "show", "--json").json == {"declaration_days": 30, "person_days": 30}
    assert run("erase", "--due").code == 2, "there is no ground"
    listed = run("erase", "--due", "--dry-run", "--json").json
    assert listed == {"act": None, "declarations": [[SOURCE, "D1"], [SOURCE, "D2"]], "persons": []}
    done = run("erase", "--due", "--ground", "law 5", "--json").json
    told = run("verify", "--json").json
    assert told["holds"]
    assert told["erased"] == [{"act": done["act"], "entries": 2}]
    assert f"2 entries were erased by act {done['act']}." in run("verify").out
    assert run("ledger", "export", "b").code == 0
    key = run("ledger", "seal", "--json").json["key"]
    assert run("verify", "b", "--key", key, "--json").json["erased"] == told["erased"]
    assert run("erase", "--due", "--ground", "law 5").code == 4, "nothing is left to erase"


def test_what_is_held_is_not_erased_until_it_is_released(decided: Run) -> None:
    run = decided
    run(*POLICY)
    assert run("hold", "list", "--json").json == {"holds": []}
    held = run("hold", "place", "D1", "--source", SOURCE, "--reason", "case 12", "--json").json
    refused = run("erase", "D1", "--source", SOURCE, "--ground", "law 5")
    assert refused.code == 4
    assert "is held: case 12" in refused.out + refused.err
    assert run("erase", "--due", "--dry-run", "--json").json["declarations"] == [[SOURCE, "D2"]]
    assert run("hold", "release", str(held["number"])).code == 0
    assert run("hold", "list", "--json").json["holds"][0]["released"] is True
    assert run("erase", "D1", "--source", SOURCE, "--ground", "law 5").code == 0


def test_a_party_is_erased_wherever_it_is(decided: Run) -> None:
    run = decided
    run(*POLICY)
    assert run("erase", "--party", "T2", "--dry-run", "--json").json["declarations"] == [[SOURCE, "D2"]]
    assert run("erase", "--party", "T2", "--ground", "request 3", "--json").json["declarations"] == [
        [SOURCE, "D2"]
    ]
    assert run("erase", "--party", "T2", "--dry-run", "--json").json["declarations"] == []


def test_nobody_erases_alone_once_two_persons_can(decided: Run) -> None:
    run = decided
    run(*POLICY)
    broken = ("--break-glass", "a disk is sold")
    acts = (("erase", "D1", "--source", SOURCE, "--ground", "law 5"), POLICY)
    with installation(Settings(data=DATA)) as here:
        made = {"roles": ["manager"], "offices": ["*"], "password": "correct horse battery", "by": "root"}
        here.services.people.add("max", staff_number="1", **made)
    for act in acts:
        assert run(*act).code == 4, "one who could approve is there"
    assert run(*POLICY, *broken).code == 0, "two are not, and breaking the glass leaves a notice"
    with installation(Settings(data=DATA)) as here:
        here.services.people.add("mia", staff_number="2", **made)
    for act in acts:
        refused = run(*act, *broken)
        assert refused.code == 4
        assert "No single person" in refused.err
    assert run("erase", "--due", "--dry-run", "--json").json["declarations"] == [
        [SOURCE, "D1"],
        [SOURCE, "D2"],
    ]


def test_an_auditor_with_either_key_follows_the_ledger_over_its_handover(run: Run) -> None:
    first = run("ledger", "seal", "--json").json["key"]
    second = run("ledger", "rotate", "--json").json["key"]
    assert run("ledger", "seal", "--json").json["key"] == second != first
    assert run("ledger", "export", "b").code == 0
    for key in (first, second):
        told = run("verify", "b", "--key", key, "--json")
        assert (told.code, told.json["holds"], told.json["key"]) == (0, True, second)
    assert run("verify").code == 0
    assert run("backup", "copy").code == 0
    assert run("restore", "copy", "--data", "again", "--json").json["findings"] == []
