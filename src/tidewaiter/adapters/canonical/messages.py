"""The messages on the wire: a declaration and a control result, field by field.

What is not declared is left out (or null), never an empty string and never a zero.  Unknown
fields are refused: a field that is misspelt must not vanish.  These models are the source of the
published JSON Schemas and of the tables in ``docs/reference``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.adapters.canonical.fields import (
    AmountField,
    CountField,
    CountryField,
    CurrencyField,
    DescriptionField,
    DocumentMomentField,
    HsCodeField,
    IdentifierField,
    ItemNumberField,
    MomentField,
    NameField,
    NoteField,
    RateField,
    VersionField,
)
from tidewaiter.core.control import ControlKind, Irregularity, Outcome
from tidewaiter.core.declaration import ITEMS_MAX, PartyRole, TradeFlow

__all__ = ["AuthorisationMessage", "ChargeMessage", "ClassificationMessage", "ControlResultMessage",
           "DeclarationMessage", "DocumentMessage", "FindingMessage", "GuaranteeMessage", "ItemMessage",
           "PartyMessage", "StatementMessage", "TransportMessage"]  # fmt: skip

#: JSON writes the values of an enumeration as strings; a strict reader would want the members.
_BY_VALUE = Field(strict=False)
#: Lists of a declaration or an item: more are no declaration that anybody fills in.
_SHORT = Field(max_length=99)


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True, defer_build=False)


class PartyMessage(_Message):
    """A person in one role of the declaration."""

    role: Annotated[PartyRole, _BY_VALUE]
    """Role; distinct roles are never merged in one field."""
    id: IdentifierField | None = None
    """Identifier: TIN, EORI, NIF."""
    name: NameField | None = None
    """Name and address as declared."""
    country: CountryField | None = None
    """Country of the person."""
    aeo: bool | None = None
    """Authorised economic operator; left out when not known."""


class DocumentMessage(_Message):
    """A supporting or previous document."""

    type_code: IdentifierField
    """UN/CEFACT 1001 or national code, such as `380` (invoice)."""
    id: IdentifierField | None = None
    """Reference number of the document."""
    issued_on: DocumentMomentField | None = None
    """When it was issued."""
    expires_on: DocumentMomentField | None = None
    """When it ends; `9999-12-31` where it never does."""
    line_number: CountField | None = None
    """Line of the document that is meant (WCO 171)."""
    exemption_code: IdentifierField | None = None
    """Why no licence or certificate is needed, or how it is held (WCO 360)."""
    written_off_quantity: AmountField | None = None
    """Quantity written off the licence (WCO 502)."""
    written_off_unit: IdentifierField | None = None
    """Unit of that quantity (UN/ECE Recommendation 20)."""


class StatementMessage(_Message):
    """What the declarant states besides the fields."""

    code: IdentifierField | None = None
    """Coded statement (WCO 226), national code."""
    text: DescriptionField | None = None
    """The statement in words (WCO 225)."""


class GuaranteeMessage(_Message):
    """A security for duty that may become due."""

    id: IdentifierField | None = None
    """Reference number of the guarantee (WCO 100)."""
    amount: AmountField | None = None
    """Amount (WCO 492), national currency."""


class AuthorisationMessage(_Message):
    """An authorisation that the declaration relies on."""

    holder_id: IdentifierField | None = None
    """Identifier of the person who holds it (WCO R144)."""
    category_code: IdentifierField | None = None
    """Kind of the authorisation (WCO R145), such as `CGU`."""


class ChargeMessage(_Message):
    """An addition to the price, or a deduction from it, in the customs value."""

    type_code: IdentifierField | None = None
    """Kind of the charge (WCO 371), national code."""
    amount: AmountField | None = None
    """Amount of the charge (WCO 181)."""
    currency: CurrencyField | None = None
    """Currency of the amount; left out where none is stated."""


class ClassificationMessage(_Message):
    """A further code of the goods."""

    type_code: IdentifierField | None = None
    """Kind of the code (UN/EDIFACT 7143), national code."""
    id: IdentifierField
    """The code itself, such as a national additional code."""


class TransportMessage(_Message):
    """How the goods came to the border."""

    mode_code: IdentifierField | None = None
    """Mode at the border: UN/ECE Recommendation 19, such as `1` sea, `4` air; or the national code."""
    means_id: IdentifierField | None = None
    """Identity of the active means of transport (voyage, flight, plate)."""
    means_nationality: CountryField | None = None
    """Nationality of the means of transport."""
    departure_means_id: IdentifierField | None = None
    """Identity of the means on which the goods left, where another is at the border."""
    document_id: IdentifierField | None = None
    """Transport document: bill of lading, air waybill, CMR."""
    arrival_reference: IdentifierField | None = None
    """Arrival or manifest reference."""
    container_ids: Annotated[list[IdentifierField], Field(max_length=999)] = Field(default_factory=list)
    """Container numbers (ISO 6346)."""
    seal_ids: Annotated[list[IdentifierField], Field(max_length=999)] = Field(default_factory=list)
    """Numbers of the seals on the containers."""
    container_code: IdentifierField | None = None
    """Whether the goods come in containers: `1` or `0`."""
    loading_place: IdentifierField | None = None
    """Place of loading (UN/LOCODE)."""
    goods_location: NameField | None = None
    """Where the goods can be examined."""
    goods_location_type_code: IdentifierField | None = None
    """Kind of that place, national code."""
    routing: Annotated[list[CountryField], Field(max_length=50)] = Field(default_factory=list)
    """Countries through which the goods were routed, in order."""


class ItemMessage(_Message):
    """One goods item; values are in the national currency."""

    number: ItemNumberField
    """Position: 1, 2, 3 … in the order of the array, without gaps."""
    hs_code: HsCodeField
    """Commodity code: 6 digits of the Harmonized System, then up to 6 national digits; leading zeros kept."""
    description: DescriptionField | None = None
    """Description of the goods as declared."""
    origin: CountryField | None = None
    """Country of origin."""
    origin_proof_code: IdentifierField | None = None
    """Kind of proof or marking of origin, national code."""
    net_mass_kg: AmountField | None = None
    """Net mass in kilograms."""
    gross_mass_kg: AmountField | None = None
    """Gross mass in kilograms."""
    supplementary_quantity: AmountField | None = None
    """Quantity in the unit of the tariff."""
    supplementary_unit: IdentifierField | None = None
    """Unit of the tariff (UN/ECE Recommendation 20)."""
    package_count: CountField | None = None
    """Number of packages."""
    package_code: IdentifierField | None = None
    """Kind of packages (UN/ECE Recommendation 21 or national)."""
    customs_value: AmountField | None = None
    """Customs value (WTO valuation), national currency."""
    statistical_value: AmountField | None = None
    """Statistical value, national currency."""
    invoice_price: AmountField | None = None
    """Price on the invoice, in `invoice_currency`."""
    valuation_method_code: IdentifierField | None = None
    """Method 1 to 6 of the WTO valuation agreement."""
    procedure_code: IdentifierField | None = None
    """Requested and previous procedure, such as `4000`."""
    duty_regime_code: IdentifierField | None = None
    """Duty regime or preference claimed (WCO 164)."""
    duty_rate_percent: RateField | None = None
    """Ad valorem duty rate in percent, 0 to 3000."""
    duty_amount: AmountField | None = None
    """Duty and tax declared, national currency."""
    tax_type_codes: Annotated[list[IdentifierField], _SHORT] = Field(default_factory=list)
    """Taxes declared (WCO 113), in the order of the message."""
    quota_id: IdentifierField | None = None
    """Tariff quota claimed (WCO 401)."""
    preferential_origin: CountryField | None = None
    """Origin claimed for a preference, where it is declared besides `origin`."""
    additional_procedure_codes: Annotated[list[IdentifierField], _SHORT] = Field(default_factory=list)
    """Procedures besides `procedure_code`, national codes."""
    valuation_adjustment_codes: Annotated[list[IdentifierField], _SHORT] = Field(default_factory=list)
    """Elements of valuation that the declarant points to (WCO 188)."""
    dangerous_goods_code: IdentifierField | None = None
    """Dangerous goods: number of the United Nations (WCO 506)."""
    marks: Annotated[list[DescriptionField], _SHORT] = Field(default_factory=list)
    """Marks and numbers on the packages (WCO 142)."""
    classifications: Annotated[list[ClassificationMessage], _SHORT] = Field(default_factory=list)
    """Further codes of the goods."""
    charges: Annotated[list[ChargeMessage], _SHORT] = Field(default_factory=list)
    """Additions and deductions in the value of the item."""
    statements: Annotated[list[StatementMessage], _SHORT] = Field(default_factory=list)
    """What the declarant states about the item."""
    documents: Annotated[list[DocumentMessage], Field(max_length=99)] = Field(default_factory=list)
    """Documents of the item."""


class DeclarationMessage(_Message):
    """One version of a declaration: a header and 1 to 500 items."""

    id: IdentifierField
    """Identity in the declaration system: MRN, or LRN before registration."""
    version: VersionField = 1
    """Version, from 1; each amendment adds one."""
    flow: Annotated[TradeFlow, _BY_VALUE]
    """Direction of the goods."""
    office: IdentifierField
    """Customs office where it is lodged."""
    lodged_at: MomentField
    """When this version was lodged."""
    accepted_at: DocumentMomentField | None = None
    """When customs accepted it (WCO 023), where that is told besides the lodging."""
    type_code: IdentifierField | None = None
    """Declaration type, national or WCO D013, such as `IMA`."""
    procedure_code: IdentifierField | None = None
    """Procedure of the header, such as `4000`."""
    transaction_nature_code: IdentifierField | None = None
    """Nature of the transaction (WCO 103) or import type."""
    goods_use_code: IdentifierField | None = None
    """Declared use of the goods."""
    payment_method_code: IdentifierField | None = None
    """Method of payment (WCO 107)."""
    departure_country: CountryField | None = None
    """Country of departure or export (WCO 062)."""
    destination_country: CountryField | None = None
    """Country of destination."""
    delivery_terms_code: IdentifierField | None = None
    """Incoterm, such as `CIF`."""
    delivery_place: NameField | None = None
    """Place that the incoterm names."""
    consignment_reference: IdentifierField | None = None
    """Unique consignment reference (UCR)."""
    trader_reference: IdentifierField | None = None
    """The trader's own reference."""
    representation_code: IdentifierField | None = None
    """How the representative acts, such as `2` direct, `3` indirect."""
    warehouse_id: IdentifierField | None = None
    """Customs warehouse."""
    warehouse_type_code: IdentifierField | None = None
    """Kind of warehouse, national code."""
    invoice_currency: CurrencyField | None = None
    """Currency of the invoice."""
    invoice_amount: AmountField | None = None
    """Total of the invoice, in its currency."""
    freight_amount: AmountField | None = None
    """Freight, national currency."""
    gross_mass_kg: AmountField | None = None
    """Gross mass of the whole consignment in kilograms."""
    package_count: CountField | None = None
    """Number of packages of the whole consignment."""
    parties: Annotated[list[PartyMessage], Field(max_length=99)] = Field(default_factory=list)
    """Persons; the same person is named once in a role."""
    transport: TransportMessage = Field(default_factory=TransportMessage)
    """How the goods came to the border."""
    documents: Annotated[list[DocumentMessage], Field(max_length=99)] = Field(default_factory=list)
    """Documents of the whole declaration."""
    guarantees: Annotated[list[GuaranteeMessage], _SHORT] = Field(default_factory=list)
    """Securities for duty that may become due."""
    authorisations: Annotated[list[AuthorisationMessage], _SHORT] = Field(default_factory=list)
    """Authorisations that the declaration relies on, economic operators apart (`parties[].aeo`)."""
    charges: Annotated[list[ChargeMessage], _SHORT] = Field(default_factory=list)
    """Additions and deductions in the value of the whole declaration, `freight_amount` apart."""
    statements: Annotated[list[StatementMessage], _SHORT] = Field(default_factory=list)
    """What the declarant states about the whole declaration."""
    items: Annotated[list[ItemMessage], Field(min_length=1, max_length=ITEMS_MAX)]
    """Goods items, numbered 1, 2, 3 …"""


