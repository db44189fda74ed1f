"""The parts of a header that several elements make together: persons, documents, flow, places."""

from __future__ import annotations

from typing import Any, Final

from tidewaiter.adapters.canonical.fields import NAME_LENGTH_MAX
from tidewaiter.adapters.formats.wco.crosswalk import (
    DOCUMENT_PATHS,
    FLOW_OF_PROCEDURE,
    FLOW_OF_TYPE,
    PARTIES,
    TRANSPORT_DOCUMENTS,
)
from tidewaiter.adapters.formats.wco.lists import fill_lists
from tidewaiter.adapters.formats.wco.money import amount_in, in_kilograms
from tidewaiter.adapters.formats.wco.times import take_time_format
from tidewaiter.adapters.xml import Draft, Kind, Node
from tidewaiter.adapters.xml.draft import ValueFault, clean

__all__ = ["documents", "fill_header", "flow_of"]

_AUTHORISED: Final = frozenset({"AEO", "AEOC", "AEOS", "AEOF"})
#: UN/EDIFACT 5189: freight charges.
_FREIGHT: Final = frozenset({"AK", "64"})
#: More are refused by the canonical form anyway.
_PARTIES_MAX: Final = 99
_INVOICE: Final = "380"


def fill_header(draft: Draft, node: Node, national: str | None) -> None:
    """Set what the crosswalk alone cannot: *national* is the code of the national currency."""
    data = draft.data
    _accepted(draft, node)
    _departure(draft, node)
    _parties(draft, node)
    _routing(draft, node)
    _containers(draft, node)
    if found := documents(draft, node, "header", ""):
        data["documents"] = found
    _transport_document(draft)
    _invoice_currency(draft, node)
    _freight(draft, node, national)
    fill_lists(draft, node, "header", data, "")
    for mass in node.all("TotalGrossMassMeasure"):
        in_kilograms(draft, mass, "/gross_mass_kg")


def flow_of(draft: Draft) -> str | None:
    """Return the direction: by the type of the declaration, else by the procedure of its first item."""
    by_type = FLOW_OF_TYPE.get(str(draft.data.get("type_code", ""))[:2].upper())
    if by_type:
        return by_type
    items = draft.data.get("items") or [{}]
    return FLOW_OF_PROCEDURE.get(str(items[0].get("procedure_code", ""))[:1])


def documents(draft: Draft, node: Node, scope: str, pointer: str) -> list[dict[str, Any]]:
    """Return the documents below *node*: category and type make the code, as in ``N935``."""
    found: list[dict[str, Any]] = []
    for path in DOCUMENT_PATHS[scope]:
        for element in node.all(path):
            is_invoice = element.name == "Invoice"
            number = element.first("ID")
            kind = element.first("TypeCode")
            if kind is None and not (is_invoice and number is not None and number.text):
                continue
            code = (
                _INVOICE if kind is None else (draft.text(element, "CategoryCode") or "") + draft.take(kind)
            )
            entry: dict[str, Any] = {}
            place = f"{pointer}/documents/{len(found)}"
            draft.put(entry, place, "type_code", code, kind or element)
            if number is not None and number.text:
                draft.put(entry, place, "id", draft.take(number), number)
            _document_dates(draft, element, entry, place)
            _document_details(draft, element, entry, place)
            found.append(entry)
    return found


def _document_dates(draft: Draft, element: Node, entry: dict[str, Any], place: str) -> None:
    for name, field in (("IssueDateTime", "issued_on"), ("ExpirationDateTime", "expires_on")):
        date = next(
            (n for path in (f"{name}/DateTimeString", name) for n in element.all(path) if n.text), None
        )
        if date is not None:
            take_time_format(draft, date)
            value = draft.convert(Kind.MOMENT, date, f"{place}/{field}")
            if value is not None:
                draft.put(entry, place, field, value, date)


def _document_details(draft: Draft, element: Node, entry: dict[str, Any], place: str) -> None:
    """Set the line that is meant, the exemption and what is written off."""
    for name, field, kind in (
        ("LineNumeric", "line_number", Kind.COUNT),
        ("LPCOExemptionCode", "exemption_code", Kind.TEXT),
        ("WriteOff/QuantityQuantity", "written_off_quantity", Kind.AMOUNT),
    ):
        part = next((child for child in element.all(name) if child.text), None)
        if part is None:
            continue
        value = draft.convert(kind, part, f"{place}/{field}")
        if value is not None:
            draft.put(entry, place, field, value, part)
        if kind is Kind.AMOUNT and (unit := draft.attribute(part, "unitCode")):
            draft.put(entry, place, "written_off_unit", unit, part)


def _accepted(draft: Draft, node: Node) -> None:
    """Set the acceptance, where the lodging was told by another element."""
    issued = (*node.all("IssueDateTime/DateTimeString"), *node.all("IssueDateTime"))
    if not any(entry.text for entry in issued):
        return
    for path in ("AcceptanceDateTime/DateTimeString", "AcceptanceDateTime"):
        for entry in node.all(path):
            if entry.text and "accepted_at" not in draft.data:
                value = draft.convert(Kind.MOMENT, entry, "/accepted_at")
                if value is not None:
                    draft.put(draft.data, "", "accepted_at", value, entry)


def _departure(draft: Draft, node: Node) -> None:
    """Set the means on departure, where it is not the one at the border."""
    for entry in node.all("GoodsShipment/Consignment/DepartureTransportMeans/ID"):
        known = draft.data.get("transport", {}).get("departure_means_id")
        if entry.text and not draft.is_taken(entry) and known is None:
            draft.put(draft.data, "", "transport.departure_means_id", draft.take(entry), entry)


