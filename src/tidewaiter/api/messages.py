"""What leaves over HTTP, as models: the description of the interface is made from them.

The answer to a declaration and the evidence of a decision leave as the bytes that were recorded;
these models say what is in them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Answer", "BatchLine", "Consistency", "Event", "Events", "Evidence", "Inclusion", "Instruction",
    "Problem", "ProblemFault", "Recorded", "SignedCheckpoint",
]  # fmt: skip


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Instruction(_Message):
    """One thing that the officer should check."""

    code: str
    words: dict[str, str] = Field(description="The instruction per language tag.")


class Answer(_Message):
    """The answer to a declaration: the same bytes whenever the message is sent again."""

    decision_id: str = Field(pattern=r"^D[0-9a-f]{24}$")
    declaration_id: str
    declaration_version: int = Field(ge=1)
    decided_at: str = Field(
        description="The instant of the decision, UTC.", json_schema_extra={"format": "date-time"}
    )
    lane: str
    lane_words: dict[str, str] = Field(description="Name of the lane per language tag.")
    control: bool = Field(description="Whether the lane ends in a control result.")
    wco_response_code: str | None = Field(description="Status code of a WCO response message.")
    instructions: list[Instruction] = Field(description="What to check, in order.")
    reasons: list[str] = Field(max_length=4, description="True sentences, without thresholds.")
    degraded: bool = Field(description="Whether a part of the system was missing when it was decided.")
    marks: list[Literal["STANDIN"]] | None = Field(
        default=None,
        description="`STANDIN`: it could not be assessed in time, and is assessed later. Absent otherwise.",
    )


class Recorded(_Message):
    """The answer to a control result."""

    control_result: str
    version: int = Field(ge=1)
    declaration_id: str
    status: str = Field(
        description="Whether it counts already.",
        json_schema_extra={"enum": ["recorded", "waiting for its declaration"]},
    )


class SignedCheckpoint(_Message):
    """What the ledger was, signed."""

    checkpoint: str = Field(
        description="Signed note (C2SP tlog-checkpoint): name of the ledger, number of entries, root."
    )


class Inclusion(_Message):
    """The proof that an entry is in the ledger."""

    position: int = Field(ge=1, description="Position of the entry.")
    path: list[str] = Field(max_length=63, description="Hashes from the entry to the root, in hex.")
    checkpoint: str = Field(description="The signed note that holds the root.")


class Consistency(_Message):
    """The proof that a later ledger extends an earlier one."""

    first: int = Field(ge=1)
    second: int = Field(ge=1)
    path: list[str] = Field(max_length=64, description="Hashes, in hex.")


class ProblemFault(_Message):
    """One thing that is wrong."""

    code: str
    place: str = Field(description="JSON pointer, line or parameter; empty for the whole message.")
    message: str
    value: str | None = Field(description="What was read there, shortened.")
    hint: str | None = Field(description="What to do.")


class Problem(_Message):
    """What is wrong with a request (RFC 9457)."""

    type: str = Field(json_schema_extra={"format": "uri-reference"})
    title: str
    status: int = Field(ge=400, le=599)
    faults: list[ProblemFault]


class BatchLine(_Message):
    """One line of the answer to a batch: an answer, or a problem."""

    status: int
    answer: Answer | None = None
    receipt: str | None = Field(
        default=None,
        description="The signed promise that the answer is in the ledger within seconds, in base64.",
    )
    problem: Problem | None = None


class Evidence(BaseModel):
    """The record of a decision; numbers that are not whole are texts, so that every digit counts."""

    model_config = ConfigDict(extra="allow")

    id: str
    source: str
    declaration_id: str
    declaration_version: int
    office: str
    at: str
    #: Position in the journal: history was everything before it.
    journal: int
    lane: str
    arm: str
    inclusion_probability: str
    lane_probability: str
    probability: str | None
    expected_revenue: str | None
    stages: list[dict[str, Any]]
    hits: list[dict[str, Any]]
    undecided: list[dict[str, Any]]
    instructions: list[str]
    reasons: list[dict[str, Any]]
    marks: list[str]
    versions: dict[str, str | None]
    inputs_sha256: str


class Event(_Message):
    """Something that happened, as webhooks carry it too."""

    position: int = Field(ge=1, description="Order of recording.")
    id: str = Field(description="The same whenever the event comes.")
    type: str = Field(json_schema_extra={"examples": ["decision.recorded", "result.recorded"]})
    timestamp: str = Field(json_schema_extra={"format": "date-time"})
    data: dict[str, Any] = Field(description="The answer, the control result, or what was published.")


class Events(_Message):
    """Events, oldest first."""

    events: list[Event]
    position: int = Field(ge=0, description="Ask from here the next time.")
