"""Family declaration: the fields as they were declared, from a table.

A field keeps the name of its attribute, without the unit.  Parties are given by identifier.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Final

from tidewaiter.core.declaration import PartyRole
from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Scope, Value
from tidewaiter.core.history.measures import millionths, normalised
from tidewaiter.core.times import day_of

__all__ = ["FAMILY"]

FAMILY: Final = Family("declaration")

_MONEY: Final = "national currency"

#: Name, path of the attribute, kind, unit, sentence.
_HEADER: Final = (
    ("type_code", "type_code", Kind.CODE, "-", "Type of the declaration."),
    ("procedure_code", "procedure_code", Kind.CODE, "-", "Procedure (regime) of the declaration."),
    ("transaction_nature_code", "transaction_nature_code", Kind.CODE, "-", "Nature of the transaction."),
    ("goods_use_code", "goods_use_code", Kind.CODE, "-", "Declared use of the goods."),
    ("payment_method_code", "payment_method_code", Kind.CODE, "-", "Method of payment."),
    ("departure_country", "departure_country", Kind.CODE, "-", "Country of departure or export."),
    ("destination_country", "destination_country", Kind.CODE, "-", "Country of destination."),
    ("delivery_terms_code", "delivery_terms_code", Kind.CODE, "-", "Terms of delivery (Incoterm)."),
    ("invoice_currency", "invoice_currency", Kind.CODE, "-", "Currency of the invoice."),
    ("invoice_amount", "invoice_amount", Kind.AMOUNT, "invoice currency", "Amount of the invoice."),
    ("freight_amount", "freight_amount", Kind.AMOUNT, _MONEY, "Freight of the declaration."),
    ("declaration_gross_mass", "gross_mass_kg", Kind.AMOUNT, "kg", "Gross mass of the declaration."),
    ("declaration_package_count", "package_count", Kind.COUNT, "packages", "Packages of the declaration."),
    ("transport_mode", "transport.mode_code", Kind.CODE, "-", "Mode of transport at the border."),
    ("transport_means", "transport.means_id", Kind.CODE, "-", "Identity of the active means of transport."),
    (
        "transport_means_nationality",
        "transport.means_nationality",
        Kind.CODE,
        "-",
        "Nationality of the means of transport.",
    ),
    ("transport_document", "transport.document_id", Kind.CODE, "-", "Number of the transport document."),
    ("loading_place", "transport.loading_place", Kind.CODE, "-", "Place of loading (UN/LOCODE)."),
)

#: Name, path of the attribute, kind, unit, sentence.
_ITEM: Final = (
    ("origin", "origin", Kind.CODE, "-", "Country of origin of the item."),
    ("origin_proof_code", "origin_proof_code", Kind.CODE, "-", "Kind of proof or marking of origin."),
    ("net_mass", "net_mass_kg", Kind.AMOUNT, "kg", "Net mass of the item."),
    ("gross_mass", "gross_mass_kg", Kind.AMOUNT, "kg", "Gross mass of the item."),
    (
        "supplementary_quantity",
        "supplementary_quantity",
        Kind.AMOUNT,
        "supplementary unit",
        "Supplementary quantity.",
    ),
    ("supplementary_unit", "supplementary_unit", Kind.CODE, "-", "Unit of the supplementary quantity."),
    ("package_count", "package_count", Kind.COUNT, "packages", "Packages of the item."),
    ("package_code", "package_code", Kind.CODE, "-", "Kind of packages."),
    ("customs_value", "customs_value", Kind.AMOUNT, _MONEY, "Customs value of the item."),
    ("invoice_price", "invoice_price", Kind.AMOUNT, "invoice currency", "Price of the item on the invoice."),
    ("valuation_method_code", "valuation_method_code", Kind.CODE, "-", "Valuation method, 1 to 6."),
    (
        "item_procedure_code",
        "procedure_code",
        Kind.CODE,
        "-",
        "Procedure of the item, requested and previous.",
    ),
    ("duty_regime_code", "duty_regime_code", Kind.CODE, "-", "Duty regime or preference claimed."),
    ("duty_rate", "duty_rate_percent", Kind.AMOUNT, "percent", "Ad valorem duty rate."),
    ("duty_amount", "duty_amount", Kind.AMOUNT, _MONEY, "Duty and tax declared."),
)

_NAMED: Final = (PartyRole.IMPORTER, PartyRole.EXPORTER, PartyRole.CONSIGNEE, PartyRole.SELLER)
_LOCATED: Final = (PartyRole.EXPORTER, PartyRole.SELLER)


def _reader(path: str, kind: Kind) -> Callable[[object], Value]:
    """Return the function that reads the attribute at *path* as a value of *kind*."""
    get = attrgetter(path)
    if kind is Kind.AMOUNT:
        return lambda holder: millionths(get(holder))
    return get


def _header(name: str, path: str, kind: Kind, unit: str, sentence: str) -> None:
    """Register one field of the header."""
    read = _reader(path, kind)
    FAMILY.add(name, Scope.HEADER, kind, unit, path, "not declared", sentence, lambda c: read(c.declaration))


def _item(name: str, path: str, kind: Kind, unit: str, sentence: str) -> None:
    """Register one field of an item."""
    read = _reader(path, kind)

    def compute(context: Context, index: int) -> Value:
        return read(context.declaration.items[index])

    FAMILY.add(name, Scope.ITEM, kind, unit, path, "not declared", sentence, compute)


def _party(name: str, role: PartyRole, attribute: str, kind: Kind, sentence: str) -> None:
    """Register one attribute of the first party in *role*."""
    get = attrgetter(attribute)

    def compute(context: Context) -> Value:
        party = context.parties.get(role)
        value = None if party is None else get(party)
        return normalised(value) if kind is Kind.TEXT else value

    source = f"parties ({role.value}).{attribute}"
    FAMILY.add(name, Scope.HEADER, kind, "-", source, "not declared", sentence, compute)


@FAMILY.header(Kind.CODE, unit="-", source="flow", missing="never missing")
def flow(context: Context) -> Value:
    """Direction of the goods: import, export or transit."""
    return context.declaration.flow.value


@FAMILY.header(Kind.CODE, unit="-", source="office", missing="never missing")
def office(context: Context) -> Value:
    """Customs office of the declaration."""
    return context.declaration.office


@FAMILY.header(Kind.COUNT, unit="versions", source="version", missing="never missing")
def version(context: Context) -> Value:
    """Version of the declaration, from 1; each amendment adds one."""
    return context.declaration.version


@FAMILY.header(Kind.FLAG, unit="-", source="version", missing="never missing")
def is_amendment(context: Context) -> Value:
    """Whether this is an amendment of a declaration that was lodged before."""
    return context.declaration.version > 1


@FAMILY.header(Kind.DAY, unit="day", source="lodged_at", missing="never missing")
def lodged_day(context: Context) -> Value:
    """Day on which this version was lodged."""
    return day_of(context.declaration.lodged_at)


@FAMILY.header(Kind.COUNT, unit="items", source="items", missing="never missing")
def item_count(context: Context) -> Value:
    """How many items the declaration has."""
    return len(context.declaration.items)


@FAMILY.header(Kind.COUNT, unit="containers", source="transport.container_ids", missing="never missing")
def container_count(context: Context) -> Value:
    """How many containers carry the goods."""
    return len(context.declaration.transport.container_ids)


for _row in _HEADER:
    _header(*_row)
for _role in PartyRole:
    _party(_role.value, _role, "id", Kind.CODE, f"Identifier of the {_role.value}.")
for _role in _NAMED:
    _party(f"{_role.value}_name", _role, "name", Kind.TEXT, f"Name of the {_role.value}.")
for _role in _LOCATED:
    _party(f"{_role.value}_country", _role, "country", Kind.CODE, f"Country of the {_role.value}.")


@FAMILY.item(Kind.COUNT, unit="position", source="number", missing="never missing")
def item_number(context: Context, index: int) -> Value:
    """Position of the item in the declaration, from 1."""
    return context.declaration.items[index].number


@FAMILY.item(Kind.TEXT, unit="-", source="description", missing="not declared")
def description(context: Context, index: int) -> Value:
    """Description of the goods: upper case, single blanks."""
    return normalised(context.declaration.items[index].description)


@FAMILY.item(Kind.CODE, unit="-", source="hs_code", missing="never missing")
def hs_code(context: Context, index: int) -> Value:
    """Commodity code as declared, 6 to 12 digits."""
    return context.declaration.items[index].hs_code


def _prefix(digits: int, what: str) -> None:
    """Register the first *digits* of the commodity code."""

    def compute(context: Context, index: int) -> Value:
        return context.declaration.items[index].hs_code[:digits]

    sentence = f"{what} of the Harmonized System: the first {digits} digits of the commodity code."
    FAMILY.add(f"hs{digits}", Scope.ITEM, Kind.CODE, "-", "hs_code", "never missing", sentence, compute)


_prefix(2, "Chapter")
_prefix(4, "Heading")
_prefix(6, "Subheading")

for _row in _ITEM:
    _item(*_row)
