"""An ASYCUDA World SAD in XML to the canonical form."""

from __future__ import annotations

from typing import Any, Final

from tidewaiter.adapters.canonical.fields import NAME_LENGTH_MAX
from tidewaiter.adapters.formats.asycuda.crosswalk import (
    CROSSWALK,
    DATES,
    FLOW_OF_LETTERS,
    FLOW_OF_PROCEDURE,
    NUMBERS,
)
from tidewaiter.adapters.formats.asycuda.items import fill_items
from tidewaiter.adapters.formats.asycuda.numbers import comma_is_decimal, is_zero, number, pointed
from tidewaiter.adapters.formats.asycuda.times import date_order, iso_date
from tidewaiter.adapters.xml import Draft, Kind, Node, fill_from_envelope
from tidewaiter.adapters.xml.draft import ValueFault, clean, whole_number
from tidewaiter.flow.ports.readings import Envelope, Reading

__all__ = ["is_asycuda", "read_asycuda"]

_HINT: Final = "See docs/reference/messages-xml.md for what is read from where."
#: Role -> where its code and its name with address stand.  At import box 8 names the importer.
_PARTIES: Final = (
    ("exporter", "Traders/Exporter/Exporter_code", "Traders/Exporter/Exporter_name"),
    ("consignee", "Traders/Consignee/Consignee_code", "Traders/Consignee/Consignee_name"),
    ("payer", "Traders/Financial/Financial_code", "Traders/Financial/Financial_name"),
    ("declarant", "Declarant/Declarant_code", "Declarant/Declarant_name"),
    ("representative", "", "Declarant/Declarant_representative"),
)


def is_asycuda(root: Node) -> bool:
    """Tell whether *root* opens a SAD of ASYCUDA World."""
    return root.name in {"ASYCUDA", "Sad"}


def read_asycuda(root: Node, envelope: Envelope) -> Reading:
    """Return what the message says.

    Raises :class:`UnreadableMessage` with every fault, each with line, path and value.
    """
    texts = [date.text for path in DATES for date in root.all(path)]
    day_first = date_order(texts, envelope.day_first)
    comma = comma_is_decimal(node.text for node in root.walk() if node.name in NUMBERS)
    converters = {
        Kind.AMOUNT: lambda t: number(pointed(t, comma)),
        Kind.COUNT: lambda t: whole_number(pointed(t, comma)),
        Kind.MOMENT: lambda t: iso_date(t, day_first),
    }
    draft = Draft(root, CROSSWALK, converters, _HINT)
    items = root.all("Item")
    draft.scopes = {"header": (root,), "item": items}
    draft.limit(items)
    draft.fill(draft.data, "", root, "header")
    _type_and_flow(draft, root)
    _lodged(draft, root)
    _identity(draft, root)
    _parties(draft, root)
    _joined(draft, root)
    fill_items(draft, root, items)
    _count(draft, root, len(items))
    assumed = fill_from_envelope(draft, envelope)
    return Reading(
        format="asycuda",
        declaration=draft.declaration(),
        not_mapped=draft.not_mapped(),
        assumed=assumed,
        crosswalk=draft.crosswalk(),
    )


def _type_and_flow(draft: Draft, root: Node) -> None:
    """Join letters and digit of box 1, such as IM and 4; they show the direction too."""
    letters = draft.text(root, "Identification/Type/Type_of_declaration") or ""
    digit = draft.text(root, "Identification/Type/Declaration_gen_procedure_code") or ""
    box = root.first("Identification/Type") or root
    if letters or digit:
        draft.put(draft.data, "", "type_code", letters + digit, box)
    upper = letters.upper()
    flow = next((flow for start, flow in FLOW_OF_LETTERS.items() if upper.startswith(start)), None)
    flow = flow or FLOW_OF_PROCEDURE.get(digit[:1])
    sad_flow = root.first("Property/Sad_flow")
    if sad_flow is not None and sad_flow.text:
        stated = {"I": "import", "E": "export"}.get(sad_flow.text)
        if stated is not None and flow in {None, stated}:
            flow = stated
            draft.take(sad_flow)
        else:
            draft.leave(sad_flow, f"the type of the declaration says {flow}")
    if flow:
        draft.put(draft.data, "", "flow", flow, box)


def _lodged(draft: Draft, root: Node) -> None:
    """Take the date of registration, else of the declaration, else of the assessment."""
    for path in (
        "Identification/Registration/Date",
        "Property/Date_of_declaration",
        "Identification/Assessment/Date",
    ):
        date = next((entry for entry in root.all(path) if entry.text), None)
        if date is None:
            continue
        if "lodged_at" in draft.data:
            draft.leave(date, "lodged_at is already known from another element")
            continue
        value = draft.convert(Kind.MOMENT, date, "/lodged_at")
        if value is not None:
            draft.put(draft.data, "", "lodged_at", value, date)


