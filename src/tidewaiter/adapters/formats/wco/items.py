"""The parts of an item that several elements make together: commodity code, procedure, duty."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from tidewaiter.adapters.formats.wco.crosswalk import GOODS_CODE_TYPES
from tidewaiter.adapters.formats.wco.header import documents
from tidewaiter.adapters.formats.wco.lists import fill_lists
from tidewaiter.adapters.formats.wco.money import amount_in, in_kilograms
from tidewaiter.adapters.xml import Draft, Kind, Node
from tidewaiter.core.quantities import QuantityError, amount, canonical

__all__ = ["fill_items", "lift"]

#: 7143 codes of the national digits that follow the commodity code.
_FURTHER_DIGITS: Final = frozenset({"TRC"})
#: Digits of the tariff code that they follow.
_TARIFF_DIGITS: Final = 8
#: Tax types that are customs duty: EU A00, UNCTAD's and UN/EDIFACT 5153's CUD.
_CUSTOMS_DUTY: Final = frozenset({"A00", "CUD", "CD"})
#: Kyoto origin types: 1 is not preferential; it is the origin that the tariff asks for.
_NOT_PREFERENTIAL: Final = "1"
_PREFERENTIAL: Final = "2"

#: Path -> field of the values of an item.
_VALUES: Final = (
    ("CustomsValueAmount", "customs_value"),
    ("Commodity/CustomsValueAmount", "customs_value"),
    ("StatisticalValueAmount", "statistical_value"),
)


def fill_items(draft: Draft, nodes: Iterable[Node], national: str | None) -> None:
    """Set ``items`` from the elements of the items."""
    items: list[dict[str, Any]] = []
    for position, node in enumerate(nodes):
        pointer = f"/items/{position}"
        item: dict[str, Any] = {}
        draft.fill(item, pointer, node, "item")
        if "number" not in item:
            draft.put(item, pointer, "number", position + 1, node)
        _commodity_code(draft, node, item, pointer)
        _procedure(draft, node, item, pointer)
        _origin(draft, node, item, pointer)
        _packages(draft, node, item, pointer)
        _values(draft, node, item, pointer, national)
        _unit(draft, node, item, pointer)
        if found := documents(draft, node, "item", pointer):
            item["documents"] = found
        fill_lists(draft, node, "item", item, pointer)
        items.append(item)
    if items:
        draft.data["items"] = items


def _commodity_code(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Join the tariff code and the national digits that follow it."""
    codes: dict[str, tuple[Node, Node | None]] = {}
    for entry in node.all("Commodity/Classification"):
        number, kind = entry.first("ID"), entry.first("IdentificationTypeCode")
        name = "" if kind is None else kind.text
        if number is not None and number.text and name not in codes:
            codes[name] = (number, kind)
    base = next((kind for kind in GOODS_CODE_TYPES if kind in codes), None)
    if base is None:
        return
    parts = [codes[base]]
    if len(parts[0][0].text) == _TARIFF_DIGITS:
        # Behind fewer digits they would make up a code that nobody declared.
        parts += [codes[kind] for kind in codes if kind in _FURTHER_DIGITS]
    text = "".join(draft.take(number) for number, _ in parts)
    for _, kind in parts:
        if kind is not None:
            draft.take(kind)
    draft.put(item, pointer, "hs_code", text, parts[0][0])


