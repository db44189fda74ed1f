"""A random walk of seven people over the interface: no single person does what needs two."""

from __future__ import annotations

import json
import random  # noqa: TID251 - seeded by the walk
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Final

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

#: Who there is, with which role and which offices.
ROLES: Final = {
    "max": ("manager", ["PORT"]), "mia": ("manager", ["PORT"]), "ben": ("manager", ["AIRPORT"]),
    "ada": ("analyst", []), "ida": ("inspector", ["PORT"]),
    "ann": ("administrator", []), "art": ("administrator", []),
}  # fmt: skip
ACTS: Final = ("publish-content", "change-lists", "lower-lane", "set-rights", "rotate-key")
#: The law as an auditor would write it on a sheet of paper; the product's policy is not asked.
MAY_PROPOSE: Final = {act: {"manager", "analyst"} for act in ACTS} | {
    "lower-lane": {"manager"}, "set-rights": {"administrator"},
}  # fmt: skip
MAY_DO: Final = {act: {"manager"} for act in ACTS} | {"set-rights": {"administrator"}}
#: What a manager alone may do in an emergency, with a notice to whoever audits.
IN_EMERGENCY: Final = {"publish-content", "change-lists", "rotate-key"}
#: What is tried, as often as it stands here: a walk that mostly ends what it began shows little.  To go on
#: is to approve or to execute, whichever is next.
STEPS: Final = (
    *["propose"] * 3, *["go on"] * 12, *["break the glass"] * 3, *["execute"] * 3, "approve", "amend",
    "approve blindly", "reject", "lower as if raising",
)  # fmt: skip


def content(number: int) -> dict[str, Any]:
    bodies = starter_bodies()
    bodies["checks"]["checks"][0]["what"] = f"Changed for the {number}. time."
    return bodies


