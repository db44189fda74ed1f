"""The synthetic country: made once, alive while it is served, and gone on with."""

from __future__ import annotations

import json
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tidewaiter.bootstrap import Installation, installation
from tidewaiter.cli import demo_past, demo_people, demonstration
from tidewaiter.cli.demo_past import Country, Past, SteppingClock
from tidewaiter.cli.demonstration import Demonstration
from tidewaiter.core.control import ControlResult
from tidewaiter.flow.ports.inspections import Assignment, Wanted
from tidewaiter.settings import Settings

DECLARATIONS = 900
NOW = datetime.now(UTC)


def country_of(settings: Settings, declarations: int = DECLARATIONS) -> Country:
    return Country.of(settings.data, seed=1, declarations=declarations, today=NOW.date())


def make_past(settings: Settings, told: list[str], declarations: int = DECLARATIONS) -> list[ControlResult]:
    country = country_of(settings, declarations)
    clock = SteppingClock(country.recent)
    with installation(settings, clock=clock) as here:
        return Past(here=here, clock=clock, country=country, say=told.append).make(NOW)


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
    backlog = make_past(settings, told)
    assert Country.kept(settings.data)
    with installation(settings) as here:
        country = Demonstration(here, country_of(settings), say=told.append)
        country.introduce()
        past, lived = journal(here), decided(here)
        assert past > DECLARATIONS
        assert 0 < lived < DECLARATIONS / 4
        assert here.services.learning.models()[1] is not None
        with country.going_on(backlog):
            wait_until_decided(here, lived + 40)
        count = decided(here)
        assert count >= lived + 40
        assert journal(here) > past + count - lived  # results came back, too
        assert here.services.look_up.state().model is not None
        people = json.loads((tmp_path / "country" / demo_people.FILE_NAME).read_text())
        for name, code in demo_people.codes(tmp_path / "country").items():
            opened = here.services.sessions.open(name, people[name]["password"], code, address="")
            assert opened.signed_in.person.roles == {people[name]["role"]}
            assert any(name in line and people[name]["password"] in line for line in told)
        waiting = here.services.authoring.version(demo_people.PROFILE["code"], 1)
        assert (waiting.version.stage.value, waiting.version.writers) == ("submitted", {"ada"})
        assert json.loads(waiting.steps[-1].evidence)["decisions"] > 0
    assert stat.S_IMODE((tmp_path / "country" / demo_people.FILE_NAME).stat().st_mode) == 0o600
    key = tmp_path / "country" / "demo-key.txt"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with installation(settings) as here:
        assert here.services.administration.client_of(key.read_text().strip()) is not None
        country = Demonstration(here, country_of(settings), say=told.append)
        country.introduce()
        assert decided(here) == count
        with country.going_on():
            wait_until_decided(here, count + 5)
        assert decided(here) >= count + 5
        assert len(here.services.authoring.one(demo_people.PROFILE["code"]).versions) == 1
        assert len(here.services.people.all()) == len(demo_people.PEOPLE)
    assert not any("not decided" in line for line in told)


def test_the_weeks_before_today_are_lived_through_at_their_own_instants(tmp_path: Path) -> None:
    settings, told = Settings(data=tmp_path / "country"), list[str]()
    backlog = make_past(settings, told)
    recent = country_of(settings).recent
    with installation(settings) as here, here.store.read() as uow:
        found = [stored for _, stored in uow.decisions(limit=100_000)]
        at = [datetime.fromisoformat(json.loads(each.evidence)["at"]) for each in found]
        assert at == sorted(at)
        assert recent <= at[0] < recent + timedelta(days=2)
        assert NOW - timedelta(days=4) < at[-1] < NOW
        assert all(not uow.results_of(settings.source, str(each.declaration_id)) for each in backlog)
        assert uow.published("rules") is not None


def test_an_inspection_that_somebody_took_is_left_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demonstration, "_ARRIVAL_SECONDS", 0.001)
    monkeypatch.setattr(demonstration, "_INSPECTION_SECONDS", 0.0)
    settings, told = Settings(data=tmp_path / "country"), list[str]()
    monkeypatch.setattr(demo_past, "_BACKLOG", timedelta(days=30))
    backlog = make_past(settings, told)
    assert len(backlog) > 1
    mine, *others = [str(each.declaration_id) for each in backlog]
    with installation(settings) as here:
        country = Demonstration(here, country_of(settings), say=told.append)
        country.introduce()
        with here.store.write() as uow:
            (listed, *_) = uow.find_decisions(Wanted(declaration_id=mine), after=None, limit=1)
            uow.assign(Assignment(decision_id=listed.id, person="ines", by="ines", at=NOW))
        with country.going_on(backlog):
            wait_until_decided(here, decided(here) + 10)
        with here.store.read() as uow:
            assert not uow.results_of(settings.source, mine)
            assert all(uow.results_of(settings.source, each) for each in others)


def test_the_profile_that_is_proposed_finds_what_began_and_nothing_honest() -> None:
    world = Country(seed=1, size=60_000, start=NOW.date().isoformat()).world()
    parts, origin, departure = (each["="] for each in demo_people.PROFILE["when"]["all_of"])
    hit = {
        each.id for each in world.declarations()
        if each.version == 1 and each.departure_country == departure
        and any(item.hs_code.startswith(parts) and item.origin == origin for item in each.items)
    }  # fmt: skip
    schemes = [world.truth(each, 1).scheme for each in hit]
    assert len(schemes) > 5
    assert set(schemes) == {"corridor"}


def test_a_country_of_the_smallest_size_can_be_made(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "small")
    clock = SteppingClock(NOW)
    with installation(settings, clock=clock) as here:
        past = Past(here=here, clock=clock, country=country_of(settings, 100), say=lambda _: None)
        past._publish_capacity()
        assert here.services.assess([]) == []