def _procedure(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Join the requested and the previous procedure; the others are additional ones."""
    for procedure in node.all("GovernmentProcedure"):
        current, previous = procedure.first("CurrentCode"), procedure.first("PreviousCode")
        if current is None or not current.text:
            continue
        if "procedure_code" in item or not (_has_text(previous) or len(current.text) == 4):
            if not _has_text(previous):
                further = item.setdefault("additional_procedure_codes", [])
                draft.put({}, pointer, f"additional_procedure_codes.{len(further)}", None, current)
                further.append(draft.take(current))
        elif previous is not None and previous.text:
            draft.put(item, pointer, "procedure_code", draft.take(current) + draft.take(previous), current)
        else:
            draft.put(item, pointer, "procedure_code", draft.take(current), current)


def _has_text(node: Node | None) -> bool:
    return node is not None and bool(node.text)


def _origin(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Take the origin that is not preferential; a preferential one where it is the only one."""
    entries = [
        entry for entry in node.all("Origin") if (c := entry.first("CountryCode")) is not None and c.text
    ]
    entries.sort(key=lambda entry: (t := entry.first("TypeCode")) is not None and t.text == _PREFERENTIAL)
    for entry, field in zip(entries[:2], ("origin", "preferential_origin"), strict=False):
        country = entry.first("CountryCode")
        if field != "origin" and not any(kind.text == _PREFERENTIAL for kind in entry.all("TypeCode")):
            continue
        if country is not None:
            draft.put(item, pointer, field, draft.take(country), country)
        for kind in entry.all("TypeCode"):
            if kind.text in {_NOT_PREFERENTIAL, _PREFERENTIAL}:
                draft.take(kind)


def _packages(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Add the packages up; their kind only where there is one."""
    counts = [count for entry in node.all("Packaging/QuantityQuantity") if (count := entry).text]
    numbers = [draft.convert(Kind.COUNT, count, f"{pointer}/package_count") for count in counts]
    if numbers and None not in numbers:
        draft.put(item, pointer, "package_count", sum(numbers), counts[0])
    kinds = [kind for kind in node.all("Packaging/TypeCode") if kind.text]
    if kinds and len({kind.text for kind in kinds}) == 1:
        for kind in kinds:
            draft.put(item, pointer, "package_code", draft.take(kind), kind)
    for kind in kinds[1:] and kinds:
        draft.leave(kind, "the packages of the item are of several kinds")


def _values(draft: Draft, node: Node, item: dict[str, Any], pointer: str, national: str | None) -> None:
    """Set the values, the duty and its rate; amounts in another currency than the national are left."""
    for path, field in _VALUES:
        for value in node.all(path):
            if value.text and field not in item:
                found = amount_in(
                    draft, value, national or value.attributes.get("currencyID"), f"{pointer}/{field}"
                )
                if found is not None:
                    draft.put(item, pointer, field, found, value)
    taxes = node.all("Commodity/DutyTaxFee")
    assessed = [a for tax in taxes for a in tax.all("Payment/TaxAssessedAmount") if a.text]
    amounts = [
        amount_in(draft, a, national or a.attributes.get("currencyID"), f"{pointer}/duty_amount")
        for a in assessed
    ]
    if amounts and None not in amounts:
        total = _sum(amounts)
        draft.put(item, pointer, "duty_amount", total, assessed[0])
    for tax in taxes:
        kind, rate = tax.first("TypeCode"), tax.first("TaxRateNumeric")
        is_duty = kind is not None and kind.text in _CUSTOMS_DUTY
        if (
            rate is not None
            and rate.text
            and (is_duty or len(taxes) == 1)
            and "duty_rate_percent" not in item
        ):
            if kind is not None:
                draft.take(kind)
            found = draft.convert(Kind.AMOUNT, rate, f"{pointer}/duty_rate_percent")
            if found is not None:
                draft.put(item, pointer, "duty_rate_percent", found, rate)


def _sum(texts: list[str]) -> str:
    """Return the sum of plain decimals; one that is none is handed on, and refused with its place."""
    total = Decimal(0)
    for text in texts:
        try:
            total += amount(text)
        except QuantityError:
            return text
    return canonical(total)


def _unit(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Take the unit of the supplementary quantity from its attribute."""
    for quantity in node.all("Commodity/GoodsMeasure/TariffQuantity"):
        if quantity.text and (unit := draft.attribute(quantity, "unitCode")):
            draft.put(item, pointer, "supplementary_unit", unit, quantity)
    masses = (("GrossMassMeasure", "gross_mass_kg"), ("NetNetWeightMeasure", "net_mass_kg"))
    for name, field in masses:
        for mass in node.all(f"Commodity/GoodsMeasure/{name}"):
            in_kilograms(draft, mass, f"{pointer}/{field}")


def lift(draft: Draft, nodes: list[Node]) -> None:
    """Take to the header what only the items state, where all of them state the same."""
    for path, field in (
        ("ExportCountry/ID", "departure_country"),
        ("Destination/CountryCode", "destination_country"),
        ("TransactionNatureCode", "transaction_nature_code"),
        ("UCR/ID", "consignment_reference"),
        ("UCR/TraderAssignedReferenceID", "trader_reference"),
        ("Commodity/DutyTaxFee/Payment/MethodCode", "payment_method_code"),
    ):
        found = [entry for node in nodes for entry in node.all(path) if entry.text]
        known = draft.data.get(field)
        texts = {entry.text for entry in found} | ({known} if known else set())
        for entry in found:
            if len(texts) == 1:
                draft.put(draft.data, "", field, draft.take(entry), entry)
            else:
                draft.leave(entry, f"the declaration states several values of {field}")
    _prices(draft, nodes)


def _prices(draft: Draft, nodes: list[Node]) -> None:
    """Set the prices of the items, which all are in the one currency of the invoice."""
    prices = [(index, price) for index, node in enumerate(nodes)
              for price in node.all("Commodity/InvoiceLine/ItemChargeAmount") if price.text]  # fmt: skip
    codes = {code for _, price in prices if (code := price.attributes.get("currencyID"))}
    if "invoice_currency" not in draft.data and len(codes) == 1:
        draft.put(draft.data, "", "invoice_currency", next(iter(codes)), prices[0][1])
    currency = draft.data.get("invoice_currency")
    for index, price in prices:
        item = draft.data["items"][index]
        if "invoice_price" in item:
            draft.leave(price, "the item states several prices")
            continue
        value = amount_in(draft, price, currency, f"/items/{index}/invoice_price")
        if value is not None:
            draft.put(item, f"/items/{index}", "invoice_price", value, price)
