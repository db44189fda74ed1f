"""A decision in seven steps, as models of what leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from tidewaiter.api.inspections import LaneTold, ResultTold, lane_told, result_told
from tidewaiter.core.rules.words import phrase
from tidewaiter.flow.account import Account
from tidewaiter.flow.replay import Replayed

__all__ = ["DecisionAccount", "ReplayTold", "account_told", "replay_told"]


class ValueTold(BaseModel):
    """A value that decided whether a profile fired."""

    feature: str
    words: str
    item: int = Field(description="Item number; 0: the header.")
    value: str


class ProfileTold(BaseModel):
    """A profile that fired, as it was written that day."""

    code: str
    version: int
    title: str
    owner: str
    lane: str
    share: float
    condition: str = Field(description="The condition as an English sentence.")
    items: list[int]
    values: list[ValueTold]


class UndecidedTold(BaseModel):
    """A profile that could not be decided, because data were missing."""

    code: str
    title: str
    missing: list[str]


class StageTold(BaseModel):
    """One stage of the selection."""

    stage: str
    lane: str
    probability: float
    selected: bool
    detail: str


class ContributionTold(BaseModel):
    """How much one feature moved the score, in log-odds."""

    feature: str
    words: str
    item: int = Field(description="Item number, from 1.")
    log_odds: float


class PoolTold(BaseModel):
    """Capacity of the day, and what was used before the decision."""

    pool: str
    used: float
    capacity: float


class ReasonTold(BaseModel):
    """A reason that the officer read."""

    code: str
    text: str


class DecisionAccount(BaseModel):
    """One decision, explained step by step."""

    id: str
    source: str
    declaration_id: str
    declaration_version: int
    office: str
    at: str
    lane: str
    lanes: list[LaneTold] = Field(description="Those that were in force, most lenient first.")
    arm: str
    marks: list[str]
    reasons: list[ReasonTold]
    instructions: list[str]
    versions: dict[str, str | None]
    declaration: dict[str, Any] = Field(description="1: the declaration version that was decided on.")
    journal: int = Field(description="1: history was everything before this position of the journal.")
    profiles: int = Field(description="2: how many profiles were in force.")
    fired: list[ProfileTold] = Field(description="2")
    undecided: list[UndecidedTold] = Field(description="2")
    stages: list[StageTold] = Field(description="3: what could have selected, with which probability.")
    inclusion_probability: float = Field(description="3: that any stage selects it for a control.")
    lane_probability: float = Field(description="3: that the lane is the one that was given.")
    draw_keys: list[str] = Field(description="3: names of the keys that the draws were made with.")
    consignment_keys: list[str] = Field(description="3: what was drawn for.")
    model: str | None = Field(description="4: version; null: there was no score.")
    probability: float | None = Field(description="4")
    expected_revenue: float | None = Field(description="4: national currency.")
    contributions: list[ContributionTold] | None = Field(
        description="4: strongest first; null: they cannot be computed again here."
    )
    hours: float = Field(description="5: what the lane costs, in hours or controls.")
    value_of_hour: float | None = Field(description="5: the value of one more hour; null: no price yet.")
    arrivals: int = Field(description="5: declarations of the office that day before this one.")
    pools: list[PoolTold] = Field(description="5")
    results: list[ResultTold] = Field(description="7: all versions, in the order of recording.")


class DifferenceTold(BaseModel):
    """One element that came out otherwise."""

    place: str
    recorded: Any
    replayed: Any


class ReplayTold(BaseModel):
    """What came of making a decision again from what is recorded."""

    decision_id: str
    same: bool
    differences: list[DifferenceTold]


def account_told(found: Account) -> DecisionAccount:
    """Return an account as it leaves."""
    evidence = found.evidence
    versions: Mapping[str, str | None] = evidence["versions"]
    as_recorded = ("id", "source", "declaration_id", "declaration_version", "office", "at", "lane", "arm",
                   "marks", "journal", "inclusion_probability", "lane_probability", "consignment_keys",
                   "probability", "expected_revenue", "hours", "value_of_hour")  # fmt: skip
    return DecisionAccount(
        **{name: evidence[name] for name in as_recorded},
        lanes=[lane_told(lane) for lane in found.lanes],
        reasons=[ReasonTold(code=each["code"], text=each["text"]) for each in evidence["reasons"]],
        instructions=evidence["instructions"],
        versions=dict(versions),
        declaration=dict(found.declaration),
        profiles=found.profiles,
        fired=[
            ProfileTold(
                code=each.profile.code, version=each.profile.version, title=each.profile.title,
                owner=each.profile.owner, lane=each.profile.lane, share=float(each.profile.share),
                condition=each.condition, items=list(each.items),
                values=[ValueTold(feature=v.feature, words=v.words, item=v.item, value=v.value)
                        for v in each.values],
            )
            for each in found.fired
        ],
        undecided=[UndecidedTold(code=c, title=t, missing=list(m)) for c, t, m in found.undecided],
        stages=[StageTold(**{name: each[name] for name in StageTold.model_fields})
                for each in evidence["stages"]],
        draw_keys=sorted({*evidence.get("draw_keys", ()), str(versions["draw_key"])}),
        model=versions["model"],
        contributions=None
        if found.contributions is None
        else [
            ContributionTold(
                feature=each.feature, words=phrase(each.feature), item=each.item + 1, log_odds=each.log_odds
            )
            for each in found.contributions
        ],
        arrivals=found.arrivals,
        pools=[PoolTold(pool=each.pool, used=each.used, capacity=each.capacity) for each in found.pools],
        results=[result_told(result) for result in found.results],
    )  # fmt: skip


def replay_told(replayed: Replayed) -> ReplayTold:
    """Return the outcome of a replay as it leaves."""
    return ReplayTold(
        decision_id=replayed.decision_id,
        same=not replayed.differences,
        differences=[
            DifferenceTold(place=each.place, recorded=each.recorded, replayed=each.replayed)
            for each in replayed.differences
        ],
    )
