"""The way of a message without a fault: as strict as the models, in a third of their time.

A model looks for each of its fields, of which a message declares a third, and fills a message in
between.  Here the same readers, bound to the same names, go through what is declared and make core
values at once.  In any doubt nothing is accepted, and the models say what is wrong: the readers are
taken from the models, so there is one place for what a field may hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from types import NoneType
from typing import Annotated, Any, Final, TypeAlias, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, PlainValidator
from pydantic.fields import FieldInfo

from tidewaiter.adapters.canonical import messages
from tidewaiter.adapters.canonical.fields import KEPT_MAX, Text, instant
from tidewaiter.core import control, declaration
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration

__all__ = ["accepted_control_result", "accepted_declaration"]

_Reader: TypeAlias = Callable[[Any], Any]

#: What each message becomes.
_KINDS: Final[Mapping[type[BaseModel], Callable[..., Any]]] = {
    messages.AuthorisationMessage: declaration.Authorisation,
    messages.ChargeMessage: declaration.Charge,
    messages.ClassificationMessage: declaration.Classification,
    messages.ControlResultMessage: ControlResult,
    messages.DeclarationMessage: Declaration,
    messages.DocumentMessage: declaration.Document,
    messages.FindingMessage: control.Finding,
    messages.GuaranteeMessage: declaration.Guarantee,
    messages.ItemMessage: declaration.Item,
    messages.PartyMessage: declaration.Party,
    messages.StatementMessage: declaration.Statement,
    messages.TransportMessage: declaration.Transport,
}
_DATE_CHARACTERS: Final = len("2026-01-31")
#: What a reader raises for what it does not accept, whatever the type of it.
_REFUSED: Final = (ValueError, KeyError, TypeError, AttributeError)


def accepted_declaration(data: Any) -> Declaration | None:
    """Return the declaration that *data* holds without a fault; None: ask the models."""
    found = _accepted(messages.DeclarationMessage, data, "lodged")
    return found if found is not None and in_order(found) else None


def accepted_control_result(data: Any) -> ControlResult | None:
    """Return the control result that *data* holds without a fault; None: ask the models."""
    found: ControlResult | None = _accepted(messages.ControlResultMessage, data, "ended")
    return found


def in_order(found: Any) -> bool:
    """Tell whether items are numbered 1, 2, 3 … and nobody is named twice in a role."""
    parties = found.parties
    named = {(party.role, party.id, None if party.id else party.name) for party in parties}
    return len(named) == len(parties) and all(
        item.number == position for position, item in enumerate(found.items, start=1)
    )


def _accepted(model: type[BaseModel], data: Any, moment: str) -> Any:
    """Return what *data* holds; *moment* is the time that is also told as a date only."""
    try:
        fields = _members(model)(data)
        fields[f"{moment}_on_date_only"] = len(data[f"{moment}_at"]) == _DATE_CHARACTERS
        return _KINDS[model](**fields)
    except _REFUSED:
        return None


@cache
def _readers(model: type[BaseModel]) -> dict[str, _Reader]:
    """Return the reader of each field of *model*."""
    hints = get_type_hints(model, include_extras=True)
    return {name: _reader(hints[name]) for name in model.model_fields}


@cache
def _members(model: type[BaseModel]) -> Callable[[Any], dict[str, Any]]:
    """Return the reader of the members of *model* that are declared."""
    readers = _readers(model)
    hints = get_type_hints(model, include_extras=True)
    may_be_null = frozenset(name for name, hint in hints.items() if NoneType in get_args(hint))
    required = frozenset(name for name, field in model.model_fields.items() if field.is_required())

    def read(data: Any) -> dict[str, Any]:
        fields = {}
        for name, value in data.items():
            if value is not None:
                fields[name] = readers[name](value)
            elif name not in may_be_null:
                raise ValueError
        if not required <= fields.keys():
            raise ValueError
        return fields

    return read


def _reader(hint: Any) -> _Reader:
    """Return the reader of a member with this type; it raises one of the refusals."""
    if get_origin(hint) is not Annotated:
        inner = [part for part in get_args(hint) if part is not NoneType]
        return _reader(inner[0]) if inner else _of_kind(hint)
    base, *more = get_args(hint)
    if get_origin(base) is list:
        return _of_list(_reader(get_args(base)[0]), more)
    for part in more:
        if isinstance(part, Text):
            return _of_moment(part.read) if base == datetime | date else part.read
        if isinstance(part, PlainValidator):
            return cast(_Reader, part.func)
    return _of_kind(base)


def _of_kind(kind: Any) -> _Reader:
    if issubclass(kind, StrEnum):
        return {member.value: member for member in kind}.__getitem__
    if issubclass(kind, BaseModel):
        members, made = _members(kind), _KINDS[kind]
        return lambda data: made(**members(data))
    return {True: True, False: False}.__getitem__ if kind is bool else kind


def _of_moment(read: _Reader) -> _Reader:
    return lru_cache(maxsize=KEPT_MAX)(lambda text: instant(read(text))[0])


def _of_list(read: _Reader, limits: list[Any]) -> _Reader:
    bounds = [bound for part in limits if isinstance(part, FieldInfo) for bound in part.metadata]
    least = max([bound.min_length for bound in bounds if hasattr(bound, "min_length")], default=0)
    most = min([bound.max_length for bound in bounds if hasattr(bound, "max_length")])

    def each(value: Any) -> tuple[Any, ...]:
        if type(value) is not list or not least <= len(value) <= most:
            raise ValueError
        return tuple([read(entry) for entry in value])

    return each
