"""A SAD of ASYCUDA World gives the canonical form, its traps included."""

from __future__ import annotations

import json
import re

import pytest

from tests.fakes.xml_messages import ENVELOPE, SAD, changed, codes, declaration_in, refusal
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.messages import read_message
from tidewaiter.core.declaration import PartyRole
from tidewaiter.flow.ports.readings import Envelope, Reading

EXPECTED = {
    "delivery_place": "Durres",
    "id": "HARB1-2016-C4711",
    "version": 1,
    "flow": "import",
    "office": "HARB1",
    "lodged_at": "2016-08-24",
    "type_code": "IM4",
    "transaction_nature_code": "11",
    "payment_method_code": "CASH",
    "departure_country": "DE",
    "destination_country": "AL",
    "delivery_terms_code": "C&F",
    "invoice_currency": "EUR",
    "invoice_amount": "12345678.9",
    "freight_amount": "500.3",
    "gross_mass_kg": "1250.5",
    "package_count": 52,
    "parties": [
        {"role": "importer", "id": "K1234", "name": "Tuch Import Hauptplatz 1"},
        {"role": "exporter", "name": "Loom and Sons Mill Road 1 Lübeck"},
        {"role": "consignee", "id": "K1234", "name": "Tuch Import Hauptplatz 1"},
        {"role": "declarant", "id": "BR7", "name": "Broker Seven"},
        {"role": "representative", "name": "A. Clerk"},
    ],
    "transport": {
        "mode_code": "1",
        "means_id": "MV TIDE",
        "means_nationality": "MT",
        "document_id": "BL-1",
        "arrival_reference": "HARB1 2016 77",
        "container_ids": ["MSKU1234565", "MSKU7654321"],
        "container_code": "1",
        "loading_place": "DELBC",
        "routing": ["IT"],
    },
    "items": [
        {
            "number": 1,
            "hs_code": "5208110000",
            "description": "Cotton cloth, bleached",
            "origin": "DE",
            "net_mass_kg": "900",
            "gross_mass_kg": "1000.5",
            "supplementary_quantity": "300",
            "supplementary_unit": "MTK",
            "package_count": 50,
            "package_code": "52",
            "customs_value": "1646400",
            "statistical_value": "1646400",
            "invoice_price": "12000",
            "valuation_method_code": "1",
            "procedure_code": "4000",
            "duty_regime_code": "EU",
            "duty_rate_percent": "6",
            "duty_amount": "272",
            "tax_type_codes": ["DD", "TV"],
            "additional_procedure_codes": ["000"],
            "marks": ["N/M"],
            "documents": [{"type_code": "380", "id": "F-9", "issued_on": "2016-08-01"}],
        },
        {"number": 2, "hs_code": "01012100"},
    ],
}


def read(body: bytes, envelope: Envelope = ENVELOPE) -> Reading:
    return read_message(body, envelope, "asycuda")


def left(reading: Reading) -> dict[str, str]:
    return {entry.path: entry.value for entry in reading.not_mapped}


def test_numbers_with_decimal_commas_are_the_same_numbers() -> None:
    expected = declaration_in(read(SAD.encode()))
    text = re.sub(r">([0-9]+)[.]([0-9]+)<", r">\1,\2<", SAD)
    body = changed(text, (">1250,5<", ">1.250,5<"), (">1646400,0</Total", ">1.646.400</Total"))
    assert declaration_in(read(body)) == expected


def test_a_number_that_can_be_read_in_two_ways_is_refused() -> None:
    text = SAD.replace(">1250.5<", ">1,250<")
    for point in (">1.23456789E7<", ">1000.5<", ">12000.0<", ">212.0<", ">300.0<", ">0.0<", ">60.0<"):
        text = text.replace(point, ">7<")
    for point in (">50.0<", ">52.0<", ">6.0<", ">20.0<", ">1.0<", ">1646400.0<", ">1000.0<", ">1.5E7<"):
        text = text.replace(point, ">50<")
    assert codes(text.encode()) == {"quantity-not-plain"}


