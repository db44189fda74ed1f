"""Laws of XML messages: one declaration one form, no foreign error, no wait, nothing silently dropped."""

from __future__ import annotations

import gc
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random  # noqa: TID251 - seeded by the test, so that a mutation can be repeated
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.formats.mutations import (
    JSON_MUTATIONS,
    Mutation,
    delete,
    duplicate,
    flip,
    mutated,
    truncate,
)
from tests.contract.formats.strategies import declarations
from tests.contract.formats.test_laws import _expressible, _write_plain_table
from tests.fakes.xml_messages import AMENDMENT, ENVELOPE, SAD, WCO
from tidewaiter.adapters.formats.json import read_declaration, write_declaration
from tidewaiter.adapters.formats.tabular import Row, read_table, resolve_mapping
from tidewaiter.adapters.messages import read_message
from tidewaiter.adapters.xml import Draft, parse_xml
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import UnreadableMessage
from tidewaiter.flow.ports.readings import Envelope, Reading

MUTANTS = 500
SECONDS_MAX = 2.0
GOOD = {"wco": WCO.encode(), "asycuda": SAD.encode(), "amendment": AMENDMENT.encode()}

#: Role -> path of its element from the declaration.
ROLES = {
    "declarant": "Declarant",
    "representative": "Agent",
    "importer": "GoodsShipment/Importer",
    "consignee": "GoodsShipment/Consignee",
    "exporter": "Exporter",
    "consignor": "GoodsShipment/Consignor",
    "seller": "GoodsShipment/Seller",
    "buyer": "GoodsShipment/Buyer",
    "carrier": "Consignment/Carrier",
    "notify": "GoodsShipment/NotifyParty",
    "payer": "Payer",
}
TYPES = {"import": "IMA", "export": "EXA", "transit": "T1"}


# -- one declaration, one form


@settings(max_examples=60)
@given(declarations())
def test_json_xml_and_table_give_the_same_canonical_form(declaration: Declaration) -> None:
    plain = in_wco(_expressible(declaration))
    canonical = write_declaration(plain)
    reading = read_message(wco_text(plain).encode(), Envelope())
    assert reading.format == "wco"
    assert reading.not_mapped == ()
    assert reading.declaration is not None
    assert write_declaration(reading.declaration) == canonical
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        _write_plain_table(path, plain)
        (row,) = read_table(path, resolve_mapping("plain"))
    assert isinstance(row, Row)
    assert write_declaration(row.declaration) == canonical
    assert read_message(canonical, Envelope()).declaration == plain


def test_the_law_would_see_a_field_that_one_format_reads_differently() -> None:
    text = WCO.replace(">372254.40<", ">372254.41<")
    good, bad = (read_message(body.encode(), ENVELOPE).declaration for body in (WCO, text))
    assert good is not None
    assert bad is not None
    assert write_declaration(good) != write_declaration(bad)


def in_wco(declaration: Declaration) -> Declaration:
    """Return *declaration* without what a WCO message has no element for."""
    data = json.loads(write_declaration(declaration))
    data["type_code"] = TYPES[data["flow"]]
    for name in ("goods_use_code", "payment_method_code", "procedure_code"):
        data.pop(name, None)
    if "invoice_currency" not in data:
        data.pop("invoice_amount", None)
    if "means_id" not in data.get("transport", {}):
        data.get("transport", {}).pop("departure_means_id", None)
    data["authorisations"] = [
        entry for entry in data.get("authorisations", ()) if entry.get("category_code") not in {"AEOC", "AEO"}
    ]
    _as_wco_says(data)
    parties = {party["role"]: party for party in data.pop("parties", [])}
    data["parties"] = [party for role, party in parties.items() if role in ROLES]
    data["transport"] = {
        k: v for k, v in data.get("transport", {}).items() if k not in {"document_id", "arrival_reference"}
    }
    for name in ("container_ids", "seal_ids"):
        if numbers := dict.fromkeys(data["transport"].pop(name, ())):
            data["transport"][name] = list(numbers)
    for item in data["items"]:
        item.pop("origin_proof_code", None)
        item["documents"] = [document | {"type_code": "Z999"} for document in item.get("documents", ())]
        for document in item["documents"]:
            if "written_off_quantity" not in document:
                document.pop("written_off_unit", None)
        if "origin" not in item:
            item.pop("preferential_origin", None)
        _as_wco_says(item)
        item["procedure_code"] = "4000"
        if "supplementary_quantity" not in item:
            item.pop("supplementary_unit", None)
        if "package_count" not in item:
            item.pop("package_code", None)
    return read_declaration(json.dumps(data).encode())