class FindingMessage(_Message):
    """The outcome for one risk that was checked."""

    outcome: Annotated[Outcome, _BY_VALUE]
    """What the check showed."""
    irregularity: Annotated[Irregularity, _BY_VALUE] | None = None
    """Kind of irregularity that was checked for, or found."""
    item_number: ItemNumberField | None = None
    """Item, from 1; left out: the whole declaration."""
    element: IdentifierField | None = None
    """Element at issue, such as `customs_value`."""
    declared: DescriptionField | None = None
    """What was declared."""
    found: DescriptionField | None = None
    """What was found."""
    duty_effect: AmountField | None = None
    """Additional duty and tax that follows, national currency."""
    note: NoteField | None = None
    """Remark of the officer."""


class ControlResultMessage(_Message):
    """One version of the result of one control of one declaration."""

    id: IdentifierField
    """Identity of the control in the sending system."""
    version: VersionField = 1
    """Version, from 1; a correction adds one."""
    declaration_id: IdentifierField
    """Identity of the declaration that was controlled."""
    declaration_version: VersionField | None = None
    """Its version; left out: the latest."""
    kind: Annotated[ControlKind, _BY_VALUE]
    """The control that was made."""
    office: IdentifierField
    """Customs office of the control."""
    officer: IdentifierField | None = None
    """Officer who made it."""
    started_at: MomentField | None = None
    """When it began."""
    ended_at: MomentField
    """When it ended, as the officer says; a date alone counts from the end of that day."""
    findings: Annotated[list[FindingMessage], Field(min_length=1, max_length=999)]
    """One for each risk that was checked."""
    action_code: IdentifierField | None = None
    """What was done: `released`, `duty_collected`, `penalty`, `seized`."""