@pytest.mark.parametrize(("old", "new"), [
    ("<Financial_code><null/></Financial_code>", "<Financial_code/>"),
    ("<Guarantee><Amount>0.0</Amount></Guarantee>", "<Guarantee><Amount><null/></Amount></Guarantee>"),
    ("<Container_flag>true</Container_flag>", "<Container_flag>TRUE</Container_flag>"),
    ("<ASYCUDA>", '<ASYCUDA id="12">'),
    ("Suppplementary_unit_code>MTK</Suppplementary", "Supplementary_unit_code>MTK</Supplementary"),
    ("<Assessment><Serial_number><null/></Serial_number></Assessment>", ""),
    ("<Marks1_of_packages>N/M</Marks1_of_packages>",
     "<Marks1_of_packages>N/M</Marks1_of_packages><Marks2_of_packages><null/></Marks2_of_packages>"),
])  # fmt: skip
def test_the_shapes_of_several_countries_give_one_form(old: str, new: str) -> None:
    assert json.loads(write_declaration(declaration_in(read(changed(SAD, (old, new)))))) == EXPECTED


def test_guarantee_quota_warehouse_and_free_text_are_read() -> None:
    body = changed(
        SAD,
        ("<Guarantee><Amount>0.0", "<Guarantee><Amount>900.0"),
        ("<Preference_code>", "<Quota><QuotaCode>Q7</QuotaCode></Quota><Preference_code>"),
        ("  <Valuation>", "  <Warehouse><Identification>WH1</Identification></Warehouse><Valuation>"),
        ("<Taxation>", "<Free_text_1>Sealed</Free_text_1><Taxation>"),
    )
    found = json.loads(write_declaration(declaration_in(read(body))))
    assert found["guarantees"] == [{"amount": "900"}]
    assert (found["warehouse_id"], found["items"][0]["quota_id"]) == ("WH1", "Q7")
    assert found["items"][0]["statements"] == [{"text": "Sealed"}]


def test_a_sad_gives_its_canonical_form() -> None:
    reading = read(SAD.encode())
    assert json.loads(write_declaration(declaration_in(reading))) == EXPECTED
    assert reading.assumed == ()


def test_what_has_no_field_is_told_and_empty_elements_are_not() -> None:
    told = left(read(SAD.encode()))
    assert told["/ASYCUDA/Item[1]/Tarification/Value_item"] == "0+0+0+0-0"
    assert told["/ASYCUDA/Item[1]/Valuation_item/Rate_of_adjustement"] == "1.0"
    assert told["/ASYCUDA/Declarant/Reference/Number"] == "55"
    assert not any("null" in path for path in told)
    assert not any("Taxation_line[3]" in path for path in told)


def test_before_registration_the_reference_of_the_declarant_names_it() -> None:
    body = changed(SAD, ("<Number>4711</Number><Date>8/24/16</Date>", "<Number><null/></Number><Date/>"))
    assert declaration_in(read(body)).id == "BR7-55"


@pytest.mark.parametrize(
    ("letters", "digit", "flow"), [("EX", "1", "export"), ("T", "8", "transit"), ("ZZ", "7", "import")]
)
def test_box_one_shows_the_direction(letters: str, digit: str, flow: str) -> None:
    body = changed(
        SAD,
        ("<Sad_flow>I</Sad_flow>", ""),
        (">IM<", f">{letters}<"),
        (">4</Declaration_gen", f">{digit}</Declaration_gen"),
    )
    assert declaration_in(read(body)).flow == flow


def test_at_export_the_consignee_is_not_made_the_importer() -> None:
    body = changed(SAD, ("<Sad_flow>I</Sad_flow>", ""), (">IM<", ">EX<"))
    assert declaration_in(read(body)).party(PartyRole.IMPORTER) is None


