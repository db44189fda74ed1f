"""A random walk of three people over the interface: no single person does what needs two."""

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
from tests.fakes import trade
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core import two_persons
from tidewaiter.core.override import Direction
from tidewaiter.core.rules.list_change import change_between, change_data

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


class ListsWalk(Walk):
    """Two managers and an analyst, each of whom wants an entry on a list, or off it again."""

    ACT: ClassVar = "change-lists"

    def payload(self, number: int) -> dict[str, Any]:
        now = self.service.site.services.lists.one("excise_goods").named
        other = replace(now, entries=now.entries ^ {f"330{number}"})
        return {"lists": [change_data(change_between(now, other))]}

    def done_by(self) -> list[str]:
        with self.service.site.store.read() as uow:
            return [each.by for each in uow.publications("rules")]


#: The same walks each time: chance must not decide whether they show anything.
LENGTH = settings(max_examples=45, stateful_step_count=40, derandomize=True)


def test_no_single_person_puts_content_in_force() -> None:
    run_state_machine_as_test(Walk, settings=LENGTH)
    assert Walk.executions >= 4, "the walk executed too little to show anything"


def test_no_single_person_changes_a_list() -> None:
    run_state_machine_as_test(ListsWalk, settings=LENGTH)
    assert ListsWalk.executions >= 4, "the walk executed too little to show anything"


def test_no_single_person_gives_a_right() -> None:
    run_state_machine_as_test(RightsWalk, settings=LENGTH)
    assert RightsWalk.executions >= 4, "the walk executed too little to show anything"


def execute_anything(proposal: two_persons.Proposal, _: str, *, by: str, at: Any, standing: Any) -> Any:
    return replace(proposal, executed_by=by, executed_at=at)


def lowering(decision: str, lanes: list[str]) -> dict[str, Any]:
    """Return a proposal to lower a lane to the most lenient one."""
    return {
        "act": "lower-lane",
        "reason": "because",
        "payload": {
            "decision_id": decision, "from_lane": lanes[-1], "to_lane": lanes[0],
            "reason_code": "other", "text": "because",
        },
    }  # fmt: skip


class LaneWalk(RuleBasedStateMachine):
    """One person at a time, alone with all that they can do, tries to lower a lane."""

    #: Over all walks: how often a lone person got as far as an open proposal.
    proposed: ClassVar[int] = 0

    @initialize(by=st.sampled_from(["max", "ida", "ada"]))
    def begin(self, by: str) -> None:
        self.serving = serve(Site())
        self.service = next(self.serving)
        roles = {"max": "manager", "ida": "inspector", "ada": "analyst"}
        raiser = visit(self.service, "mia", "manager", offices=["PORT"])
        self.alone: Visitor = visit(self.service, by, roles[by], offices=["PORT"])
        lanes = sorted(starter_bodies()["lanes"]["lanes"], key=lambda lane: int(lane["order"]))
        self.lanes = [str(lane["code"]) for lane in lanes]
        answer = self.service.declare(trade.declaration(1)).json()
        self.decision = answer["decision_id"]
        if answer["lane"] != self.lanes[-1]:
            body = {"from_lane": answer["lane"], "lane": self.lanes[-1], "reason_code": "other", "text": "x"}
            told = raiser.call("POST", f"decisions/{self.decision}/overrides", body)
            assert told.status_code == 200, told.text
        self.proposals: dict[str, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "serving"):
            self.serving.close()

    @rule(step=st.sampled_from(["propose", "approvals", "execution", "break-glass", "raise", "amend"]))
    def anything(self, step: str) -> None:
        """Try one step."""
        asked = lowering(self.decision, self.lanes)
        if step == "propose":
            self.keep(self.alone.call("POST", "proposals", asked))
        elif step == "raise":
            body = {"from_lane": self.lanes[-1], "lane": self.lanes[0], "reason_code": "other", "text": "x"}
            told = self.alone.call("POST", f"decisions/{self.decision}/overrides", body)
            assert told.status_code in {403, 422}, told.text
        for proposal, payload in list(self.proposals.items())[-1:]:
            if step == "amend":
                changed = asked["payload"] | {"to_lane": self.lanes[1]}
                self.keep(self.alone.call("PUT", f"proposals/{proposal}", {"payload": changed}))
            elif step not in {"propose", "raise"}:
                body = {"payload_sha256": payload} | ({"reason": "storm"} if step == "break-glass" else {})
                told = self.alone.call("POST", f"proposals/{proposal}/{step}", body)
                assert told.status_code in {200, 403, 422}, told.text

    def keep(self, told: Any) -> None:
        """Keep what can be gone on with."""
        assert told.status_code in {200, 403, 422}, told.text
        if told.status_code == 200:
            LaneWalk.proposed += 1
            self.proposals[told.json()["id"]] = told.json()["payload_sha256"]

    @invariant()
    def the_lane_stays(self) -> None:
        if hasattr(self, "decision"):
            with self.service.site.store.read() as uow:
                lowered = [o for o in uow.overrides_of(self.decision) if o.direction is Direction.LOWERED]
            assert not lowered, "one person alone lowered a lane"


SHORT = settings(max_examples=15, stateful_step_count=15, derandomize=True)


def test_no_single_person_lowers_a_lane() -> None:
    run_state_machine_as_test(LaneWalk, settings=SHORT)
    assert LaneWalk.proposed >= 4, "the walk proposed too little to show anything"


@pytest.mark.parametrize("guard", ["the second person", "never alone"])
def test_the_walk_finds_who_can_lower_a_lane_alone(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if guard == "the second person":
        monkeypatch.setattr("tidewaiter.flow.two_persons.execute", execute_anything)
    else:
        monkeypatch.setattr(two_persons, "NEVER_ALONE", frozenset())
    with pytest.raises(AssertionError, match="alone lowered a lane"):
        run_state_machine_as_test(LaneWalk, settings=settings(SHORT, phases=[Phase.generate]))


@pytest.mark.parametrize("walk", [Walk, RightsWalk])
def test_the_walk_finds_a_person_who_can_act_alone(monkeypatch: pytest.MonkeyPatch, walk: type[Walk]) -> None:
    monkeypatch.setattr("tidewaiter.flow.two_persons.execute", execute_anything)
    with pytest.raises(AssertionError, match=r"alone did it|executed twice"):
        run_state_machine_as_test(walk, settings=settings(LENGTH, phases=[Phase.generate]))
