"""A random walk of three people over the interface: nobody puts content in force or gives a right alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.api.conftest import serve
from tests.api.visitors import Visitor, visit
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core import two_persons

NAMES = ("max", "mia", "ada")
PEOPLE = st.sampled_from(NAMES)
#: What is tried, as often as it stands here: a walk that mostly ends what it began shows little.
STEPS = ("propose", "propose", "approve", "approve", "approve", "execute", "execute", "execute",
         "amend", "approve blindly", "reject", "break the glass")  # fmt: skip


def content(number: int) -> dict[str, Any]:
    bodies = starter_bodies()
    bodies["checks"]["checks"][0]["what"] = f"Changed for the {number}. time."
    return bodies


class Walk(RuleBasedStateMachine):
    """Two managers and an analyst, each of whom tries everything, with what they know or guess.

    A book that the product knows nothing of keeps who agreed to which payload, as a request of
    theirs was answered with success.
    """

    ACT: ClassVar = "publish-content"
    ROLES: ClassVar = {"max": "manager", "mia": "manager", "ada": "analyst"}
    #: Over all walks: how often something was executed.
    executions: ClassVar[int] = 0

    def payload(self, number: int) -> dict[str, Any]:
        return content(number)

    def done_by(self) -> list[str]:
        """Return who put something in force, for each time."""
        with self.service.site.store.read() as uow:
            return [each.by for each in uow.publications("checks")]

    @initialize()
    def begin(self) -> None:
        self.serving = serve(Site())
        self.service = next(self.serving)
        self.people: dict[str, Visitor] = {n: visit(self.service, n, self.ROLES[n]) for n in NAMES}
        self.proposals: dict[str, str] = {}
        self.agreed: dict[tuple[str, str], set[str]] = {}
        self.broken: set[str] = set()
        self.rejected: set[str] = set()
        self.executed: dict[str, int] = {}
        self.first = len(self.done_by())

    def teardown(self) -> None:
        if hasattr(self, "serving"):
            self.serving.close()

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

    @rule(by=PEOPLE, what=st.sampled_from(STEPS), which=st.integers(0, 1), payload=st.sampled_from([1, 2]))
    def anything(self, by: str, what: str, which: int, payload: int) -> None:
        """Let one person try one step on one of the two newest proposals."""
        self.one_step(by, what, which, payload)

    def one_step(self, by: str, what: str, which: int, payload: int) -> None:
        """Try the step, unless there is nothing to try it on."""
        newest = list(self.proposals.items())[-2:]
        if what == "propose" and self.waiting() < 2:
            asked = {"act": self.ACT, "payload": self.payload(payload), "reason": "because"}
            self.note(by, self.step(by, "POST", "proposals", asked))
        elif what != "propose" and newest:
            self.go_on(by, what, *newest[which % len(newest)], payload)

    def go_on(self, by: str, what: str, proposal: str, seen: str, payload: int) -> None:
        """Take one step on a proposal whose payload has the hash *seen*."""
        path = f"proposals/{proposal}"
        if what == "amend":
            self.note(by, self.step(by, "PUT", path, {"payload": self.payload(payload)}))
        elif what in {"approve", "approve blindly"}:
            meant = seen if what == "approve" else "0" * 64
            self.note(by, self.step(by, "POST", f"{path}/approvals", {"payload_sha256": meant}))
        elif what == "reject":
            if self.step(by, "POST", f"{path}/rejection", None) is not None:
                self.rejected.add(proposal)
        elif what == "execute":
            if self.step(by, "POST", f"{path}/execution", {"payload_sha256": seen}) is not None:
                self.executed[proposal] = self.executed.get(proposal, 0) + 1
                type(self).executions += 1
        else:
            body = {"payload_sha256": seen, "reason": "storm"}
            if self.step(by, "POST", f"{path}/break-glass", body) is not None:
                self.broken.add(proposal)
                self.executed[proposal] = self.executed.get(proposal, 0) + 1

    def waiting(self) -> int:
        return len(self.proposals) - len(self.rejected | set(self.executed))

    @invariant()
    def nobody_did_it_alone(self) -> None:
        if not hasattr(self, "serving"):
            return
        for proposal, times in self.executed.items():
            assert times == 1, "a proposal was executed twice"
            if proposal not in self.broken:
                agreed = self.agreed[proposal, self.proposals[proposal]]
                assert len(agreed) >= 2, f"{agreed} alone did it"
        done = self.done_by()[self.first :]
        assert len(done) <= len(self.executed), "something was done without a proposal"
        assert all(" approved by " in by or " alone, " in by for by in done)
        with self.service.site.store.read() as uow:
            told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
        notices = [entry["subject"] for entry in told if entry["kind"] == "break-glass"]
        assert sorted(notices) == sorted(self.broken), "the glass was broken without a notice"


class RightsWalk(Walk):
    """Two administrators and a manager, each of whom wants a role for one of them."""

    ACT: ClassVar = "set-rights"
    ROLES: ClassVar = {"max": "administrator", "mia": "administrator", "ada": "manager"}

    def payload(self, number: int) -> dict[str, Any]:
        return {
            "name": "max",
            "roles": ["administrator", "auditor"][:number],
            "offices": [],
            "compartments": [],
        }

    def done_by(self) -> list[str]:
        with self.service.site.store.read() as uow:
            told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
        return [entry["by"] for entry in told if entry.get("change") == "rights set"]

    @invariant()
    def nobody_has_a_right_that_nobody_else_agreed_to(self) -> None:
        if hasattr(self, "serving"):
            has = {each.name: sorted(each.roles) for each in self.service.site.services.people.all()}
            assert self.executed or has == {name: [role] for name, role in self.ROLES.items()}
            assert not self.broken, "the glass was broken to give a right"


#: The same walks each time: chance must not decide whether they show anything.
LENGTH = settings(max_examples=45, stateful_step_count=40, derandomize=True)


def test_no_single_person_puts_content_in_force() -> None:
    run_state_machine_as_test(Walk, settings=LENGTH)
    assert Walk.executions >= 4, "the walk executed too little to show anything"


def test_no_single_person_gives_a_right() -> None:
    run_state_machine_as_test(RightsWalk, settings=LENGTH)
    assert RightsWalk.executions >= 4, "the walk executed too little to show anything"


def execute_anything(proposal: two_persons.Proposal, _: str, *, by: str, at: Any, standing: Any) -> Any:
    return replace(proposal, executed_by=by, executed_at=at)


@pytest.mark.parametrize("walk", [Walk, RightsWalk])
def test_the_walk_finds_a_person_who_can_act_alone(monkeypatch: pytest.MonkeyPatch, walk: type[Walk]) -> None:
    monkeypatch.setattr("tidewaiter.flow.two_persons.execute", execute_anything)
    with pytest.raises(AssertionError, match=r"alone did it|executed twice"):
        run_state_machine_as_test(walk, settings=settings(LENGTH, phases=[Phase.generate]))
