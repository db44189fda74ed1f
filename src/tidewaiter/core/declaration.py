"""The declaration: one header and 1 to 500 items, as the customs declaration system sent it.

Values are frozen.  Amounts are exact decimals, codes are text, times are aware.  What is not
declared is ``None``, never zero and never an empty string.  The element names follow the WCO
Data Model (version 3.6) where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from tidewaiter.core.codes import Country, Currency, HsCode, Identifier

__all__ = [
    "ITEMS_MAX", "Authorisation", "Charge", "Classification", "Declaration", "Document", "Guarantee", "Item",
    "Party", "PartyRole", "Statement", "TradeFlow", "Transport",
]  # fmt: skip

ITEMS_MAX: Final = 500


class TradeFlow(StrEnum):
    """The direction of the goods."""

    IMPORT = "import"
    EXPORT = "export"
    TRANSIT = "transit"


class PartyRole(StrEnum):
    """Distinct roles; a person may hold several, but they are never merged in one field."""

    IMPORTER = "importer"
    EXPORTER = "exporter"
    CONSIGNEE = "consignee"
    CONSIGNOR = "consignor"
    DECLARANT = "declarant"
    REPRESENTATIVE = "representative"
    SELLER = "seller"
    BUYER = "buyer"
    CARRIER = "carrier"
    COURIER = "courier"
    NOTIFY = "notify"
    PAYER = "payer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person in one role of the declaration."""

    role: PartyRole
    #: TIN, EORI, NIF …; None when only a name was declared.
    id: Identifier | None = None
    name: str | None = None
    country: Country | None = None
    #: Authorised economic operator, as declared or as looked up; None when not known.
    aeo: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A supporting or previous document (licence, certificate, invoice, transport document)."""

    #: UN/CEFACT 1001 or national code, such as ``380`` (invoice).
    type_code: Identifier
    id: Identifier | None = None
    issued_on: datetime | None = None
    expires_on: datetime | None = None
    #: Line of the document that is meant (WCO 171), from 1.
    line_number: int | None = None
    #: Why no licence or certificate is needed, or how it is held (WCO 360).
    exemption_code: Identifier | None = None
    #: Quantity written off the licence, and its unit (WCO 502).
    written_off_quantity: Decimal | None = None
    written_off_unit: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the declarant states besides the fields: a coded statement, words, or both (WCO 226, 225)."""

    code: Identifier | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A security for duty that may become due (WCO 100, 492)."""

    id: Identifier | None = None
    #: Amount, national currency.
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """An authorisation that the declaration relies on, and who holds it (WCO R144, R145)."""

    holder_id: Identifier | None = None
    #: Its kind, such as ``CGU``, ``DPO``, ``CW1``.
    category_code: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An addition to the price, or a deduction from it, in the customs value (WCO 371, 181)."""

    type_code: Identifier | None = None
    amount: Decimal | None = None
    currency: Currency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A further code of the goods, such as a national additional code (WCO 145, 7143)."""

    type_code: Identifier | None = None
    id: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How the goods came to the border."""

    #: UN/ECE Recommendation 19, such as ``1`` sea, ``4`` air; a national code where one is used.
    mode_code: Identifier | None = None
    #: Identity of the active means of transport (voyage, flight, plate).
    means_id: Identifier | None = None
    means_nationality: Country | None = None
    #: Identity of the means on which the goods left, where another is at the border (WCO T004).
    departure_means_id: Identifier | None = None
    #: Transport document number (bill of lading, air waybill, CMR).
    document_id: Identifier | None = None
    #: Arrival or manifest reference.
    arrival_reference: Identifier | None = None
    container_ids: tuple[Identifier, ...] = ()
    #: Numbers of the seals on the containers.
    seal_ids: tuple[Identifier, ...] = ()
    #: Whether the goods come in containers (WCO 096), ``1`` or ``0``.
    container_code: Identifier | None = None
    #: UN/LOCODE of the place of loading.
    loading_place: Identifier | None = None
    #: Where the goods can be examined, and the kind of that place (WCO L016, L110).
    goods_location: str | None = None
    goods_location_type_code: Identifier | None = None
    #: Countries through which the goods were routed, in order.
    routing: tuple[Country, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One goods item.  Values are in the national currency of the administration."""

    #: Position, from 1, without gaps.
    number: int
    hs_code: HsCode
    description: str | None = None
    origin: Country | None = None
    #: Kind of proof or marking of origin, national code.
    origin_proof_code: Identifier | None = None
    net_mass_kg: Decimal | None = None
    gross_mass_kg: Decimal | None = None
    supplementary_quantity: Decimal | None = None
    supplementary_unit: Identifier | None = None
    package_count: int | None = None
    package_code: Identifier | None = None
    #: Customs value (WTO valuation), national currency.
    customs_value: Decimal | None = None
    #: Statistical value, national currency.
    statistical_value: Decimal | None = None
    #: Price of the item on the invoice, in the currency of the header.
    invoice_price: Decimal | None = None
    #: Method 1 to 6 of the WTO valuation agreement.
    valuation_method_code: Identifier | None = None
    #: Requested + previous procedure, such as ``4000``.
    procedure_code: Identifier | None = None
    #: Duty regime or preference claimed (WCO 164), such as ``A``, ``FCN1``, ``100``.
    duty_regime_code: Identifier | None = None
    #: Ad valorem duty rate in percent, 0 to 3000.
    duty_rate_percent: Decimal | None = None
    #: Duty and tax declared, national currency.
    duty_amount: Decimal | None = None
    #: Taxes declared (WCO 113), in the order of the message.
    tax_type_codes: tuple[Identifier, ...] = ()
    #: Tariff quota claimed (WCO 401).
    quota_id: Identifier | None = None
    #: Origin claimed for a preference, where it is declared besides the other (WCO 063).
    preferential_origin: Country | None = None
    #: Procedures besides the one above (WCO 166), national codes.
    additional_procedure_codes: tuple[Identifier, ...] = ()
    #: Elements of valuation that the declarant points to (WCO 188).
    valuation_adjustment_codes: tuple[Identifier, ...] = ()
    #: Dangerous goods, number of the United Nations (WCO 506).
    dangerous_goods_code: Identifier | None = None
    #: Marks and numbers on the packages (WCO 142).
    marks: tuple[str, ...] = ()
    classifications: tuple[Classification, ...] = ()
    charges: tuple[Charge, ...] = ()
    statements: tuple[Statement, ...] = ()
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One version of a declaration.  (source, id) names the declaration, version its amendment."""

    #: The declaration system's identity of the declaration (MRN, or LRN before registration).
    id: Identifier
    #: From 1; each amendment adds one.
    version: int = 1
    flow: TradeFlow
    office: Identifier
    #: When the declarant lodged it (this version), aware.
    lodged_at: datetime
    #: The lodging time carries only a date.
    lodged_on_date_only: bool = False
    #: When customs accepted it (WCO 023), where that is told besides the lodging.
    accepted_at: datetime | None = None
    #: Declaration type, national or WCO D013, such as ``IMA``, ``B``.
    type_code: Identifier | None = None
    #: Header procedure (regime), such as ``4000``.
    procedure_code: Identifier | None = None
    #: Nature of the transaction (WCO 103) or import type.
    transaction_nature_code: Identifier | None = None
    #: Declared use of the goods.
    goods_use_code: Identifier | None = None
    #: Method of payment (WCO 107).
    payment_method_code: Identifier | None = None
    #: Country of departure or export (WCO 062).
    departure_country: Country | None = None
    destination_country: Country | None = None
    #: Incoterm.
    delivery_terms_code: Identifier | None = None
    #: Place that the incoterm names.
    delivery_place: str | None = None
    #: Unique consignment reference (WCO 016), and the trader's own reference (WCO 009).
    consignment_reference: Identifier | None = None
    trader_reference: Identifier | None = None
    #: How the representative acts (WCO 102), such as ``2`` direct, ``3`` indirect.
    representation_code: Identifier | None = None
    #: Customs warehouse and its kind (WCO L019, L112).
    warehouse_id: Identifier | None = None
    warehouse_type_code: Identifier | None = None
    invoice_currency: Currency | None = None
    invoice_amount: Decimal | None = None
    freight_amount: Decimal | None = None
    gross_mass_kg: Decimal | None = None
    package_count: int | None = None
    #: In the order of :class:`PartyRole`, whatever order the message had; within a role as it had them.
    parties: tuple[Party, ...] = ()
    transport: Transport = field(default_factory=Transport)
    documents: tuple[Document, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    charges: tuple[Charge, ...] = ()
    statements: tuple[Statement, ...] = ()
    #: 1 to :data:`ITEMS_MAX`.
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        """Order the parties by role: formats name them in different orders, which means nothing."""
        object.__setattr__(self, "parties", tuple(sorted(self.parties, key=_role_order)))

    def party(self, role: PartyRole) -> Party | None:
        """Return the first party in *role*, or None."""
        for party in self.parties:
            if party.role is role:
                return party
        return None

    def party_id(self, role: PartyRole) -> Identifier | None:
        """Return the identifier of the first party in *role*, or None."""
        party = self.party(role)
        return None if party is None else party.id


_ROLE_ORDER: Final = {role: position for position, role in enumerate(PartyRole)}


def _role_order(party: Party) -> int:
    return _ROLE_ORDER[party.role]
