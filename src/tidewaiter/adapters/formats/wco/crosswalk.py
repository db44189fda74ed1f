"""Which element of the WCO Data Model (3.6) becomes which field: data, in the order of preference.

Paths begin at ``Declaration`` (header) or at ``GovernmentAgencyGoodsItem`` (item).  Of two lines
with the same field the first that has text wins.  A line without a field is known, but the
canonical form has no place for it, and the reader tells so.

Source: WCO Data Model 3.6, element numbers as in the annotations of published profiles.
"""

from __future__ import annotations

from typing import Final

from tidewaiter.adapters.xml import Element, Kind

__all__ = [
    "CLEARANCE_REQUEST_PROCEDURE",
    "CLEARANCE_REQUEST_TYPES",
    "CROSSWALK",
    "DOCUMENT_PATHS",
    "FLOW_OF_PROCEDURE",
    "FLOW_OF_TYPE",
    "GOODS_CODE_TYPES",
    "NOT_SPECIFIED",
    "PARTIES",
    "TRANSPORT_DOCUMENTS",
]

#: Role -> paths of its elements from the declaration.
PARTIES: Final = (
    ("declarant", "Declarant", "R123", "R124"),
    ("representative", "Agent", "R004", "R003"),
    ("importer", "GoodsShipment/Importer", "R038", "R037"),
    ("importer", "Importer", "R038", "R037"),
    ("consignee", "GoodsShipment/Consignee", "R015", "R014"),
    ("consignee", "Consignment/Consignee", "R015", "R014"),
    ("exporter", "Exporter", "R032", "R031"),
    ("exporter", "GoodsShipment/Exporter", "R032", "R031"),
    ("consignor", "GoodsShipment/Consignor", "R021", "R020"),
    ("consignor", "Consignment/Consignor", "R021", "R020"),
    ("consignor", "Consignor", "R021", "R020"),
    ("seller", "GoodsShipment/Seller", "R051", "R050"),
    ("buyer", "GoodsShipment/Buyer", "R010", "R009"),
    ("carrier", "Consignment/Carrier", "R012", "R011"),
    ("carrier", "GoodsShipment/Consignment/Carrier", "R012", "R011"),
    ("notify", "GoodsShipment/NotifyParty", "R045", "R046"),
    ("notify", "Consignment/NotifyParty", "R045", "R046"),
    ("notify", "GoodsShipment/Consignment/NotifyParty", "R045", "R046"),
    ("payer", "Payer", "R121", "R122"),
)
#: Elements that are documents, with the field of their type; an Invoice has none and is 380.
DOCUMENT_PATHS: Final = {
    "header": (
        "AdditionalDocument", "GoodsShipment/AdditionalDocument", "GoodsShipment/PreviousDocument",
        "PreviousDocument", "GoodsShipment/Invoice", "GoodsShipment/Consignment/TransportContractDocument",
        "Consignment/TransportContractDocument",
    ),
    "item": ("AdditionalDocument", "PreviousDocument", "Commodity/InvoiceLine/Invoice"),
}  # fmt: skip
#: UN/CEFACT 1001 codes of transport documents, behind the category N of European profiles.
TRANSPORT_DOCUMENTS: Final = frozenset(
    prefix + code
    for prefix in ("", "N")
    for code in ("703", "704", "705", "710", "713", "714", "720", "722", "730", "740", "741", "750", "760")
)
#: 7143 codes of a classification that begins a commodity code, in the order of preference.
GOODS_CODE_TYPES: Final = ("TSP", "HS", "SRZ", "CV", "CN", "")
#: The first two letters of D013.
FLOW_OF_TYPE: Final = {"IM": "import", "EX": "export", "EU": "export", "T1": "transit", "T2": "transit",
                       "TI": "transit", "TR": "transit"}  # fmt: skip
#: The first digit of the requested procedure (Kyoto Convention, SAD box 37).
FLOW_OF_PROCEDURE: Final = {"1": "export", "2": "export", "3": "export", "4": "import", "5": "import",
                            "6": "import", "7": "import", "8": "transit", "9": "import"}  # fmt: skip
#: A clearance request needs no commodity code by law: its third letter of D013, its procedure …
CLEARANCE_REQUEST_TYPES: Final = frozenset({"J", "K"})
CLEARANCE_REQUEST_PROCEDURE: Final = "00"
#: … and what stands for the code then: goods not specified according to kind, in UN Comtrade.
NOT_SPECIFIED: Final = "999999"


