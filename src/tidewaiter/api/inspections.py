"""Inspections: what waits at an office, one inspection, and who has taken it.

The answers say what to check and why, in words.  The models name every member that leaves, so that
nothing of the evidence gets out by being there.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.messages import Instruction
from tidewaiter.api.paging import After, place_in, word_of
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action
from tidewaiter.core.control import ACTIONS, ControlKind, ControlResult, Irregularity, Outcome
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole
from tidewaiter.core.selection.lanes import Lane
from tidewaiter.flow.inspect import Inspection, inspection_id
from tidewaiter.flow.ports.inspections import ListedDecision

__all__ = [
    "LaneTold", "ListedInspection", "ResultTold", "lane_told", "listed", "result_told", "router",
]  # fmt: skip

router = APIRouter(tags=["inspections"], dependencies=[Depends(no_store)])

_PROBLEMS: Final = (401, 403, 404, 422, 503)

DecisionId = Annotated[str, Path(pattern=r"^D[0-9a-f]{24}$")]
#: PostgreSQL's texts hold no NUL.
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class LaneTold(BaseModel):
    """A lane as the administration wrote it."""

    code: str
    words: dict[str, str] = Field(description="Name of the lane per language tag.")
    colour: str | None


class LaneWaiting(LaneTold):
    """A lane, and how many decisions wait in it."""

    waiting: int


class PartyTold(BaseModel):
    """A party as declared."""

    id: str | None
    name: str | None
    country: str | None


class ListedInspection(BaseModel):
    """A decision that waits for a control."""

    decision_id: str
    declaration_id: str
    declaration_version: int
    office: str
    lane: str = Field(description="The one in force: as decided, or as changed by an override since.")
    decided_at: datetime
    importer: PartyTold | None
    hs_code: str = Field(description="Of the first item.")
    goods: str | None = Field(description="Description of the first item.")
    items: int
    first_reason: str
    place: str | None = Field(description="Where the goods can be examined, as declared.")
    assigned_to: str | None
    assigned_at: datetime | None


class InspectionList(BaseModel):
    """What waits at one office, oldest first."""

    office: str | None = Field(description="None: you have no office.")
    offices: list[str] = Field(description="The offices whose queues you may read.")
    lanes: list[LaneWaiting] = Field(description="Strictest first.")
    inspections: list[ListedInspection]
    next: str | None
    at: datetime


class ItemTold(BaseModel):
    """A goods item as declared; amounts in the national currency."""

    number: int
    hs_code: str
    goods: str | None
    origin: str | None
    net_mass_kg: Decimal | None
    quantity: Decimal | None
    unit: str | None
    packages: int | None
    customs_value: Decimal | None
    duty_amount: Decimal | None


class FindingTold(BaseModel):
    """The outcome for one risk that was checked."""

    outcome: Outcome
    irregularity: Irregularity | None
    item_number: int | None
    declared: str | None
    found: str | None
    duty_effect: Decimal | None
    note: str | None


class ResultTold(BaseModel):
    """A control result that is recorded."""

    id: str
    version: int
    kind: ControlKind
    officer: str | None
    ended_at: datetime
    findings: list[FindingTold]
    action_code: str | None


class InspectionRead(BaseModel):
    """One inspection: what is declared, why it was selected, what to check."""

    inspection: ListedInspection
    lane_words: dict[str, str]
    lane_colour: str | None
    kind: ControlKind = Field(description="The control that the lane asks for.")
    reasons: list[str] = Field(max_length=4)
    instructions: list[Instruction]
    declarant: PartyTold | None
    exporter: PartyTold | None
    departure_country: str | None
    means: str | None
    transport_document: str | None
    containers: list[str]
    seals: list[str]
    goods: list[ItemTold]
    documents: list[str] = Field(description="Kind and identity of the documents that are declared.")
    results: list[ResultTold]
    waiting: bool = Field(description="Whether it still waits for a result.")
    result_id: str = Field(description="The identity that your result must have.")
    actions: list[str] = Field(description="What you can say was done.")


class NewAssignment(BaseModel):
    """Take an inspection, or give it back."""

    model_config = ConfigDict(extra="forbid")

    take: bool
    instead_of: Name | None = Field(default=None, description="Who has it, as far as you saw.")


@router.get(
    "/inspections",
    summary="What waits at an office",
    responses=description.answers("The queue", 401, 403, 422, 503, name="InspectionList"),
)
def queue(
    caller: Annotated[PersonCaller, Depends(Allowed(Action.INSPECTIONS_READ))],
    office: Annotated[Name | None, Query(description="Without it: the first that you may read.")] = None,
    lane: Annotated[Name | None, Query(description="Only this lane.")] = None,
    after: After = None,
) -> InspectionList:
    """Return decisions of the last 60 days whose lane asks for a control that has no result yet."""
    found = caller.services.inspections.queue(caller.subject, office=office, lane=lane, after=place_in(after))
    return InspectionList(
        office=found.office,
        offices=list(found.offices),
        lanes=[LaneWaiting(**lane_told(each).model_dump(), waiting=count) for each, count in found.lanes],
        inspections=[listed(row, declaration) for row, declaration in found.waiting],
        next=word_of(found.next),
        at=found.at,
    )


@router.get(
    "/inspections/{decision_id}",
    summary="One inspection",
    responses=description.answers("The inspection", *_PROBLEMS, name="InspectionRead"),
)
def one(
    decision_id: DecisionId, caller: Annotated[PersonCaller, Depends(Allowed(Action.INSPECTIONS_READ))]
) -> InspectionRead:
    """Return what is declared, at most four reasons, what to check, and results that are recorded."""
    return _read(caller.services.inspections.one(caller.subject, decision_id))


@router.post(
    "/inspections/{decision_id}/assignment",
    summary="Take an inspection, or give it back",
    responses=description.answers("The inspection", *_PROBLEMS, name="InspectionRead"),
)
def assign(
    decision_id: DecisionId,
    asked: NewAssignment,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.INSPECTIONS_ASSIGN))],
) -> InspectionRead:
    """Change who has it, unless somebody else took it meanwhile: then the conflict says who."""
    inspections = caller.services.inspections
    by = caller.signed_in.person
    inspections.assign(by, decision_id, take=asked.take, instead_of=asked.instead_of)
    return _read(inspections.one(caller.subject, decision_id))


def _read(found: Inspection) -> InspectionRead:
    answer, declaration = json.loads(found.listed.answer), found.declaration
    transport = declaration.transport
    return InspectionRead(
        inspection=listed(found.listed, declaration),
        lane_words=dict(found.lane.words),
        lane_colour=found.lane.colour,
        kind=found.kind,
        reasons=answer["reasons"],
        instructions=answer["instructions"],
        declarant=_party(declaration.party(PartyRole.DECLARANT)),
        exporter=_party(declaration.party(PartyRole.EXPORTER) or declaration.party(PartyRole.SELLER)),
        departure_country=declaration.departure_country,
        means=transport.means_id,
        transport_document=transport.document_id,
        containers=list(transport.container_ids),
        seals=list(transport.seal_ids),
        goods=[_item(item) for item in declaration.items],
        documents=[f"{each.type_code} {each.id or ''}".strip() for each in declaration.documents],
        results=[result_told(result) for result in found.results],
        waiting=found.waiting,
        result_id=inspection_id(found.listed.id),
        actions=list(ACTIONS),
    )


def listed(row: ListedDecision, declaration: Declaration) -> ListedInspection:
    """Return a decision as lists tell it."""
    first = declaration.items[0]
    reasons: list[Any] = json.loads(row.answer)["reasons"]
    return ListedInspection(
        decision_id=row.id,
        declaration_id=row.declaration_id,
        declaration_version=row.version,
        office=row.office,
        lane=row.lane,
        decided_at=row.at,
        importer=_party(declaration.party(PartyRole.IMPORTER)),
        hs_code=first.hs_code,
        goods=first.description,
        items=len(declaration.items),
        first_reason=reasons[0] if reasons else "",
        place=declaration.transport.goods_location,
        assigned_to=row.assigned_to,
        assigned_at=row.assigned_at,
    )


def _party(party: Party | None) -> PartyTold | None:
    return None if party is None else PartyTold(id=party.id, name=party.name, country=party.country)


def _item(item: Item) -> ItemTold:
    return ItemTold(
        number=item.number,
        hs_code=item.hs_code,
        goods=item.description,
        origin=item.origin,
        net_mass_kg=item.net_mass_kg,
        quantity=item.supplementary_quantity,
        unit=item.supplementary_unit,
        packages=item.package_count,
        customs_value=item.customs_value,
        duty_amount=item.duty_amount,
    )


def lane_told(lane: Lane) -> LaneTold:
    """Return a lane as it leaves."""
    return LaneTold(code=lane.code, words=dict(lane.words), colour=lane.colour)


def result_told(result: ControlResult) -> ResultTold:
    """Return a control result as it leaves."""
    return ResultTold(
        id=result.id,
        version=result.version,
        kind=result.kind,
        officer=result.officer,
        ended_at=result.ended_at,
        findings=[
            FindingTold(
                outcome=each.outcome,
                irregularity=each.irregularity,
                item_number=each.item_number,
                declared=each.declared,
                found=each.found,
                duty_effect=each.duty_effect,
                note=each.note,
            )
            for each in result.findings
        ],
        action_code=result.action_code,
    )
