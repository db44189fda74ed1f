"""The sentences that officers read, by reason code: words as data, so that they can be translated.

A code keeps its meaning and its parameters for ever; another language gives the same codes other
words.  A sentence states what is in the declaration or in the history, never a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ITEM_PREFIX", "SENTENCES", "STATEMENTS", "SUBJECTS"]

#: Before the sentence, in a declaration with several items.
ITEM_PREFIX: Final = "Item {item}: "

#: Reason code -> sentence with the names of its parameters.
SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "same-goods": "Same goods: {inspected} inspected, {irregular} irregular.",
        "record": "{subject}: {inspected} inspected, {irregular} irregular.",
        "unit-value-low": (
            "Unit value {unit_value} per kg is {percent} % of the usual {usual} ({count} items)."
        ),
        "unit-value-high": (
            "Unit value {unit_value} per kg is {percent} % of the usual {usual} ({count} items)."
        ),
        "departure-not-origin": "Departure {departure} is not the origin {origin}.",
        "new-trader": "{subject} has not declared before.",
        "young-trader": "{subject} first declared {days} days ago.",
        "often-declared": "{subject}: {count} declarations before.",
        "commodity": "Commodity code {code}, in chapter {chapter}.",
        "code": "{subject}: {value}.",
        "amount": "{subject}: {value} {unit}.",
        "number": "{subject}: {value}.",
        "statement": "{statement}.",
    }
)

#: What a key or a feature is called in front of its value; a feature without a name here is not told.
SUBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "importer": "Importer",
        "declarant": "Declarant",
        "seller": "Seller",
        "exporter": "Exporter",
        "office": "Office",
        "importer_declarant": "Importer with this declarant",
        "hs6": "Commodity code {hs6}",
        "hs6_origin": "Commodity code {hs6} from {origin}",
        "hs4_origin": "Heading {hs4} from {origin}",
        "hs4_departure": "Heading {hs4} departed from {departure_country}",
        "importer_hs4": "Importer with heading {hs4}",
        "declarant_hs4": "Declarant with heading {hs4}",
        "seller_hs4": "Seller with heading {hs4}",
        "importer_origin": "Importer with origin {origin}",
        "origin": "Origin",
        "departure_country": "Departure",
        "origin_proof_code": "Proof of origin",
        "duty_regime_code": "Duty regime",
        "duty_rate": "Duty rate",
        "duty_at_stake": "Duty at stake",
        "duty_share": "Duty to value",
        "net_mass": "Net mass",
        "customs_value": "Customs value",
        "value_share": "Share of the item in the value",
        "value_per_package": "Value per package",
        "mass_per_package": "Net mass per package",
        "unit_mass": "Net mass per supplementary unit",
        "gross_net_ratio": "Gross mass to net mass",
        "freight_share": "Freight to value",
        "supplementary_unit": "Supplementary unit",
        "package_code": "Kind of packages",
        "package_count": "Packages",
        "item_count": "Items",
        "document_count": "Supporting documents",
        "declarations_of_importer_today": "Earlier declarations of the importer today",
        "transport_mode": "Mode of transport",
        "transport_means_nationality": "Nationality of the means of transport",
        "loading_place": "Place of loading",
        "exporter_country": "Country of the exporter",
        "seller_country": "Country of the seller",
        "payment_method_code": "Method of payment",
        "delivery_terms_code": "Terms of delivery",
        "invoice_currency": "Currency of the invoice",
        "transaction_nature_code": "Nature of the transaction",
        "goods_use_code": "Use of the goods",
        "valuation_method_code": "Valuation method",
        "procedure_code": "Procedure",
        "item_procedure_code": "Procedure",
        "type_code": "Type of the declaration",
    }
)

#: What a truth says: (feature, its value) -> statement; a truth without one here is not told.
STATEMENTS: Final[Mapping[tuple[str, bool], str]] = MappingProxyType(
    {
        ("net_mass_is_round", True): "The net mass is a multiple of 10 kg",
        ("net_exceeds_gross", True): "The net masses add up to more than the gross mass",
        ("price_is_zero", True): "A value is declared as zero",
        ("importer_is_declarant", True): "The importer declares without a broker",
        ("importer_aeo", False): "The importer is not an authorised economic operator",
        ("importer_missing", True): "No importer is declared",
        ("declarant_missing", True): "No declarant is declared",
        ("exporter_missing", True): "No exporter is declared",
        ("seller_missing", True): "No seller is declared",
        ("consignee_missing", True): "No consignee is declared",
        ("exporter_country_differs_from_departure", True): (
            "The exporter is not established in the country of departure"
        ),
        ("loading_differs_from_departure", True): (
            "The place of loading does not lie in the country of departure"
        ),
        ("routed_through_origin", False): "The declared route does not pass the country of origin",
        ("has_invoice_document", False): "There is no commercial invoice among the documents",
        ("has_origin_certificate", False): "There is no proof of origin among the documents",
        ("has_licence", False): "There is no licence among the documents",
        ("is_amendment", True): "This amends an earlier declaration",
    }
)