def _as_wco_says(data: dict[str, Any]) -> None:
    """Leave out what elements cannot express: a currency without amount, the freight among the charges."""
    for charge in data.get("charges", ()):
        if "amount" not in charge:
            charge.pop("currency", None)
        if charge.get("type_code") in {"AK", "64"}:
            del charge["type_code"]
    data["charges"] = [charge for charge in data.get("charges", ()) if charge]
    if "duty_rate_percent" in data:
        data["tax_type_codes"] = ["A00"]
    data["classifications"] = [
        entry
        for entry in data.get("classifications", ())
        if entry.get("type_code", "").isalpha() is False and "type_code" in entry
    ]
    if "items" in data:
        del data["classifications"]


def element(path: str, value: object, attributes: str = "") -> str:
    """Return *value* in the elements of *path*, or nothing."""
    if value is None:
        return ""
    text = escape(str(value))
    steps = path.split("/")
    inner = f"<{steps[-1]}{attributes}>{text}</{steps[-1]}>"
    for step in reversed(steps[:-1]):
        inner = f"<{step}>{inner}</{step}>"
    return inner


def wco_text(declaration: Declaration) -> str:
    """Write *declaration* as a WCO message, without using any code that reads one."""
    data: dict[str, Any] = json.loads(write_declaration(declaration))
    transport = data.get("transport", {})
    lodged = re.sub(r"[-:T]", "", data["lodged_at"])
    lodged = data["lodged_at"] if "." in lodged else lodged
    form = "" if len(lodged) < 8 else ' formatCode="304"'
    header = [
        element("IssueDateTime/DateTimeString", lodged, form),
        element("FunctionCode", 9),
        element("ID", data["id"]),
        element("VersionID", data["version"]),
        element("TypeCode", data["type_code"]),
        element("DeclarationOfficeID", data["office"]),
        element("GoodsItemQuantity", len(data["items"])),
        element("TotalPackageQuantity", data.get("package_count")),
        element("TotalGrossMassMeasure", data.get("gross_mass_kg")),
        element("CurrencyExchange/CurrencyTypeCode", data.get("invoice_currency")),
        element("InvoiceAmount", data.get("invoice_amount")),
        element("BorderTransportMeans/ModeCode", transport.get("mode_code")),
        element("BorderTransportMeans/ID", transport.get("means_id")),
        element("BorderTransportMeans/RegistrationNationalityCode", transport.get("means_nationality")),
        element("GoodsShipment/TransactionNatureCode", data.get("transaction_nature_code")),
        element("GoodsShipment/ExportCountry/ID", data.get("departure_country")),
        element("GoodsShipment/Destination/CountryCode", data.get("destination_country")),
        element("GoodsShipment/TradeTerms/ConditionCode", data.get("delivery_terms_code")),
        element("GoodsShipment/TradeTerms/LocationName", data.get("delivery_place")),
        element("GoodsShipment/UCR/ID", data.get("consignment_reference")),
        element("GoodsShipment/UCR/TraderAssignedReferenceID", data.get("trader_reference")),
        element("Agent/FunctionCode", data.get("representation_code")),
        element("GoodsShipment/Warehouse/ID", data.get("warehouse_id")),
        element("GoodsShipment/Warehouse/TypeCode", data.get("warehouse_type_code")),
        element("GoodsShipment/Consignment/ContainerCode", transport.get("container_code")),
        element("GoodsShipment/Consignment/GoodsLocation/Name", transport.get("goods_location")),
        element(
            "GoodsShipment/Consignment/GoodsLocation/TypeCode", transport.get("goods_location_type_code")
        ),
        element("GoodsShipment/CustomsValuation/FreightChargeAmount", data.get("freight_amount")),
        element("GoodsShipment/Consignment/LoadingLocation/ID", transport.get("loading_place")),
    ]
    header += [
        element("AcceptanceDateTime", data.get("accepted_at")),
        element("GoodsShipment/Consignment/DepartureTransportMeans/ID", transport.get("departure_means_id")),
        *(grouped("ObligationGuarantee", entry, GUARANTEE) for entry in data.get("guarantees", ())),
        *(grouped("AuthorisationHolder", entry, HOLDER) for entry in data.get("authorisations", ())),
        *(charge_text("GoodsShipment/CustomsValuation", entry) for entry in data.get("charges", ())),
        *(grouped("AdditionalInformation", entry, STATEMENT) for entry in data.get("statements", ())),
    ]
    header += [
        element("Consignment/Itinerary/RoutingCountryCode", stop) for stop in transport.get("routing", ())
    ]
    header += [
        element("GoodsShipment/Consignment/TransportEquipment/ID", name)
        for name in transport.get("container_ids", ())
    ]
    header += [
        element("GoodsShipment/Consignment/TransportEquipment/Seal/ID", name)
        for name in transport.get("seal_ids", ())
    ]
    header += [element(f"{ROLES[party['role']]}/ID", party["id"]) for party in data.get("parties", ())]
    items = "".join(
        f"<GovernmentAgencyGoodsItem>{item_text(item)}</GovernmentAgencyGoodsItem>" for item in data["items"]
    )
    return f"<Declaration>{''.join(header)}<GoodsShipment>{items}</GoodsShipment></Declaration>"


