"""Exchange content with text files: what is published, what others bring, and how it comes in.

Nothing that is brought is in force by that.  A profile becomes a draft; lists and parameters become
proposals that another person approves.  Bringing the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidewaiter.core.errors import Conflict, Fault, InputError, NotFound
from tidewaiter.core.life_cycle import OPEN, Stage
from tidewaiter.core.rules.list_change import change_between, change_data, list_sha256
from tidewaiter.core.two_persons import Act, State, state_of
from tidewaiter.flow.author import Authoring
from tidewaiter.flow.differences import Change, Difference, differences
from tidewaiter.flow.enact import Enacting
from tidewaiter.flow.guarded_content import PARAMETERS, body_sha256, lists_in
from tidewaiter.flow.next_epoch import bodies_to_be
from tidewaiter.flow.ports import Clock, Person, Store
from tidewaiter.flow.two_persons import TwoPersons, payload_sha256

__all__ = ["Came", "Exchange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of one difference, or of several that are proposed together."""

    #: ``profile``, ``lists`` or ``parameters``.
    what: str
    #: Code of the profile; codes or kinds of what is proposed, with commas.
    code: str
    #: False: it could not be brought in; it can be once `words` is seen to.
    done: bool
    words: str
    faults: Sequence[Fault] = ()


class Exchange:
    """The use cases of whoever moves content as text."""

    def __init__(
        self, *, store: Store, clock: Clock, authoring: Authoring, enacting: Enacting, two_persons: TwoPersons
    ) -> None:
        self._store = store
        self._clock = clock
        self._authoring = authoring
        self._enacting = enacting
        self._two_persons = two_persons

    def content(self) -> dict[str, Any]:
        """Return what was published last, kind -> plain data."""
        with self._store.read() as uow:
            return bodies_to_be(uow)

    def compare(self, brought: Mapping[str, Any]) -> list[Difference]:
        """Return in what *brought* (kind -> plain data) differs from what was published last."""
        return differences(self.content(), brought)

    def bring(self, brought: Mapping[str, Any], *, reason: str, by: Person) -> list[Came]:
        """Draft and propose what differs, as *by*; raises Forbidden.

        Parameters and lists first: a profile that needs what waits for approval is told, and can be
        brought again after it.
        """
        published = self.content()
        found = differences(published, brought)
        profiles = {profile["code"]: profile for profile in brought["rules"]["profiles"]}
        return [
            *self._propose_parameters(published, brought, found, reason, by),
            *self._propose_lists(published, brought, found, reason, by),
            *(self._profile(each, profiles, reason, by) for each in found if each.what == "profile"),
        ]

    def _profile(self, found: Difference, profiles: Mapping[str, Any], reason: str, by: Person) -> Came:
        """Draft a profile, or ask another person to end it."""
        try:
            if found.change is Change.REMOVED:
                words = self._ask_retirement(found.code, reason, by)
            else:
                words = self._draft(profiles[found.code], by)
        except (Conflict, InputError, NotFound) as error:
            return Came(what="profile", code=found.code, done=False, words=error.message, faults=error.faults)
        return Came(what="profile", code=found.code, done=True, words=words)

    def _draft(self, data: Mapping[str, Any], by: Person) -> str:
        """Draft a version, or edit the draft that there is; return what was done."""
        try:
            versions = self._authoring.one(data["code"]).versions
        except NotFound:
            versions = ()
        for version in versions:
            if version.stage not in OPEN:
                continue
            number, words = version.number, self._authoring.version(version.code, version.number).data
            if {**words, "version": number} == {**data, "version": number}:
                return f"Version {number}, which is {version.stage.value}, has these words already."
            if version.stage is Stage.DRAFT:
                self._authoring.edit(version.code, number, data, by=by)
                return f"Version {number}, a draft, has these words now."
        drafted = self._authoring.draft(data, by=by)
        return f"Version {drafted.number} is drafted; submit it, and let another person approve it."

    def _ask_retirement(self, code: str, reason: str, by: Person) -> str:
        """Ask another person to end the version in force; return what was done."""
        life = self._authoring.one(code)
        number = life.in_force
        if number is None:
            raise NotFound(f"No version of profile {code!r} is in force.")
        if any(each.number == number and each.retirement_asked_by for each in life.versions):
            return f"Another person is asked already to end version {number}."
        self._enacting.ask_retirement(code, number, reason=reason, by=by)
        return f"Another person is asked to end version {number}."

    def _propose_parameters(
        self, published: Mapping[str, Any], brought: Mapping[str, Any], found: Sequence[Difference],
        reason: str, by: Person,
    ) -> list[Came]:  # fmt: skip
        kinds = [each.code for each in found if each.what in PARAMETERS]
        if not kinds:
            return []
        payload: dict[str, Any] = {kind: brought[kind] for kind in kinds}
        payload["replaces"] = {kind: body_sha256(published[kind]) for kind in kinds}
        return [self._propose(Act.CHANGE_PARAMETERS, payload, "parameters", kinds, reason, by)]

    def _propose_lists(
        self, published: Mapping[str, Any], brought: Mapping[str, Any], found: Sequence[Difference],
        reason: str, by: Person,
    ) -> list[Came]:  # fmt: skip
        old, new = lists_in(published), lists_in(brought)
        codes = [each.code for each in found if each.what == "list"]
        if not codes:
            return []
        payload = {
            "lists": [change_data(change_between(old.get(code), new[code])) for code in codes if code in new],
            "ended": [
                {"code": code, "replaces": list_sha256(old[code])} for code in codes if code not in new
            ],
        }
        return [self._propose(Act.CHANGE_LISTS, payload, "lists", codes, reason, by)]

    def _propose(
        self, act: Act, payload: Mapping[str, Any], what: str, codes: Sequence[str], reason: str, by: Person
    ) -> Came:
        """Propose a change, unless the same is proposed already."""
        code = ", ".join(codes)
        try:
            known = self._open(act, payload)
            proposal_id = known or self._two_persons.propose(act, payload, reason=reason, by=by).id
        except (Conflict, InputError) as error:
            return Came(what=what, code=code, done=False, words=error.message, faults=error.faults)
        state = "is open already" if known else "waits for another person"
        return Came(what=what, code=code, done=True, words=f"Proposal {proposal_id} {state}.")

    def _open(self, act: Act, payload: Mapping[str, Any]) -> str | None:
        """Return the proposal of the same that has not ended, if there is one."""
        wanted, now = payload_sha256(payload), self._clock.now()
        return next(
            (
                each.id
                for each in self._two_persons.all()
                if each.act is act
                and each.payload_sha256 == wanted
                and state_of(each, now) in {State.OPEN, State.APPROVED}
            ),
            None,
        )
