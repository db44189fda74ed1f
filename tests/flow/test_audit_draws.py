"""The laws of the audit: what was drawn as published passes, and each way around it is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.epochs import APPEAL_DAYS, DAYS, Custody
from tests.fakes.site import SOURCE, Site, starter_bodies
from tidewaiter.core.codes import Identifier
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import tickets as tickets_module
from tidewaiter.core.draw.epoch import seed_name, seed_of
from tidewaiter.core.errors import Conflict, NotFound
from tidewaiter.core.selection import proposals
from tidewaiter.flow import audit_draws
from tidewaiter.flow.audit_draws import AuditDraws, DrawAudit
from tidewaiter.flow.epochs import DrawKeys

NUMBERS = range(120)


class Audited:
    """A site that has an epoch, and what the declaration system says of it."""

    def __init__(self) -> None:
        self.custody = Custody(Site(model=None))
        self.site = self.custody.site
        bodies = starter_bodies()
        bodies["plan"]["random_floor"]["probability"] = 0.2
        self.site.publish(bodies)
        self.custody.run(1)
        self.list: list[Declaration] = []

    def send(self, *declarations: Declaration) -> None:
        """Have declarations decided, and put them on the list."""
        self.list += declarations
        for answer in self.site.assess(*declarations):
            answer.bytes_or_raise()

    def end(self) -> None:
        """End the epoch, and reveal its secrets."""
        self.site.clock.advance(days=DAYS + APPEAL_DAYS)
        self.custody.run(2)
        self.custody.reveal(1)

    def audit(self, number: int = 1) -> DrawAudit:
        """Audit against the list."""
        audit = AuditDraws(
            store=self.site.store,
            messages=self.site.services.messages,
            load_key=self.site.load_key,
            checkpoint_sizes=self.custody.prove.checkpoint_sizes,
        )
        return audit(number, SOURCE, self.list)


@pytest.fixture
def audited() -> Audited:
    made = Audited()
    made.send(*(trade.declaration(number) for number in NUMBERS))
    dearer = trade.item(1, number=3, customs_value=Decimal(77))
    made.send(trade.amended(made.list[3], items=(dearer,)), trade.amended(made.list[4]))
    return made


def codes(report: DrawAudit) -> set[str]:
    return {finding.code for finding in report.findings}


def hit_of(report: DrawAudit, made: Audited) -> tuple[str, ...]:
    """Return the ids of declarations that the random floor hit."""
    evidence = [json.loads(e) for e, _, _ in made.site.decisions().values()]
    first = [e for e in evidence if e["declaration_version"] == 1]
    found = tuple(
        e["declaration_id"]
        for e in first
        if any(s["stage"] == "random" and s["selected"] for s in e["stages"])
    )
    assert len(found) >= report.hits - 2
    return found


def changed(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Let the audit read decisions as somebody changed them."""
    read = audit_draws._decisions

    def decisions(uow: Any) -> Iterator[dict[str, Any]]:
        for evidence in read(uow):
            change(evidence)
            yield evidence

    monkeypatch.setattr(audit_draws, "_decisions", decisions)


def test_what_was_drawn_as_published_has_no_finding(audited: Audited) -> None:
    audited.end()
    report = audited.audit()
    assert report.findings == ()
    assert report.findings_count == 0
    assert report.declarations == report.decisions == len(NUMBERS) + 2
    assert report.draws > report.decisions
    assert report.undetermined == 0
    assert 0.1 < report.hits / len(NUMBERS) < 0.3
    assert [test.by for test in report.uniformity] == ["office", "hour", "officer"]
    assert all(test.p_value > 1e-6 for test in report.uniformity)


def test_an_installation_without_custodians_is_audited_with_its_own_key(audited: Audited) -> None:
    made = Audited()
    made.custody = Custody(Site(model=None))
    made.site = made.custody.site
    made.send(*(trade.declaration(number) for number in range(20)))
    report = made.audit(0)
    assert report.findings == ()
    assert report.decisions == 20


