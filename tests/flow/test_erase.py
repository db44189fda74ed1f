"""Erase by the flow: only what may go goes, by an act, and everything that may stay still works."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import trade
from tests.fakes.ledgers import FakeKey, MemoryLedgerFiles, TurningKey
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import SOURCE, FakeClock, Site
from tests.fakes.sql_stores import DATABASES
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Party, PartyRole
from tidewaiter.core.errors import Conflict, InputError, NotFound, TidewaiterError, Unavailable
from tidewaiter.core.ledger.erasures import Erased
from tidewaiter.core.ledger.verify import Report, verify
from tidewaiter.core.retention import Retention, retention_from_plain
from tidewaiter.core.two_persons import Act
from tidewaiter.flow import erase as erase_module
from tidewaiter.flow.assess import earlier_decision
from tidewaiter.flow.erase import Erasing, Order, order_from_plain
from tidewaiter.flow.examples import past_declarations
from tidewaiter.flow.guarded_ledger import Erase, ReleaseHold, RotateKey, SetRetention
from tidewaiter.flow.ports import Person, Store
from tidewaiter.flow.ports.sign_on import Link
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.rotate import Rotation
from tidewaiter.flow.seal import Sealing
from tidewaiter.flow.two_persons import TwoPersons

POLICY = Retention(declaration_days=3650, person_days=100)
NAME = "Wachsfigurenkabinett"


class Archive:
    """A site with what seals, proves, erases and hands over."""

    def __init__(self, store: Store | None = None) -> None:
        self.site = Site(store or MemoryStore(), clock=FakeClock())
        self.key, self.files = TurningKey(), MemoryLedgerFiles()
        self.first = self.key.public
        parts = {"store": self.site.store, "clock": self.site.clock}
        self.sealing = Sealing(files=self.files, key=self.key, signature_holds=signature_holds, **parts)
        self.prove = Proving(
            store=self.site.store, files=self.files, signature_holds=signature_holds
        )  # fmt: skip
        self.erasing = Erasing(messages=json_format, sealed=self.prove.sealed, **parts)
        self.rotation = Rotation(clock=self.site.clock, key=self.key)
        acts = {
            Act.SET_RETENTION: SetRetention(self.erasing), Act.ERASE: Erase(self.erasing),
            Act.RELEASE_HOLD: ReleaseHold(self.erasing), Act.ROTATE_KEY: RotateKey(self.rotation),
        }  # fmt: skip
        self.two_persons = TwoPersons(acts=acts, **parts)
        with self.site.store.write() as uow:
            self.erasing.set_retention_in(uow, POLICY, "test")

    def decide(self, *numbers: int) -> None:
        """Decide on declarations, each with a control result, and seal."""
        for number in numbers:
            self.site.answer(declaration(number))
            self.site.record(replace(trade.result(number), officer=Identifier(NAME)))
        self.sealing.seal()

    def wait(self) -> None:
        """Let the retention of all that is recorded end."""
        self.site.clock.advance(days=POLICY.declaration_days + 1)

    def erase(self, *numbers: int, persons: tuple[str, ...] = ()) -> int:
        """Erase declarations and persons; return the act."""
        order = Order(
            declarations=tuple((SOURCE, f"D{number}") for number in numbers), persons=persons, ground="law 5"
        )
        with self.site.store.write() as uow:
            return self.erasing.erase_in(uow, order, "test")

    def account(self, name: str) -> Person:
        """Return the account of a new manager."""
        people = self.site.services.people
        added = people.add(
            name, staff_number=f"S-{name}", password="correct horse battery", roles=["manager"], by="root"
        )
        return added.person

    def rotate(self) -> None:
        """Hand the ledger over."""
        with self.site.store.write() as uow:
            self.rotation.hand_over_in(uow, "test")

    def in_place(self) -> Report:
        """Verify the installation with the key in force."""
        return self.prove.verify(self.key.public).report

    def in_bundle(self) -> Report:
        """Verify a bundle with the first key, which an auditor pinned."""
        lines = io.BytesIO(b"".join(self.prove.bundle()))
        return verify(lines, key=self.first, signature_holds=signature_holds)


def declaration(number: int) -> trade.Declaration:
    """Return a declaration with a person in it."""
    made = trade.declaration(number)
    person = Party(role=PartyRole.CONSIGNEE, id=Identifier(f"P{number}"), name=f"{NAME} {number}")
    return replace(made, parties=(*made.parties, person))


@pytest.fixture(params=[*DATABASES, "memory"])
def archive(request: pytest.FixtureRequest) -> Archive:
    """Return an archive on each store."""
    if request.param == "memory":
        return Archive()
    made: SqlStore = request.getfixturevalue(f"make_{request.param}_store")()
    return Archive(made)


def test_what_is_erased_is_told_as_erased_by_its_act(archive: Archive) -> None:
    archive.decide(1, 2, 3)
    archive.wait()
    act = archive.erase(1, 3)
    assert archive.in_place().holds, "also while the act is not sealed"
    archive.sealing.seal()
    for report in (archive.in_place(), archive.in_bundle()):
        assert report.findings == ()
        assert report.erased == (Erased(act=act, entries=4),)


def test_a_bundle_waits_until_the_act_is_sealed(archive: Archive) -> None:
    archive.decide(1)
    archive.wait()
    archive.erase(1)
    with pytest.raises(Unavailable, match="not sealed"):
        list(archive.prove.bundle())


def test_no_person_is_left_in_what_is_recorded(archive: Archive) -> None:
    archive.decide(1)
    archive.wait()
    archive.erase(1)
    with archive.site.store.read() as uow:
        trace = uow.trace(SOURCE, "D1")
        assert trace is not None
        bodies = [each.body for each in (*trace.versions, *trace.results, *uow.journal())]
        for stored in trace.decisions.values():
            bodies += [stored.evidence, stored.inputs, stored.answer]
        bodies += [leaf.body or b"" for leaf in uow.ledger()]
    assert not [body for body in bodies if NAME.encode() in body or b'"P1"' in body or b'"BL1"' in body]


def test_what_may_be_kept_is_learned_from_as_before(archive: Archive) -> None:
    archive.decide(1, 2, 3)
    with archive.site.store.read() as uow:
        before = past_declarations(uow, json_format)
    archive.wait()
    archive.erase(1, 2, 3)
    with archive.site.store.read() as uow:
        after = past_declarations(uow, json_format)
    for old, new in zip(before, after, strict=True):
        assert new.declaration.items[0].hs_code == old.declaration.items[0].hs_code
        assert new.declaration.items[0].customs_value == old.declaration.items[0].customs_value
        assert new.declaration.departure_country == old.declaration.departure_country
        assert (new.inclusion_probability, new.arm) == (old.inclusion_probability, old.arm)
        assert new.example is not None
        assert old.example is not None
        assert new.example.irregular == old.example.irregular


def test_an_amendment_of_what_was_erased_starts_from_its_lane(archive: Archive) -> None:
    archive.decide(1, 2, 3)
    with archive.site.store.read() as uow:
        before = [earlier_decision(uow, json_format, SOURCE, f"D{number}") for number in (1, 2, 3)]
    archive.wait()
    archive.erase(1, 2, 3)
    with archive.site.store.read() as uow:
        after = [earlier_decision(uow, json_format, SOURCE, f"D{number}") for number in (1, 2, 3)]
    for old, new in zip(before, after, strict=True):
        assert old is not None
        assert new is not None
        assert (new.lane, new.arm, new.inclusion_probability) == (
            old.lane,
            old.arm,
            old.inclusion_probability,
        )
        assert new.tickets == ()
    (reply,) = archive.site.restarted().assess(trade.amended(declaration(1)))
    assert json.loads(reply.bytes_or_raise())["decision_id"]


def test_the_same_message_is_not_assessed_again_and_gets_nothing_erased(archive: Archive) -> None:
    archive.decide(1)
    archive.wait()
    archive.erase(1)
    (reply,) = archive.site.restarted().assess(declaration(1))
    with pytest.raises(Conflict, match="was erased since"):
        reply.bytes_or_raise()


def test_a_decision_that_was_erased_is_not_replayed(archive: Archive) -> None:
    answer = archive.site.answer(declaration(1))
    archive.sealing.seal()
    archive.wait()
    act = archive.erase(1)
    with pytest.raises(Conflict, match=f"act {act}"):
        archive.site.services.replay(answer["decision_id"])


def test_the_impact_of_a_profile_tells_nothing_that_was_erased(archive: Archive) -> None:
    archive.decide(1, 2, 3)
    everything = {
        "owner": "ada", "risk_area": "valuation", "flows": ["import"], "level": "national",
        "valid_from": "2026-06-01", "valid_until": "2026-12-31", "lane": "examination", "share": "1",
        "unknown": "undecided", "when": {"feature": "version", ">=": 1},
    }  # fmt: skip
    judge = archive.site.services.judge
    assert judge(everything).impact.matches == 3
    archive.wait()
    archive.erase(1)
    told = judge(everything).impact
    assert told.matches == 2
    assert "D1" not in {sample.declaration_id for sample in told.samples}


def test_what_is_not_sealed_is_not_erased() -> None:
    archive = Archive()
    archive.site.answer(declaration(1))
    archive.wait()
    with pytest.raises(Conflict, match="not sealed yet"):
        archive.erase(1)


def codes(refused: pytest.ExceptionInfo[InputError]) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in refused.value.faults]


def test_every_reason_against_it_is_named_and_then_nothing_goes() -> None:
    archive = Archive()
    archive.decide(1, 2)
    archive.wait()
    archive.erase(1)
    archive.erasing.place_hold(SOURCE, "D2", reason="case 12", by="anna")
    archive.decide(3)
    with pytest.raises(InputError) as refused:
        archive.erase(1, 2, 3, 4, persons=("nobody",))
    assert codes(refused) == [
        ("/declarations/0", "erased"), ("/declarations/1", "held"), ("/declarations/2", "retained"),
        ("/declarations/3", "unknown"), ("/persons/0", "active"),
    ]  # fmt: skip
    with archive.site.store.read() as uow:
        held = uow.trace(SOURCE, "D2")
    assert held is not None
    assert held.erased_by is None


@pytest.mark.parametrize("count", [0, 1001])
def test_an_act_takes_some_and_not_too_many(count: int) -> None:
    archive = Archive()
    with pytest.raises(InputError, match=f"this one names {count}"):
        archive.erase(*range(count))


def test_what_came_after_an_erasure_is_erased_in_its_turn_and_stops_nobody_elses(archive: Archive) -> None:
    archive.decide(1, 2)
    archive.wait()
    first = archive.erase(1)
    archive.site = archive.site.restarted()
    archive.site.answer(trade.amended(declaration(1)))
    archive.site.record(replace(trade.result(1), id=Identifier("late"), officer=Identifier(NAME)))
    archive.sealing.seal()
    with pytest.raises(InputError) as retained:
        archive.erase(1)
    assert codes(retained) == [("/declarations/0", "retained")]
    archive.wait()
    assert sorted(archive.erasing.due()) == [(SOURCE, "D1"), (SOURCE, "D2")]
    second = archive.erase(1, 2)
    assert second > first
    assert archive.erasing.due() == []
    with archive.site.store.read() as uow:
        kept = [each.body for each in uow.stored_declarations()]
        results = [each.body for each in uow.results_of(SOURCE, "D1")]
    assert len(kept) == 3
    assert not any(NAME.encode() in body for body in (*kept, *results))
    with pytest.raises(InputError) as again:
        archive.erase(1)
    assert codes(again) == [("/declarations/0", "erased")]
    archive.sealing.seal()
    assert archive.in_place().holds


def test_the_link_of_a_person_to_a_provider_goes_with_the_account(archive: Archive) -> None:
    archive.account("anna")
    link = Link(
        person="anna", issuer="https://id.example", subject="S", email="a@x.example", password_allowed=True
    )
    with archive.site.store.write() as uow:
        uow.put_link(link)
    archive.site.services.people.disable("anna", "root")
    archive.sealing.seal()
    archive.wait()
    archive.erase(persons=("anna",))
    with archive.site.store.read() as uow:
        assert uow.link("anna") is None


def test_a_hold_keeps_until_it_is_released() -> None:
    archive = Archive()
    archive.decide(1)
    archive.wait()
    hold = archive.erasing.place_hold(SOURCE, "D1", reason="case 12", by="anna")
    assert archive.erasing.due() == []
    with pytest.raises(InputError):
        archive.erase(1)
    with archive.site.store.write() as uow:
        archive.erasing.release_hold_in(uow, hold.number, "berta")
    assert archive.erasing.due() == [(SOURCE, "D1")]
    assert archive.erase(1) > 0


def test_without_a_hold_guard_what_is_investigated_would_go(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive()
    archive.decide(1)
    archive.wait()
    archive.erasing.place_hold(SOURCE, "D1", reason="case 12", by="anna")
    monkeypatch.setattr(erase_module, "_held", lambda _: {})
    assert archive.erase(1) > 0, "the planted fault is what the tests of holds would see"


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_hold_needs_a_reason_and_a_declaration(reason: str) -> None:
    archive = Archive()
    archive.decide(1)
    with pytest.raises(InputError):
        archive.erasing.place_hold(SOURCE, "D1", reason=reason, by="anna")
    with pytest.raises(NotFound):
        archive.erasing.place_hold(SOURCE, "D7", reason="case", by="anna")


def test_without_a_policy_nothing_may_be_erased() -> None:
    archive = Archive()
    archive.decide(1)
    archive.site.store.state.publications[:] = [  # type: ignore[attr-defined]
        each
        for each in archive.site.store.state.publications
        if each.kind != "retention"  # type: ignore[attr-defined]
    ]
    for ask in (archive.erasing.due, lambda: archive.erase(1)):
        with pytest.raises(Conflict, match="No retention policy"):
            ask()


def test_what_is_due_is_what_was_touched_last_long_ago() -> None:
    archive = Archive()
    archive.decide(1, 2)
    archive.site.clock.advance(days=POLICY.declaration_days - 10)
    assert archive.erasing.due() == []
    archive.site.answer(trade.amended(declaration(2)))
    archive.site.clock.advance(days=11)
    assert archive.erasing.due() == [(SOURCE, "D1")]
    archive.site.clock.advance(days=POLICY.declaration_days)
    assert archive.erasing.due() == [(SOURCE, "D1"), (SOURCE, "D2")]
    assert archive.erasing.due(limit=1) == [(SOURCE, "D1")]


def test_a_party_is_found_in_all_its_declarations() -> None:
    archive = Archive()
    archive.decide(1, 2, 6)
    assert archive.erasing.of_party("T1") == [(SOURCE, "D1"), (SOURCE, "D6")]
    assert archive.erasing.of_party("nobody") == []


def test_a_person_is_erased_when_the_account_was_disabled_long_ago(archive: Archive) -> None:
    archive.account("anna")
    archive.sealing.seal()
    with pytest.raises(InputError):
        archive.erase(persons=("anna",))
    archive.site.services.people.disable("anna", "root")
    archive.sealing.seal()
    archive.site.clock.advance(days=POLICY.person_days + 1)
    act = archive.erase(persons=("anna",))
    archive.sealing.seal()
    assert archive.in_bundle().erased == (Erased(act=act, entries=2),)
    with archive.site.store.read() as uow:
        assert not [leaf for leaf in uow.ledger() if b"S-anna" in (leaf.body or b"")]


def test_erasing_needs_two_persons_who_see_the_same(archive: Archive) -> None:
    archive.decide(1)
    archive.wait()
    anna, berta = archive.account("anna"), archive.account("berta")
    payload = {"declarations": [[SOURCE, "D1"]], "persons": [], "ground": "law 5"}
    proposal = archive.two_persons.propose(Act.ERASE, payload, reason="yearly", by=anna)
    with pytest.raises(Conflict):
        archive.two_persons.execute(proposal.id, proposal.payload_sha256, by=anna)
    archive.two_persons.approve(proposal.id, proposal.payload_sha256, by=berta)
    hold = archive.erasing.place_hold(SOURCE, "D1", reason="case", by="carl")
    with pytest.raises(InputError, match="Not all of this"):
        archive.two_persons.execute(proposal.id, proposal.payload_sha256, by=anna)
    with archive.site.store.write() as uow:
        archive.erasing.release_hold_in(uow, hold.number, "carl")
    outcome = archive.two_persons.execute(proposal.id, proposal.payload_sha256, by=anna)
    archive.sealing.seal()
    assert archive.in_place().erased == (Erased(act=outcome["act"], entries=2),)


@pytest.mark.parametrize(
    ("act", "payload"),
    [
        (Act.SET_RETENTION, {"declaration_days": 0, "person_days": 1}),
        (Act.SET_RETENTION, {"declaration_days": 1}),
        (Act.ERASE, {"declarations": [], "persons": [], "ground": "x"}),
        (Act.ERASE, {"declarations": [["a"]], "persons": [], "ground": "x"}),
        (Act.ERASE, {"declarations": [[SOURCE, "D9"]], "persons": [], "ground": "x"}),
        (Act.ERASE, {"declarations": [], "persons": ["a"], "ground": " "}),
        (Act.ERASE, {"declarations": [[SOURCE, str(n)] for n in range(1001)], "persons": [], "ground": "x"}),
        (Act.ERASE, {"declarations": "D1", "persons": 3, "ground": "x"}),
        (Act.ERASE, {}),
        (Act.RELEASE_HOLD, {"number": 1}),
        (Act.RELEASE_HOLD, {"number": True}),
        (Act.ROTATE_KEY, {"old_key": FakeKey(9).public.text()}),
        (Act.ROTATE_KEY, {"old_key": 5}),
    ],
)
def test_what_cannot_be_done_is_refused_when_it_is_proposed(act: Act, payload: dict[str, object]) -> None:
    archive = Archive()
    person = archive.account("anna")
    with pytest.raises(TidewaiterError):
        archive.two_persons.propose(act, payload, reason="r", by=person)
    assert archive.two_persons.all() == []


def test_each_act_on_the_ledger_is_done_by_two_persons() -> None:
    archive = Archive()
    archive.decide(1)
    anna, berta = archive.account("anna"), archive.account("berta")
    hold = archive.erasing.place_hold(SOURCE, "D1", reason="case", by="carl")
    payloads = {
        Act.SET_RETENTION: {"declaration_days": 30, "person_days": 30},
        Act.RELEASE_HOLD: {"number": hold.number},
        Act.ROTATE_KEY: {"old_key": archive.first.text()},
    }
    for act, payload in payloads.items():
        proposal = archive.two_persons.propose(act, payload, reason="r", by=anna)
        archive.two_persons.approve(proposal.id, proposal.payload_sha256, by=berta)
        assert archive.two_persons.execute(proposal.id, proposal.payload_sha256, by=anna)
    archive.sealing.seal()
    with archive.site.store.read() as uow:
        assert archive.erasing.retention(uow) == Retention(declaration_days=30, person_days=30)
    assert archive.two_persons.in_force(Act.SET_RETENTION, {}) == payloads[Act.SET_RETENTION]
    assert archive.two_persons.in_force(Act.ROTATE_KEY, {}) == {"old_key": archive.key.public.text()}
    assert archive.two_persons.in_force(Act.ERASE, {}) == {}
    assert archive.two_persons.in_force(Act.RELEASE_HOLD, {}) == {}
    assert archive.erasing.holds()[0].released_by == "anna, approved by berta"
    assert archive.key.public != archive.first
    assert archive.in_bundle().key == archive.key.public


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["decide", "erase", "rotate", "seal", "reseal"]), max_size=12))
def test_the_ledger_verifies_after_any_sequence_of_erasures_and_rotations(steps: list[str]) -> None:
    archive, number, there = Archive(), 0, list[int]()
    turned = 0
    for step in [*steps, "seal"]:
        if step == "decide":
            number += 1
            archive.decide(number)
            there.append(number)
        elif step == "erase" and there:
            archive.wait()
            archive.erase(there.pop(len(there) // 2))
        elif step == "rotate":
            archive.sealing.seal()
            archive.rotate()
            turned += 1
        elif step == "reseal":  # another process, which reads all that was sealed
            archive.sealing = Sealing(
                store=archive.site.store, files=archive.files, key=archive.key,
                signature_holds=signature_holds, clock=archive.site.clock,
            )  # fmt: skip
            archive.sealing.seal()
        elif step == "seal":
            archive.sealing.seal()
        if archive.files.notes:
            assert archive.in_place().findings == ()
    assert archive.in_bundle().findings == ()
    assert archive.in_bundle().key == archive.key.public
    assert (turned > 0) == (archive.key.public != archive.first)


def test_an_order_and_a_policy_come_back_as_they_were_given() -> None:
    order = order_from_plain(
        {"declarations": [["s", "D1"], ["s", "D1"]], "persons": ["a", "a"], "ground": " law "}
    )
    assert order == Order(declarations=(("s", "D1"),), persons=("a",), ground="law")
    assert retention_from_plain(POLICY.plain()) == POLICY
    assert POLICY.person_ends(trade.START) - trade.START == timedelta(days=100)