def item_text(item: dict[str, Any]) -> str:
    """Return the elements of an item."""
    unit = item.get("supplementary_unit")
    quoted = "" if unit is None else escape(unit, {'"': "&quot;"})
    attribute = "" if unit is None else f' unitCode="{quoted}"'
    measures = "Commodity/GoodsMeasure/"
    return "".join(
        [
            element("SequenceNumeric", item["number"]),
            element("CustomsValueAmount", item.get("customs_value")),
            element("StatisticalValueAmount", item.get("statistical_value")),
            element("Commodity/Classification/ID", item["hs_code"]),
            element("Commodity/Description", item.get("description")),
            element("Commodity/DutyTaxFee/DutyRegimeCode", item.get("duty_regime_code")),
            element("Commodity/DutyTaxFee/Payment/TaxAssessedAmount", item.get("duty_amount")),
            duty_text(item.get("duty_rate_percent"), item.get("tax_type_codes", ())),
            element(f"{measures}NetNetWeightMeasure", item.get("net_mass_kg")),
            element(f"{measures}GrossMassMeasure", item.get("gross_mass_kg")),
            element(f"{measures}TariffQuantity", item.get("supplementary_quantity"), attribute),
            element("Commodity/InvoiceLine/ItemChargeAmount", item.get("invoice_price")),
            element("CustomsValuation/MethodCode", item.get("valuation_method_code")),
            element("GovernmentProcedure/CurrentCode", item["procedure_code"]),
            *(
                element("GovernmentProcedure/CurrentCode", c)
                for c in item.get("additional_procedure_codes", ())
            ),
            element("Origin/CountryCode", item.get("origin")),
            grouped(
                "Origin", {"c": item["preferential_origin"], "t": "2"}, {"c": "CountryCode", "t": "TypeCode"}
            )
            if "preferential_origin" in item
            else "",
            element("Commodity/DutyTaxFee/QuotaOrderID", item.get("quota_id")),
            element("Commodity/DangerousGoods/UNDGID", item.get("dangerous_goods_code")),
            *(
                element("ValuationAdjustment/AdditionCode", c)
                for c in item.get("valuation_adjustment_codes", ())
            ),
            *(element("Packaging/MarksNumbersID", mark) for mark in item.get("marks", ())),
            *(
                f"<Commodity>{grouped('Classification', entry, CLASSIFICATION)}</Commodity>"
                for entry in item.get("classifications", ())
            ),
            *(charge_text("CustomsValuation", entry) for entry in item.get("charges", ())),
            *(grouped("AdditionalInformation", entry, STATEMENT) for entry in item.get("statements", ())),
            *(document_text(entry) for entry in item.get("documents", ())),
            element("Packaging/QuantityQuantity", item.get("package_count")),
            element("Packaging/TypeCode", item.get("package_code")),
        ]
    )


