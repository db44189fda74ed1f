"""What is told of profiles and their versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from tidewaiter.api.auth import PersonCaller
from tidewaiter.api.messages import ProblemFault
from tidewaiter.core.life_cycle import Kind, Stage, Step, Version, is_expiring
from tidewaiter.flow.author import Life

__all__ = [
    "ChangeTold", "ConditionRead", "JudgedTold", "ProfileList", "ProfileListed", "ProfileRead", "StepTold",
    "TallyTold", "VersionRead", "VersionTold", "short", "step_told", "told", "version_told",
]  # fmt: skip


class VersionTold(BaseModel):
    """Where a version stands."""

    code: str
    number: int
    stage: Stage
    expiring: bool = Field(description="In force, and its last day is at most 30 days away.")
    since: datetime = Field(description="When it came to this stage.")
    valid_until: date
    body_sha256: str = Field(description="What an approval must name.")
    writers: list[str] = Field(description="Who wrote or submitted any of it; none of them can approve it.")
    approved_by: str | None
    share: Decimal | None = Field(description="Of a ramp: the share of the matches that is selected.")
    retirement_asked_by: str | None
    emergency_by: str | None = Field(description="Who put it in force alone, if somebody did.")
    reviewed_by: str | None
    review_due: bool


class StepTold(BaseModel):
    """One step in the life of a version."""

    ordinal: int
    kind: Kind
    by: str
    at: datetime
    reason: str
    body_sha256: str
    share: Decimal | None
    evidence: dict[str, Any] | None = Field(
        description="Of a submission: decisions that it was tried on, matches, undecided, and `stricter`, "
        "the matches that were in a more lenient lane than it asks for."
    )


class TallyTold(BaseModel):
    """How often a version matched on a day."""

    number: int
    day: date
    shadow: bool = Field(description="Only looked at, without effect on any lane.")
    matches: int
    undecided: int


class ChangeTold(BaseModel):
    """A member in which a version differs from what it would replace."""

    member: str
    in_force: Any = Field(description="Null: there is none.")
    proposed: Any
    in_force_words: dict[str, str] | None = Field(description="Of the condition: a sentence by language.")
    proposed_words: dict[str, str] | None


class ProfileListed(BaseModel):
    """A profile in short."""

    code: str
    title: str
    owner: str
    lane: str = Field(description="Code of the lane that a selected match gets at least.")
    in_force: int | None = Field(description="Number of the version that decides lanes; null: none does.")
    valid_until: date | None = Field(description="Last day of what is in force.")
    newest: VersionTold | None = Field(description="Null: nobody has worked on it since it was published.")
    review_due: bool = Field(description="An emergency of it waits for another person to look at it.")


class ProfileList(BaseModel):
    """All profiles, by code."""

    profiles: list[ProfileListed]


class ProfileRead(ProfileListed):
    """A profile with all its versions."""

    versions: list[VersionTold] = Field(description="Oldest first.")
    tallies: list[TallyTold] = Field(description="By day; they follow the profile over its versions.")


class ConditionRead(BaseModel):
    """A condition as people read it."""

    tree: dict[str, Any]
    text: str = Field(description="In the language of conditions; reading it gives the same condition.")
    words: dict[str, str] = Field(description="As a sentence, by language.")


class VersionRead(BaseModel):
    """A version with its words, beside what it would replace."""

    version: VersionTold
    profile: dict[str, Any]
    condition: ConditionRead
    steps: list[StepTold]
    replaces_sha256: str | None = Field(
        description="What an approval must name, too; null: it replaces none."
    )
    changes: list[ChangeTold]


class JudgedTold(BaseModel):
    """What is to be said about words that nobody has kept."""

    profile: dict[str, Any] | None = Field(
        description="As it would be kept: the condition is its tree. Null: it has faults."
    )
    condition: ConditionRead | None = Field(description="Null: it cannot be read.")
    faults: list[ProblemFault] = Field(description="What keeps it from being kept.")
    remarks: list[ProblemFault] = Field(description="What is surely not meant; it refuses nothing.")
    changes: list[ChangeTold]


def told(caller: PersonCaller, version: Version) -> VersionTold:
    """Return where *version* stands today."""
    return version_told(version, caller.services.clock.now().date())


def version_told(version: Version, today: date) -> VersionTold:
    """Return where *version* stands on a day."""
    members = {
        name: getattr(version, name)
        for name in VersionTold.model_fields
        if name not in {"expiring", "writers"}
    }
    return VersionTold(expiring=is_expiring(version, today), writers=sorted(version.writers), **members)


def step_told(step: Step) -> StepTold:
    """Return a step as it leaves."""
    members = {name: getattr(step, name) for name in StepTold.model_fields if name != "evidence"}
    return StepTold(evidence=json.loads(step.evidence) if step.evidence else None, **members)


def short(life: Life, today: date) -> Mapping[str, Any]:
    """Return the members of :class:`ProfileListed` of a profile on a day."""
    return {
        "code": life.code,
        "title": life.title,
        "owner": life.owner,
        "lane": life.lane,
        "in_force": life.in_force,
        "valid_until": life.valid_until,
        "newest": version_told(life.versions[-1], today) if life.versions else None,
        "review_due": any(version.review_due for version in life.versions),
    }
