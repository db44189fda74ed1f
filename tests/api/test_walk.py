"""A random walk of three people over the interface: no single person puts anything in force."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.api.conftest import serve
from tests.api.visitors import Visitor, visit
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core import two_persons
from tidewaiter.flow.ports import Publication

NAMES = ("max", "mia", "ada")
PEOPLE = st.sampled_from(NAMES)
PAYLOADS = st.sampled_from([1, 2])
WHICH = st.integers(0, 1)
#: Seldom, or the walk would mostly end what it began.
SELDOM = st.sampled_from([False, False, False, True])


def content(number: int) -> dict[str, Any]:
    bodies = starter_bodies()
    bodies["checks"]["checks"][0]["what"] = f"Changed for the {number}. time."
    return bodies


class Walk(RuleBasedStateMachine):
    """Two managers and an analyst, each of whom tries everything, with what they know or guess.

    A book that the product knows nothing of keeps who agreed to which payload, as a request of
    theirs was answered with success.
    """

    #: Over all walks: how often something was executed.
    executions: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        self.serving = serve(Site())
        self.service = next(self.serving)
        roles = {"max": "manager", "mia": "manager", "ada": "analyst"}
        self.people: dict[str, Visitor] = {name: visit(self.service, name, roles[name]) for name in NAMES}
        self.proposals: dict[str, str] = {}
        self.agreed: dict[tuple[str, str], set[str]] = {}
        self.broken: set[str] = set()
        self.rejected: set[str] = set()
        self.executed: dict[str, int] = {}
        self.first = len(self.publications())

    def teardown(self) -> None:
        if hasattr(self, "serving"):
            self.serving.close()

    def publications(self) -> list[Publication]:
        with self.service.site.store.read() as uow:
            return list(uow.publications("checks"))

    def step(self, by: str, method: str, path: str, body: Any) -> Any:
        """Do it, and return the answer of a success, None otherwise."""
        response = self.people[by].call(method, path, body)
        assert response.status_code in {200, 403, 404, 422}, response.text
        return response.json() if response.status_code == 200 else None

    def note(self, by: str, told: Any) -> None:
        """Note that somebody agreed to a proposal as the answer tells it."""
        if told is not None:
            self.proposals[told["id"]] = told["payload_sha256"]
            self.agreed.setdefault((told["id"], told["payload_sha256"]), set()).add(by)

    @precondition(lambda self: self.waiting() < 2)
    @rule(by=PEOPLE, payload=PAYLOADS)
    def propose(self, by: str, payload: int) -> None:
        asked = {"act": "publish-content", "payload": content(payload), "reason": "because"}
        self.note(by, self.step(by, "POST", "proposals", asked))

    @rule(by=PEOPLE, payload=PAYLOADS, which=WHICH, really=SELDOM)
    def amend(self, by: str, payload: int, which: int, really: bool) -> None:
        def change(proposal: str, _: str) -> None:
            self.note(by, self.step(by, "PUT", f"proposals/{proposal}", {"payload": content(payload)}))

        if really:
            self.with_one(which, change)

    @rule(by=PEOPLE, which=WHICH, stale=SELDOM)
    def approve(self, by: str, which: int, stale: bool) -> None:
        def agree(proposal: str, payload: str) -> None:
            seen = "0" * 64 if stale else payload
            path = f"proposals/{proposal}/approvals"
            self.note(by, self.step(by, "POST", path, {"payload_sha256": seen}))

        self.with_one(which, agree)

    @rule(by=PEOPLE, which=WHICH)
    def execute(self, by: str, which: int) -> None:
        def do(proposal: str, payload: str) -> None:
            path = f"proposals/{proposal}/execution"
            if self.step(by, "POST", path, {"payload_sha256": payload}) is not None:
                self.executed[proposal] = self.executed.get(proposal, 0) + 1
                Walk.executions += 1

        self.with_one(which, do)

    @rule(by=PEOPLE, which=WHICH, really=SELDOM)
    def break_glass(self, by: str, which: int, really: bool) -> None:
        def smash(proposal: str, payload: str) -> None:
            body = {"payload_sha256": payload, "reason": "storm"}
            if self.step(by, "POST", f"proposals/{proposal}/break-glass", body) is not None:
                self.broken.add(proposal)
                self.executed[proposal] = self.executed.get(proposal, 0) + 1

        if really:
            self.with_one(which, smash)

    @rule(by=PEOPLE, which=WHICH, really=SELDOM)
    def reject(self, by: str, which: int, really: bool) -> None:
        self.with_one(
            which, lambda proposal, _: self.step(by, "POST", f"proposals/{proposal}/rejection", None)
        )

    def waiting(self) -> int:
        return len(self.proposals) - len(self.rejected | set(self.executed))

    def with_one(self, which: int, act: Callable[[str, str], object]) -> None:
        """Act on one of the newest proposals, if there is one."""
        newest = list(self.proposals.items())[-2:]
        if newest:
            act(*newest[which % len(newest)])

    @invariant()
    def nobody_did_it_alone(self) -> None:
        if not hasattr(self, "serving"):
            return
        for proposal, times in self.executed.items():
            assert times == 1, "a proposal was executed twice"
            if proposal not in self.broken:
                agreed = self.agreed[proposal, self.proposals[proposal]]
                assert len(agreed) >= 2, f"{agreed} alone did it"
        published = self.publications()[self.first :]
        assert len(published) <= len(self.executed), "something was published without a proposal"
        assert all(" approved by " in each.by or " alone, " in each.by for each in published)
        with self.service.site.store.read() as uow:
            told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
        notices = [entry["subject"] for entry in told if entry["kind"] == "break-glass"]
        assert sorted(notices) == sorted(self.broken), "the glass was broken without a notice"


LENGTH = settings(max_examples=25, stateful_step_count=30)


def test_no_single_person_puts_content_in_force() -> None:
    run_state_machine_as_test(Walk, settings=LENGTH)
    assert Walk.executions >= 5, "the walk executed too little to show anything"


def execute_anything(proposal: two_persons.Proposal, _: str, *, by: str, at: Any, standing: Any) -> Any:
    return replace(proposal, executed_by=by, executed_at=at)


def test_the_walk_finds_a_person_who_can_act_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidewaiter.flow.two_persons.execute", execute_anything)
    with pytest.raises(AssertionError, match=r"alone did it|executed twice"):
        run_state_machine_as_test(Walk, settings=settings(LENGTH, phases=[Phase.generate]))
