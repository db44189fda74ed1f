"""A declaration or a control result to canonical JSON: one meaning, one sequence of bytes.

Sorted keys, nothing that is not declared, decimals in their one text, times in UTC with ``Z`` and
a date where only a date is known.  Hashes, signatures and the ledger stand on these bytes.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

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
from tidewaiter.core.quantities import canonical

__all__ = ["declaration_data", "write_control_result", "write_declaration"]

#: Each class with its field names, read once; the flag of a date is written as the form of the date.
_NAMES: Final = {
    kind: tuple(field.name for field in fields(kind) if not field.name.endswith("_on_date_only"))
    for kind in (
        Declaration,
        Item,
        Party,
        Document,
        Transport,
        Guarantee,
        Authorisation,
        Charge,
        Statement,
        Classification,
        ControlResult,
        Finding,
    )
}
#: Times whose date-only flag is beside them; elsewhere the start of a UTC day is written as its date.
_FLAGS: Final = {
    (Declaration, "lodged_at"): "lodged_on_date_only",
    (ControlResult, "ended_at"): "ended_on_date_only",
}


def write_declaration(declaration: Declaration) -> bytes:
    """Return *declaration* as canonical JSON; reading it again gives an equal declaration."""
    return orjson.dumps(_object(declaration), option=orjson.OPT_SORT_KEYS)


def write_control_result(result: ControlResult) -> bytes:
    """Return *result* as canonical JSON; reading it again gives an equal result."""
    return orjson.dumps(_object(result), option=orjson.OPT_SORT_KEYS)


def declaration_data(declaration: Declaration) -> dict[str, Any]:
    """Return *declaration* as the plain data that canonical JSON writes."""
    return _object(declaration)


def _object(thing: Any) -> dict[str, Any]:
    """Return the members of *thing* that are declared."""
    kind = type(thing)
    data: dict[str, Any] = {}
    for name in _NAMES[kind]:
        value = getattr(thing, name)
        if value is None or value == ():
            continue
        value_kind = type(value)
        if value_kind is Decimal:
            data[name] = canonical(value)
        elif value_kind is datetime:
            data[name] = _moment(value, thing, _FLAGS.get((kind, name)))
        elif value_kind is tuple:
            data[name] = [_object(entry) if type(entry) in _NAMES else entry for entry in value]
        elif value_kind is Transport:
            if transport := _object(value):
                data[name] = transport
        else:
            data[name] = value
    return data


def _moment(value: datetime, thing: Any, flag: str | None) -> str:
    """Return the time in UTC, or the date when only that is known."""
    moment = value.astimezone(UTC)
    midnight = not (moment.hour or moment.minute or moment.second or moment.microsecond)
    if midnight if flag is None else getattr(thing, flag):
        if not midnight:
            raise ValueError(f"BUG: {flag} is set, but {moment} is not the start of a UTC day")
        return moment.date().isoformat()
    return moment.replace(tzinfo=None).isoformat() + "Z"
