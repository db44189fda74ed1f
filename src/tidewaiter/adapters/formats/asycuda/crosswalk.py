"""Which element of an ASYCUDA World SAD becomes which field: data, in the order of preference.

Paths begin at the root (header) or at ``Item`` (item); the first of two lines with the same field
that has text wins.  Numbers are those of the WCO Data Model, names where it has none.  A line
without a field is known, but the canonical form has no place for it, and the reader tells so.
"""

from __future__ import annotations

from typing import Final

from tidewaiter.adapters.xml import Element, Kind

__all__ = ["CROSSWALK", "CUSTOMS_DUTY", "DATES", "FLOW_OF_LETTERS", "FLOW_OF_PROCEDURE", "NUMBERS"]

#: The beginning of Type_of_declaration.
FLOW_OF_LETTERS: Final = {"IM": "import", "EX": "export", "T": "transit"}
#: Declaration_gen_procedure_code, the first digit of the procedure (SAD box 37).
FLOW_OF_PROCEDURE: Final = {"1": "export", "2": "export", "3": "export", "4": "import", "5": "import",
                            "6": "import", "7": "import", "8": "transit", "9": "import"}  # fmt: skip
#: Codes of taxes that are customs duty at ASYCUDA sites; other taxes have no field for their rate.
CUSTOMS_DUTY: Final = frozenset({"A00", "CD", "CUD", "DD", "DTI", "ID", "IMD"})
#: Where dates stand; all of one message are written in one order.
DATES: Final = (
    "Identification/Registration/Date", "Property/Date_of_declaration", "Identification/Assessment/Date",
    "Identification/receipt/Date", "Item/Attached_documents/Attached_document_date",
)  # fmt: skip


def _rows(
    scope: str, *rows: tuple[str, str, str | None, Kind] | tuple[str, str, str | None]
) -> list[Element]:
    return [
        Element(id=row[0], scope=scope, path=row[1], field=row[2], kind=row[3] if len(row) > 3 else Kind.TEXT)
        for row in rows
    ]


_MEANS: Final = "Transport/Means_of_transport"

_HEADER: Final = _rows(
    "header",
    ("D014", "Identification/Registration/Number", "id", Kind.PART),
    ("D014", "Identification/Registration/Serial_number", "id", Kind.PART),
    ("D026", "Declarant/Reference/Number", "id", Kind.PART),
    ("D026", "Declarant/Reference/Year", "id", Kind.PART),
    ("D013", "Identification/Type/Type_of_declaration", "type_code", Kind.PART),
    ("D013", "Identification/Type/Declaration_gen_procedure_code", "type_code", Kind.PART),
    ("Sad_flow", "Property/Sad_flow", "flow", Kind.PART),
    ("065", "Identification/Office_segment/Customs_clearance_office_code", "office"),
    ("D011", "Identification/Registration/Date", "lodged_at", Kind.PART),
    ("D011", "Property/Date_of_declaration", "lodged_at", Kind.PART),
    ("023", "Identification/Assessment/Date", "lodged_at", Kind.PART),
    ("G005", "Transport/Border_office/Code", None),
    ("228", "Property/Nbers/Total_number_of_items", "items", Kind.PART),
    ("146", "Property/Nbers/Total_number_of_packages", "package_count", Kind.COUNT),
    ("131", "Valuation/Weight/Gross_weight", "gross_mass_kg", Kind.AMOUNT),
    ("109", "Valuation/Gs_Invoice/Amount_foreign_currency", "invoice_amount", Kind.AMOUNT),
    ("135", "Valuation/Gs_Invoice/Currency_code", "invoice_currency"),
    ("118", "Valuation/Gs_Invoice/Currency_rate", None),
    ("117", "Valuation/Gs_external_freight/Amount_national_currency", "freight_amount", Kind.PART),
    ("R032", "Traders/Exporter/Exporter_code", "parties[].id", Kind.PART),
    ("R031", "Traders/Exporter/Exporter_name", "parties[].name", Kind.PART),
    ("R038", "Traders/Consignee/Consignee_code", "parties[].id", Kind.PART),
    ("R037", "Traders/Consignee/Consignee_name", "parties[].name", Kind.PART),
    ("R121", "Traders/Financial/Financial_code", "parties[].id", Kind.PART),
    ("R122", "Traders/Financial/Financial_name", "parties[].name", Kind.PART),
    ("R123", "Declarant/Declarant_code", "parties[].id", Kind.PART),
    ("R124", "Declarant/Declarant_name", "parties[].name", Kind.PART),
    ("R004", "Declarant/Declarant_representative", "parties[].name", Kind.PART),
    ("062", "General_information/Country/Export/Export_country_code", "departure_country"),
    ("465", "General_information/Country/Destination/Destination_country_code", "destination_country"),
    ("064", "General_information/Country/Country_first_destination", "transport.routing", Kind.PART),
    ("064t", "General_information/Country/Trading_country", None),
    ("L010", "Transport/Place_of_loading/Code", "transport.loading_place"),
    ("L016", "Transport/Location_of_goods", "transport.goods_location"),
    ("T022", f"{_MEANS}/Border_information/Mode", "transport.mode_code"),
    ("T006", f"{_MEANS}/Border_information/Identity", "transport.means_id"),
    ("T002", f"{_MEANS}/Departure_arrival_information/Identity", "transport.means_id"),
    ("T014", f"{_MEANS}/Border_information/Nationality", "transport.means_nationality"),
    ("T014", f"{_MEANS}/Departure_arrival_information/Nationality", "transport.means_nationality"),
    ("096", "Transport/Container_flag", "transport.container_code", Kind.PART),
    ("159", "Container/Container_identity", "transport.container_ids", Kind.PART),
    ("D018m", "Identification/Manifest_reference_number", "transport.arrival_reference"),
    ("103", "Financial/Financial_transaction/code1", "transaction_nature_code", Kind.PART),
    ("103", "Financial/Financial_transaction/code2", "transaction_nature_code", Kind.PART),
    ("107", "Financial/Mode_of_payment", "payment_method_code"),
    ("090", "Transport/Delivery_terms/Code", "delivery_terms_code"),
    ("L001", "Transport/Delivery_terms/Place", "delivery_place"),
    ("106", "Transport/Delivery_terms/Situation", None),
    ("492", "Financial/Guarantee/Amount", "guarantees[].amount", Kind.PART),
    ("L019", "Warehouse/Identification", "warehouse_id"),
)  # fmt: skip

