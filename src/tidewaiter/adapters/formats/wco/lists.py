"""Elements that repeat and are objects of their own: statements, guarantees, charges, further codes.

Which element makes which list is data; the parts of an object are told as taken only where the
object entered the canonical form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tidewaiter.adapters.xml import Draft, Kind, Node
from tidewaiter.adapters.xml.draft import clean

__all__ = ["fill_lists"]

#: Longer words are cut, and what was cut is told.
_TEXT_LENGTH_MAX: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """One repeated element, and the fields that its parts become."""

    scope: str
    path: str
    field: str
    #: Field of the object -> path of its element, and how that is read.
    parts: tuple[tuple[str, str, Kind], ...]
    #: Part whose attribute ``currencyID`` is a field of its own.
    money: str | None = None


_STATEMENT: Final = (("code", "StatementCode", Kind.TEXT), ("text", "StatementDescription", Kind.TEXT))
_CHARGE: Final = (
    ("type_code", "ChargesTypeCode", Kind.TEXT), ("amount", "OtherChargeDeductionAmount", Kind.AMOUNT),
)  # fmt: skip
_GUARANTEE: Final = (
    ("id", "ReferenceID", Kind.TEXT), ("id", "ID", Kind.TEXT), ("amount", "AmountAmount", Kind.AMOUNT),
)  # fmt: skip
_HOLDER: Final = (("holder_id", "ID", Kind.TEXT), ("category_code", "CategoryCode", Kind.TEXT))
_CLASSIFICATION: Final = (
    ("type_code", "IdentificationTypeCode", Kind.TEXT), ("id", "ID", Kind.TEXT),
)  # fmt: skip

_LISTS: Final = (
    _List(scope="header", path="ObligationGuarantee", field="guarantees", parts=_GUARANTEE),
    _List(scope="header", path="AuthorisationHolder", field="authorisations", parts=_HOLDER),
    _List(scope="header", path="GoodsShipment/CustomsValuation/ChargeDeduction", field="charges",
          parts=_CHARGE, money="amount"),
    _List(scope="header", path="CustomsValuation/ChargeDeduction", field="charges", parts=_CHARGE,
          money="amount"),
    _List(scope="header", path="AdditionalInformation", field="statements", parts=_STATEMENT),
    _List(scope="header", path="GoodsShipment/AdditionalInformation", field="statements", parts=_STATEMENT),
    _List(scope="item", path="Commodity/Classification", field="classifications", parts=_CLASSIFICATION),
    _List(scope="item", path="CustomsValuation/ChargeDeduction", field="charges", parts=_CHARGE,
          money="amount"),
    _List(scope="item", path="AdditionalInformation", field="statements", parts=_STATEMENT),
)  # fmt: skip
#: Path -> list of texts of an item.
_TEXTS: Final = (
    ("Commodity/DutyTaxFee/TypeCode", "tax_type_codes"),
    ("ValuationAdjustment/AdditionCode", "valuation_adjustment_codes"),
    ("CustomsValuation/ValuationAdjustment/AdditionCode", "valuation_adjustment_codes"),
    ("Packaging/MarksNumbersID", "marks"),
)


def fill_lists(draft: Draft, node: Node, scope: str, target: dict[str, Any], pointer: str) -> None:
    """Set the lists of *target* from the elements below *node* that no other field was made of."""
    for entry in _LISTS:
        if entry.scope != scope:
            continue
        for element in node.all(entry.path):
            found = target.setdefault(entry.field, [])
            _object(draft, element, entry, found, f"{pointer}/{entry.field}/{len(found)}")
        if not target.get(entry.field, True):
            del target[entry.field]
    if scope != "item":
        return
    for path, field in _TEXTS:
        for element in node.all(path):
            if element.text:
                texts = target.setdefault(field, [])
                words = draft.shortened(element, draft.take(element), _TEXT_LENGTH_MAX)
                draft.put({}, pointer, f"{field}.{len(texts)}", None, element)
                texts.append(words)


def _object(draft: Draft, element: Node, entry: _List, found: list[dict[str, Any]], place: str) -> None:
    """Append what *element* says, unless a field of its own was made of one of its parts already."""
    parts = [
        (name, part, kind)
        for name, path, kind in entry.parts
        if (part := next((child for child in element.named(path) if child.text), None)) is not None
    ]
    if not parts or all(draft.is_taken(part) for _, part, _ in parts):
        return
    if entry.field == "classifications" and "id" not in {name for name, _, _ in parts}:
        return
    made: dict[str, Any] = {}
    for name, part, kind in parts:
        if name in made:
            draft.leave(part, f"{name} is already known from another element")
            continue
        value = draft.convert(kind, part, f"{place}/{name}")
        if kind is Kind.TEXT and name == "text":
            value = draft.shortened(part, clean(part.text), _TEXT_LENGTH_MAX)
        if value is not None:
            draft.put(made, place, name, value, part)
        if name == entry.money and (currency := draft.attribute(part, "currencyID")):
            draft.put(made, place, "currency", currency, part)
    found.append(made)
