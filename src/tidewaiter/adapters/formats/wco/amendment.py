"""Messages that state only what changes (function 13), and cancellations.

The sender's reference of such a message is its own; the declaration is named by its identity.
What the message leaves out stays as it was, so the changes can be checked only together with the
declaration that they change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tidewaiter.adapters.xml import Draft, Node
from tidewaiter.adapters.xml.draft import ValueFault
from tidewaiter.flow.ports.readings import Amendment

__all__ = ["amendment_changes", "amendment_of", "is_amendment"]

#: D013 of an additional message: correction, invalidation.
_CORRECTION: Final = "COR"
_INVALIDATION: Final = "INV"
_REQUEST: Final = "13"
#: What names the message itself and not the declaration.
_FRAME: Final = frozenset({"id", "type_code"})
#: What every new version has; alone it changes nothing.
_OF_THE_VERSION: Final = frozenset({"lodged_at", "version"})


def is_amendment(node: Node) -> bool:
    """Tell whether the message changes a declaration without repeating it."""
    function, kind = node.first("FunctionCode"), node.first("TypeCode")
    named = kind is not None and kind.text in {_CORRECTION, _INVALIDATION}
    return (
        (function is not None and function.text == _REQUEST) or named or node.first("Amendment") is not None
    )


def amendment_of(draft: Draft, node: Node) -> Amendment:
    """Return the amendment without its changes; raises UnreadableMessage when it names no declaration."""
    kind = _kind(draft, node)
    named = draft.text(node, "ID")
    reference = draft.text(node, "FunctionalReferenceID")
    if named is None:
        hint = "Send its ID as customs registered it."
        draft.fault(ValueFault("field-missing", "names no declaration that it changes.", hint), node, "/id")
        draft.refuse_faults()
    for pointer in ("AdditionalInformation/Pointer", "Amendment/Pointer"):
        for step in node.all(pointer):
            for part in step.children:
                draft.leave(part, "pointers repeat where the changed elements stand")
    return Amendment(
        kind="cancellation" if kind == _INVALIDATION else "amendment",
        declaration_id=named or "",
        reference=reference,
        reason_code=draft.text(node, "Amendment/ChangeReasonCode"),
        reason=draft.text(node, "AdditionalInformation/StatementDescription"),
        changes={},
    )


def _kind(draft: Draft, node: Node) -> str | None:
    """Return the type of the message; function and type that do not go together are told."""
    function, kind = node.first("FunctionCode"), node.first("TypeCode")
    if function is not None and function.text == _REQUEST:
        draft.take(function)
    if kind is None or not kind.text:
        return None
    if kind.text not in {_CORRECTION, _INVALIDATION}:
        sentence = "is no type of a message that changes a declaration."
        hint = "Send COR with what changes, or INV to take the declaration back."
        draft.fault(ValueFault("amendment-unknown", sentence, hint), kind, "/kind")
        draft.refuse_faults()
    return draft.take(kind)


def amendment_changes(draft: Draft, node: Node, amendment: Amendment) -> Amendment:
    """Return *amendment* with the changes that *draft* holds; raises when there are none."""
    changes = {field: value for field, value in draft.data.items() if field not in _FRAME}
    changes["items"] = [item for item in changes.get("items", []) if set(item) - {"number"}]
    changes = {field: value for field, value in changes.items() if value or value == 0}
    if not set(changes) - _OF_THE_VERSION and amendment.kind == "amendment":
        sentence = "holds no element that becomes a field; an element that is taken away cannot be expressed."
        hint = "Send the whole declaration again, with its next VersionID."
        draft.fault(ValueFault("amendment-empty", sentence, hint), node, "/changes")
    draft.refuse_faults()
    return replace(amendment, changes=changes)