def _rows(
    scope: str, *rows: tuple[str, str, str | None, Kind] | tuple[str, str, str | None]
) -> list[Element]:
    return [
        Element(id=row[0], scope=scope, path=row[1], field=row[2], kind=row[3] if len(row) > 3 else Kind.TEXT)
        for row in rows
    ]


_HEADER: Final = _rows(
    "header",
    ("D014", "ID", "id"),
    ("D026", "FunctionalReferenceID", "id"),
    ("017", "FunctionCode", "version", Kind.PART),
    ("VersionID", "VersionID", "version", Kind.COUNT),
    ("D013", "TypeCode", "type_code"),
    ("065", "DeclarationOfficeID", "office"),
    ("G015", "PresentationOffice/ID", "office"),
    ("G012", "SupervisingOffice/ID", "office"),
    ("G005", "ExitOffice/ID", "office"),
    ("D011", "IssueDateTime/DateTimeString", "lodged_at", Kind.MOMENT),
    ("023", "AcceptanceDateTime/DateTimeString", "lodged_at", Kind.MOMENT),
    ("D011", "IssueDateTime", "lodged_at", Kind.MOMENT),
    ("023", "AcceptanceDateTime", "lodged_at", Kind.MOMENT),
    ("228", "GoodsItemQuantity", "items", Kind.PART),
    ("146", "TotalPackageQuantity", "package_count", Kind.COUNT),
    ("131", "TotalGrossMassMeasure", "gross_mass_kg", Kind.AMOUNT),
    ("109", "InvoiceAmount", "invoice_amount", Kind.AMOUNT),
    ("109", "GoodsShipment/Invoice/Amount", "invoice_amount", Kind.AMOUNT),
    ("135", "CurrencyExchange/CurrencyTypeCode", "invoice_currency"),
    ("135", "GoodsShipment/Invoice/CurrencyTypeCode", "invoice_currency"),
    ("118", "CurrencyExchange/RateNumeric", None),
    ("102", "Agent/FunctionCode", "representation_code"),
    ("R055", "Surety/ID", None),
    ("R144", "AuthorisationHolder/ID", "authorisations[].holder_id", Kind.PART),
    ("R145", "AuthorisationHolder/CategoryCode", "authorisations[].category_code", Kind.PART),
    ("R143", "AEOMutualRecognitionParty/ID", None),
    ("R143", "GoodsShipment/AEOMutualRecognitionParty/ID", None),
    ("062", "GoodsShipment/ExportCountry/ID", "departure_country"),
    ("465", "GoodsShipment/Destination/CountryCode", "destination_country"),
    ("064", "Consignment/Itinerary/RoutingCountryCode", "transport.routing", Kind.PART),
    ("064", "GoodsShipment/Consignment/Itinerary/RoutingCountryCode", "transport.routing", Kind.PART),
    ("L010", "GoodsShipment/Consignment/LoadingLocation/ID", "transport.loading_place"),
    ("L010", "Consignment/LoadingLocation/ID", "transport.loading_place"),
    ("L009", "GoodsShipment/Consignment/LoadingLocation/Name", "transport.loading_place"),
    ("L016", "GoodsShipment/Consignment/GoodsLocation/Name", "transport.goods_location"),
    ("L110", "GoodsShipment/Consignment/GoodsLocation/TypeCode",
     "transport.goods_location_type_code"),
    ("T022", "BorderTransportMeans/ModeCode", "transport.mode_code"),
    ("T022", "GoodsShipment/Consignment/BorderTransportMeans/ModeCode", "transport.mode_code"),
    ("T006", "BorderTransportMeans/ID", "transport.means_id"),
    ("T006", "GoodsShipment/Consignment/BorderTransportMeans/ID", "transport.means_id"),
    ("T002", "GoodsShipment/Consignment/ArrivalTransportMeans/ID", "transport.means_id"),
    ("T004", "GoodsShipment/Consignment/DepartureTransportMeans/ID", "transport.means_id"),
    ("T014", "BorderTransportMeans/RegistrationNationalityCode", "transport.means_nationality"),
    ("T014", "GoodsShipment/Consignment/BorderTransportMeans/RegistrationNationalityCode",
     "transport.means_nationality"),
    ("096", "GoodsShipment/Consignment/ContainerCode", "transport.container_code"),
    ("159", "GoodsShipment/Consignment/TransportEquipment/ID", "transport.container_ids", Kind.PART),
    ("165", "GoodsShipment/Consignment/TransportEquipment/Seal/ID", "transport.seal_ids", Kind.PART),
    ("016", "GoodsShipment/UCR/ID", "consignment_reference"),
    ("009", "GoodsShipment/UCR/TraderAssignedReferenceID", "trader_reference"),
    ("103", "GoodsShipment/TransactionNatureCode", "transaction_nature_code"),
    ("090", "GoodsShipment/TradeTerms/ConditionCode", "delivery_terms_code"),
    ("L002", "GoodsShipment/TradeTerms/LocationID", "delivery_place"),
    ("L001", "GoodsShipment/TradeTerms/LocationName", "delivery_place"),
    ("106", "GoodsShipment/TradeTerms/CountryRelationshipCode", None),
    ("492", "ObligationGuarantee/AmountAmount", "guarantees[].amount", Kind.PART),
    ("100", "ObligationGuarantee/ReferenceID", "guarantees[].id", Kind.PART),
    ("100", "ObligationGuarantee/ID", "guarantees[].id", Kind.PART),
    ("L019", "GoodsShipment/Warehouse/ID", "warehouse_id"),
    ("L112", "GoodsShipment/Warehouse/TypeCode", "warehouse_type_code"),
    ("225", "AdditionalInformation/StatementDescription", None),
    ("226", "AdditionalInformation/StatementCode", None),
    ("181", "GoodsShipment/CustomsValuation/ChargeDeduction/OtherChargeDeductionAmount",
     "charges[].amount", Kind.PART),
    ("371", "GoodsShipment/CustomsValuation/ChargeDeduction/ChargesTypeCode",
     "charges[].type_code", Kind.PART),
    ("181", "CustomsValuation/ChargeDeduction/OtherChargeDeductionAmount", "charges[].amount", Kind.PART),
    ("371", "CustomsValuation/ChargeDeduction/ChargesTypeCode", "charges[].type_code", Kind.PART),
    ("117", "GoodsShipment/CustomsValuation/FreightChargeAmount", "freight_amount", Kind.PART),
    ("117", "CustomsValuation/FreightChargeAmount", "freight_amount", Kind.PART),
)  # fmt: skip

