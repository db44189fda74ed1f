"""What conditions and profiles can be written of, for whoever writes them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.inspections import LaneTold, lane_told
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action
from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.features.registry import Kind, Scope
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.profile import Level, MissingMeans, RiskArea

__all__ = ["router"]

router = APIRouter(tags=["profiles"], dependencies=[Depends(no_store)])


class FeatureTold(BaseModel):
    """A feature as authors of conditions see it."""

    name: str
    family: str
    kind: Kind
    scope: Scope
    form: CodeForm | None = Field(description="Form of its codes; null: it has none.")
    expected: str = Field(description="What such a code looks like; empty: it has no codes.")
    unit: str
    operators: list[str]
    words: dict[str, str] = Field(description="Its name, per language tag.")
    sentence: str
    missing: str = Field(description="What it means that it is missing.")


class CheckTold(BaseModel):
    """An instruction that a profile can give."""

    code: str
    words: dict[str, str] = Field(description="What the officer reads, per language tag.")


class ListTold(BaseModel):
    """A named list that a condition can use."""

    code: str
    kind: CodeForm
    entries: int
    source: str
    expires: date


class VocabularyTold(BaseModel):
    """Everything that a profile can refer to."""

    features: list[FeatureTold]
    lanes: list[LaneTold] = Field(description="From the most lenient to the strictest.")
    checks: list[CheckTold]
    lists: list[ListTold]
    risk_areas: list[RiskArea]
    flows: list[TradeFlow]
    levels: list[Level]
    unknown: list[MissingMeans] = Field(description="What missing data can mean for a profile.")


@router.get(
    "/vocabulary",
    summary="What conditions and profiles can be written of",
    responses=description.answers("The vocabulary", 401, 403, 422, 503, name="VocabularyTold"),
)
def vocabulary(caller: Annotated[PersonCaller, Depends(Allowed(Action.PROFILES_READ))]) -> VocabularyTold:
    """Return the features in words with their operators, and the lanes, checks and lists in force."""
    found = caller.services.authoring.vocabulary()
    return VocabularyTold(
        features=[FeatureTold(**asdict(word)) for word in found.features],
        lanes=[lane_told(lane) for lane in found.lanes],
        checks=[CheckTold(code=check.code, words=dict(check.words)) for check in found.checks],
        lists=[
            ListTold(
                code=each.code, kind=each.kind, entries=len(each.entries), source=each.source,
                expires=each.expires,
            )
            for each in found.lists
        ],
        risk_areas=list(RiskArea),
        flows=list(TradeFlow),
        levels=list(Level),
        unknown=list(MissingMeans),
    )  # fmt: skip