def _parties(draft: Draft, node: Node) -> None:
    parties: list[dict[str, Any]] = []
    seen: set[tuple[str | None, ...]] = set()
    for role, path in (entry[:2] for entry in PARTIES):
        for element in node.all(path):
            entry: dict[str, Any] = {}
            pointer = f"/parties/{len(parties)}"
            if (found := element.first("ID")) is not None and found.text:
                draft.put(entry, pointer, "id", draft.take(found), found)
            if (found := element.first("Address/CountryCode")) is not None and found.text:
                draft.put(entry, pointer, "country", draft.take(found), found)
            if name := _name(draft, element):
                draft.put(entry, pointer, "name", draft.shortened(element, name, NAME_LENGTH_MAX), element)
            known = (role, entry.get("id"), entry.get("country"), entry.get("name"))
            if entry and known not in seen:
                seen.add(known)
                draft.put(entry, pointer, "role", role, element)
                parties.append(entry)
    _authorised(draft, node, parties)
    if parties:
        draft.data["parties"] = parties


def _name(draft: Draft, element: Node) -> str:
    """Return name and address of a person on one line."""
    paths = (
        "Name",
        "Address/Line",
        "Address/PostcodeID",
        "Address/CityName",
        "Address/CountrySubDivisionName",
    )
    parts = [draft.take(found) for path in paths for found in element.all(path) if found.text]
    return ", ".join(parts)


def _authorised(draft: Draft, node: Node, parties: list[dict[str, Any]]) -> None:
    """Mark the persons who are named as holders of an authorisation as economic operator."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for party in parties[:_PARTIES_MAX]:
        by_id.setdefault(party.get("id", ""), []).append(party)
    for holder in node.all("AuthorisationHolder"):
        number, category = holder.first("ID"), holder.first("CategoryCode")
        if number is None or category is None or category.text not in _AUTHORISED:
            continue
        held = by_id.get(clean(number.text), []) if number.text else []
        for party in held:
            party["aeo"] = True
        if held:
            draft.take(number)
            draft.take(category)


def _routing(draft: Draft, node: Node) -> None:
    for path in ("Consignment/Itinerary", "GoodsShipment/Consignment/Itinerary"):
        found = [
            country for stop in node.all(path) if (country := stop.first("RoutingCountryCode")) is not None
        ]
        if found and not draft.data.get("transport", {}).get("routing"):
            draft.put(
                draft.data, "", "transport.routing", [draft.take(country) for country in found], found[0]
            )
            for position, country in enumerate(found):
                draft.put({}, "", f"transport.routing.{position}", None, country)


def _containers(draft: Draft, node: Node) -> None:
    """Collect the containers of the shipment and of its items, and their seals, each once."""
    paths = ("GoodsShipment/Consignment/TransportEquipment/ID", "Consignment/TransportEquipment/ID",
             "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/TransportEquipment/ID")  # fmt: skip
    found = {draft.take(number): number for path in paths for number in node.all(path) if number.text}
    if found:
        draft.put(draft.data, "", "transport.container_ids", list(found), next(iter(found.values())))
    seals = node.all("GoodsShipment/Consignment/TransportEquipment/Seal/ID")
    sealed = {draft.take(number): number for number in seals if number.text}
    if sealed:
        draft.put(draft.data, "", "transport.seal_ids", list(sealed), next(iter(sealed.values())))


def _transport_document(draft: Draft) -> None:
    """Take the first transport document as that of the consignment; it stays among the documents."""
    entries = [
        *draft.data.get("documents", ()),
        *(d for i in draft.data.get("items", ()) for d in i.get("documents", ())),
    ]
    for entry in entries:
        if entry.get("id") and str(entry.get("type_code", "")).upper() in TRANSPORT_DOCUMENTS:
            draft.data.setdefault("transport", {})["document_id"] = entry["id"]
            return


def _invoice_currency(draft: Draft, node: Node) -> None:
    """Take the currency from the invoice amount, where no element of its own states it."""
    for path in ("InvoiceAmount", "GoodsShipment/Invoice/Amount"):
        for total in node.all(path):
            stated = draft.data.get("invoice_currency")
            if (code := total.attributes.get("currencyID")) and stated in {None, code}:
                draft.attribute(total, "currencyID")
                draft.put(draft.data, "", "invoice_currency", code, total)
            elif code:
                hint = "State the total of the invoice in its one currency."
                fault = ValueFault("currencies-differ", f"is in {code}, but the invoice in {stated}.", hint)
                draft.fault(fault, total, "/invoice_amount")


def _freight(draft: Draft, node: Node, national: str | None) -> None:
    """Take the freight of the whole consignment, when it is stated in the national currency."""
    found = [*node.all("GoodsShipment/CustomsValuation/FreightChargeAmount"),
             *node.all("CustomsValuation/FreightChargeAmount")]  # fmt: skip
    kinds: dict[int, Node] = {}
    for charge in node.all("GoodsShipment/CustomsValuation/ChargeDeduction"):
        kind, amount = charge.first("ChargesTypeCode"), charge.first("OtherChargeDeductionAmount")
        if kind is not None and amount is not None and kind.text in _FREIGHT:
            found.append(amount)
            kinds[id(amount)] = kind
    for amount in found:
        if not amount.text:
            continue
        if "freight_amount" in draft.data:
            draft.leave(amount, "freight_amount is already known from another element")
            continue
        value = amount_in(draft, amount, national, "/freight_amount")
        if value is not None:
            draft.put(draft.data, "", "freight_amount", value, amount)
            if id(amount) in kinds:
                draft.take(kinds[id(amount)])
