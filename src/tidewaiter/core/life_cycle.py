"""The life of one version of a profile: from a draft to its end, each step taken by somebody.

::

    draft → submitted → approved → shadow → ramp → live → expired
      ↑_________edit, rejection__________|                  or retired

A version takes effect once another person approved exactly these words: who wrote any of it cannot
approve it, and an edit voids the approval.  What is in force ends by two persons or by its date.  The
one way around is the emergency: one person puts a profile in force at once, it replaces nothing, ends
within 72 hours whatever happens, and the same profile gets no second one until another person has
reviewed the first.

Source: NIST SP 800-53 r5, AC-3(2) dual authorisation; WTO TFA, Article 7.4 (selectivity criteria).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from tidewaiter.core.errors import Conflict, Forbidden, InputError

__all__ = [
    "CLOCK", "EMERGENCY_MAX", "EXPIRING", "IN_FORCE", "OPEN", "Kind", "Stage", "Step", "Version",
    "emergency_until", "is_expiring", "require_room", "take", "version_of",
]  # fmt: skip

#: How long an emergency lasts at most.
EMERGENCY_MAX: Final = timedelta(hours=72)
#: How long before its end a version is said to expire.
EXPIRING: Final = timedelta(days=30)
#: Who takes the step that no person takes.
CLOCK: Final = "the clock"


class Stage(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    #: Frozen, with its evidence; waits for another person.
    SUBMITTED = "submitted"
    APPROVED = "approved"
    #: Evaluated and counted, without effect on any lane.
    SHADOW = "shadow"
    #: In force with a smaller share of its matches.
    RAMP = "ramp"
    LIVE = "live"
    #: In force by one person's word, for at most 72 hours.
    EMERGENCY = "emergency"
    #: Its last day is over.
    EXPIRED = "expired"
    #: Given up, or replaced by a later version.
    RETIRED = "retired"


#: A version that is being worked on; a profile has at most one.
OPEN: Final = frozenset({Stage.DRAFT, Stage.SUBMITTED, Stage.APPROVED, Stage.SHADOW})
#: A version that decides lanes; a profile has at most one.
IN_FORCE: Final = frozenset({Stage.RAMP, Stage.LIVE, Stage.EMERGENCY})


class Kind(StrEnum):
    """What a step does."""

    DRAFT = "draft"
    #: A publication of the whole content put it in force, which takes two persons too.
    ADOPT = "adopt"
    EDIT = "edit"
    SUBMIT = "submit"
    #: Back to the author, by whoever reads it or by the author.
    REJECT = "reject"
    APPROVE = "approve"
    SHADOW = "shadow"
    RAMP = "ramp"
    GO_LIVE = "go-live"
    EMERGENCY = "emergency"
    #: Another person has looked at an emergency.
    REVIEW = "review"
    #: One person wants to end what is in force; another one retires it.
    ASK_RETIREMENT = "ask-retirement"
    RETIRE = "retire"
    #: A later version, or a publication of the whole content, took its place.
    REPLACE = "replace"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step in the life of a version; never changed."""

    #: Code of the profile.
    code: str
    #: Number of the version, from 1.
    number: int
    #: Order among the steps of the version, from 1.
    ordinal: int
    kind: Kind
    by: str
    at: datetime
    #: SHA-256 of the words that the step is about, hex; whoever approves names what they read.
    body_sha256: str
    #: Last day in force, included.
    valid_until: date
    #: Why, in own words.
    reason: str = ""
    #: SHA-256 of the words in force that it would replace, hex; None: it would replace none.
    replaces_sha256: str | None = None
    #: Of a ramp: the share of the matches that is selected, over 0.
    share: Decimal | None = None
    #: Of a submission: what was known of it, as canonical JSON; empty: nothing was asked.
    evidence: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a profile as its steps made it."""

    code: str
    number: int
    #: How many steps it has taken.
    ordinal: int
    stage: Stage
    body_sha256: str
    valid_until: date
    #: Everybody who wrote or submitted any of it.
    writers: frozenset[str]
    #: When it took the last step that changed its stage.
    since: datetime
    approved_by: str | None = None
    #: What the approval read as that which it replaces.
    approved_against: str | None = None
    #: Of a ramp: the share that is selected.
    share: Decimal | None = None
    retirement_asked_by: str | None = None
    emergency_by: str | None = None
    reviewed_by: str | None = None

    @property
    def review_due(self) -> bool:
        """Whether it was put in force in an emergency that nobody else has looked at."""
        return self.emergency_by is not None and self.reviewed_by is None


_WORKED_ON: Final = OPEN - {Stage.DRAFT}
_ENDED: Final = frozenset({Stage.EXPIRED, Stage.RETIRED})
_BEGINNINGS: Final = {Kind.DRAFT: Stage.DRAFT, Kind.ADOPT: Stage.LIVE}
#: Step -> the stages in which it can be taken, and the stage that it leads to (None: the same one).
_TABLE: Final[dict[Kind, tuple[frozenset[Stage], Stage | None]]] = {
    Kind.ADOPT: (OPEN | _ENDED, Stage.LIVE),
    Kind.EDIT: (OPEN, Stage.DRAFT),
    Kind.SUBMIT: (frozenset({Stage.DRAFT}), Stage.SUBMITTED),
    Kind.REJECT: (_WORKED_ON, Stage.DRAFT),
    Kind.APPROVE: (_WORKED_ON | {Stage.RAMP}, None),
    Kind.SHADOW: (frozenset({Stage.APPROVED}), Stage.SHADOW),
    Kind.RAMP: (frozenset({Stage.APPROVED, Stage.SHADOW, Stage.RAMP}), Stage.RAMP),
    Kind.GO_LIVE: (frozenset({Stage.APPROVED, Stage.SHADOW, Stage.RAMP}), Stage.LIVE),
    Kind.EMERGENCY: (frozenset({Stage.DRAFT, Stage.SUBMITTED}), Stage.EMERGENCY),
    Kind.REVIEW: (frozenset({Stage.EMERGENCY}) | _ENDED, None),
    Kind.ASK_RETIREMENT: (frozenset({Stage.RAMP, Stage.LIVE}), None),
    Kind.RETIRE: (OPEN | IN_FORCE, Stage.RETIRED),
    Kind.REPLACE: (IN_FORCE, Stage.RETIRED),
    Kind.EXPIRE: (IN_FORCE | {Stage.SHADOW}, Stage.EXPIRED),
}
#: What wants own words.
_REASONED: Final = frozenset({
    Kind.REJECT, Kind.EMERGENCY, Kind.REVIEW, Kind.ASK_RETIREMENT, Kind.RETIRE, Kind.SUBMIT,
})  # fmt: skip
_NEEDS_APPROVAL: Final = frozenset({Kind.SHADOW, Kind.RAMP, Kind.GO_LIVE})


def emergency_until(at: datetime) -> date:
    """Return the last day of an emergency that begins at *at*: days are whole, so it lasts 48 to 72 hours.

    >>> emergency_until(datetime(2026, 6, 1, 8, tzinfo=UTC))
    datetime.date(2026, 6, 3)
    """
    return (at.astimezone(UTC) + EMERGENCY_MAX).date() - timedelta(days=1)


def is_expiring(version: Version, on: date) -> bool:
    """Tell whether the last day of a version in force is near."""
    return version.stage in IN_FORCE and version.valid_until - on <= EXPIRING


def take(version: Version | None, step: Step, *, standing: Collection[str] = ()) -> Version:
    """Return the *version* after *step*; None: there is none of this number yet.

    *standing* are those who may approve at this instant: the approval of somebody who lost the right
    since does not count.  Raises Conflict when the step cannot be taken where it stands, Forbidden when
    it is not for this person, InputError when something is missing.
    """
    if version is None:
        if step.kind not in _BEGINNINGS:
            raise Conflict(f"Profile {step.code!r} has no version {step.number}.")
        return _after(None, step)
    stages, _ = _TABLE.get(step.kind, (frozenset(), None))
    if version.stage not in stages:
        raise Conflict(
            f"Version {step.number} of profile {step.code!r} is {version.stage.value}: "
            f"{step.kind.value!r} is not possible."
        )
    if step.kind in _REASONED and not step.reason.strip():
        raise InputError(f"Say why in own words: {step.kind.value!r} needs a reason.")
    if step.kind is not Kind.EDIT and step.body_sha256 != version.body_sha256:
        raise Conflict(
            f"Version {step.number} of profile {step.code!r} was changed: its words are "
            f"{version.body_sha256} now. Read it again."
        )
    _require(version, step, standing)
    return _after(version, step)


def require_room(versions: Iterable[Version], step: Step) -> None:
    """Raise Conflict when the other *versions* of the profile leave no room for *step*."""
    for other in versions:
        if step.kind is Kind.DRAFT and other.stage in OPEN:
            raise Conflict(
                f"Version {other.number} of profile {step.code!r} is {other.stage.value}; go on with that, "
                "or retire it first."
            )
        if step.kind is Kind.EMERGENCY and other.review_due:
            raise Conflict(
                f"The emergency of version {other.number} of profile {step.code!r} was not reviewed yet; "
                "another person must review it first."
            )


def version_of(steps: Iterable[Step]) -> Version:
    """Return the version that recorded *steps* made, in their order; there is at least one."""
    version: Version | None = None
    for step in steps:
        version = _after(version, step)
    if version is None:
        raise ValueError("BUG: a version without steps was asked for")
    return version


def _require(version: Version, step: Step, standing: Collection[str]) -> None:
    """Raise what forbids *step* beyond the stage of *version*."""
    kind = step.kind
    if kind not in {Kind.EDIT, Kind.EMERGENCY} and step.valid_until != version.valid_until:
        raise InputError("Only an edit changes the last day of a version.")
    if kind in _NEEDS_APPROVAL:
        _require_approval(version, step, standing)
    if kind is Kind.RAMP:
        _require_ramp(version, step)
    elif kind is Kind.EMERGENCY:
        _require_emergency(step)
    elif kind is Kind.EXPIRE and step.at.astimezone(UTC) < _end(version.valid_until):
        raise Conflict(f"It is in force until the end of {version.valid_until}.")
    else:
        _require_other_person(version, step)


def _require_other_person(version: Version, step: Step) -> None:
    """Raise Forbidden where the step is for another person than who did what it looks at."""
    if step.kind is Kind.APPROVE and step.by in version.writers:
        raise Forbidden("Who wrote any of a version cannot approve it; another person must.")
    if step.kind is Kind.REVIEW:
        if not version.review_due:
            raise Conflict("There is no emergency to review, or it was reviewed.")
        if step.by in {version.emergency_by, *version.writers}:
            raise Forbidden("Who declared an emergency, or wrote it, cannot review it; another person must.")
    if step.kind is Kind.RETIRE and version.stage in {Stage.RAMP, Stage.LIVE}:
        if version.retirement_asked_by is None:
            raise Conflict("To end what is in force takes two persons: ask for the retirement first.")
        if version.retirement_asked_by == step.by:
            raise Forbidden("The person who asked for a retirement cannot agree to it; another person must.")


def _require_emergency(step: Step) -> None:
    if step.replaces_sha256 is not None:
        raise Conflict("An emergency replaces nothing: another version of this profile is in force.")
    if step.valid_until > emergency_until(step.at):
        raise InputError(f"An emergency ends by {emergency_until(step.at)}, within 72 hours.")


def _require_approval(version: Version, step: Step, standing: Collection[str]) -> None:
    """Raise Conflict when no approval counts for what would take effect now."""
    by = version.approved_by
    if by is None or by in version.writers or by not in standing:
        raise Conflict("No approval by another person counts now; another person must approve it first.")
    if version.approved_against != step.replaces_sha256:
        raise Conflict("What it would replace has changed since it was approved; read and approve it again.")
    if step.at.astimezone(UTC) >= _end(version.valid_until):
        raise Conflict(f"Its last day, {version.valid_until}, is over; edit it.")


def _require_ramp(version: Version, step: Step) -> None:
    if step.replaces_sha256 is not None:
        raise Conflict(
            "A ramp would select less than the version in force; go live with it, or run it in shadow first."
        )
    if step.share is None or not 0 < step.share <= 1:
        raise InputError("A ramp needs a share, over 0 and at most 1.")
    if version.share is not None and step.share <= version.share:
        raise Conflict(f"A ramp goes up: its share is {version.share} already.")


def _end(day: date) -> datetime:
    """Return the first instant after *day*, which is in UTC as all days are here."""
    return datetime.combine(day, time.min, UTC) + timedelta(days=1)


def _after(version: Version | None, step: Step) -> Version:
    """Return what *step* makes of *version*."""
    if version is None:
        return Version(
            code=step.code, number=step.number, ordinal=1, stage=_BEGINNINGS[step.kind],
            body_sha256=step.body_sha256, valid_until=step.valid_until, writers=frozenset({step.by}),
            since=step.at,
        )  # fmt: skip
    to = _TABLE[step.kind][1] or version.stage
    if step.kind is Kind.APPROVE and version.stage is Stage.SUBMITTED:
        to = Stage.APPROVED
    after = replace(
        version, ordinal=step.ordinal, stage=to, body_sha256=step.body_sha256, valid_until=step.valid_until,
        since=version.since if to is version.stage else step.at,
    )  # fmt: skip
    if to is Stage.DRAFT:
        after = replace(after, approved_by=None, approved_against=None)
    if step.kind in {Kind.EDIT, Kind.SUBMIT}:
        return replace(after, writers=version.writers | {step.by})
    if step.kind is Kind.APPROVE:
        return replace(after, approved_by=step.by, approved_against=step.replaces_sha256)
    if step.kind is Kind.RAMP:
        return replace(after, share=step.share)
    if step.kind is Kind.EMERGENCY:
        return replace(after, emergency_by=step.by)
    if step.kind is Kind.REVIEW:
        return replace(after, reviewed_by=step.by)
    return replace(after, retirement_asked_by=step.by) if step.kind is Kind.ASK_RETIREMENT else after