STATEMENT = {"code": "StatementCode", "text": "StatementDescription"}
GUARANTEE = {"id": "ReferenceID", "amount": "AmountAmount"}
HOLDER = {"holder_id": "ID", "category_code": "CategoryCode"}
CLASSIFICATION = {"type_code": "IdentificationTypeCode", "id": "ID"}
DOCUMENT = {
    "type_code": "TypeCode",
    "id": "ID",
    "issued_on": "IssueDateTime",
    "expires_on": "ExpirationDateTime",
    "line_number": "LineNumeric",
    "exemption_code": "LPCOExemptionCode",
}


def grouped(name: str, entry: dict[str, Any], names: dict[str, str], more: str = "") -> str:
    """Return an object of a list as an element with its parts."""
    parts = "".join(element(part, entry.get(field)) for field, part in names.items())
    return f"<{name}>{parts}{more}</{name}>"


def charge_text(path: str, entry: dict[str, Any]) -> str:
    """Return the elements of a charge, its currency as an attribute."""
    stated = f' currencyID="{entry["currency"]}"' if "currency" in entry else ""
    amount = element("OtherChargeDeductionAmount", entry.get("amount"), stated)
    inner = f"<ChargeDeduction>{element('ChargesTypeCode', entry.get('type_code'))}{amount}</ChargeDeduction>"
    for step in reversed(path.split("/")):
        inner = f"<{step}>{inner}</{step}>"
    return inner


def document_text(entry: dict[str, Any]) -> str:
    """Return the elements of a document."""
    unit = entry.get("written_off_unit")
    stated = "" if unit is None else f' unitCode="{escape(unit, {chr(34): "&quot;"})}"'
    written_off = element("WriteOff/QuantityQuantity", entry.get("written_off_quantity"), stated)
    return grouped("AdditionalDocument", entry, DOCUMENT, written_off)


def duty_text(rate: str | None, taxes: Iterable[str]) -> str:
    """Return the elements of the rate of customs duty, or else of the taxes without their rates."""
    if rate is None:
        return "".join(element("Commodity/DutyTaxFee/TypeCode", code) for code in taxes)
    fee = f"<TypeCode>A00</TypeCode><TaxRateNumeric>{rate}</TaxRateNumeric>"
    return f"<Commodity><DutyTaxFee>{fee}</DutyTaxFee></Commodity>"


# -- damaged messages


def swap_text(body: bytes, random: Random) -> bytes:
    """Give an element a strange text."""
    places = list(re.finditer(rb">([^<>]*)</", body))
    if not places:
        return body
    place = random.choice(places)
    strange = random.choice(
        (
            b"",
            b" ",
            b"1e400000",
            b"-1",
            b"NaN",
            b"9" * 400,
            b"A" * 9000,
            b"0x10",
            b"\xc3\xa9",
            b"&amp;",
            b"&#0;",
            b"&#55296;",
            b"<null/>",
            b"]]>",
            b"<![CDATA[1]]>",
            b"2026-02-30",
            b"\xe2\x80\xae",
            b"1_000",
            b"\xd9\xa1",
        )
    )
    return body[: place.start(1)] + strange + body[place.end(1) :]


def repeat_element(body: bytes, random: Random) -> bytes:
    """Write an element twice, or thousands of times."""
    found = list(re.finditer(rb"<([A-Za-z_]+)>[^<>]*</\1>", body))
    if not found:
        return body
    place = random.choice(found)
    return body[: place.end()] + place[0] * random.choice((1, 3, 2000)) + body[place.end() :]


