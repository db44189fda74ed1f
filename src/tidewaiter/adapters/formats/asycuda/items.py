"""The items of a SAD: commodity code with its precisions, documents, taxes, units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tidewaiter.adapters.canonical.fields import DESCRIPTION_LENGTH_MAX
from tidewaiter.adapters.formats.asycuda.crosswalk import CUSTOMS_DUTY
from tidewaiter.adapters.formats.asycuda.numbers import is_zero
from tidewaiter.adapters.xml import Draft, Kind, Node
from tidewaiter.adapters.xml.draft import ValueFault
from tidewaiter.core.quantities import QuantityError, amount, canonical

__all__ = ["fill_items"]

#: 6 or 8 digits and a first precision of 2 to 4; behind fewer it would make up a code nobody declared.
_CODE_LENGTH_MIN = 6
_CODE_LENGTH_MAX = 12


def fill_items(draft: Draft, root: Node, nodes: list[Node]) -> None:
    """Set ``items``, and the transport document on which all of them agree."""
    items: list[dict[str, Any]] = []
    for position, node in enumerate(nodes):
        pointer = f"/items/{position}"
        item: dict[str, Any] = {}
        draft.put(item, pointer, "number", position + 1, node)
        draft.fill(item, pointer, node, "item")
        _commodity_code(draft, node, item, pointer)
        _description(draft, node, item, pointer)
        _unit(draft, node, item, pointer)
        _taxes(draft, node, item, pointer)
        _further(draft, node, item, pointer)
        if found := _documents(draft, node, pointer):
            item["documents"] = found
        items.append(item)
    if items:
        draft.data["items"] = items
    _transport_document(draft, root)


def _commodity_code(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Join the code and its first precision: the digits of the national tariff."""
    code = node.first("Tarification/HScode/Commodity_code")
    if code is None or not code.text:
        return
    text = draft.take(code)
    precision = node.first("Tarification/HScode/Precision_1")
    if precision is not None and precision.text:
        digits = precision.text
        fits = _CODE_LENGTH_MIN <= len(text) <= _CODE_LENGTH_MAX - len(digits)
        if digits.isascii() and digits.isdigit() and fits:
            text += draft.take(precision)
        else:
            draft.leave(precision, "the commodity code takes no further digits, or not these")
    draft.put(item, pointer, "hs_code", text, code)


def _description(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Take the trader's words; the words of the tariff only where there are no others."""
    for path in ("Goods_description/Commercial_Description", "Goods_description/Description_of_goods"):
        words = node.first(path)
        if words is None or not words.text:
            continue
        if "description" in item:
            draft.leave(words, "the trader's own description is taken")
            continue
        text = draft.shortened(words, draft.take(words), DESCRIPTION_LENGTH_MAX)
        draft.put(item, pointer, "description", text, words)


def _unit(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Take the first of the three supplementary units that is filled."""
    for unit in node.all("Tarification/Supplementary_unit"):
        code = unit.first("Suppplementary_unit_code") or unit.first("Supplementary_unit_code")
        quantity = unit.first("Suppplementary_unit_quantity") or unit.first("Supplementary_unit_quantity")
        named = code is not None and code.text
        if quantity is None or not quantity.text:
            continue
        if "supplementary_quantity" in item:
            if named:
                draft.leave(quantity, "the first supplementary unit is taken")
            continue
        value = draft.convert(Kind.AMOUNT, quantity, f"{pointer}/supplementary_quantity")
        if is_zero(value) and not named:  # an empty line of the three
            continue
        draft.put(item, pointer, "supplementary_quantity", value, quantity)
        if code is not None and code.text:
            draft.put(item, pointer, "supplementary_unit", draft.take(code), code)


def _taxes(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Add up the taxes of the lines that have a code; eight lines are printed, most of them empty."""
    lines = node.all("Taxation/Taxation_line")
    coded = [line for line in lines if (code := line.first("Duty_tax_code")) is not None and code.text]
    for line in lines:
        if not ((code := line.first("Duty_tax_code")) is not None and code.text):
            _empty_line(draft, line)
    total, source = Decimal(0), None
    for line in coded:
        paid = line.first("Duty_tax_amount")
        if paid is not None and paid.text:
            value = draft.convert(Kind.AMOUNT, paid, f"{pointer}/duty_amount")
            try:
                total, source = total + amount(str(value)), paid
            except QuantityError as error:
                hint = "Write it plainly, such as 1250.5."
                draft.fault(
                    ValueFault("quantity-not-plain", f"is not accepted: {error}.", hint),
                    paid,
                    f"{pointer}/duty_amount",
                )
        code, rate = line.first("Duty_tax_code"), line.first("Duty_tax_rate")
        is_duty = code is not None and (code.text.upper() in CUSTOMS_DUTY or len(coded) == 1)
        if (
            code is not None
            and is_duty
            and rate is not None
            and rate.text
            and "duty_rate_percent" not in item
        ):
            draft.take(code)
            value = draft.convert(Kind.AMOUNT, rate, f"{pointer}/duty_rate_percent")
            draft.put(item, pointer, "duty_rate_percent", value, rate)
    if source is not None:
        draft.put(item, pointer, "duty_amount", canonical(total), source)


def _further(draft: Draft, node: Node, item: dict[str, Any], pointer: str) -> None:
    """Set the lists of texts: taxes, national procedure, marks and free text; 0 and empty are none."""
    for path, field in (
        ("Taxation/Taxation_line/Duty_tax_code", "tax_type_codes"),
        ("Tarification/National_customs_procedure", "additional_procedure_codes"),
        ("Packages/Marks1_of_packages", "marks"),
        ("Packages/Marks2_of_packages", "marks"),
        ("Free_text_1", "statements"),
        ("Free_text_2", "statements"),
    ):
        for entry in node.all(path):
            if not entry.text:
                continue
            texts = item.setdefault(field, [])
            words = draft.shortened(entry, draft.take(entry), DESCRIPTION_LENGTH_MAX)
            draft.put({}, pointer, f"{field}.{len(texts)}", None, entry)
            texts.append({"text": words} if field == "statements" else words)


def _empty_line(draft: Draft, line: Node) -> None:
    """Count the zeros of a line without a code as read: they say that there is no tax."""
    for part in line.children:
        if part.text.strip("0.") == "":
            draft.take(part)


def _documents(draft: Draft, node: Node, pointer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for attached in node.all("Attached_documents"):
        code, number = attached.first("Attached_document_code"), attached.first("Attached_document_reference")
        if code is None or not code.text:
            continue
        entry: dict[str, Any] = {}
        place = f"{pointer}/documents/{len(found)}"
        draft.put(entry, place, "type_code", draft.take(code), code)
        if number is not None and number.text:
            draft.put(entry, place, "id", draft.take(number), number)
        date = attached.first("Attached_document_date")
        if date is not None and date.text:
            value = draft.convert(Kind.MOMENT, date, f"{place}/issued_on")
            if value is not None:
                draft.put(entry, place, "issued_on", value, date)
        found.append(entry)
    return found


def _transport_document(draft: Draft, root: Node) -> None:
    """Take the transport document to the header, when all items name the same."""
    found = [entry for entry in root.all("Item/Previous_doc/Summary_declaration") if entry.text]
    if len({entry.text for entry in found}) == 1:
        for entry in found:
            draft.put(draft.data, "", "transport.document_id", draft.take(entry), entry)
    for entry in found:
        draft.leave(entry, "the items name several transport documents")
