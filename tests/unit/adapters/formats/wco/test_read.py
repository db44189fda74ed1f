"""A WCO declaration gives the canonical form, or its faults with line and path; nothing gets lost."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.fakes.xml_messages import AMENDMENT, ENVELOPE, WCO, changed, codes, declaration_in, refusal
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.messages import read_message
from tidewaiter.core.codes import identifier
from tidewaiter.core.declaration import Guarantee, PartyRole, Statement
from tidewaiter.flow.ports.readings import Envelope, Reading

EXPECTED = {
    "id": "26TW000000000001X1", "version": 1, "flow": "import", "office": "HARBOUR",
    "lodged_at": "2026-03-01T05:30:00Z", "type_code": "IMA", "transaction_nature_code": "11",
    "payment_method_code": "E", "departure_country": "CN", "destination_country": "NA",
    "delivery_terms_code": "CIF", "delivery_place": "NAWVB", "representation_code": "2",
    "invoice_currency": "USD", "invoice_amount": "15000.5",
    "freight_amount": "120.5", "gross_mass_kg": "1300", "package_count": 12,
    "parties": [
        {"role": "importer", "id": "TIN0815", "aeo": True},
        {"role": "exporter", "name": "Loom and Sons, 1 Mill Road, Ningbo", "country": "CN"},
        {"role": "declarant", "id": "BROKER7"},
        {"role": "representative", "id": "BROKER7"},
        {"role": "carrier", "id": "CARRIER1"},
    ],
    "transport": {
        "mode_code": "1", "means_id": "MV TIDE", "means_nationality": "MT", "document_id": "BL-4711",
        "container_ids": ["MSKU1234565"], "container_code": "1",
        "loading_place": "CNNGB", "routing": ["CN", "EG"],
    },
    "documents": [{"type_code": "N705", "id": "BL-4711"}],
    "items": [
        {
            "number": 1, "hs_code": "5208110010", "description": "Cotton cloth, bleached", "origin": "CN",
            "net_mass_kg": "1200", "gross_mass_kg": "1250.5", "supplementary_quantity": "3000",
            "supplementary_unit": "MTK", "package_count": 11, "package_code": "CT",
            "customs_value": "372254.4", "statistical_value": "370000", "invoice_price": "15000",
            "valuation_method_code": "1", "procedure_code": "4000", "duty_regime_code": "100",
            "duty_rate_percent": "6.5", "duty_amount": "300.75", "tax_type_codes": ["A00", "B00"],
            "preferential_origin": "VN", "additional_procedure_codes": ["000"],
            "classifications": [{"type_code": "GN", "id": "VATZ"}],
            "documents": [{"type_code": "N935", "id": "INV-9", "issued_on": "2026-02-15"}],
        },
        {"number": 2, "hs_code": "010121", "description": "Samples", "invoice_price": "0.5"},
    ],
}  # fmt: skip


def read(body: bytes, envelope: Envelope = ENVELOPE) -> Reading:
    return read_message(body, envelope, "wco")


def test_a_declaration_gives_its_canonical_form() -> None:
    reading = read(WCO.encode())
    assert json.loads(write_declaration(declaration_in(reading))) == EXPECTED
    assert reading.assumed == ()


def test_what_has_no_field_is_told_with_its_place_number_and_reason() -> None:
    left = {entry.path.rpartition("GoodsShipment/")[2]: entry for entry in read(WCO.encode()).not_mapped}
    assert set(left) == {
        "/MetaData/Declaration/FunctionalReferenceID",
        "Consignment/ArrivalTransportMeans/ID",
    }
    entry = left["Consignment/ArrivalTransportMeans/ID"]
    assert (entry.line, entry.value, entry.element) == (35, "TRUCK 9", "T002")
    assert all(entry.reason for entry in left.values())


def test_an_element_that_nobody_knows_is_told_too() -> None:
    body = changed(WCO, ("<Declaration>", '<Declaration seal="9">stray<Extension><Deep>7</Deep></Extension>'))
    told = {(entry.path, entry.value) for entry in read(body).not_mapped}
    assert {
        ("/MetaData/Declaration", "stray"),
        ("/MetaData/Declaration@seal", "9"),
        ("/MetaData/Declaration/Extension/Deep", "7"),
    } <= told


def test_the_crosswalk_counts_what_is_there_and_what_was_taken() -> None:
    counts = read(WCO.encode()).crosswalk
    assert counts["145"] == (4, 4)
    assert counts["096"] == (1, 1)
    assert counts["112"] == (2, 2)


def test_namespaces_and_prefixes_make_no_difference() -> None:
    plain = WCO.replace("md:", "").replace(
        ' xmlns:md="urn:example:metadata" xmlns="urn:example:declaration"', ""
    )
    assert read(plain.encode()).declaration == read(WCO.encode()).declaration


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        (">52081100<", ">5208<", "hs-code-wrong", "/items/0/hs_code"),
        (">372254.40<", ">1e400000<", "quantity-not-plain", "/items/0/customs_value"),
        (">372254.40<", ">-1<", "quantity-not-plain", "/items/0/customs_value"),
        (">372254.40<", ">1,5<", "quantity-not-plain", "/items/0/customs_value"),
        (f">{15000.5:.2f}<", f">{'9' * 400}<", "quantity-not-plain", "/invoice_amount"),
        (">12<", ">1e400000<", "count-not-whole", "/package_count"),
        (">12<", ">twelve<", "count-not-whole", "/package_count"),
        ("<SequenceNumeric>2</SequenceNumeric>\n        <Comm", "<SequenceNumeric>3</SequenceNumeric><Comm",
         "item-number-wrong", "/items/1/number"),
        ('"USD">15000.50', '"us">15000.50', "currency-wrong", "/invoice_currency"),
        ("<CountryCode>NA<", "<CountryCode>Namibia<", "country-wrong", "/destination_country"),
        (">EG<", ">Egypt<", "country-wrong", "/transport/routing/1"),
        (">20260301083000+03<", ">20260301083000<", "time-without-offset", "/lodged_at"),
        (">20260301083000+03<", ">20260231083000Z<", "time-not-possible", "/lodged_at"),
        (">20260215<", ">15.02.2026<", "time-not-iso", "/items/0/documents/0/issued_on"),
        ("<GoodsItemQuantity>2<", "<GoodsItemQuantity>3<", "item-count-differs", "/items"),
        ('unitCode="KGM"', 'unitCode="TNE"', "unit-wrong", "/gross_mass_kg"),
        (">3.6<", ">4.2<", "model-unknown", "/WCODataModelVersionCode"),
        ("<FunctionCode>9<", "<FunctionCode>5<", "version-missing", "/version"),
        ("<FunctionCode>9<", "<FunctionCode>77<", "function-unknown", "/version"),
        (">6.5<", ">3001<", "rate-out-of-range", "/items/0/duty_rate_percent"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_path_value_and_hint(old: str, new: str, code: str, place: str) -> None:
    faults = refusal(changed(WCO, (old, new))).faults
    assert [fault.code for fault in faults] == [code]
    assert faults[0].place.startswith("line ")
    assert f"({place})" in faults[0].place
    assert "/MetaData" in faults[0].place
    assert faults[0].value
    assert faults[0].hint


def test_all_faults_are_told_at_once() -> None:
    body = changed(
        WCO, (">52081100<", ">5208<"), (">12<", ">twelve<"), ("<CountryCode>NA<", "<CountryCode>na<")
    )
    assert codes(body) == {"hs-code-wrong", "count-not-whole", "country-wrong"}


def test_what_is_missing_is_told_with_the_element_that_would_bring_it() -> None:
    body = changed(WCO, ("<ID>010121</ID>", ""))
    (fault,) = refusal(body).faults
    assert fault.code == "field-missing"
    assert "Commodity/Classification/ID" in (fault.hint or "")


def test_office_and_time_come_from_the_envelope_only_where_the_message_has_none() -> None:
    body = changed(
        WCO,
        ("<DeclarationOfficeID>HARBOUR</DeclarationOfficeID>", ""),
        ('<DateTimeString formatCode="304">20260301083000+03</DateTimeString>', ""),
    )
    reading = read(body)
    assert declaration_in(reading).office == "SENT-TO"
    assert [(entry.field, entry.value) for entry in reading.assumed] == [
        ("/office", "SENT-TO"), ("/lodged_at", "2026-03-02T12:00:00Z"),
    ]  # fmt: skip
    assert codes(body, Envelope()) == {"field-missing"}


def test_a_declaration_without_its_registered_number_is_named_by_its_reference() -> None:
    body = changed(WCO, ("<ID>26TW000000000001X1</ID>", ""))
    assert declaration_in(read(body)).id == "LRN-2026-1"


@pytest.mark.parametrize(
    ("kind", "flow"), [("IMZ", "import"), ("EXA", "export"), ("T1", "transit"), ("COA", "import")]
)
def test_type_or_procedure_shows_the_direction(kind: str, flow: str) -> None:
    assert declaration_in(read(changed(WCO, (">IMA<", f">{kind}<")))).flow == flow


def test_an_unknown_direction_is_a_fault_and_never_a_guess() -> None:
    body = changed(WCO, (">IMA<", ">XXA<"), (">40<", ">00<"))
    assert codes(body) == {"field-missing"}


def test_amounts_in_a_foreign_currency_do_not_enter_a_national_field() -> None:
    body = changed(WCO, ('currencyID="TWD">120.5', 'currencyID="USD">120.5'))
    reading = read(body)
    assert declaration_in(reading).freight_amount is None
    (charge,) = declaration_in(reading).charges
    assert (charge.type_code, charge.amount, charge.currency) == ("AK", Decimal("120.5"), "USD")
    told = read(WCO.encode(), Envelope(currency="USD"))
    assert declaration_in(told).items[0].customs_value is None


def test_prices_in_two_currencies_are_not_put_side_by_side() -> None:
    reading = read(changed(WCO, ('currencyID="USD">0.50', 'currencyID="EUR">0.50')))
    assert [item.invoice_price is None for item in declaration_in(reading).items] == [False, True]
    assert any(entry.value == "0.50" for entry in reading.not_mapped)


def test_a_price_of_the_invoice_in_two_currencies_is_a_fault() -> None:
    stated = "<CurrencyExchange><CurrencyTypeCode>EUR</CurrencyTypeCode></CurrencyExchange>"
    body = changed(WCO, ("<InvoiceAmount", f"{stated}<InvoiceAmount"))
    assert "currencies-differ" in codes(body)


def test_only_the_holder_of_the_authorisation_is_an_economic_operator() -> None:
    reading = read(changed(WCO, ("<ID>TIN0815</ID><CategoryCode>AEOC", "<ID>OTHER</ID><CategoryCode>AEOC")))
    importer = declaration_in(reading).party(PartyRole.IMPORTER)
    assert importer is not None
    assert importer.aeo is None
    (other,) = declaration_in(reading).authorisations
    assert (other.holder_id, other.category_code) == ("OTHER", "AEOC")


def test_what_is_stated_besides_is_read_in_the_order_of_the_message() -> None:
    body = changed(
        WCO,
        ("<Agent>", ("<AdditionalInformation><StatementCode>00500</StatementCode>"
         "<StatementDescription>IMPORTER</StatementDescription></AdditionalInformation><Agent>")),
        ("<BorderTransportMeans>", ("<ObligationGuarantee><ReferenceID>GUA-1</ReferenceID>"
         "<AmountAmount>500.50</AmountAmount></ObligationGuarantee><BorderTransportMeans>")),
        ("<CustomsValueAmount", ("<AdditionalDocument><LineNumeric>2</LineNumeric><TypeCode>505</TypeCode>"
         '<LPCOExemptionCode>UP</LPCOExemptionCode><WriteOff><QuantityQuantity unitCode="KGM">12.5'
         "</QuantityQuantity></WriteOff></AdditionalDocument><CustomsValueAmount")),
        ("<TypeCode>CT</TypeCode>", "<TypeCode>CT</TypeCode><MarksNumbersID>N/M 1</MarksNumbersID>"),
        ("<DutyRegimeCode>100", "<QuotaOrderID>094002</QuotaOrderID><DutyRegimeCode>100"),
        ("<CustomsValuation><MethodCode>", ("<ValuationAdjustment><AdditionCode>0000</AdditionCode>"
         "</ValuationAdjustment><CustomsValuation><MethodCode>")),
    )  # fmt: skip
    declaration = declaration_in(read(body))
    item = declaration.items[0]
    assert declaration.statements == (Statement(code=identifier("00500"), text="IMPORTER"),)
    assert declaration.guarantees == (Guarantee(id=identifier("GUA-1"), amount=Decimal("500.50")),)
    assert (item.marks, item.quota_id, item.valuation_adjustment_codes) == (("N/M 1",), "094002", ("0000",))
    licence = item.documents[0]
    assert (licence.line_number, licence.exemption_code) == (2, "UP")
    assert (licence.written_off_quantity, licence.written_off_unit) == (Decimal("12.5"), "KGM")


def test_a_clearance_request_without_commodity_code_is_read_and_told() -> None:
    body = changed(WCO, (">IMA<", ">IMJ<"), ("<ID>010121</ID>", ""))
    reading = read(body)
    assert [item.hs_code for item in declaration_in(reading).items] == ["5208110010", "999999"]
    assert [entry.field for entry in reading.assumed] == ["/items/1/hs_code"]


def test_a_declaration_sent_again_in_full_has_its_version() -> None:
    body = changed(
        WCO, ("<FunctionCode>9</FunctionCode>", "<FunctionCode>5</FunctionCode><VersionID>3</VersionID>")
    )
    assert declaration_in(read(body)).version == 3


def test_a_long_name_is_cut_and_told() -> None:
    reading = read(changed(WCO, ("Loom\n        and Sons", "Loom " * 80)))
    exporter = declaration_in(reading).party(PartyRole.EXPORTER)
    assert exporter is not None
    assert len(exporter.name or "") <= 256
    assert any("longer than" in entry.reason for entry in reading.not_mapped)


def test_text_is_brought_to_one_line_and_one_normal_form() -> None:
    reading = read(changed(WCO, ("Cotton cloth, bleached", "Cafe\u0301\n  cloth")))
    assert declaration_in(reading).items[0].description == "Caf\u00e9 cloth"


def test_an_answer_of_customs_is_not_a_declaration() -> None:
    body = b"<MetaData><WCOTypeName>RES</WCOTypeName><Response><Declaration/></Response></MetaData>"
    assert codes(body) == {"not-a-declaration"}
    assert codes(b"<MetaData><WCOTypeName>DEC</WCOTypeName></MetaData>") == {"not-a-declaration"}


def test_an_amendment_states_only_what_changes() -> None:
    reading = read(AMENDMENT.encode())
    assert reading.declaration is None
    amendment = reading.amendment
    assert amendment is not None
    assert (amendment.kind, amendment.declaration_id) == ("amendment", "26TW000000000001X1")
    assert (amendment.reference, amendment.reason_code) == ("LRN-2026-2", "21")
    assert amendment.reason == "The price was mistyped."
    assert amendment.changes == {"invoice_currency": "USD", "items": [{"number": 2, "invoice_price": "950"}]}


def test_an_amendment_that_names_or_changes_nothing_is_refused() -> None:
    assert codes(changed(AMENDMENT, ("<ID>26TW000000000001X1</ID>", ""))) == {"field-missing"}
    empty = changed(
        AMENDMENT,
        ('<InvoiceLine><ItemChargeAmount currencyID="USD">950</ItemChargeAmount></InvoiceLine>', ""),
    )
    assert codes(empty) == {"amendment-empty"}


def test_a_cancellation_is_told_as_one() -> None:
    amendment = read(changed(AMENDMENT, (">COR<", ">INV<"))).amendment
    assert amendment is not None
    assert amendment.kind == "cancellation"


def test_an_element_twice_with_two_texts_is_refused_and_twice_with_one_is_not() -> None:
    twice = "<TypeCode>IMA</TypeCode><TypeCode>{}</TypeCode>"
    assert codes(changed(WCO, ("<TypeCode>IMA</TypeCode>", twice.format("EXA")))) == {"element-twice"}
    same = read(changed(WCO, ("<TypeCode>IMA</TypeCode>", twice.format("IMA"))))
    assert same.declaration == read(WCO.encode()).declaration


def test_a_second_declaration_in_a_message_is_refused_and_not_passed_over() -> None:
    body = changed(WCO, ("</Declaration>\n", "</Declaration><Declaration><ID>2</ID></Declaration>"))
    assert codes(body) == {"several-declarations"}


def test_more_items_than_a_declaration_has_are_refused() -> None:
    body = changed(
        WCO,
        ("<GovernmentAgencyGoodsItem>", "<GovernmentAgencyGoodsItem/>" * 499 + "<GovernmentAgencyGoodsItem>"),
    )
    (fault,) = refusal(body).faults
    assert fault.code == "count-wrong"
    assert "GovernmentAgencyGoodsItem[501]" in fault.place


def test_a_request_of_another_type_is_refused() -> None:
    assert codes(changed(AMENDMENT, (">COR<", ">XYZ<"))) == {"amendment-unknown"}


def test_an_amendment_may_state_its_own_time_and_version() -> None:
    stated = "<VersionID>4</VersionID><IssueDateTime>20260302</IssueDateTime><Amendment>"
    amendment = read(changed(AMENDMENT, ("<Amendment>", stated))).amendment
    assert amendment is not None
    assert amendment.changes["version"] == 4
    assert amendment.changes["lodged_at"] == "2026-03-02"
