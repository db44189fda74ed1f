"""A random walk of people in every role over the life of a profile: approval cannot be bypassed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
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
from tests.api.test_profiles import CODE, PROFILE
from tests.api.visitors import Visitor, visit
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core import life_cycle
from tidewaiter.core.access import GRANTABLE
from tidewaiter.core.life_cycle import Kind, Stage

#: One person of each role, and a second one of those who may do most.
ROLES: Final = {role.value: role.value for role in GRANTABLE} | {"mia": "manager", "ada": "analyst"}
PEOPLE: Final = st.sampled_from(
    ["manager", "mia", "analyst", "ada"] * 5 + sorted(GRANTABLE - {"manager", "analyst"})
)
#: Everything that can be tried.
STEPS: Final = [
    "draft", "submission", "approval", "live", "edit", "blind approval", "rejection", "withdrawal", "shadow",
    "ramp", "emergency", "review", "retirement-request", "retirement", "restoration", "extension", "propose",
    "wait",
]  # fmt: skip
#: What is tried more often where a version stands so: a walk that mostly ends what it began shows little.
APT: Final[dict[str, list[str]]] = {
    "draft": ["submission"] * 5 + ["edit", "emergency"],
    "submitted": ["approval"] * 8 + ["edit", "rejection"],
    "approved": ["live", "ramp", "shadow"],
    "shadow": ["live", "ramp", "edit"],
    "ramp": ["ramp", "live", "retirement-request", "retirement"],
    "live": ["retirement-request", "retirement", "draft", "extension", "restoration"],
    "emergency": ["review", "retirement", "draft", "wait"],
    "expired": ["draft", "review"],
    "retired": ["draft", "restoration"],
}
#: Straight to its being in force, again and again: where a guard is missing, a short walk gets there.
STRAIGHT: Final = {stage: ["draft"] for stage in APT} | {
    "draft": ["submission", "live"],
    "submitted": ["approval"],
    "approved": ["live"],
}
#: The steps on a version that make somebody one of its writers.
_WRITING: Final = {"edit", "submission"}


class ProfileWalk(RuleBasedStateMachine):
    """People of every role, each of whom tries every step, with what they read or guess.

    A book that the product knows nothing of keeps who wrote which version and who approved which words,
    as a request of theirs was answered with success.
    """

    #: Over all walks: how often each step was answered with success.
    done: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.serving = serve(Site(model=None))
        self.service = next(self.serving)
        self.people: dict[str, Visitor] = {n: visit(self.service, n, role) for n, role in ROLES.items()}
        self.writers: dict[int, set[str]] = {}
        #: (number, words) -> who approved them.
        self.agreed: dict[tuple[int, str], set[str]] = {}
        #: When an emergency of a version began.
        self.emergencies: dict[int, datetime] = {}
        self.asked: dict[int, set[str]] = {}
        self.retired: list[tuple[int, str]] = []

    def teardown(self) -> None:
        if hasattr(self, "serving"):
            self.serving.close()

    def call(self, by: str, method: str, path: str, body: Any = None) -> Any:
        """Do it, and return the answer of a success, None otherwise."""
        self.people[by].be_signed_in()
        response = self.people[by].call(method, path, body)
        assert response.status_code in {200, 403, 404, 422}, response.text
        return response.json() if response.status_code == 200 else None

    @rule(
        by=PEOPLE, apt=st.integers(0, 5), which=st.integers(0, 10**6), title=st.sampled_from(["One", "Two"])
    )
    def anything(self, by: str, apt: int, which: int, title: str) -> None:
        """Let one person try one step on the newest version: mostly one that may be possible there."""
        number = max(self.writers, default=1)
        choice = APT[self.stage(number)] if apt else STEPS
        what = choice[which % len(choice)]
        if what == "wait":
            self.service.site.clock.advance(hours=30)
            self.service.site.services.enacting.step()
        elif what == "propose":
            self.whole(by)
        elif what in {"draft", "restoration", "extension"}:
            self.begin_version(by, what, title)
        else:
            self.go_on(by, what, number, title)

    def stage(self, number: int) -> str:
        """Return where the newest version stands; retired, when there is none."""
        if number not in self.writers:
            return "retired"
        return self.service.site.services.authoring.version(CODE, number).version.stage.value

    def whole(self, by: str) -> None:
        """Try to put the profile in force with the whole content, alone."""
        bodies = starter_bodies()
        bodies["rules"]["profiles"].append(PROFILE | {"version": 900})
        told = self.call(
            by, "POST", "proposals", {"act": "publish-content", "payload": bodies, "reason": "x"}
        )
        if told is not None:
            for step in ("approvals", "execution"):
                seen = {"payload_sha256": told["payload_sha256"]}
                assert self.call(by, "POST", f"proposals/{told['id']}/{step}", seen) is None

    def begin_version(self, by: str, what: str, title: str) -> None:
        if what == "draft":
            told = self.call(by, "POST", "profiles", {"profile": PROFILE | {"title": title}})
        elif what == "restoration":
            told = self.call(by, "POST", f"profiles/{CODE}/restoration", {"number": 1})
        else:
            told = self.call(by, "POST", f"profiles/{CODE}/extension", {"valid_until": "2027-01-31"})
        if told is not None:
            self.done[what] += 1
            self.writers[told["number"]] = {by}

    def go_on(self, by: str, what: str, number: int, title: str) -> None:
        """Take one step on a version, knowing its words."""
        path = f"profiles/{CODE}/versions/{number}"
        read = self.people["auditor"]
        read.be_signed_in()
        seen = read.call("GET", path)
        words = seen.json()["version"]["body_sha256"] if seen.status_code == 200 else "0" * 64
        replaces = seen.json()["replaces_sha256"] if seen.status_code == 200 else None
        if what == "edit":
            told = self.call(by, "PUT", path, {"profile": PROFILE | {"title": title}})
        elif what in {"approval", "blind approval"}:
            meant = words if what == "approval" else "0" * 64
            told = self.call(
                by, "POST", f"{path}/approval", {"body_sha256": meant, "replaces_sha256": replaces}
            )
            assert told is None or what == "approval", "words that nobody read were approved"
        elif what == "ramp":
            told = self.call(by, "POST", f"{path}/ramp", {"share": "0.5"})
        elif what in {"live", "shadow"}:
            told = self.call(by, "POST", f"{path}/{what}")
        else:
            told = self.call(by, "POST", f"{path}/{what}", {"reason": "because"})
        if told is not None and not (what == "edit" and told["body_sha256"] == words):
            self.note(by, what, told)

    def note(self, by: str, what: str, told: Any) -> None:
        """Note what a success means."""
        number, words = told["number"], told["body_sha256"]
        self.done[what] += 1
        if what in _WRITING:
            self.writers[number].add(by)
        if what in {"edit", "rejection"}:
            for key in [key for key in self.agreed if key[0] == number]:
                del self.agreed[key]
        if what == "approval":
            self.agreed.setdefault((number, words), set()).add(by)
        if what == "emergency":
            assert number not in self.emergencies
            self.emergencies[number] = self.service.site.clock.at
        if what == "retirement-request":
            self.asked.setdefault(number, set()).add(by)
        if what == "retirement":
            self.retired.append((number, by))

    def in_force(self) -> dict[str, Any] | None:
        """Return the words of the profile that decide lanes now, read from what was published."""
        with self.service.site.store.read() as uow:
            published = uow.published("rules")
        assert published is not None
        profiles = json.loads(published.body)["profiles"]
        return next((each for each in profiles if each["code"] == CODE), None)

    @invariant()
    def nothing_decides_without_another_person(self) -> None:
        if not hasattr(self, "agreed"):
            return
        published = self.in_force()
        if published is None:
            return
        number = published["version"]
        if number in self.emergencies:
            end = datetime.fromisoformat(published["valid_until"]).replace(tzinfo=UTC) + timedelta(days=1)
            assert end - self.emergencies[number] <= timedelta(hours=72), "an emergency that lasts"
            return
        others = {by for (of, _), approvers in self.agreed.items() if of == number for by in approvers}
        assert others - self.writers[number], f"version {number} decides on one person's word"

    @invariant()
    def nothing_is_counted_or_ended_without_another_person(self) -> None:
        if not hasattr(self, "agreed"):
            return
        with self.service.site.store.read() as uow:
            steps = [step for step in uow.profile_steps(CODE) if step.kind is Kind.SHADOW]
        for step in steps:
            assert {by for (of, _), who in self.agreed.items() if of == step.number for by in who} or (
                self.service.site.services.authoring.version(CODE, step.number).version.stage
                is not Stage.SHADOW
            ), "a shadow without an approval"
        for number, by in self.retired:
            asked = self.asked.get(number, set()) - {by}
            assert asked or number in self.emergencies, "one person ended what is in force"

    @invariant()
    def only_analysts_and_managers_took_steps(self) -> None:
        if hasattr(self, "agreed"):
            with self.service.site.store.read() as uow:
                took = {step.by for step in uow.profile_steps(CODE)} - {life_cycle.CLOCK}
            assert {ROLES[by] for by in took} <= {"analyst", "manager"}


LENGTH = settings(max_examples=24, stateful_step_count=30, derandomize=True)
FIRST = settings(LENGTH, phases=[Phase.generate], report_multiple_bugs=False)


def test_no_single_person_puts_a_profile_in_force() -> None:
    ProfileWalk.done = Counter()
    run_state_machine_as_test(ProfileWalk, settings=LENGTH)
    for step in ("approval", "live", "emergency", "edit", "shadow", "ramp"):
        assert ProfileWalk.done[step] >= 2, (
            f"the walks did {step} too rarely to show anything: {ProfileWalk.done}"
        )


@pytest.mark.parametrize("guard", ["_require_approval", "_require_other_person", "_require_emergency"])
def test_the_walk_finds_who_can_do_it_alone(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life_cycle, guard, lambda *_: None)
    if guard != "_require_emergency":
        monkeypatch.setattr(f"{__name__}.APT", STRAIGHT)
    if guard == "_require_other_person":
        # It is asked for twice: an approval by a writer would not count where it is used either.
        monkeypatch.setattr(life_cycle, "_require_approval", lambda *_: None)
    if guard == "_require_approval":
        draft = frozenset({Stage.DRAFT})
        table = {kind: (stages | draft, to) for kind, (stages, to) in life_cycle._TABLE.items()}
        monkeypatch.setattr(life_cycle, "_TABLE", table)
    if guard == "_require_emergency":
        monkeypatch.setattr("tidewaiter.flow.enact.emergency_until", lambda at: at.date() + timedelta(days=9))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(ProfileWalk, settings=FIRST)