def test_dates_that_can_be_two_days_need_an_order() -> None:
    body = changed(SAD, (">8/24/16<", ">3/4/26<"), (">8/24/16<", ">3/4/26<"), (">8/1/16<", ">1/2/26<"))
    assert codes(body) == {"date-ambiguous"}
    for day_first, day in ((True, "2026-04-03"), (False, "2026-03-04")):
        reading = read(body, Envelope(day_first=day_first))
        assert json.loads(write_declaration(declaration_in(reading)))["lodged_at"] == day


def test_one_date_that_is_certain_settles_the_order_of_all() -> None:
    body = changed(SAD, (">8/24/16<", ">3/4/26<"), (">8/24/16<", ">3/4/26<"), (">8/1/16<", ">1/31/26<"))
    assert json.loads(write_declaration(declaration_in(read(body))))["lodged_at"] == "2026-03-04"


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        (">52081100<", ">5208<", "hs-code-wrong", "/items/0/hs_code"),
        (">1646400.0<", ">1e400000<", "quantity-not-plain", "/items/0/customs_value"),
        (">1646400.0<", ">1.0E99<", "quantity-not-plain", "/items/0/customs_value"),
        (">60.0<", ">-60.0<", "quantity-not-plain", "/items/0/duty_amount"),
        (">EUR<", ">978<", "currency-wrong", "/invoice_currency"),
        (">52.0<", ">52.5<", "count-not-whole", "/package_count"),
        ("<Total_number_of_items>2<", "<Total_number_of_items>9<", "item-count-differs", "/items"),
        (">8/1/16<", ">99/99/16<", "time-not-possible", "/items/0/documents/0/issued_on"),
        (">8/1/16<", ">August<", "time-not-iso", "/items/0/documents/0/issued_on"),
    ],
)
def test_a_fault_is_told_with_line_path_value_and_hint(old: str, new: str, code: str, place: str) -> None:
    faults = refusal(changed(SAD, (old, new))).faults
    assert [fault.code for fault in faults] == [code]
    assert faults[0].place.startswith("line ")
    assert f"({place})" in faults[0].place
    assert faults[0].value
    assert faults[0].hint


def test_two_transport_documents_are_told_and_none_is_chosen() -> None:
    reading = read(changed(SAD, (">BL-1<", ">BL-2<")))
    assert declaration_in(reading).transport.document_id is None
    assert {"BL-1", "BL-2"} <= set(left(reading).values())


def test_freight_of_zero_without_a_word_is_not_declared() -> None:
    assert declaration_in(read(changed(SAD, (">500.30000000000001<", ">0.0<")))).freight_amount is None


def test_a_precision_that_is_no_digit_is_told() -> None:
    reading = read(changed(SAD, ("<Precision_1>00<", "<Precision_1>A1<")))
    assert declaration_in(reading).items[0].hs_code == "52081100"
    assert "A1" in left(reading).values()


def test_a_sad_without_items_is_refused() -> None:
    body = b"<ASYCUDA><Identification><Type><Type_of_declaration>IM</Type_of_declaration></Type>"
    body += b"</Identification></ASYCUDA>"
    assert codes(body) == {"field-missing"}


def test_a_registered_number_without_its_date_still_names_the_declaration() -> None:
    body = changed(
        SAD,
        ("<Number>4711</Number><Date>8/24/16</Date>", "<Number>4711</Number><Date/>"),
        ("<Reference><Number>55</Number></Reference>", ""),
    )
    assert declaration_in(read(body)).id == "HARB1-2016-C4711"


def test_a_long_name_is_cut_once_and_told_once() -> None:
    reading = read(changed(SAD, ("Tuch Import", "Tuch " * 80)))
    names = {party.name for party in declaration_in(reading).parties if party.id == "K1234"}
    assert len(names) == 1
    assert sum("longer than" in entry.reason for entry in reading.not_mapped) == 1