def move_element(body: bytes, random: Random) -> bytes:
    """Move an element elsewhere."""
    found = list(re.finditer(rb"<([A-Za-z_]+)>[^<>]*</\1>", body))
    if not found:
        return body
    place = random.choice(found)
    rest = body[: place.start()] + body[place.end() :]
    target = rest.find(b"<", random.randrange(len(rest) + 1))
    return rest[:target] + place[0] + rest[target:]


def rename(body: bytes, random: Random) -> bytes:
    """Give all elements of one name another."""
    names = re.findall(rb"<([A-Za-z_]+)[ >]", body)
    if not names:
        return body
    old, new = random.choice(names), random.choice((*names, b"x", b"null"))
    return re.sub(rb"(</?)" + re.escape(old) + rb"([ />])", rb"\1" + new + rb"\2", body)


XML_MUTATIONS: tuple[Mutation, ...] = (
    flip,
    delete,
    duplicate,
    truncate,
    swap_text,
    swap_text,
    swap_text,
    repeat_element,
    move_element,
    move_element,
    rename,
    rename,
)


def examine(body: bytes) -> str:
    """Return how a damaged message ended; raise when it ended otherwise than read or refused with places."""
    started = time.process_time()
    try:
        reading = read_message(body, ENVELOPE)
    except UnreadableMessage as error:
        complain_about_faults(error)
        outcome = "refused"
    else:
        account_for_everything(body, reading)
        outcome = "read"
    assert time.process_time() - started < SECONDS_MAX, f"took too long: {body[:200]!r}"
    return outcome


def complain_about_faults(error: UnreadableMessage) -> None:
    """Raise AssertionError when *error* lacks a reason or a place, or cannot be written."""
    assert error.faults, f"refused without a reason: {error}"
    assert all(fault.place and fault.message and fault.code for fault in error.faults)
    assert json.dumps(str(error)).encode()


def account_for_everything(body: bytes, reading: Reading) -> None:
    """Check that every element with text was counted as taken, or is told as not mapped."""
    told = {entry.path for entry in reading.not_mapped}
    if reading.declaration is not None:
        assert read_declaration(write_declaration(reading.declaration)) == reading.declaration
    if reading.format == "json":
        return
    texts = [node for node in parse_xml(body).walk() if node.text]
    taken = [node for node in texts if node.path not in told]
    said = json.dumps(_said(reading), ensure_ascii=False)
    strangers = [node.path for node in taken if node.name in {"x", "null"} and node.text not in said]
    assert not strangers, f"nobody said what became of {strangers}"


def _said(reading: Reading) -> Any:
    if reading.declaration is not None:
        return json.loads(write_declaration(reading.declaration))
    return {} if reading.amendment is None else dict(reading.amendment.changes)


@pytest.mark.parametrize("name", GOOD)
def test_500_damaged_messages_are_read_or_refused_with_their_places(name: str) -> None:
    outcomes = Counter(examine(mutated(GOOD[name], XML_MUTATIONS, seed)) for seed in range(MUTANTS))
    assert outcomes["read"] > 20, "the mutations must leave some messages readable"
    assert outcomes["refused"] > 20, "the mutations must break some messages"


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(GOOD)), st.integers(0, 2**32), st.sampled_from((XML_MUTATIONS, JSON_MUTATIONS)))
def test_no_mutation_raises_a_foreign_error(name: str, seed: int, mutations: tuple[Mutation, ...]) -> None:
    assert examine(mutated(GOOD[name], mutations, seed)) in {"read", "refused"}


# -- nothing is silently dropped


def said_about(body: bytes) -> tuple[object, ...]:
    """Return everything that is said about a message: its content, what was not mapped, or its faults."""
    try:
        reading = read_message(body, ENVELOPE)
    except UnreadableMessage as error:
        return ("refused", error.faults)
    return (reading.declaration, reading.amendment, reading.not_mapped, reading.assumed)