_ITEM: Final = _rows(
    "item",
    ("006", "SequenceNumeric", "number", Kind.COUNT),
    ("145", "Commodity/Classification/ID", "hs_code", Kind.PART),
    ("7143", "Commodity/Classification/IdentificationTypeCode", "hs_code", Kind.PART),
    ("137", "Commodity/Description", "description"),
    ("506", "Commodity/DangerousGoods/UNDGID", "dangerous_goods_code"),
    ("063", "Origin/CountryCode", "origin", Kind.PART),
    ("501", "Origin/TypeCode", "origin", Kind.PART),
    ("128", "Commodity/GoodsMeasure/NetNetWeightMeasure", "net_mass_kg", Kind.AMOUNT),
    ("126", "Commodity/GoodsMeasure/GrossMassMeasure", "gross_mass_kg", Kind.AMOUNT),
    ("130", "Commodity/GoodsMeasure/TariffQuantity", "supplementary_quantity", Kind.AMOUNT),
    ("108", "CustomsValueAmount", "customs_value", Kind.PART),
    ("108", "Commodity/CustomsValueAmount", "customs_value", Kind.PART),
    ("114", "StatisticalValueAmount", "statistical_value", Kind.PART),
    ("112", "Commodity/InvoiceLine/ItemChargeAmount", "invoice_price", Kind.PART),
    ("122", "CustomsValuation/MethodCode", "valuation_method_code"),
    ("122", "Commodity/CustomsValuation/MethodCode", "valuation_method_code"),
    ("166", "GovernmentProcedure/CurrentCode", "procedure_code", Kind.PART),
    ("161", "GovernmentProcedure/PreviousCode", "procedure_code", Kind.PART),
    ("164", "Commodity/DutyTaxFee/DutyRegimeCode", "duty_regime_code"),
    ("401", "Commodity/DutyTaxFee/QuotaOrderID", "quota_id"),
    ("113", "Commodity/DutyTaxFee/TypeCode", "tax_type_codes", Kind.PART),
    ("115", "Commodity/DutyTaxFee/TaxRateNumeric", "duty_rate_percent", Kind.PART),
    ("116", "Commodity/DutyTaxFee/AdValoremTaxBaseAmount", None),
    ("120", "Commodity/DutyTaxFee/Payment/TaxAssessedAmount", "duty_amount", Kind.PART),
    ("107", "Commodity/DutyTaxFee/Payment/MethodCode", "payment_method_code", Kind.PART),
    ("371", "CustomsValuation/ChargeDeduction/ChargesTypeCode", "charges[].type_code", Kind.PART),
    ("181", "CustomsValuation/ChargeDeduction/OtherChargeDeductionAmount", "charges[].amount", Kind.PART),
    ("188", "ValuationAdjustment/AdditionCode", "valuation_adjustment_codes", Kind.PART),
    ("188", "CustomsValuation/ValuationAdjustment/AdditionCode", "valuation_adjustment_codes", Kind.PART),
    ("144", "Packaging/QuantityQuantity", "package_count", Kind.PART),
    ("141", "Packaging/TypeCode", "package_code", Kind.PART),
    ("142", "Packaging/MarksNumbersID", "marks", Kind.PART),
    ("159", "Commodity/TransportEquipment/ID", "transport.container_ids", Kind.PART),
    ("062", "ExportCountry/ID", "departure_country", Kind.PART),
    ("465", "Destination/CountryCode", "destination_country", Kind.PART),
    ("103", "TransactionNatureCode", "transaction_nature_code", Kind.PART),
    ("016", "UCR/ID", "consignment_reference", Kind.PART),
    ("009", "UCR/TraderAssignedReferenceID", "trader_reference", Kind.PART),
    ("225", "AdditionalInformation/StatementDescription", "statements[].text", Kind.PART),
    ("226", "AdditionalInformation/StatementCode", "statements[].code", Kind.PART),
    ("360", "AdditionalDocument/LPCOExemptionCode", "documents[].exemption_code", Kind.PART),
    ("502", "AdditionalDocument/WriteOff/QuantityQuantity", "documents[].written_off_quantity", Kind.PART),
    ("503", "AdditionalDocument/WriteOff/AmountAmount", None),
)  # fmt: skip


