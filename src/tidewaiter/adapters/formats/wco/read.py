"""A WCO declaration in XML to the canonical form, or to an amendment of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidewaiter.adapters.formats.wco.amendment import amendment_changes, amendment_of, is_amendment
from tidewaiter.adapters.formats.wco.crosswalk import (
    CLEARANCE_REQUEST_PROCEDURE,
    CLEARANCE_REQUEST_TYPES,
    CROSSWALK,
    NOT_SPECIFIED,
)
from tidewaiter.adapters.formats.wco.header import fill_header, flow_of
from tidewaiter.adapters.formats.wco.items import fill_items, lift
from tidewaiter.adapters.formats.wco.money import national_currency
from tidewaiter.adapters.formats.wco.times import moment, take_time_format
from tidewaiter.adapters.xml import Draft, Kind, Node, fill_from_envelope
from tidewaiter.adapters.xml.draft import ValueFault, plain_decimal, whole_number
from tidewaiter.core.errors import Fault, UnreadableMessage, shorten
from tidewaiter.flow.ports.readings import Amendment, Assumed, Envelope, Reading

__all__ = ["is_wco", "read_wco"]

_ITEMS: Final = "GoodsShipment/GovernmentAgencyGoodsItem"
_CONVERTERS: Final = {Kind.AMOUNT: plain_decimal, Kind.COUNT: whole_number, Kind.MOMENT: moment}
#: WCO 017 (UN/EDIFACT 1225): 9 original, 4 change, 5 replace, 13 request; others are not declarations.
_ORIGINAL: Final = frozenset({"", "9"})
_WHOLE_AGAIN: Final = frozenset({"4", "5"})
_HINT: Final = "See docs/reference/messages-xml.md for what is read from where."


def is_wco(root: Node) -> bool:
    """Tell whether *root* opens a message of the WCO Data Model."""
    return root.name in {"MetaData", "Declaration", "Response"}


def read_wco(root: Node, envelope: Envelope) -> Reading:
    """Return what the message says.

    Raises :class:`UnreadableMessage` with every fault, each with line, path and value.
    """
    node = _declaration(root)
    draft = Draft(root, CROSSWALK, _CONVERTERS, _HINT)
    items = node.all(_ITEMS)
    draft.scopes = {"header": (node,), "item": items}
    draft.limit(items)
    _model(draft, root)
    if is_amendment(node):
        return _amendment(draft, node, items, envelope)
    draft.fill(draft.data, "", node, "header")
    _fill(draft, node, items, envelope)
    _check_counts(draft, node, len(items))
    _version(draft, node)
    assumed = (*fill_from_envelope(draft, envelope), *_codes_not_needed(draft, items))
    flow = flow_of(draft)
    if flow is not None:
        draft.put(draft.data, "", "flow", flow, node.first("TypeCode") or node)
    return Reading(
        format="wco",
        declaration=draft.declaration(),
        not_mapped=draft.not_mapped(),
        assumed=assumed,
        crosswalk=draft.crosswalk(),
    )


def _declaration(root: Node) -> Node:
    """Return the element of the declaration; raises when the message is another one."""
    found = [root] if root.name == "Declaration" else root.named("Declaration")
    if len(found) == 1:
        return found[0]
    if found:
        fault = Fault(
            code="several-declarations",
            place=found[1].place,
            message=f"is the second of {len(found)} declarations; a message holds one.",
            hint="Send each declaration in a message of its own.",
        )
        raise UnreadableMessage("The message holds several declarations.", faults=(fault,))
    kind = root.first("WCOTypeName")
    named = "" if kind is None else kind.text
    is_answer = root.name == "Response" or root.first("Response") is not None or named == "RES"
    what = "is a response of customs to a declarant" if is_answer else "holds no Declaration"
    fault = Fault(
        code="not-a-declaration",
        place=root.place,
        message=f"{what}; only declarations and their amendments are read.",
        value=shorten(named or root.name),
        hint="Send the declaration (WCOTypeName DEC) itself.",
    )
    raise UnreadableMessage("The message is not a declaration.", faults=(fault,))


def _fill(draft: Draft, node: Node, items: list[Node], envelope: Envelope) -> None:
    """Set everything but identity, version, direction and what the envelope knows."""
    national = national_currency(node, envelope.currency)
    fill_items(draft, items, national)
    fill_header(draft, node, national)
    lift(draft, items)
    for date in ("IssueDateTime/DateTimeString", "AcceptanceDateTime/DateTimeString"):
        for entry in node.all(date):
            take_time_format(draft, entry)
    for position in ("SequenceNumeric", "GoodsShipment/Consignment/TransportEquipment/SequenceNumeric",
                     "Consignment/Itinerary/SequenceNumeric", f"{_ITEMS}/Packaging/SequenceNumeric",
                     f"{_ITEMS}/Commodity/TransportEquipment/SequenceNumeric"):  # fmt: skip
        _positions(draft, node, position)


def _positions(draft: Draft, node: Node, path: str) -> None:
    """Count sequence numbers as read that say only what the order of the elements says."""
    parents: dict[int, int] = {}
    for entry in node.all(path):
        holder = None if entry.parent is None else entry.parent.parent
        parents[id(holder)] = parents.get(id(holder), 0) + 1
        if entry.text == str(parents[id(holder)]):
            draft.take(entry)


def _model(draft: Draft, root: Node) -> None:
    """Take the version of the model; a major version that is not 3 has other elements."""
    for name in ("WCODataModelVersionCode", "WCOTypeName"):
        for entry in root.all(name):
            if not entry.text:
                continue
            text = draft.take(entry)
            expected = "3" if name == "WCODataModelVersionCode" else "DEC"
            if text.partition(".")[0] != expected:
                sentence = f"is not {expected}: declarations of version 3 of the model are read."
                draft.fault(ValueFault("model-unknown", sentence, _HINT), entry, f"/{name}")


def _check_counts(draft: Draft, node: Node, items: int) -> None:
    """Take the number of items where it is right; a message that lost items is refused."""
    stated = node.first("GoodsItemQuantity")
    if stated is None or not stated.text:
        return
    count = draft.convert(Kind.COUNT, stated, "/items")
    if count is not None and count != items:
        sentence = f"says {count} items, and the message holds {items}."
        hint = "Send all items, or correct the number."
        draft.fault(ValueFault("item-count-differs", sentence, hint), stated, "/items")


def _version(draft: Draft, node: Node) -> None:
    """Check that function and version agree: a declaration sent again in full has a higher version."""
    function = node.first("FunctionCode")
    code = "" if function is None else draft.take(function)
    if function is not None and code in _WHOLE_AGAIN and draft.data.get("version", 1) < 2:
        hint = "Send VersionID: 2 for the first amendment, then one more each time."
        sentence = "says that this replaces an earlier version, and VersionID does not say which it is."
        draft.fault(ValueFault("version-missing", sentence, hint), function, "/version")
    elif function is not None and code not in _WHOLE_AGAIN | _ORIGINAL:
        sentence = "is no function of a declaration that is read: 9 original, 4 and 5 amended, 13 request."
        draft.fault(ValueFault("function-unknown", sentence, _HINT), function, "/version")


def _codes_not_needed(draft: Draft, items: list[Node]) -> Iterator[Assumed]:
    """Fill the commodity code of a clearance request, which lawfully has none; each is told."""
    kind = str(draft.data.get("type_code", ""))[2:3]
    for index, item in enumerate(draft.data.get("items", ())):
        code = items[index].first("Commodity/Classification/ID")
        clears = str(item.get("procedure_code", "")).startswith(CLEARANCE_REQUEST_PROCEDURE)
        if (kind in CLEARANCE_REQUEST_TYPES or clears) and (code is None or not code.text):
            item["hs_code"] = NOT_SPECIFIED
            hint = "A clearance request names no commodity code; this one stands for goods not specified."
            yield Assumed(field=f"/items/{index}/hs_code", value=NOT_SPECIFIED, hint=hint)


def _amendment(draft: Draft, node: Node, items: list[Node], envelope: Envelope) -> Reading:
    """Return the amendment: its frame is not part of the changes."""
    found: Amendment = amendment_of(draft, node)
    draft.fill(draft.data, "", node, "header")
    _fill(draft, node, items, envelope)
    return Reading(
        format="wco",
        amendment=amendment_changes(draft, node, found),
        not_mapped=draft.not_mapped(),
        crosswalk=draft.crosswalk(),
    )
