"""Our own canonical JSON back to what it was written from, without the checks of a message from outside.

History is folded from tens of thousands of stored bodies at each start.  They were checked when they
came, and are what :mod:`write` wrote; checking each of them again took most of that time.  Bytes that
:mod:`write` would not have written are given to :mod:`read`, which says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache, partial
from types import NoneType
from typing import Any, Final, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import orjson

from tidewaiter.adapters.formats.json.read import read_control_result, read_declaration
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration

__all__ = ["recall_control_result", "recall_declaration"]

_Kind = TypeVar("_Kind")
_Reader: TypeAlias = Callable[[Any], Any]

#: Values kept per type, as many as a reader of messages keeps: amounts and days repeat.
_KEPT_MAX: Final = 20_000
_DATE_CHARACTERS: Final = len("2026-01-31")
#: What bytes that are not ours can raise: no JSON, a name or a word that is not known, another type.
_NOT_OURS: Final = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError)


def recall_declaration(body: bytes) -> Declaration:
    """Return the declaration that was written as *body*; raises UnreadableMessage as reading does."""
    try:
        data = orjson.loads(body)
        return _made(Declaration, data, lodged_on_date_only=len(data["lodged_at"]) == _DATE_CHARACTERS)
    except _NOT_OURS:
        return read_declaration(body)


def recall_control_result(body: bytes) -> ControlResult:
    """Return the control result that was written as *body*; raises UnreadableMessage as reading does."""
    try:
        data = orjson.loads(body)
        return _made(ControlResult, data, ended_on_date_only=len(data["ended_at"]) == _DATE_CHARACTERS)
    except _NOT_OURS:
        return read_control_result(body)


def _made(kind: Callable[..., _Kind], data: dict[str, Any], **more: bool) -> _Kind:
    """Return a *kind* with the members *data*, which are changed in place."""
    for name, read in _readers(kind):
        value = data.get(name)
        if value is not None:
            data[name] = read(value)
    return kind(**data, **more)


@cache
def _readers(kind: type) -> tuple[tuple[str, _Reader], ...]:
    """Return how the members of *kind* are read that are not what JSON says already."""
    found = ((name, _reader(hint)) for name, hint in get_type_hints(kind).items())
    return tuple((name, read) for name, read in found if read is not None)


def _reader(hint: Any) -> _Reader | None:
    """Return how a member of the type *hint* is read; None: as it is."""
    kind: Any = next((part for part in get_args(hint) if part is not NoneType), hint)
    kind = getattr(kind, "__supertype__", kind)  # a code is text
    made = partial(_made, kind) if hasattr(kind, "__dataclass_fields__") else None
    if get_origin(hint) is tuple:
        return tuple if made is None else lambda entries: tuple([made(entry) for entry in entries])
    if made is not None:
        return made
    if kind is Decimal:
        return _decimal
    if kind is datetime:
        return _moment
    return {member.value: member for member in kind}.__getitem__ if issubclass(kind, StrEnum) else None


_decimal: Final = lru_cache(maxsize=_KEPT_MAX)(Decimal)


@lru_cache(maxsize=_KEPT_MAX)
def _moment(text: str) -> datetime:
    """Return the instant; a date is the start of its UTC day."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if len(text) == _DATE_CHARACTERS else moment
