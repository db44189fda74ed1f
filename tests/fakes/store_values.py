"""Values for tests of the store: small, valid, different by their numbers."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tidewaiter.core.codes import HsCode, Identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Outcome
from tidewaiter.core.decision import Decision, Versions, decision_id
from tidewaiter.core.declaration import Declaration, Item, TradeFlow
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.life_cycle import Kind, Step
from tidewaiter.core.override import Direction, Override, ReasonCode
from tidewaiter.core.two_persons import Act, Approval, Proposal
from tidewaiter.flow.ports import (
    Client,
    Failures,
    ModelRecord,
    NewDeclaration,
    NewResult,
    Person,
    Session,
    StoredDecision,
    StoredProposal,
    UnitOfWork,
)
from tidewaiter.flow.ports.erasures import Hold
from tidewaiter.flow.ports.events import Delivery, Event, Subscriber
from tidewaiter.flow.ports.inspections import Assignment
from tidewaiter.flow.ports.profiles import Tally
from tidewaiter.flow.ports.sign_on import Attempt, Link
from tidewaiter.flow.ports.standin import Reassessment

START = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
SOURCE = "sydonia"


NO_COMMITMENT = "committed"


def unsalted(body: bytes | None) -> bytes:
    """Return the bytes of an entry without salt and commitments; fails where there is no salt."""
    assert body is not None
    salt = re.match(rb'\{"_salt":"[0-9a-f]{64}",', body)
    assert salt is not None, body[:90]
    rest = b"{" + body[salt.end() :]
    return canonical_json(_uncommitted(json.loads(rest))) if b'"commitment' in rest else rest


def _uncommitted(entry: dict[str, Any]) -> dict[str, Any]:
    """Return *entry* with what stands for each commitment, which is another one each time."""
    one = {"commitment": NO_COMMITMENT} if "commitment" in entry else {}
    many = {"commitments": [NO_COMMITMENT] * len(entry["commitments"])} if "commitments" in entry else {}
    return {**entry, **one, **many}


def plain(stored: StoredDecision | None) -> StoredDecision:
    """Return a recorded decision as it was before its evidence was salted."""
    assert stored is not None
    return replace(stored, evidence=unsalted(stored.evidence))


def instant(minutes: float) -> datetime:
    """Return an instant some minutes after the start."""
    return START + timedelta(minutes=minutes)


def new_declaration(number: int, version: int = 1, *, source: str = SOURCE, text: str = "") -> NewDeclaration:
    """Return the version of a declaration; *text* makes its body another one."""
    declaration = Declaration(
        id=Identifier(f"D{number}"),
        version=version,
        flow=TradeFlow.IMPORT,
        office=Identifier("040"),
        lodged_at=instant(number),
        items=(Item(number=1, hs_code=HsCode("010121")),),
    )
    body = canonical_json({"id": declaration.id, "version": version, "source": source, "text": text})
    return NewDeclaration(
        source=source,
        declaration=declaration,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        at=instant(number),
        received_at=instant(number + 0.5),
    )


def new_result(
    number: int,
    version: int = 1,
    *,
    declaration: int | None = None,
    source: str = SOURCE,
    irregular: bool = False,
) -> NewResult:
    """Return the version of a control result, of the declaration with the same number unless said."""
    result = ControlResult(
        id=Identifier(f"C{number}"),
        version=version,
        declaration_id=Identifier(f"D{number if declaration is None else declaration}"),
        kind=ControlKind.EXAMINATION,
        office=Identifier("040"),
        ended_at=instant(number + 600),
        findings=(Finding(outcome=Outcome.IRREGULAR if irregular else Outcome.COMPLIANT),),
    )
    body = canonical_json({"control": result.id, "version": version, "irregular": irregular})
    return NewResult(
        source=source,
        result=result,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        known_at=instant(number + 600),
        recorded_at=instant(number + 601),
    )


def new_decision(
    number: int,
    version: int = 1,
    *,
    source: str = SOURCE,
    inclusion: float = 0.1,
    lane: str = "green",
    text: str = "",
) -> tuple[Decision, StoredDecision]:
    """Return the decision on a declaration version, and what is stored of it; *text* as of its body."""
    declaration_id = f"D{number}"
    decision = Decision(
        id=decision_id(source, declaration_id, version),
        source=source,
        declaration_id=declaration_id,
        declaration_version=version,
        office="040",
        at=instant(number + 1),
        journal=0,
        lane=lane,
        arm="random" if number % 2 else "none",
        inclusion_probability=inclusion,
        lane_probability=0.9,
        probability=0.25,
        expected_revenue=1.1,
        kinds={},
        hours=0.0,
        value_of_hour=None,
        stages=(),
        hits=(),
        undecided=(),
        instructions=(),
        reasons=(),
        marks=(),
        consignment_keys=(f"key-{number}",),
        versions=Versions(lanes="l", rules="r", plan="p", checks="c", features="f", model=None, draw_key="k"),
        inputs_sha256="0" * 64,
    )
    stored = StoredDecision(
        evidence=canonical_json(decision.evidence()),
        inputs=canonical_json([[number, "040"], [[0.1, None, "010121"] * 100]]),
        answer=canonical_json({"decision": decision.id, "lane": lane}),
        declaration_body=new_declaration(number, version, source=source, text=text).body,
    )
    return decision, stored


def write_all_kinds(work: UnitOfWork, number: int) -> None:
    """Write one of everything."""
    work.add_declaration(new_declaration(number))
    work.add_decision(*new_decision(number))
    work.keep_answer("port", f"m{number}", "0" * 64, b"answer", instant(number))
    work.add_result(new_result(number))
    work.add_result(new_result(number + 50))
    work.add_declarations([new_declaration(number + 50)])
    work.add_results([new_result(number, 2)])
    work.publish("rules", f"r{number}", b"", instant(number), "Anna")
    work.put_model(ModelRecord(version="m", state="candidate", card={}, comparison={}, trained_at=instant(0)))
    work.put_client(
        Client(
            id="c", name="n", source=SOURCE, scopes=frozenset(), key_sha256="0" * 64, created_at=instant(0)
        )
    )
    work.put_capacity_states({"040": b"%d" % number})
    work.put_subscriber(new_subscriber())
    *_, event = work.events(0, source=SOURCE, topics={"decision"}, limit=100)[0]
    work.put_delivery("s", new_delivery(event))
    work.put_person(person())
    work.put_session(Session(token_sha256="0" * 64, person="anna", proved_at=instant(0), seen_at=instant(0)))
    work.put_failures(Failures(name_sha256="0" * 64, count=1, last_at=instant(0), blocked_until=instant(0)))
    work.put_proposal(stored_proposal())
    work.add_hold(
        Hold(
            number=number, source=SOURCE, declaration_id=f"D{number}", reason="a claim", placed_by="anna",
            placed_at=instant(number),
        )
    )  # fmt: skip
    work.assign(Assignment(decision_id="D1", person="anna", by="anna", at=instant(number)))
    work.add_override(new_override(number))
    work.add_profile_step(new_step(number=number), b"{}")
    work.add_tallies([new_tally(number=number)], upto=number)

    work.put_link(
        Link(person="anna", issuer="https://id.example", subject="s-anna", email=None, password_allowed=True)
    )
    work.put_attempt(
        Attempt(
            state_sha256=f"{number:064d}",
            browser_sha256="0" * 64,
            nonce="n",
            verifier="v",
            began_at=instant(0),
            place="/",
            person=None,
            instead_of=None,
        )
    )


def new_override(number: int, count: int = 1, **changes: Any) -> Override:
    """Return a raise of the decision with this number, the *count*-th override of it."""
    decision, _ = new_decision(number)
    made = Override(
        decision_id=decision.id, number=count, source=SOURCE, declaration_id=f"D{number}",
        declaration_version=1, office="040", direction=Direction.RAISED, from_lane="green", to_lane="red",
        reason_code=ReasonCode.GOODS_DIFFER, text="Boxes look newer.", by="anna", adds_control=True,
        at=instant(number + 2),
    )  # fmt: skip
    return replace(made, **changes)


def new_step(**changes: Any) -> Step:
    """Return the first step of a version."""
    made = Step(
        code="zero_price", number=1, ordinal=1, kind=Kind.DRAFT, by="anna", at=instant(1),
        body_sha256=hashlib.sha256(b"{}").hexdigest(), valid_until=date(2027, 12, 31),
    )  # fmt: skip
    return replace(made, **changes)


def new_tally(**changes: Any) -> Tally:
    """Return what was counted on a day."""
    made = Tally(code="zero_price", number=1, day=date(2026, 6, 1), shadow=False, matches=2, undecided=1)
    return replace(made, **changes)


def new_delivery(event: Event, **changes: Any) -> Delivery:
    """Return an event that was refused once."""
    made = Delivery(event=event, attempts=1, due_at=instant(0), dead=False, error="The target answered 400.")
    return replace(made, **changes)


def new_subscriber(identity: str = "s", **changes: Any) -> Subscriber:
    """Return a subscriber to everything."""
    made = Subscriber(
        id=identity, name=f"receiver {identity}", source=SOURCE, topics=frozenset({"decision", "result"}),
        url="http://127.0.0.1:9/events", created_at=instant(0),
    )  # fmt: skip
    return replace(made, **changes)


def person(name: str = "anna", *, number: str | None = None) -> Person:
    """Return an account; *number* is its staff number, by default made from the name."""
    return Person(
        name=name,
        staff_number=number or f"S-{name}",
        roles=frozenset({"manager", "analyst"}),
        offices=frozenset({"040", "041"}),
        compartments=frozenset({"narcotics"}),
        password_hash="hash",
        totp_secret="secret",
        totp_step=0,
        created_at=instant(0),
    )


def stored_proposal(number: int = 1) -> StoredProposal:
    """Return a proposal with one approval."""
    return StoredProposal(
        proposal=Proposal(
            id=f"P{number}",
            act=Act.PROMOTE_MODEL,
            payload_sha256="1" * 64,
            requester="anna",
            reason="better",
            requested_at=instant(number),
            expires_at=instant(number + 60),
            approvals=(Approval(person="ben", payload_sha256="1" * 64, at=instant(number + 0.5)),),
        ),
        payload=b'{"version":"m1"}',
    )


def reassessment(**changes: Any) -> Reassessment:
    """Return a stand-in that was assessed afterwards, and was too mild."""
    values: dict[str, Any] = {
        "decision_id": "D" + "0" * 24, "source": SOURCE, "declaration_id": "D1", "declaration_version": 1,
        "given_at": instant(1), "given_lane": "release", "rule": "trusted", "policy": "v1",
        "lane": "documents", "recalled": True, "at": instant(2),
    }  # fmt: skip
    return Reassessment(**values | changes)
