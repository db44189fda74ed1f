"""JSON bytes to a declaration or a control result."""

from __future__ import annotations

from typing import Any, Final

import orjson

from tidewaiter.adapters.canonical import (
    accepted_control_result,
    accepted_declaration,
    control_result_from_data,
    declaration_from_data,
)
from tidewaiter.adapters.formats.json.parse import BODY_BYTES_MAX, parse
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration

__all__ = ["read_control_result", "read_declaration"]

_NOTHING: Final[dict[str, Any]] = {}


def read_declaration(body: bytes) -> Declaration:
    """Return the declaration that *body* writes as JSON.

    Raises :class:`UnreadableMessage` with up to 50 faults, each with its JSON pointer.
    """
    return accepted_declaration(_plainly(body)) or declaration_from_data(parse(body, "declaration"))


def read_control_result(body: bytes) -> ControlResult:
    """Return the control result that *body* writes as JSON; raises as :func:`read_declaration`."""
    return accepted_control_result(_plainly(body)) or control_result_from_data(parse(body, "control result"))


def _plainly(body: bytes) -> Any:
    """Return what *body* holds if there is no doubt about it, and otherwise nothing.

    What is written again just as it came says nothing twice or in two ways: no key of an object
    occurs twice, and no number is read as another.  Most systems send such bytes.
    """
    if len(body) > BODY_BYTES_MAX:
        return _NOTHING
    try:
        data = orjson.loads(body)
        return data if orjson.dumps(data) == body else _NOTHING
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _NOTHING
