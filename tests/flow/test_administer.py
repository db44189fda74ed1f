"""Content is published whole or not at all; keys are shown once and end at once."""

from __future__ import annotations

import json

import pytest

from tests.fakes import trade
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import SOURCE, FakeClock, Site, starter_bodies
from tidewaiter.core.errors import ConfigurationError, Conflict, NotFound
from tidewaiter.flow.administer import Administration, Scope
from tidewaiter.flow.content import KINDS

ALL = frozenset(Scope)


def publications(site: Site) -> list[tuple[str, str]]:
    with site.store.read() as uow:
        return [(each.kind, each.version) for kind in KINDS for each in uow.publications(kind)]


def test_the_same_content_is_published_once() -> None:
    site = Site()
    before = publications(site)
    assert site.publish(starter_bodies()) == site.services.administration.published()
    assert publications(site) == before


def test_only_what_changed_is_published_anew() -> None:
    site = Site()
    before = site.services.administration.published()
    bodies = starter_bodies()
    bodies["plan"]["exploration"]["share"] = 0.2
    after = site.publish(bodies)
    assert {kind for kind in KINDS if before[kind] != after[kind]} == {"plan"}
    assert len(publications(site)) == len(KINDS) + 1


def test_content_can_be_taken_back_by_publishing_the_old_one() -> None:
    site = Site()
    first = site.services.administration.published()
    bodies = starter_bodies()
    bodies["plan"]["exploration"]["share"] = 0.2
    site.publish(bodies)
    assert site.publish(starter_bodies()) == first == site.services.administration.published()


def test_one_fault_publishes_nothing_and_every_fault_is_named() -> None:
    site = Site()
    before = publications(site)
    bodies = starter_bodies()
    bodies["checks"]["checks"][0]["words"] = {"en": "Changed."}
    bodies["plan"]["random_floor"]["probability"] = 1.5
    bodies["plan"]["exploration"]["share"] = -1
    with pytest.raises(ConfigurationError) as caught:
        site.publish(bodies)
    assert len(caught.value.faults) == 2
    assert publications(site) == before


@pytest.mark.parametrize(("member", "value"), [("lane", "no_such_lane"), ("checks", ["no_such_check"])])
def test_a_profile_that_names_what_nobody_defined_is_not_published(member: str, value: object) -> None:
    site = Site()
    bodies = starter_bodies()
    bodies["rules"]["profiles"][0][member] = value
    with pytest.raises(ConfigurationError, match=r"no_such"):
        site.publish(bodies)


def test_a_lane_that_was_in_force_stays() -> None:
    site = Site()
    bodies = starter_bodies()
    for profile in bodies["rules"]["profiles"]:
        profile["lane"] = "documents" if profile["lane"] == "audit_later" else profile["lane"]
    bodies["lanes"]["lanes"] = [lane for lane in bodies["lanes"]["lanes"] if lane["code"] != "audit_later"]
    with pytest.raises(ConfigurationError, match="audit_later"):
        site.publish(bodies)
    bodies["lanes"]["lanes"] += [
        lane for lane in starter_bodies()["lanes"]["lanes"] if lane["code"] == "audit_later"
    ]
    assert site.publish(bodies)["rules"] != Site().services.administration.published()["rules"]


def test_a_key_is_made_once_shown_once_and_known_by_its_digest() -> None:
    store = MemoryStore()
    administration = Administration(store=store, clock=FakeClock())
    made = administration.add_key("port", SOURCE, frozenset({Scope.DECISIONS_READ}))
    assert administration.client_of(made.key) == made.client
    assert made.client.scopes == {"decisions:read"}
    assert made.key not in repr(store.state)
    assert made.key.split("_", 2)[-1] not in repr(store.state)


def test_no_two_keys_are_alike_and_a_name_in_use_is_refused() -> None:
    administration = Administration(store=MemoryStore(), clock=FakeClock())
    keys = {administration.add_key(f"system-{n}", SOURCE, ALL).key for n in range(20)}
    assert len(keys) == 20
    with pytest.raises(Conflict, match="system-3"):
        administration.add_key("system-3", SOURCE, ALL)


def test_a_revoked_key_ends_at_once_and_its_name_can_be_used_again() -> None:
    administration = Administration(store=MemoryStore(), clock=FakeClock())
    old = administration.add_key("port", SOURCE, ALL)
    assert administration.revoke_key("port").revoked_at is not None
    assert administration.client_of(old.key) is None
    new = administration.add_key("port", SOURCE, ALL)
    assert administration.client_of(new.key) == new.client
    assert administration.client_of(old.key) is None
    assert len(administration.keys()) == 2


def test_what_another_process_did_to_a_key_counts_for_the_next_request() -> None:
    store = MemoryStore()
    here, there = (Administration(store=store, clock=FakeClock()) for _ in range(2))
    made = there.add_key("port", SOURCE, ALL)
    assert here.client_of(made.key) == made.client
    other = there.add_key("airport", SOURCE, ALL)
    assert here.client_of(other.key) == other.client, "a new key is taken at once"
    there.revoke_key("port")
    assert here.client_of(made.key) is None
    assert here.client_of(other.key) == other.client


def test_a_clock_that_is_put_back_does_not_lengthen_the_life_of_a_revoked_key() -> None:
    store, clock = MemoryStore(), FakeClock()
    here, there = (Administration(store=store, clock=clock) for _ in range(2))
    made = here.add_key("port", SOURCE, ALL)
    assert here.client_of(made.key) == made.client
    there.revoke_key("port")
    clock.advance(days=-1)
    assert here.client_of(made.key) is None


def test_a_key_that_is_not_there_cannot_be_revoked() -> None:
    administration = Administration(store=MemoryStore(), clock=FakeClock())
    with pytest.raises(NotFound):
        administration.revoke_key("port")
    administration.add_key("port", SOURCE, ALL)
    administration.revoke_key("port")
    with pytest.raises(NotFound):
        administration.revoke_key("port")


@pytest.mark.parametrize("guess", ["", "tw", "tw__", "clé", "x" * 10_000])
def test_a_guess_is_nobody(guess: str) -> None:
    administration = Administration(store=MemoryStore(), clock=FakeClock())
    key = administration.add_key("port", SOURCE, ALL).key
    assert administration.client_of(guess) is None
    assert administration.client_of(key[:-1]) is None
    assert administration.client_of(key + "A") is None
    assert administration.client_of(key.swapcase()) is None


def test_an_amendment_after_a_publication_keeps_its_lane() -> None:
    site = Site()
    bodies = starter_bodies()
    bodies["plan"]["random_floor"]["probability"] = 1.0
    site.publish(bodies)
    first = trade.declaration(1)
    assert site.lane(first) == "examination"
    site.publish(starter_bodies())
    assert site.lane(trade.amended(first)) == "examination"
    assert json.loads(site.assess(first)[0].bytes_or_raise())["lane"] == "examination"
