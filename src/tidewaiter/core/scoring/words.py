"""The sentences that officers read, by reason code: words as data, so that they can be translated.

A code keeps its meaning and its parameters for ever; another language gives the same codes other
words.  A sentence states what is in the declaration or in the history, never a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ITEM_PREFIX", "SENTENCES", "SUBJECTS"]

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
        "never-inspected": "These goods have not been inspected before.",
        "commodity": "Commodity code {code}, in chapter {chapter}.",
        "code": "{subject}: {value}.",
        "amount": "{subject}: {value} {unit}.",
        "number": "{subject}: {value}.",
        "statement": "{statement}.",
    }
)

#: What a key or a feature is called in front of its value; other features are called by their sentence.
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
        "net_mass": "Net mass",
        "customs_value_magnitude": "Customs value",
        "transport_mode": "Mode of transport",
        "payment_method_code": "Method of payment",
        "transaction_nature_code": "Nature of the transaction",
        "goods_use_code": "Use of the goods",
        "item_procedure_code": "Procedure",
    }
)