_ITEM: Final = _rows(
    "item",
    ("145", "Tarification/HScode/Commodity_code", "hs_code", Kind.PART),
    ("145", "Tarification/HScode/Precision_1", "hs_code", Kind.PART),
    ("145n", "Tarification/HScode/Precision_2", None),
    ("145n", "Tarification/HScode/Precision_3", None),
    ("145n", "Tarification/HScode/Precision_4", None),
    ("137", "Goods_description/Commercial_Description", "description", Kind.PART),
    ("137", "Goods_description/Description_of_goods", "description", Kind.PART),
    ("063", "Goods_description/Country_of_origin_code", "origin"),
    ("128", "Valuation_item/Weight_itm/Net_weight_itm", "net_mass_kg", Kind.AMOUNT),
    ("126", "Valuation_item/Weight_itm/Gross_weight_itm", "gross_mass_kg", Kind.AMOUNT),
    ("130", "Tarification/Supplementary_unit/Suppplementary_unit_quantity", "supplementary_quantity",
     Kind.PART),
    ("130", "Tarification/Supplementary_unit/Suppplementary_unit_code", "supplementary_unit", Kind.PART),
    ("144", "Packages/Number_of_packages", "package_count", Kind.COUNT),
    ("141", "Packages/Kind_of_packages_code", "package_code"),
    ("142", "Packages/Marks1_of_packages", "marks", Kind.PART),
    ("142", "Packages/Marks2_of_packages", "marks", Kind.PART),
    ("108", "Valuation_item/Total_CIF_itm", "customs_value", Kind.AMOUNT),
    ("114", "Valuation_item/Statistical_value", "statistical_value", Kind.AMOUNT),
    ("112", "Tarification/Item_price", "invoice_price", Kind.AMOUNT),
    ("112", "Valuation_item/Item_Invoice/Amount_foreign_currency", "invoice_price", Kind.AMOUNT),
    ("122", "Tarification/Valuation_method_code", "valuation_method_code"),
    ("166", "Tarification/Extended_customs_procedure", "procedure_code"),
    ("166n", "Tarification/National_customs_procedure", "additional_procedure_codes", Kind.PART),
    ("164", "Tarification/Preference_code", "duty_regime_code"),
    ("401", "Tarification/Quota/QuotaCode", "quota_id"),
    ("401", "Tarification/Quota_code", "quota_id"),
    ("113", "Taxation/Taxation_line/Duty_tax_code", "tax_type_codes", Kind.PART),
    ("115", "Taxation/Taxation_line/Duty_tax_rate", "duty_rate_percent", Kind.PART),
    ("120", "Taxation/Taxation_line/Duty_tax_amount", "duty_amount", Kind.PART),
    ("116", "Taxation/Taxation_line/Duty_tax_Base", None),
    ("107", "Taxation/Taxation_line/Duty_tax_MP", None),
    ("188", "Valuation_item/Rate_of_adjustement", None),
    ("D018", "Previous_doc/Summary_declaration", "transport.document_id", Kind.PART),
    ("171", "Previous_doc/Summary_declaration_sl", None),
    ("D005", "Attached_documents/Attached_document_reference", "documents[].id", Kind.PART),
    ("D006", "Attached_documents/Attached_document_code", "documents[].type_code", Kind.PART),
    ("D015", "Attached_documents/Attached_document_date", "documents[].issued_on", Kind.PART),
    ("090i", "IncoTerms/Code", None),
    ("360", "Licence_number", None),
    ("225", "Free_text_1", "statements[].text", Kind.PART),
    ("225", "Free_text_2", "statements[].text", Kind.PART),
)  # fmt: skip

CROSSWALK: Final[tuple[Element, ...]] = (*_HEADER, *_ITEM)
#: Names of the elements that hold numbers; one message writes all of them with the same marks.
NUMBERS: Final = frozenset(
    {row.path.rpartition("/")[2] for row in CROSSWALK if row.kind in {Kind.AMOUNT, Kind.COUNT}}
    | {
        "Duty_tax_amount",
        "Duty_tax_rate",
        "Suppplementary_unit_quantity",
        "Amount_national_currency",
        "Amount",
    }
)
