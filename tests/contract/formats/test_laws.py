"""Laws that every declaration and every control result obeys on its way out and back in."""

from __future__ import annotations

import csv
import json
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.formats.strategies import control_results, declarations
from tidewaiter.adapters.canonical.messages import ControlResultMessage, DeclarationMessage
from tidewaiter.adapters.formats.json import (
    read_control_result,
    read_declaration,
    write_control_result,
    write_declaration,
)
from tidewaiter.adapters.formats.json.schema import schema_of
from tidewaiter.adapters.formats.tabular import Row, read_table, resolve_mapping
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration, PartyRole

DECLARATION_SCHEMA = jsonschema_rs.validator_for(schema_of(DeclarationMessage))
RESULT_SCHEMA = jsonschema_rs.validator_for(schema_of(ControlResultMessage))


@given(declarations())
def test_reading_what_was_written_gives_the_same_declaration(declaration: Declaration) -> None:
    assert read_declaration(write_declaration(declaration)) == declaration


@given(control_results())
def test_reading_what_was_written_gives_the_same_control_result(result: ControlResult) -> None:
    assert read_control_result(write_control_result(result)) == result


@given(declarations(), st.data())
def test_one_declaration_has_one_canonical_form(declaration: Declaration, data: st.DataObject) -> None:
    body = write_declaration(declaration)
    other = _respelt(json.loads(body), data)
    indent = data.draw(st.sampled_from([None, 2]))
    respelt = json.dumps(other, indent=indent, ensure_ascii=data.draw(st.booleans()))
    assert write_declaration(read_declaration(respelt.encode())) == body


@given(declarations())
def test_the_schema_accepts_every_declaration(declaration: Declaration) -> None:
    assert not list(DECLARATION_SCHEMA.iter_errors(json.loads(write_declaration(declaration))))


@given(control_results())
def test_the_schema_accepts_every_control_result(result: ControlResult) -> None:
    assert not list(RESULT_SCHEMA.iter_errors(json.loads(write_control_result(result))))


@settings(max_examples=30)
@given(declarations())
def test_a_table_gives_the_same_canonical_form_as_json(declaration: Declaration) -> None:
    plain = _expressible(declaration)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        _write_plain_table(path, plain)
        outcomes = list(read_table(path, resolve_mapping("plain")))
    assert [type(outcome) for outcome in outcomes] == [Row], outcomes
    assert isinstance(outcomes[0], Row)
    assert write_declaration(outcomes[0].declaration) == write_declaration(plain)


def _respelt(value: Any, data: st.DataObject) -> Any:
    """Return *value* with its members in another order and empty single members written as null."""
    if isinstance(value, list):
        return [_respelt(entry, data) for entry in value]
    if not isinstance(value, dict):
        return value
    names = data.draw(st.permutations(sorted(value)))
    respelt = {name: _respelt(value[name], data) for name in names}
    if "hs_code" in value and "origin" not in value:
        respelt["origin"] = None
    return respelt


def _expressible(declaration: Declaration) -> Declaration:
    """Return *declaration* without what the plain mapping has no column for."""
    data = json.loads(write_declaration(declaration))
    data.pop("documents", None)
    roles: dict[str, Any] = {}
    for party in data.pop("parties", []):
        if "id" in party:
            roles.setdefault(party["role"], {"role": party["role"], "id": party["id"]})
    data["parties"] = [roles[role] for role in _PLAIN_ROLES if role in roles]
    for listed in ("container_ids", "seal_ids"):
        if any(";" in name for name in data.get("transport", {}).get(listed, [])):
            del data["transport"][listed]
    _first_of_each(data, ("guarantees", "authorisations", "charges", "statements"))
    for item in data["items"]:
        item["documents"] = item.get("documents", [])[:1]
        _first_of_each(item, ("classifications", "charges", "statements"))
        for name in ITEM_TEXTS:
            if any(";" in text for text in item.get(name, [])):
                del item[name]
    return read_declaration(json.dumps(data).encode())