class Walk(RuleBasedStateMachine):
    """People with different rights, each of whom tries everything, with what they know or guess.

    A book that the product knows nothing of keeps who agreed to which payload, as a request of
    theirs was answered with success.
    """

    #: Over all walks: how often each act was executed by two persons, and how often by breaking the glass.
    executed_acts: ClassVar[Counter[str]] = Counter()
    broken_acts: ClassVar[Counter[str]] = Counter()

    @initialize(alone=st.sampled_from([None] * 14 + [*ROLES]))
    def begin(self, alone: str | None) -> None:
        """Begin with everybody, or with one person who is alone in the house."""
        self.serving: Iterator[Any] = serve(Site())
        self.service = next(self.serving)
        self.people: dict[str, Visitor] = {
            name: visit(self.service, name, role, offices=offices) for name, (role, offices) in ROLES.items()
        }
        self.present = list(ROLES) if alone is None else [alone]
        self.roles = {name: {role} for name, (role, _) in ROLES.items()}
        #: Proposal -> (act, hash of its payload).
        self.proposals: dict[str, tuple[str, str]] = {}
        #: Proposal -> approvals that the product says it has.
        self.approvals: dict[str, int] = {}
        self.payloads: dict[tuple[str, str], Any] = {}
        self.agreed: dict[tuple[str, str], set[str]] = {}
        self.executed: dict[str, int] = {}
        self.broken: set[str] = set()
        self.rejected: set[str] = set()
        self.begin_with_a_strict_lane()
        self.first = self.done()

    def begin_with_a_strict_lane(self) -> None:
        lanes = sorted(starter_bodies()["lanes"]["lanes"], key=lambda lane: int(lane["order"]))
        self.lanes = [str(lane["code"]) for lane in lanes]
        answer = self.service.declare(trade.declaration(1)).json()
        self.decision, self.lane = answer["decision_id"], self.lanes[-1]
        if answer["lane"] != self.lane:
            told = self.people["max"].call("POST", self.overrides, self.change(answer["lane"], self.lane))
            assert told.status_code == 200, told.text

    def teardown(self) -> None:
        if hasattr(self, "serving"):
            self.serving.close()  # type: ignore[attr-defined]

    @property
    def overrides(self) -> str:
        return f"decisions/{self.decision}/overrides"

    @staticmethod
    def change(before: str, after: str) -> dict[str, str]:
        return {"from_lane": before, "lane": after, "reason_code": "other", "text": "because"}

    def payload(self, act: str, number: int) -> dict[str, Any]:
        """Return one of two payloads of an act."""
        if act == "publish-content":
            return content(number)
        if act == "change-lists":
            now = self.service.site.services.lists.one("excise_goods").named
            other = replace(now, entries=now.entries ^ {f"330{number}"})
            return {"lists": [change_data(change_between(now, other))]}
        if act == "set-rights":
            return {"name": "ada", "roles": ["analyst", "manager"][:number], "offices": ["PORT"],
                    "compartments": []}  # fmt: skip
        if act == "rotate-key":
            return {"old_key": self.key()}
        return {"decision_id": self.decision, "from_lane": self.lane, "to_lane": self.lanes[number - 1],
                "reason_code": "other", "text": "because"}  # fmt: skip

    def key(self) -> str:
        in_force = self.service.site.services.two_persons.in_force(two_persons.Act.ROTATE_KEY, {})
        return str(in_force["old_key"])

    def done(self) -> dict[str, list[str]]:
        """Return what came into force, by act: on whose word each time, as the store tells."""
        with self.service.site.store.read() as uow:
            told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
            lowered = [o for o in uow.overrides_of(self.decision) if o.direction is Direction.LOWERED]
            published = {kind: [each.by for each in uow.publications(kind)] for kind in ("checks", "rules")}
        return {
            "publish-content": published["checks"],
            "change-lists": published["rules"],
            "lower-lane": [f"{each.by}, approved by {' and '.join(each.approved_by)}" for each in lowered],
            "set-rights": [entry["by"] for entry in told if entry.get("change") == "rights set"],
            "rotate-key": [entry["by"] for entry in told if entry.get("kind") == "handover"],
        }

    def step(self, by: str, method: str, path: str, body: Any) -> Any:
        """Do it, and return the answer of a success, None otherwise."""
        response = self.people[by].call(method, path, body)
        assert response.status_code in {200, 403, 404, 422}, response.text
        return response.json() if response.status_code == 200 else None

    def note(self, by: str, told: Any, payload: Any = None) -> None:
        """Note that somebody agreed to a proposal as the answer tells it."""
        if told is None:
            return
        key = told["id"], told["payload_sha256"]
        self.proposals[told["id"]] = told["act"], told["payload_sha256"]
        self.approvals[told["id"]] = len(told["approvals"])
        self.agreed.setdefault(key, set()).add(by)
        if payload is not None:
            self.payloads[key] = payload
        allowed = MAY_PROPOSE if payload is not None else MAY_DO
        assert self.roles[by] & allowed[told["act"]], f"{by} agreed to what is none of theirs"

    @rule(dice=st.integers(0, 2**32 - 1))
    def anything(self, dice: int) -> None:
        """Let one person try one step, on one of the newest proposals or on the lane itself.

        One number says all: of several, Hypothesis draws many alike, and a walk stays where it is.
        """
        rng = random.Random(dice)
        act, what, number = rng.choice(ACTS), rng.choice(STEPS), rng.choice([1, 2])
        newest = [
            each for each in list(self.proposals)[-3:] if each not in self.executed.keys() | self.rejected
        ]
        if not newest and what != "lower as if raising":
            what = "propose"
        chosen = rng.choice(newest) if newest and what != "propose" else None
        about = act if chosen is None else self.proposals[chosen][0]
        apt = [name for name in self.present if self.roles[name] & MAY_DO[about]]
        if about == "lower-lane":
            apt = [name for name in apt if "PORT" in ROLES[name][1]]
        self.one_step(rng.choice(apt * 4 + self.present), what, about, chosen, number)

    def one_step(self, by: str, what: str, act: str, chosen: str | None, number: int) -> None:
        """Try the step, unless there is nothing to try it on."""
        if what == "propose":
            payload = self.payload(act, number)
            asked = {"act": act, "payload": payload, "reason": "because"}
            self.note(by, self.step(by, "POST", "proposals", asked), payload)
        elif what == "lower as if raising":
            self.step(by, "POST", self.overrides, self.change(self.lane, self.lanes[0]))
        elif chosen is not None:
            self.go_on(by, what, chosen, number)

    def go_on(self, by: str, what: str, proposal: str, number: int) -> None:
        """Take one step on a proposal."""
        path, (act, seen) = f"proposals/{proposal}", self.proposals[proposal]
        if what == "go on":
            what = "execute" if self.approvals[proposal] else "approve"
        if what == "amend":
            payload = self.payload(act, number)
            self.note(by, self.step(by, "PUT", path, {"payload": payload}), payload)
        elif what in {"approve", "approve blindly"}:
            meant = seen if what == "approve" else "0" * 64
            self.note(by, self.step(by, "POST", f"{path}/approvals", {"payload_sha256": meant}))
        elif what == "reject":
            if self.step(by, "POST", f"{path}/rejection", None) is not None:
                self.rejected.add(proposal)
        elif what == "execute":
            if self.step(by, "POST", f"{path}/execution", {"payload_sha256": seen}) is not None:
                self.came_into_force(proposal, self.executed_acts)
        elif self.step(by, "POST", f"{path}/break-glass", {"payload_sha256": seen, "reason": "storm"}):
            self.broken.add(proposal)
            self.came_into_force(proposal, self.broken_acts)

    def came_into_force(self, proposal: str, counted: Counter[str]) -> None:
        """Note what an executed proposal changed for the next steps."""
        self.executed[proposal] = self.executed.get(proposal, 0) + 1
        act, seen = self.proposals[proposal]
        payload = self.payloads[proposal, seen]
        counted[act] += 1
        if act == "set-rights":
            self.roles["ada"] = set(payload["roles"])
        elif act == "lower-lane":
            self.lane = payload["to_lane"]

    @invariant()
    def nobody_did_it_alone(self) -> None:
        if not hasattr(self, "first"):
            return
        for proposal, times in self.executed.items():
            act, payload = self.proposals[proposal]
            assert times == 1, "a proposal was executed twice"
            if proposal in self.broken:
                assert act in IN_EMERGENCY, f"one person alone did {act}"
            else:
                assert len(self.agreed[proposal, payload]) >= 2, "one person alone did it"
        acts = Counter(self.proposals[each][0] for each in self.executed)
        acts["change-lists"] += acts["publish-content"]  # the whole content holds the lists, too
        for act, words in self.done().items():
            new = words[len(self.first[act]) :]
            assert len(new) <= acts[act], f"{act} was done without a proposal"
            assert all(" approved by " in by or " alone, " in by for by in new)

    @invariant()
    def rights_and_lane_are_what_was_agreed_to(self) -> None:
        if hasattr(self, "first"):
            has = {each.name: set(each.roles) for each in self.service.site.services.people.all()}
            assert has == self.roles, "somebody has a right that nobody agreed to"
            told = self.people["max"].call("GET", self.overrides)
            assert told.json()["lane"] == self.lane, "the lane is another one than was agreed to"

    @invariant()
    def whoever_audits_is_told_of_broken_glass(self) -> None:
        if hasattr(self, "first"):
            with self.service.site.store.read() as uow:
                told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
            notices = [entry["subject"] for entry in told if entry.get("kind") == "break-glass"]
            assert sorted(notices) == sorted(self.broken), "the glass was broken without a notice"