def _parties() -> list[Element]:
    rows: list[Element] = []
    for _role, path, identity, name in PARTIES:
        rows += _rows(
            "header",
            (identity, f"{path}/ID", "parties[].id", Kind.PART),
            (name, f"{path}/Name", "parties[].name", Kind.PART),
            ("242", f"{path}/Address/CountryCode", "parties[].country", Kind.PART),
            ("241", f"{path}/Address/CityName", "parties[].name", Kind.PART),
            ("245", f"{path}/Address/PostcodeID", "parties[].name", Kind.PART),
            ("243", f"{path}/Address/CountrySubDivisionName", "parties[].name", Kind.PART),
            ("239", f"{path}/Address/Line", "parties[].name", Kind.PART),
        )
    return rows


#: Element -> numbers of its identity, type and category; the last line is that of transport contracts.
_DOCUMENT_NUMBERS: Final = {
    "AdditionalDocument": ("D005", "D006", "D031"),
    "PreviousDocument": ("D018", "D019", "D019c"),
    "Invoice": ("D016", "D017", "D017c"),
    "": ("D023", "D024", "D024c"),
}


def _documents() -> list[Element]:
    rows: list[Element] = []
    for scope, paths in DOCUMENT_PATHS.items():
        for path in paths:
            own = _DOCUMENT_NUMBERS.get(path.rpartition("/")[2], _DOCUMENT_NUMBERS[""])
            rows += _rows(
                scope,
                (own[0], f"{path}/ID", "documents[].id", Kind.PART),
                (own[1], f"{path}/TypeCode", "documents[].type_code", Kind.PART),
                (own[2], f"{path}/CategoryCode", "documents[].type_code", Kind.PART),
                ("D015", f"{path}/IssueDateTime/DateTimeString", "documents[].issued_on", Kind.PART),
                ("171", f"{path}/LineNumeric", "documents[].line_number", Kind.PART),
            )
    return rows


CROSSWALK: Final[tuple[Element, ...]] = (*_HEADER, *_ITEM, *_parties(), *_documents())
