"""Profiles in force: approve, shadow, ramp, go live, the emergency and its review, retire."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.profiles import VERSION, Code, Number, Reasoned
from tidewaiter.api.profiles_told import VersionTold, told
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action

__all__ = ["router"]

_log = structlog.get_logger(__name__)

router = APIRouter(tags=["profiles"], dependencies=[Depends(no_store)])

_PROBLEMS: Final = (401, 403, 404, 422, 503)
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ReadChange(BaseModel):
    """The change that a person read and means."""

    model_config = ConfigDict(extra="forbid")

    body_sha256: Sha256 = Field(description="Of the words that were read.")
    replaces_sha256: Sha256 | None = Field(
        description="Of the words that they replace; null: they replace none."
    )


class Share(BaseModel):
    """How much of the matches a ramp selects."""

    model_config = ConfigDict(extra="forbid")

    share: Decimal = Field(gt=0, le=1, max_digits=9, decimal_places=8)


@router.post(
    f"{VERSION}/approval",
    summary="Approve a version that another person wrote",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def approve(
    code: Code,
    number: Number,
    asked: ReadChange,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_APPROVE))],
) -> VersionTold:
    """Approve the change that was read; whoever wrote any of the version cannot."""
    approved = caller.services.authoring.approve(
        code, number, sha256=asked.body_sha256, replaces_sha256=asked.replaces_sha256,
        by=caller.signed_in.person,
    )  # fmt: skip
    return told(caller, approved)


@router.post(
    f"{VERSION}/shadow",
    summary="Count an approved version without effect",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def shadow(
    code: Code, number: Number, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_PUBLISH))]
) -> VersionTold:
    """Ask it about every decision from now on, and let it change none."""
    return told(caller, caller.services.enacting.shadow(code, number, by=caller.signed_in.person))


@router.post(
    f"{VERSION}/ramp",
    summary="Put an approved version in force with a smaller share",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def ramp(
    code: Code,
    number: Number,
    asked: Share,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_PUBLISH))],
) -> VersionTold:
    """Select this share of its matches, or more than before; within an epoch a changed share waits."""
    by = caller.signed_in.person
    return told(caller, caller.services.enacting.ramp(code, number, share=asked.share, by=by))


@router.post(
    f"{VERSION}/live",
    summary="Put an approved version in force",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def go_live(
    code: Code, number: Number, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_PUBLISH))]
) -> VersionTold:
    """Publish it with the whole set of rules, in place of what is in force."""
    return told(caller, caller.services.enacting.go_live(code, number, by=caller.signed_in.person))


@router.post(
    f"{VERSION}/emergency",
    summary="Put a new profile in force alone",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def emergency(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_EMERGENCY))],
) -> VersionTold:
    """Do it at once, for at most 72 hours; a notice to whoever audits leaves with it."""
    by = caller.signed_in.person
    burning = caller.services.enacting.emergency(code, number, reason=asked.reason, by=by)
    _log.warning("Somebody declared an emergency.", action="profile_emergency", person=by.name, profile=code)
    return told(caller, burning)


@router.post(
    f"{VERSION}/review",
    summary="Review another person's emergency",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def review(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_APPROVE))],
) -> VersionTold:
    """Record what another person thinks of it; it ends when it ends all the same."""
    by = caller.signed_in.person
    return told(caller, caller.services.enacting.review(code, number, reason=asked.reason, by=by))


@router.post(
    f"{VERSION}/retirement-request",
    summary="Ask another person to end what is in force",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def ask_retirement(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_WRITE))],
) -> VersionTold:
    """Record who wants it to end, and why."""
    by = caller.signed_in.person
    return told(caller, caller.services.enacting.ask_retirement(code, number, reason=asked.reason, by=by))


@router.post(
    f"{VERSION}/retirement",
    summary="End what is in force, when another person asked for it",
    responses=description.answers("The version", *_PROBLEMS, name="VersionTold"),
)
def retire(
    code: Code,
    number: Number,
    asked: Reasoned,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_PUBLISH))],
) -> VersionTold:
    """Publish the rules without it; one person alone ends an emergency, and nothing else."""
    by = caller.signed_in.person
    return told(caller, caller.services.enacting.retire(code, number, reason=asked.reason, by=by))