#: The same walks each time: chance must not decide whether they show anything.
LENGTH: Final = settings(max_examples=70, stateful_step_count=40, derandomize=True, deadline=None)


def walked(**how: Any) -> type[Walk]:
    """Walk, and return what was counted on the way."""
    counted: type[Walk] = type("Counted", (Walk,), {"executed_acts": Counter(), "broken_acts": Counter()})
    run_state_machine_as_test(counted, settings=settings(LENGTH, **how))
    return counted


def test_no_single_person_publishes_lowers_a_lane_gives_a_right_or_turns_a_key() -> None:
    counted = walked()
    assert set(counted.executed_acts) == set(ACTS), "the walk executed too little to show anything"
    assert set(counted.broken_acts) == IN_EMERGENCY


def approve_anything(proposal: two_persons.Proposal, payload: str, *, by: str, at: Any) -> Any:
    """Be a policy that lets the requester approve."""
    approval = two_persons.Approval(person=by, payload_sha256=payload, at=at)
    return replace(proposal, approvals=(*proposal.approvals, approval))


def execute_anything(proposal: two_persons.Proposal, _: str, *, by: str, at: Any, standing: Any) -> Any:
    """Be a policy that needs no approval that counts."""
    return replace(proposal, executed_by=by, executed_at=at)


def execute_if_approved(proposal: two_persons.Proposal, seen: str, **how: Any) -> Any:
    """Be a policy that counts the approval of the requester."""
    if not proposal.approvals:
        raise two_persons.Conflict("nobody approved")
    return execute_anything(proposal, seen, **how)


@pytest.mark.parametrize(
    ("bug", "found"),
    [
        ({"approve": approve_anything, "execute": execute_if_approved}, "alone did it"),
        ({"execute": execute_anything}, "alone did it|executed twice"),
    ],
)
def test_the_walk_finds_a_policy_that_lets_one_person_act(
    bug: dict[str, Any], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, planted in bug.items():
        monkeypatch.setattr(f"tidewaiter.flow.two_persons.{name}", planted)
    with pytest.raises(AssertionError, match=found):
        walked(phases=[Phase.generate])


def test_the_walk_finds_a_lane_that_an_emergency_lowers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_persons, "NEVER_ALONE", frozenset())
    with pytest.raises(AssertionError, match="alone did lower-lane"):
        walked(phases=[Phase.generate])
