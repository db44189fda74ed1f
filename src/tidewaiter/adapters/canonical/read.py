"""Plain data to a declaration or a control result: everything checked, every fault listed."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from tidewaiter.adapters.canonical.accept import accepted_control_result, accepted_declaration, in_order
from tidewaiter.adapters.canonical.faults import faults_of, structure_faults
from tidewaiter.adapters.canonical.fields import instant
from tidewaiter.adapters.canonical.messages import (
    ControlResultMessage,
    DeclarationMessage,
    DocumentMessage,
    ItemMessage,
    TransportMessage,
)
from tidewaiter.adapters.canonical.plain import FAULTS_MAX
from tidewaiter.core.control import ControlResult, Finding
from tidewaiter.core.declaration import (
    Authorisation,
    Charge,
    Classification,
    Declaration,
    Document,
    Guarantee,
    Item,
    Party,
    Statement,
    Transport,
)
from tidewaiter.core.errors import UnreadableMessage

__all__ = ["control_result_from_data", "declaration_from_data"]

#: Lists of objects that hold only their own fields, and lists of codes or words.
_OBJECTS_OF_HEADER: Final = (
    ("guarantees", Guarantee), ("authorisations", Authorisation), ("charges", Charge),
    ("statements", Statement),
)  # fmt: skip
_OBJECTS_OF_ITEM: Final = (
    ("classifications", Classification), ("charges", Charge), ("statements", Statement),
)  # fmt: skip
_CODES_OF_ITEM: Final = (
    "tax_type_codes", "additional_procedure_codes", "valuation_adjustment_codes", "marks",
)  # fmt: skip

_MessageT = TypeVar("_MessageT", bound=BaseModel)


def declaration_from_data(data: dict[str, Any]) -> Declaration:
    """Return the declaration that *data* holds.

    Raises :class:`UnreadableMessage` with up to 50 faults, each with its JSON pointer.
    """
    accepted = accepted_declaration(data)
    return _declaration(data) if accepted is None else accepted


def _declaration(data: dict[str, Any]) -> Declaration:
    fields = vars(_checked(DeclarationMessage, data, "declaration"))
    fields["lodged_at"], fields["lodged_on_date_only"] = instant(fields["lodged_at"])
    fields["parties"] = tuple(Party(**vars(party)) for party in fields["parties"])
    fields["transport"] = _transport(fields["transport"])
    fields["documents"] = _documents(fields["documents"])
    if fields["accepted_at"] is not None:
        fields["accepted_at"] = instant(fields["accepted_at"])[0]
    _list(fields, _OBJECTS_OF_HEADER)
    fields["items"] = tuple(_item(item) for item in fields["items"])
    return Declaration(**fields)


def control_result_from_data(data: dict[str, Any]) -> ControlResult:
    """Return the control result that *data* holds; raises as :func:`declaration_from_data`."""
    accepted = accepted_control_result(data)
    return _control_result(data) if accepted is None else accepted


def _control_result(data: dict[str, Any]) -> ControlResult:
    fields = vars(_checked(ControlResultMessage, data, "control result"))
    fields["ended_at"], fields["ended_on_date_only"] = instant(fields["ended_at"])
    if fields["started_at"] is not None:
        fields["started_at"] = instant(fields["started_at"])[0]
    fields["findings"] = tuple(Finding(**vars(finding)) for finding in fields["findings"])
    return ControlResult(**fields)


def _checked(model: type[_MessageT], data: dict[str, Any], what: str) -> _MessageT:
    """Return *data* as the message *model*, or raise with all its faults.

    Nobody else holds the message, so the caller may change its dictionary in place.
    """
    try:
        message = model.model_validate(data)
    except ValidationError as error:
        faults = [*faults_of(error, model), *structure_faults(data)]
        count = f"{FAULTS_MAX} or more faults" if len(faults) >= FAULTS_MAX else f"{len(faults)} fault(s)"
        raise UnreadableMessage(f"The {what} has {count}.", faults=tuple(faults[:FAULTS_MAX])) from error
    if isinstance(message, DeclarationMessage) and not in_order(message):
        faults = structure_faults(data)
        raise UnreadableMessage(f"The {what} has {len(faults)} fault(s).", faults=tuple(faults))
    return message


def _item(message: ItemMessage) -> Item:
    fields = vars(message)
    fields["documents"] = _documents(message.documents)
    _list(fields, _OBJECTS_OF_ITEM)
    for name in _CODES_OF_ITEM:
        fields[name] = tuple(fields[name])
    return Item(**fields)


def _list(fields: dict[str, Any], objects: tuple[tuple[str, type], ...]) -> None:
    """Put tuples of core values in the place of the lists of messages."""
    for name, kind in objects:
        fields[name] = tuple([kind(**vars(entry)) for entry in fields[name]]) if fields[name] else ()


def _transport(message: TransportMessage) -> Transport:
    fields = vars(message)
    fields["container_ids"] = tuple(message.container_ids)
    fields["seal_ids"] = tuple(message.seal_ids)
    fields["routing"] = tuple(message.routing)
    return Transport(**fields)


def _documents(messages: list[DocumentMessage]) -> tuple[Document, ...]:
    if not messages:
        return ()
    return tuple(
        Document(
            type_code=message.type_code,
            id=message.id,
            issued_on=None if message.issued_on is None else instant(message.issued_on)[0],
            expires_on=None if message.expires_on is None else instant(message.expires_on)[0],
            line_number=message.line_number,
            exemption_code=message.exemption_code,
            written_off_quantity=message.written_off_quantity,
            written_off_unit=message.written_off_unit,
        )
        for message in messages
    )
