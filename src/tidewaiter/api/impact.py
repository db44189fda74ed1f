"""What a profile that is being written would have found in the newest decisions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.profiles import EXAMPLE
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.learning.impact import Rate, Row, Warned
from tidewaiter.core.rules.words import shown
from tidewaiter.flow.impact import DECISIONS_MAX, Preview
from tidewaiter.flow.wording import told

__all__ = ["router"]

router = APIRouter(tags=["profiles"], dependencies=[Depends(no_store)])

_PROBLEMS: Final = (401, 403, 422, 503)


class Asked(BaseModel):
    """A profile as it stands in the form; papers that are not written yet do not matter."""

    model_config = ConfigDict(extra="forbid")

    profile: dict[str, Any] = Field(examples=[EXAMPLE])


class RateTold(BaseModel):
    """Irregular ones among those with a conclusive result."""

    inspected: int
    irregular: int
    low: float | None = Field(description="Lower end of the 95 % interval; null: too few to judge.")
    high: float | None


class ConditionLeft(BaseModel):
    """A condition of the profile, and what is left after it and those before it."""

    words: dict[str, str] = Field(description="The condition as a sentence, by language.")
    left: int
    unknown: int


class WeightedTold(BaseModel):
    """An estimate for all matches, controlled or not, from logged probabilities."""

    value: float
    low: float
    high: float
    inspected: int
    effective: float = Field(description="Controls of equal weight that would tell as much.")


class WeekTold(BaseModel):
    """A week, from its Monday on."""

    first: date
    matches: int


class OfficeTold(BaseModel):
    """What it adds to an office."""

    office: str
    matches: int
    added: float = Field(description="Hours a day, of matches that would get a stricter lane.")
    capacity: float | None = Field(description="Hours a day that the office has for this lane.")


class OverlapTold(BaseModel):
    """A profile in force that matches some of the same declarations."""

    profile: str
    share: float


class TraderTold(BaseModel):
    """An importer with its matches."""

    importer: str
    matches: int


class ValueTold(BaseModel):
    """A value that decided."""

    feature: str
    item: int = Field(description="Number of the item; 0: the header.")
    value: str


class SampleTold(BaseModel):
    """A decision that the profile matches."""

    decision_id: str
    declaration_id: str
    office: str
    at: datetime
    importer: str | None
    lane: str
    irregular: bool | None
    values: list[ValueTold]


class ImpactTold(BaseModel):
    """What the profile would have found."""

    decisions: int = Field(description=f"So many of the newest were asked, at most {DECISIONS_MAX}.")
    first: datetime | None
    last: datetime | None
    matches: int
    per_day: float
    undecided: int
    steps: list[ConditionLeft]
    hit_rate: RateTold = Field(description="Of the controlled matches, however they were chosen.")
    random_only: RateTold = Field(description="Of the matches that the random draw alone selected.")
    everything: RateTold = Field(description="Of all that was controlled.")
    weighted: WeightedTold | None = Field(description="Null: not enough evidence.")
    recovered: float = Field(description="Additional duty found in matches, national currency.")
    newly_selected: int
    only_here: int = Field(description="Matches that no profile in force matches.")
    weeks: list[WeekTold]
    offices: list[OfficeTold]
    overlap: list[OverlapTold]
    traders: list[TraderTold]
    samples: list[SampleTold]
    warnings: list[Warned]


@router.post(
    "/profiles/impact",
    summary="What a profile would have found",
    responses=description.answers("Its impact", *_PROBLEMS, name="ImpactTold"),
)
def impact(
    asked: Asked, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_READ))]
) -> ImpactTold:
    """Ask the newest decisions, with the values that they were made from; nothing is kept."""
    return _told(caller.services.judge(asked.profile))


def _told(preview: Preview) -> ImpactTold:
    found = preview.impact
    weighted = found.weighted
    plain = ("decisions", "first", "last", "matches", "per_day", "undecided", "newly_selected", "only_here")
    return ImpactTold(
        **{name: getattr(found, name) for name in plain},
        steps=[
            ConditionLeft(words=dict(told(step).words), **asdict(left))
            for step, left in zip(preview.steps, found.steps or (), strict=False)
        ],
        hit_rate=_rate(found.hit_rate),
        random_only=_rate(found.random_only),
        everything=_rate(found.everything),
        weighted=None
        if weighted is None
        else WeightedTold(**{name: getattr(weighted, name) for name in WeightedTold.model_fields}),
        recovered=found.duty,
        weeks=[WeekTold(first=first, matches=matches) for first, matches in found.weeks],
        offices=[
            OfficeTold(capacity=preview.capacity[each.office], **asdict(each)) for each in found.offices
        ],
        overlap=[OverlapTold(**asdict(each)) for each in found.overlap],
        traders=[TraderTold(**asdict(each)) for each in found.traders],
        samples=[_sample(row) for row in found.samples],
        warnings=list(found.warnings),
    )


def _rate(rate: Rate) -> RateTold:
    low, high = rate.interval or (None, None)
    return RateTold(inspected=rate.inspected, irregular=rate.irregular, low=low, high=high)


def _sample(row: Row) -> SampleTold:
    plain = {name: getattr(row, name) for name in SampleTold.model_fields if name != "values"}
    values = [
        ValueTold(feature=feature, item=item, value=shown(REGISTRY[feature].kind, value))  # type: ignore[arg-type]
        for feature, item, value in row.values
    ]
    return SampleTold(values=values, **plain)