def every_change(body: bytes) -> list[tuple[str, bytes]]:
    """Return *body* with each text and each attribute in turn made another, and what was changed."""
    places = list(re.finditer(rb"(?<=>)[^<>]*\S[^<>]*(?=</)|(?<=ID=\")[^\"]+|(?<=Code=\")[^\"]+", body))
    assert len(places) > 10
    return [
        (f"{place[0]!r} at {place.start()}", body[: place.start()] + b"Q7" + body[place.end() :])
        for place in places
    ]


@pytest.mark.parametrize("name", GOOD)
def test_whatever_changes_in_a_message_changes_what_is_said_about_it(name: str) -> None:
    before = said_about(GOOD[name])
    silent = [what for what, body in every_change(GOOD[name]) if said_about(body) == before]
    assert not silent, f"these can be changed without anybody noticing: {silent}"


def test_the_guard_against_dropping_sees_a_reader_that_drops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Draft, "not_mapped", lambda _self: ())
    before = said_about(GOOD["wco"])
    assert any(said_about(body) == before for _, body in every_change(GOOD["wco"]))


# -- messages made to take time: 30,000 elements, where a square would show and a busy machine would not


def crowd(text: str, anchor: str, element_text: str, count: int) -> bytes:
    """Return *text* with an element *count* times before *anchor*, each with a number where ``{n}`` is."""
    assert anchor in text
    many = "".join(element_text.replace("{n}", str(n)) for n in range(count))
    return text.replace(anchor, many + anchor, 1).encode()


CROWDS = {
    "unknown siblings": crowd(WCO, "<Declarant>", "<X>1</X>", 30_000),
    "persons": crowd(WCO, "<Declarant>", "<Declarant><ID>D{n}</ID></Declarant>", 15_000),
    "holders": crowd(
        WCO,
        "<Declarant>",
        "<AuthorisationHolder><ID>A{n}</ID><CategoryCode>AEOC</CategoryCode></AuthorisationHolder>",
        10_000,
    ),
    "containers": crowd(
        WCO, "<TransportEquipment>", "<TransportEquipment><ID>C{n}</ID></TransportEquipment>", 15_000
    ),
    "packages that are no number": crowd(
        WCO, "<Packaging>", "<Packaging><QuantityQuantity>x</QuantityQuantity></Packaging>", 15_000
    ),
    "items": crowd(WCO, "<GovernmentAgencyGoodsItem>", "<GovernmentAgencyGoodsItem/>", 30_000),
    "documents": crowd(
        WCO, "<Declarant>", "<AdditionalDocument><TypeCode>1</TypeCode></AdditionalDocument>", 15_000
    ),
    "taxes of a SAD": crowd(
        SAD, "<Taxation_line>", "<Taxation_line><Duty_tax_code>A</Duty_tax_code></Taxation_line>", 15_000
    ),
    "items of a SAD": crowd(SAD, "<Item>", "<Item/>", 30_000),
    "documents of a SAD": crowd(
        SAD,
        "<Attached_documents>",
        "<Attached_documents><Attached_document_code>1</Attached_document_code></Attached_documents>",
        15_000,
    ),
    "dates of a SAD": crowd(
        SAD,
        "<Attached_documents>",
        "<Attached_documents><Attached_document_code>1"
        "</Attached_document_code><Attached_document_date>x</Attached_document_date>"
        "</Attached_documents>",
        30_000,
    ),
}


@pytest.mark.parametrize("body", CROWDS.values(), ids=CROWDS)
def test_a_crowded_message_ends_in_time(body: bytes) -> None:
    assert examine_without_account(body) in {"read", "refused"}


def examine_without_account(body: bytes) -> str:
    """Return how a large message ended; only time and kind of error are looked at."""
    gc.collect()
    gc.freeze()  # what other tests left in this process is not the reader's to walk, as in a service
    started = time.process_time()
    try:
        read_message(body, ENVELOPE)
    except UnreadableMessage as error:
        complain_about_faults(error)
        outcome = "refused"
    else:
        outcome = "read"
    finally:
        taken = time.process_time() - started
        gc.unfreeze()
    assert taken < SECONDS_MAX, f"{taken:.1f} s of processor time"
    return outcome
