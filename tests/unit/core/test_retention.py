"""What stays of people after their retention: nothing, and everything else."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tidewaiter.adapters.formats import json as json_format
from tidewaiter.core.codes import Country, HsCode, Identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Irregularity, Outcome
from tidewaiter.core.declaration import (
    Authorisation,
    Charge,
    Classification,
    Declaration,
    Document,
    Guarantee,
    Item,
    Party,
    PartyRole,
    Statement,
    TradeFlow,
    Transport,
)
from tidewaiter.core.errors import InputError
from tidewaiter.core.retention import (
    ERASED_BY,
    Retention,
    impersonal_answer,
    impersonal_declaration,
    impersonal_evidence,
    impersonal_result,
    retention_from_plain,
)

AT = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "ZZSECRETZZ"
CODE = Identifier(SECRET)

#: Type -> the fields whose values stay; all others are taken away or emptied.  A new field must be put in
#: one of the two, by somebody who knows whether it leads to a person.
STAYS: dict[type, set[str]] = {
    Party: {"role", "country"},
    Document: {"type_code"},
    Authorisation: {"category_code"},
    Transport: {"mode_code", "means_nationality", "container_code", "loading_place", "routing"},
    Item: {
        "number", "hs_code", "origin", "origin_proof_code", "net_mass_kg", "gross_mass_kg",
        "supplementary_quantity", "supplementary_unit", "package_count", "package_code", "customs_value",
        "statistical_value", "invoice_price", "valuation_method_code", "procedure_code", "duty_regime_code",
        "duty_rate_percent", "duty_amount", "tax_type_codes", "quota_id", "preferential_origin",
        "additional_procedure_codes", "valuation_adjustment_codes", "dangerous_goods_code",
        "classifications", "charges", "documents",
    },
    Declaration: {
        "id", "version", "flow", "office", "lodged_at", "lodged_on_date_only", "accepted_at", "type_code",
        "procedure_code", "transaction_nature_code", "goods_use_code", "payment_method_code",
        "departure_country", "destination_country", "delivery_terms_code", "representation_code",
        "warehouse_type_code", "invoice_currency", "invoice_amount", "freight_amount", "gross_mass_kg",
        "package_count", "parties", "transport", "documents", "authorisations", "charges", "items",
    },
    Finding: {"outcome", "irregularity", "item_number", "element", "duty_effect"},
    ControlResult: {
        "id", "version", "declaration_id", "declaration_version", "kind", "office", "started_at", "ended_at",
        "ended_on_date_only", "findings", "action_code",
    },
}  # fmt: skip
GOES: dict[type, set[str]] = {
    Party: {"id", "name", "aeo"},
    Document: {
        "id", "issued_on", "expires_on", "line_number", "exemption_code", "written_off_quantity",
        "written_off_unit",
    },
    Authorisation: {"holder_id"},
    Transport: {
        "means_id", "departure_means_id", "document_id", "arrival_reference", "container_ids", "seal_ids",
        "goods_location", "goods_location_type_code",
    },
    Item: {"description", "marks", "statements"},
    Declaration: {
        "delivery_place", "consignment_reference", "trader_reference", "warehouse_id", "guarantees",
        "statements",
    },
    Finding: {"declared", "found", "note"},
    ControlResult: {"officer"},
}  # fmt: skip


def full_item() -> Item:
    return Item(
        number=1, hs_code=HsCode("851713"), description=SECRET, origin=Country("CN"), marks=(SECRET,),
        customs_value=Decimal(100), classifications=(Classification(id=Identifier("A1")),),
        charges=(Charge(type_code=Identifier("AB"), amount=Decimal(5)),),
        statements=(Statement(text=SECRET),), documents=(Document(type_code=Identifier("380"), id=CODE),),
    )  # fmt: skip


def full_declaration() -> Declaration:
    return Declaration(
        id=Identifier("D1"), flow=TradeFlow.IMPORT, office=Identifier("040"), lodged_at=AT,
        delivery_place=SECRET, consignment_reference=CODE, trader_reference=CODE, warehouse_id=CODE,
        parties=tuple(
            Party(role=role, id=CODE, name=SECRET, country=Country("DE"), aeo=True) for role in PartyRole
        ),
        transport=Transport(
            mode_code=Identifier("1"), means_id=CODE, departure_means_id=CODE, document_id=CODE,
            arrival_reference=CODE, container_ids=(CODE,), seal_ids=(CODE,), goods_location=SECRET,
            routing=(Country("SG"),),
        ),
        documents=(Document(type_code=Identifier("380"), id=CODE, issued_on=AT),),
        guarantees=(Guarantee(id=CODE),),
        authorisations=(Authorisation(holder_id=CODE, category_code=Identifier("CGU")),),
        statements=(Statement(text=SECRET),), items=(full_item(),),
    )  # fmt: skip


def full_result() -> ControlResult:
    finding = Finding(
        outcome=Outcome.IRREGULAR, irregularity=Irregularity.UNDERVALUATION, element="customs_value",
        declared=SECRET, found=SECRET, duty_effect=Decimal(7), note=SECRET,
    )  # fmt: skip
    return ControlResult(
        id=Identifier("C1"), declaration_id=Identifier("D1"), kind=ControlKind.EXAMINATION,
        office=Identifier("040"), officer=CODE, ended_at=AT, findings=(finding,),
    )  # fmt: skip


@pytest.mark.parametrize("kind", STAYS)
def test_of_each_field_somebody_said_whether_it_stays(kind: type[Any]) -> None:
    named = {field.name for field in fields(kind)}
    assert named == STAYS[kind] | GOES[kind], "say of a new field whether it leads to a person"
    assert not STAYS[kind] & GOES[kind]


def values_of(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def test_what_goes_of_a_declaration_is_gone_and_what_stays_is_as_it_was() -> None:
    before, after = full_declaration(), impersonal_declaration(full_declaration())
    pairs = [
        (before, after), (before.parties[0], after.parties[0]), (before.transport, after.transport),
        (before.documents[0], after.documents[0]), (before.items[0], after.items[0]),
        (before.authorisations[0], after.authorisations[0]),
    ]  # fmt: skip
    for old, new in pairs:
        kind = type(old)
        assert all(not values_of(new)[name] for name in GOES[kind])
        nested = {"parties", "transport", "documents", "authorisations", "items"}
        assert all(values_of(new)[name] == values_of(old)[name] for name in STAYS[kind] - nested)
    assert SECRET.encode() in json_format.write_declaration(before)
    assert SECRET.encode() not in json_format.write_declaration(after)
    assert len(after.parties) == len(PartyRole)


def test_what_is_left_is_a_declaration_that_can_be_read_and_is_left_as_it_is() -> None:
    after = impersonal_declaration(full_declaration())
    assert json_format.read_declaration(json_format.write_declaration(after)) == after
    assert impersonal_declaration(after) == after


def test_what_goes_of_a_result_is_gone_and_it_teaches_the_same() -> None:
    before, after = full_result(), impersonal_result(full_result())
    assert SECRET.encode() not in json_format.write_control_result(after)
    assert json_format.read_control_result(json_format.write_control_result(after)) == after
    assert (after.irregular, after.conclusive, after.duty_effect) == (True, True, before.duty_effect)
    assert after.findings[0].irregularity is Irregularity.UNDERVALUATION
    assert replace(after, officer=CODE, findings=before.findings) == before


def test_evidence_keeps_the_lane_and_no_value_of_the_declaration() -> None:
    evidence = {
        "_salt": "00", "id": "D", "lane": "red", "arm": "mandatory", "inclusion_probability": "0.1",
        "stages": [{"stage": "random", "probability": "0.1"}], "marks": [], "draw_keys": ["k"],
        "hits": [{"profile": "P1", "version": 2, "items": [1], "evidence": [["party", 0, SECRET]]}],
        "reasons": [{"text": SECRET}], "consignment_keys": [SECRET], "inputs_sha256": SECRET,
        "answer_sha256": SECRET, "versions": {"draw_key": "k"},
    }  # fmt: skip
    after = impersonal_evidence(evidence, 9)
    assert SECRET not in json.dumps(after)
    assert after["hits"] == [{"profile": "P1", "version": 2, "items": [1], "evidence": []}]
    assert after["consignment_keys"] == []
    assert after[ERASED_BY] == 9
    assert all(after[name] == evidence[name] for name in ("lane", "arm", "stages", "versions"))
    assert not {"_salt", "draw_keys", "inputs_sha256", "answer_sha256"} & after.keys()


def test_an_answer_keeps_the_lane_and_no_reason() -> None:
    after = impersonal_answer({"lane": "red", "instructions": ["x"], "reasons": [SECRET]}, 9)
    assert after == {"lane": "red", "instructions": ["x"], "reasons": [], ERASED_BY: 9}


def test_the_ends_are_days_after_the_last() -> None:
    policy = Retention(declaration_days=10, person_days=5)
    assert policy.declaration_ends(AT) == AT + timedelta(days=10)
    assert policy.person_ends(AT) == AT + timedelta(days=5)
    assert retention_from_plain(policy.plain()) == policy


@pytest.mark.parametrize(
    "data",
    [
        {}, {"declaration_days": 1}, {"declaration_days": 1, "person_days": 1, "more": 1},
        {"declaration_days": 0, "person_days": 1}, {"declaration_days": 1, "person_days": -1},
        {"declaration_days": True, "person_days": 1}, {"declaration_days": "1", "person_days": 1},
        {"declaration_days": 1, "person_days": 36_526}, {"declaration_days": 1.5, "person_days": 1},
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        retention_from_plain(data)