def _identity(draft: Draft, root: Node) -> None:
    """Make the identity: office, year, serial letter and number; before registration the reference.

    ASYCUDA numbers by office, year and serial, and references by declarant and year, so the number
    alone would name several declarations.
    """
    registered = root.first("Identification/Registration/Number")
    reference = root.first("Declarant/Reference/Number")
    referred = reference is not None and bool(reference.text)
    if registered is not None and registered.text and ("lodged_at" in draft.data or not referred):
        year = str(draft.data.get("lodged_at", ""))[:4]
        serial = draft.text(root, "Identification/Registration/Serial_number") or ""
        parts = [str(draft.data.get("office", "")), year, serial + draft.take(registered)]
        draft.put(draft.data, "", "id", "-".join(part for part in parts if part), registered)
    elif reference is not None and reference.text:
        declarant = root.first("Declarant/Declarant_code")
        year = draft.text(root, "Declarant/Reference/Year") or ""
        code = "" if declarant is None else clean(declarant.text)
        parts = [code, year, draft.take(reference)]
        draft.put(draft.data, "", "id", "-".join(part for part in parts if part), reference)


def _parties(draft: Draft, root: Node) -> None:
    parties: list[dict[str, Any]] = []
    for role, code_path, name_path in _PARTIES:
        code = root.first(code_path) if code_path else None
        name = root.first(name_path)
        source = next((entry for entry in (code, name) if entry is not None and entry.text), None)
        if source is None:
            continue
        roles = (role, "importer") if role == "consignee" and draft.data.get("flow") == "import" else (role,)
        words = None if name is None or not name.text else draft.take(name)
        if words is not None and name is not None:
            words = draft.shortened(name, words, NAME_LENGTH_MAX)
        for each in roles:
            entry: dict[str, Any] = {}
            pointer = f"/parties/{len(parties)}"
            draft.put(entry, pointer, "role", each, source)
            if code is not None and code.text:
                draft.put(entry, pointer, "id", draft.take(code), code)
            if words is not None and name is not None:
                draft.put(entry, pointer, "name", words, name)
            parties.append(entry)
    if parties:
        draft.data["parties"] = parties


def _joined(draft: Draft, root: Node) -> None:
    """Set what several elements make: nature of transaction, routing, containers, freight."""
    nature = (
        *root.all("Financial/Financial_transaction/code1"),
        *root.all("Financial/Financial_transaction/code2"),
    )
    codes = [entry for entry in nature if entry.text]
    if codes:
        text = "".join(draft.take(code) for code in codes)
        draft.put(draft.data, "", "transaction_nature_code", text, codes[0])
    first = root.first("General_information/Country/Country_first_destination")
    if first is not None and first.text:
        draft.put(draft.data, "", "transport.routing", [draft.take(first)], first)
    containers = {
        draft.take(entry): entry for entry in root.all("Container/Container_identity") if entry.text
    }
    if containers:
        draft.put(
            draft.data, "", "transport.container_ids", list(containers), next(iter(containers.values()))
        )
    _containers_flag(draft, root)
    _guarantee(draft, root)
    freight = root.first("Valuation/Gs_external_freight/Amount_national_currency")
    if freight is not None and freight.text:
        value = draft.convert(Kind.AMOUNT, freight, "/freight_amount")
        if not is_zero(value):  # 0.0 stands wherever nothing was typed
            draft.put(draft.data, "", "freight_amount", value, freight)
    invoice = root.first("Valuation/Gs_Invoice/Amount_foreign_currency")
    if (
        is_zero(draft.data.get("invoice_amount"))
        and "invoice_currency" not in draft.data
        and invoice is not None
    ):
        del draft.data["invoice_amount"]


def _containers_flag(draft: Draft, root: Node) -> None:
    """Take the flag of containers as the code that other formats write."""
    for flag in root.all("Transport/Container_flag"):
        code = {"true": "1", "1": "1", "false": "0", "0": "0"}.get(flag.text.lower())
        if code is not None:
            draft.take(flag)
            draft.put(draft.data, "", "transport.container_code", code, flag)


def _guarantee(draft: Draft, root: Node) -> None:
    """Take the guarantee; 0.0 stands wherever nothing was typed."""
    for entry in root.all("Financial/Guarantee/Amount"):
        if not entry.text:
            continue
        value = draft.convert(Kind.AMOUNT, entry, "/guarantees/0/amount")
        if not is_zero(value) and "guarantees" not in draft.data:
            made: dict[str, Any] = {}
            draft.put(made, "/guarantees/0", "amount", value, entry)
            draft.data["guarantees"] = [made]


def _count(draft: Draft, root: Node, items: int) -> None:
    """Take the number of items where it is right; a message that lost items is refused."""
    stated = root.first("Property/Nbers/Total_number_of_items")
    if stated is None or not stated.text:
        return
    count = draft.convert(Kind.COUNT, stated, "/items")
    if count not in {None, 0, items}:
        sentence = f"says {count} items, and the message holds {items}."
        hint = "Send all items, or correct the number."
        draft.fault(ValueFault("item-count-differs", sentence, hint), stated, "/items")
