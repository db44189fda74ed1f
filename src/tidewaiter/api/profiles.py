"""Profiles: what is in force and what is being worked on; draft, edit, submit, give back, restore."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.messages import ProblemFault
from tidewaiter.api.profiles_told import (
    ChangeTold,
    ConditionRead,
    JudgedTold,
    ProfileList,
    ProfileListed,
    ProfileRead,
    TallyTold,
    VersionRead,
    VersionTold,
    short,
    step_told,
    told,
    version_told,
)
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action

__all__ = ["EXAMPLE", "VERSION", "Code", "Number", "Reason", "Reasoned", "router"]

router = APIRouter(tags=["profiles"], dependencies=[Depends(no_store)])

_PROBLEMS: Final = (401, 403, 404, 422, 503)
_ONE: Final = "/profiles/{code}"
VERSION: Final = "/profiles/{code}/versions/{number}"

Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
#: For the person who reads it and for the auditor; PostgreSQL's texts hold no NUL.
Reason = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*\S[^\x00]*$")]

EXAMPLE: Final[dict[str, Any]] = {
    "code": "phones_without_weight",
    "title": "Telephones that weigh too little",
    "description": "Telephones whose net mass is less than that of the telephones alone.",
    "owner": "Targeting centre",
    "risk_area": "quantity",
    "reference": "Customs Code, Article 12",
    "flows": ["import"],
    "level": "national",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "lane": "examination",
    "share": "0.5",
    "checks": ["weigh"],
    "officer_text": "Weigh the goods.",
    "unknown": "undecided",
    "when": 'hs6 = "851713" and net_mass < 1',
}


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Written(_Asked):
    """A profile as its author writes it."""

    profile: dict[str, Any] = Field(
        description="The members of a profile without `version`; `when` is the tree of the condition, or its "
        "text. What is wrong is told with the place of each member.",
        examples=[EXAMPLE],
    )


class Edited(Written):
    """Other words for a version."""

    body_sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="Of the words that were read and edited; refused when somebody else changed them since. "
        "Null: whatever they are.",
    )


class Reasoned(_Asked):
    """Why, in own words."""

    reason: Reason


class Until(_Asked):
    """A new last day."""

    valid_until: date


class Earlier(_Asked):
    """A version whose words are wanted again."""

    number: int = Field(ge=1, le=1_000_000)


@router.get(
    "/profiles",
    summary="Profiles and where they stand",
    responses=description.answers("The profiles", 401, 403, 422, 503, name="ProfileList"),
)
def every(caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_READ))]) -> ProfileList:
    """Return every profile that is in force, or that somebody works or worked on."""
    today = caller.services.clock.now().date()
    return ProfileList(profiles=[ProfileListed(**short(e, today)) for e in caller.services.authoring.all()])


@router.post(
    "/profiles",
    summary="Draft a version of a profile",
    responses=description.answers("The draft", *_PROBLEMS, name="VersionTold"),
)
def draft(
    asked: Written, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))]
) -> VersionTold:
    """Begin a version; nothing is in force yet, and a profile has one version at a time that is worked on."""
    return told(caller, caller.services.authoring.draft(asked.profile, by=caller.signed_in.person))


@router.post(
    "/profiles/check",
    summary="Check a profile that is being written",
    responses=description.answers("What is to be said about it", *_PROBLEMS, name="JudgedTold"),
)
def check(
    asked: Written, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_READ))]
) -> JudgedTold:
    """Return every fault, or remarks and changes; nothing is kept, and half of a profile is no problem."""
    judged = caller.services.authoring.judge(asked.profile)
    return JudgedTold(
        profile=None if judged.profile is None else dict(judged.profile),
        condition=None if judged.condition is None else ConditionRead(**asdict(judged.condition)),
        faults=[ProblemFault(**asdict(fault)) for fault in judged.faults],
        remarks=[ProblemFault(**asdict(remark)) for remark in judged.remarks],
        changes=[ChangeTold(**asdict(change)) for change in judged.changes],
    )


@router.get(
    _ONE,
    summary="A profile with its versions",
    responses=description.answers("The profile", *_PROBLEMS, name="ProfileRead"),
)
def one(code: Code, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_READ))]) -> ProfileRead:
    """Return all that is recorded of a profile, and how often it matched."""
    life = caller.services.authoring.one(code)
    today = caller.services.clock.now().date()
    return ProfileRead(
        **short(life, today),
        versions=[version_told(version, today) for version in life.versions],
        tallies=[
            TallyTold(**{name: getattr(tally, name) for name in TallyTold.model_fields})
            for tally in life.tallies
        ],
    )


@router.post(
    f"{_ONE}/extension",
    summary="Draft a later last day for what is in force",
    responses=description.answers("The draft", *_PROBLEMS, name="VersionTold"),
)
def extend(
    code: Code, asked: Until, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))]
) -> VersionTold:
    """Begin a version that is in force from today until that day; it is approved like any other."""
    by = caller.signed_in.person
    return told(caller, caller.services.authoring.extend(code, asked.valid_until, by=by))


@router.post(
    f"{_ONE}/restoration",
    summary="Draft the words of an earlier version",
    responses=description.answers("The draft", *_PROBLEMS, name="VersionTold"),
)
def restore(
    code: Code, asked: Earlier, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))]
) -> VersionTold:
    """Begin a version that says what an earlier one said; it is approved like any other."""
    by = caller.signed_in.person
    return told(caller, caller.services.authoring.restore(code, asked.number, by=by))


@router.get(
    VERSION,
    summary="A version with its words and what they change",
    responses=description.answers("The version", *_PROBLEMS, name="VersionRead"),
)
def version(
    code: Code, number: Number, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_READ))]
) -> VersionRead:
    """Return what an approval is about: the words, and what they replace, each with its hash."""
    read = caller.services.authoring.version(code, number)
    return VersionRead(
        version=told(caller, read.version),
        profile=dict(read.data),
        condition=ConditionRead(**asdict(read.condition)),
        steps=[step_told(step) for step in read.steps],
        replaces_sha256=read.replaces_sha256,
        changes=[ChangeTold(**asdict(change)) for change in read.changes],
    )


@router.put(
    VERSION,
    summary="Edit a version that is not in force",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def edit(
    code: Code,
    number: Number,
    asked: Edited,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))],
) -> VersionTold:
    """Give it other words: it is a draft again, and whatever was approved is approved no more."""
    by = caller.signed_in.person
    authoring = caller.services.authoring
    return told(caller, authoring.edit(code, number, asked.profile, by=by, seen=asked.body_sha256))


@router.post(
    f"{VERSION}/submission",
    summary="Submit a version for approval",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def submit(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))],
) -> VersionTold:
    """Freeze it with evidence: what it would have found in the newest decisions."""
    by = caller.signed_in.person
    return told(caller, caller.services.authoring.submit(code, number, reason=asked.reason, by=by))


@router.post(
    f"{VERSION}/rejection",
    summary="Give a version back to its author",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def reject(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))],
) -> VersionTold:
    """Make it a draft again, with what is wrong about it."""
    by = caller.signed_in.person
    return told(caller, caller.services.authoring.reject(code, number, reason=asked.reason, by=by))


@router.post(
    f"{VERSION}/withdrawal",
    summary="Give up a version that is not in force",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def withdraw(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))],
) -> VersionTold:
    """End it; its words can be restored."""
    by = caller.signed_in.person
    return told(caller, caller.services.authoring.withdraw(code, number, reason=asked.reason, by=by))