def test_one_flipped_decision_is_found(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    audited.end()
    victim = hit_of(audited.audit(), audited)[0]

    def flip(evidence: dict[str, Any]) -> None:
        if evidence["declaration_id"] == victim and evidence["declaration_version"] == 1:
            stage = next(s for s in evidence["stages"] if s["stage"] == "random")
            stage["selected"] = False

    changed(monkeypatch, flip)
    report = audited.audit()
    assert codes(report) == {"draw"}
    assert report.findings_count == 1
    assert "recorded not selected, drawn again selected" in report.findings[0].message


def test_a_planted_draw_over_the_declaration_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(declaration: Declaration) -> bytes:
        return str(declaration.id).encode().ljust(32)

    made = Audited()
    with monkeypatch.context() as patch:
        patch.setattr(tickets_module, "consignment_key", planted)
        made.send(*(trade.declaration(number) for number in range(20)))
    made.end()
    report = made.audit()
    assert codes(report) == {"identity"}
    assert report.findings_count == 20


def test_a_draw_over_the_declaration_that_says_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision names the right consignment, but something else was drawn."""
    made = Audited()

    def planted(declaration: Declaration) -> bytes:
        return str(declaration.id).encode().ljust(32)

    with monkeypatch.context() as patch:
        patch.setattr(tickets_module, "consignment_key", planted)
        made.send(*(trade.declaration(number) for number in NUMBERS))
    made.end()
    names = {str(each.id): tickets_module.consignment_key(each).hex() for each in made.list}
    changed(monkeypatch, lambda e: e.update(consignment_keys=[names[e["declaration_id"]]]))
    report = made.audit()
    assert codes(report) == {"draw"}
    # A floor of 0.2 comes out otherwise for 2 x 0.2 x 0.8 of all; other stages add to it.
    assert report.findings_count > 0.2 * len(NUMBERS)


def test_what_was_never_drawn_and_what_was_drawn_unasked_are_found(audited: Audited) -> None:
    audited.list.append(trade.declaration(900))
    hidden = audited.list.pop(7)
    audited.end()
    report = audited.audit()
    assert [(f.code, f.subject) for f in report.findings if f.code == "no-draw"] == [("no-draw", "D900")]
    assert codes(report) == {"no-draw", "no-declaration"}
    assert any(repr(str(hidden.id)) in f.message for f in report.findings)


def test_a_draw_that_was_left_out_is_found(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    audited.end()

    def leave_out(evidence: dict[str, Any]) -> None:
        if evidence["declaration_id"] == "D5":
            evidence["stages"] = [s for s in evidence["stages"] if s["stage"] != "random"]

    changed(monkeypatch, leave_out)
    report = audited.audit()
    assert [(f.code, "no draw of the random floor" in f.message) for f in report.findings] == [
        ("no-draw", True)
    ]


def test_a_rate_that_was_lowered_for_one_trader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Audited()
    add = proposals.Proposals._add

    def planted(self: Any, stage: Any, lane: str, probability: float, domain: str, detail: str = "") -> None:
        friend = self.facts.procedure == "4200" and domain == "random_floor"
        add(self, stage, lane, 0.001 if friend else probability, domain, detail)

    monkeypatch.setattr(proposals.Proposals, "_add", planted)
    made.send(*(trade.declaration(number) for number in range(10)))
    made.send(trade.declaration(50, procedure_code=Identifier("4200")))
    made.end()
    report = made.audit()
    assert codes(report) == {"probability"}
    assert any("the plan has 0.2" in finding.message for finding in report.findings)
    assert any("in one epoch" in finding.message for finding in report.findings)


def test_a_planted_epoch_by_the_moment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DrawKeys, "seen", lambda *_: None)
    made = Audited()
    first = trade.declaration(1)
    made.send(first)
    made.end()
    made.list.append(
        trade.declaration(2, id=Identifier("NEW"), transport=first.transport, parties=first.parties)
    )
    made.site.decide(made.list[-1])
    report = made.audit()
    assert codes(report) == {"epoch"}


def test_hits_that_nobody_controlled_are_counted(audited: Audited) -> None:
    audited.end()
    hits = hit_of(audited.audit(), audited)
    by_id = {str(each.id): each for each in audited.list if each.version == 1}
    results: list[ControlResult] = [
        trade.result_for(by_id[name], bad=False, ended_at=by_id[name].lodged_at + timedelta(hours=4))
        for name in hits[:4]
    ]
    audited.site.record(*results)
    report = audited.audit()
    assert report.inspected == 4
    assert report.hits > 4


def test_an_epoch_that_nobody_revealed_or_opened_cannot_be_audited(audited: Audited) -> None:
    with pytest.raises(Conflict, match="not revealed yet"):
        audited.audit()
    with pytest.raises(NotFound, match="epoch 9"):
        audited.audit(9)


def test_another_secret_than_was_committed_to_is_found(audited: Audited) -> None:
    audited.site.clock.advance(days=DAYS + APPEAL_DAYS)
    audited.custody.run(2)
    body = json.dumps({"epoch": 1, "secrets": ["00" * 32, "11" * 32]}).encode()
    with audited.site.store.write() as uow:
        uow.publish("epoch_reveal", "1", body, audited.site.clock.now(), "intruder")
    report = audited.audit()
    assert {"commitment", "seed"} <= codes(report)


def test_commitments_without_a_checkpoint_before_the_beacon_prove_nothing(audited: Audited) -> None:
    audited.end()
    del audited.custody.files.notes[0]
    report = audited.audit()
    assert codes(report) == {"order"}


def test_a_plan_that_nobody_published_is_found(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    audited.end()
    changed(
        monkeypatch, lambda e: e["versions"].update(plan="other") if e["declaration_id"] == "D8" else None
    )
    report = audited.audit()
    assert [finding.code for finding in report.findings] == ["plan"]


def test_a_decision_without_any_ticket_is_found(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    audited.end()
    changed(monkeypatch, lambda e: e.update(consignment_keys=[]) if e["declaration_id"] == "D8" else None)
    report = audited.audit()
    assert [finding.code for finding in report.findings] == ["no-draw"]
    assert "without a draw" in report.findings[0].message


def test_what_also_hangs_on_a_later_key_is_left_to_its_epoch(audited: Audited) -> None:
    audited.end()
    first = audited.list[9]
    audited.send(trade.amended(first, items=(trade.item(1, number=9, customs_value=Decimal(33)),)))
    report = audited.audit()
    assert report.findings == ()
    assert report.undetermined > 0
    audited.site.clock.advance(days=DAYS + APPEAL_DAYS)
    audited.custody.run(3)
    audited.custody.reveal(2)
    assert audited.audit().undetermined == 0


def test_another_declaration_system_has_a_list_of_its_own(audited: Audited) -> None:
    audited.site.assess(trade.declaration(500), source="other", client="other")
    audited.end()
    assert audited.audit().findings == ()


def test_an_officer_who_avoids_what_was_drawn_is_seen(audited: Audited) -> None:
    audited.end()
    hits = set(hit_of(audited.audit(), audited))
    by_id = {str(each.id): each for each in audited.list if each.version == 1}
    for name, each in by_id.items():
        made = trade.result_for(each, bad=False, ended_at=each.lodged_at + timedelta(hours=4))
        audited.site.record(replace(made, officer=Identifier("A" if name in hits else "B")))
    report = audited.audit()
    assert report.inspected == report.hits
    assert report.uniformity[-1].p_value < 1e-6


def test_a_key_that_somebody_slipped_in_is_found(audited: Audited) -> None:
    beacon = "no beacon at all, chosen by me"
    seed = seed_of(5, (bytes(32), bytes(32)), beacon)
    with audited.site.store.write() as uow:
        for kind, version, body in (
            ("draw_key", seed_name(seed), {"epoch": 5, "beacon": beacon}),
            ("epoch_reveal", "5", {"epoch": 5, "secrets": ["00" * 32] * 2}),
        ):
            uow.publish(kind, version, json.dumps(body).encode(), audited.site.clock.now(), "intruder")
    audited.list.clear()
    assert codes(audited.audit(5)) == {"commitment"}