def _first_of_each(data: dict[str, Any], names: tuple[str, ...]) -> None:
    """Leave in the lists *names* the first object only: the plain mapping has columns for one."""
    for name in names:
        data[name] = [entry for entry in data.get(name, [])[:1] if entry]


#: Lists of texts of an item, which a table writes into one cell.
ITEM_TEXTS = ("tax_type_codes", "additional_procedure_codes", "valuation_adjustment_codes", "marks")
#: Lists of objects -> how their columns begin.
_LISTED = {
    "guarantees": "guarantee",
    "authorisations": "authorisation",
    "charges": "charge",
    "statements": "statement",
}
_ITEM_LISTED = {"classifications": "classification", "charges": "item_charge", "statements": "item_statement"}

#: In the order of the plain mapping.
_PLAIN_ROLES = [
    "importer", "exporter", "consignee", "consignor", "declarant", "representative",
    "seller", "buyer", "carrier", "courier", "notify", "payer",
]  # fmt: skip
assert set(_PLAIN_ROLES) == set(PartyRole)

#: Fields whose column in the plain mapping is named otherwise.
_HEADER_COLUMNS = {"gross_mass_kg": "total_gross_mass_kg", "package_count": "total_package_count"}
_TRANSPORT_COLUMNS = {
    "mode_code": "transport_mode_code",
    "means_id": "transport_means_id",
    "means_nationality": "transport_means_nationality",
    "document_id": "transport_document_id",
}
_ITEM_COLUMNS = {"number": "item_number", "procedure_code": "item_procedure_code"}
_DOCUMENT_COLUMNS = {
    "type_code": "document_type_code",
    "id": "document_id",
    "issued_on": "document_issued_on",
    "expires_on": "document_expires_on",
    "line_number": "document_line_number",
    "exemption_code": "document_exemption_code",
    "written_off_quantity": "document_written_off_quantity",
    "written_off_unit": "document_written_off_unit",
}


def _write_plain_table(path: Path, declaration: Declaration) -> None:
    """Write *declaration* as rows of the plain mapping, without using any code that reads them."""
    header: dict[str, str] = {}
    for name, value in json.loads(write_declaration(declaration)).items():
        if name not in {"parties", "transport", "items", "documents", *_LISTED}:
            header[_HEADER_COLUMNS.get(name, name)] = str(value)
    if not declaration.lodged_on_date_only:
        header["lodged_at"] = declaration.lodged_at.astimezone(UTC).isoformat()
    header |= _listed_columns(json.loads(write_declaration(declaration)), _LISTED)
    for party in declaration.parties:
        header[party.role] = str(party.id)
    for name, value in json.loads(write_declaration(declaration)).get("transport", {}).items():
        column = _TRANSPORT_COLUMNS.get(name, name)
        header[column] = ";".join(value) if isinstance(value, list) else value
    rows = [{**header, **_item_row(item)} for item in json.loads(write_declaration(declaration))["items"]]
    columns = sorted({column for row in rows for column in row})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _item_row(item: dict[str, Any]) -> dict[str, str]:
    row = {
        _ITEM_COLUMNS.get(name, name): ";".join(value) if isinstance(value, list) else str(value)
        for name, value in item.items()
        if name not in {"documents", *_ITEM_LISTED}
    }
    for document in item.get("documents", []):
        row |= {_DOCUMENT_COLUMNS[name]: str(value) for name, value in document.items()}
    return row | _listed_columns(item, _ITEM_LISTED)


def _listed_columns(data: dict[str, Any], columns: dict[str, str]) -> dict[str, str]:
    """Return the cells of the first object of each list."""
    return {
        f"{start}_{name}": value
        for field, start in columns.items()
        for entry in data.get(field, [])[:1]
        for name, value in entry.items()
    }
