"""The synthetic country: made once, alive while it is served, and gone on with."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest

from tidewaiter.bootstrap import Installation, installation
from tidewaiter.cli import demo_people, demonstration
from tidewaiter.cli.demonstration import Demonstration
from tidewaiter.settings import Settings

DECLARATIONS = 900


def living(here: Installation, told: list[str]) -> Demonstration:
    return Demonstration(here, seed=1, declarations=DECLARATIONS, say=told.append)


def decided(here: Installation) -> int:
    with here.store.read() as uow:
        return len(uow.decisions(limit=100_000))


def journal(here: Installation) -> int:
    with here.store.read() as uow:
        return uow.journal_end()


def wait_until_decided(here: Installation, count: int) -> None:
    until = time.monotonic() + 60
    while decided(here) < count and time.monotonic() < until:
        time.sleep(0.05)


def test_a_country_is_made_once_lives_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstration, "_ARRIVAL_SECONDS", 0.001)
    monkeypatch.setattr(demonstration, "_INSPECTION_SECONDS", 0.0)
    settings, told = Settings(data=tmp_path / "country"), list[str]()
    with installation(settings) as here:
        country = living(here, told)
        country.seed()
        country.introduce()
        past = journal(here)
        assert past > DECLARATIONS
        assert here.services.learning.models()[1] is not None
        with country.going_on():
            wait_until_decided(here, 40)
        count = decided(here)
        assert count >= 40
        assert journal(here) > past + count  # results came back, too
        assert here.services.look_up.state().model is not None
        people = json.loads((tmp_path / "country" / demo_people.FILE_NAME).read_text())
        for name, code in demo_people.codes(tmp_path / "country").items():
            opened = here.services.sessions.open(name, people[name]["password"], code, address="")
            assert opened.signed_in.person.roles == {people[name]["role"]}
            assert any(name in line and people[name]["password"] in line for line in told)
        (proposal,) = here.services.two_persons.all()
        assert (proposal.requester, proposal.approvals) == ("ada", ())
    assert stat.S_IMODE((tmp_path / "country" / demo_people.FILE_NAME).stat().st_mode) == 0o600
    key = tmp_path / "country" / "demo-key.txt"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    said, told = told, []
    with installation(settings) as here:
        assert here.services.administration.client_of(key.read_text().strip()) is not None
        country = living(here, told)
        country.seed()
        country.introduce()
        assert decided(here) == count
        with country.going_on():
            wait_until_decided(here, count + 5)
        assert decided(here) >= count + 5
        assert len(here.services.two_persons.all()) == 1
        assert len(here.services.people.all()) == len(demo_people.PEOPLE)
    assert any("Training the first model" in line for line in said)
    assert not any("Training" in line or "Making" in line for line in told)
    assert said[-1]
    assert not any("not decided" in line for line in said + told)


def test_a_country_of_the_smallest_size_can_be_made(tmp_path: Path) -> None:
    with installation(Settings(data=tmp_path / "small")) as here:
        Demonstration(here, seed=1, declarations=100, say=lambda _: None)._publish_capacity()
        assert here.services.assess([]) == []
