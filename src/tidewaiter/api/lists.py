"""Lists: what is on them, who uses them, and what a table would change; the change itself is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.flow.lists import Head, Listed, Preview

__all__ = ["router"]

router = APIRouter(tags=["lists"], dependencies=[Depends(no_store)])

_PROBLEMS: Final = (401, 403, 404, 422, 503)
_ONE: Final = "/lists/{name}"

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
_Seen = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]*\S[^\x00]*$")]


class UserTold(BaseModel):
    """A profile in force that uses a list."""

    code: str
    version: int
    title: str


class ListTold(BaseModel):
    """A list without its entries."""

    name: str
    kind: CodeForm
    source: str
    expires: date = Field(description="The last day on which the entries may be relied on.")
    expired: bool
    count: int = Field(description="Entries on the list.")
    used_by: list[UserTold]


class ListsTold(BaseModel):
    """All lists, by name."""

    lists: list[ListTold]


class ListRead(ListTold):
    """A list with a page of its entries."""

    entries: list[str]
    next: str | None = Field(description="Where the next page begins; null: this is the last.")


class Table(BaseModel):
    """All entries that a list is to have, as a table in CSV."""

    model_config = ConfigDict(extra="forbid")

    csv: str = Field(
        description="The first line names the columns; every other line is an entry. What is not in the "
        "table goes out of the list.",
        examples=["entry,note\n2207,Spirit\n2402,Cigarettes\n"],
    )
    column: str = Field(default="entry", min_length=1, max_length=200)
    kind: CodeForm | None = Field(default=None, description="Of a new list; a list keeps its kind.")
    source: _Seen | None = Field(default=None, description="Null: as it is.")
    expires: date | None = Field(default=None, description="Null: as it is.")


class RejectedRow(BaseModel):
    """A row that cannot be an entry."""

    line: int
    value: str
    reason: str
    hint: str | None


class PreviewTold(BaseModel):
    """What a table would change of a list."""

    added: list[str]
    removed: list[str]
    kept: int = Field(description="Entries that stay.")
    rejected: list[RejectedRow]
    payload: Mapping[str, Any] | None = Field(
        description="The payload of the act `change-lists`, to be proposed with a reason. Null: rows are "
        "rejected, or nothing changes."
    )


@router.get(
    "/lists",
    summary="The lists, and who uses them",
    responses=description.answers("The lists", 401, 403, 503, name="ListsTold"),
)
def every(caller: Annotated[PersonCaller, Depends(Allowed(Action.LISTS_READ))]) -> ListsTold:
    """Return every list with its source, expiry and the profiles that use it, without entries."""
    return ListsTold(lists=[_told(caller, each) for each in caller.services.lists.all()])


@router.get(
    _ONE,
    summary="One list with its entries",
    responses=description.answers("A page of the list", *_PROBLEMS, name="ListRead"),
)
def one(
    name: Name,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.LISTS_READ))],
    after: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="The `next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Entries on a page.")] = 200,
) -> ListRead:
    """Return the list with entries in the order of their characters."""
    listed = caller.services.lists.one(name)
    left = sorted(entry for entry in listed.named.entries if after is None or entry > after)
    page = left[:limit]
    following = page[-1] if len(left) > limit else None
    return ListRead(**dict(_told(caller, listed)), entries=page, next=following)


@router.post(
    f"{_ONE}/preview",
    summary="What a table would change of a list",
    responses=description.answers("What would come in and go out", *_PROBLEMS, name="PreviewTold"),
)
def preview(
    name: Name, asked: Table, caller: Annotated[PersonCaller, Depends(Allowed(Action.LISTS_WRITE))]
) -> PreviewTold:
    """Read the table and tell what comes in, what goes out and which rows cannot be entries; keep nothing."""
    head = Head(kind=asked.kind, source=asked.source, expires=asked.expires)
    # Half of a pair of surrogates is no text: it becomes bytes that are none, and its row is rejected.
    content = asked.csv.encode(errors="surrogatepass")
    return _preview(caller.services.lists.preview(name, head, content, column=asked.column))


def _told(caller: PersonCaller, listed: Listed) -> ListTold:
    named = listed.named
    return ListTold(
        name=named.code, kind=named.kind, source=named.source, expires=named.expires,
        expired=named.expires < caller.services.clock.now().date(), count=len(named.entries),
        used_by=[
            UserTold(code=profile.code, version=profile.version, title=profile.title)
            for profile in listed.used_by
        ],
    )  # fmt: skip


def _preview(found: Preview) -> PreviewTold:
    return PreviewTold(
        added=list(found.added),
        removed=list(found.removed),
        kept=found.kept,
        rejected=[
            RejectedRow(line=row.line, value=row.value, reason=row.reason, hint=row.hint)
            for row in found.rejected
        ],
        payload=found.payload,
    )
