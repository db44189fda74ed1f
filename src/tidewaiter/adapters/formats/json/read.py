"""JSON bytes to a declaration or a control result."""

from __future__ import annotations

from tidewaiter.adapters.canonical import control_result_from_data, declaration_from_data
from tidewaiter.adapters.formats.json.parse import parse
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration

__all__ = ["read_control_result", "read_declaration"]


def read_declaration(body: bytes) -> Declaration:
    """Return the declaration that *body* writes as JSON.

    Raises :class:`UnreadableMessage` with up to 50 faults, each with its JSON pointer.
    """
    return declaration_from_data(parse(body, "declaration"))


def read_control_result(body: bytes) -> ControlResult:
    """Return the control result that *body* writes as JSON; raises as :func:`read_declaration`."""
    return control_result_from_data(parse(body, "control result"))
