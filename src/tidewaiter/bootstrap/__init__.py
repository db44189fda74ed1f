"""Puts the parts together: the only package that sees everything."""

from __future__ import annotations

from tidewaiter.adapters.backup import PUBLIC_KEY, back_up, put_back
from tidewaiter.adapters.clock import SystemClock
from tidewaiter.adapters.files import read_declarations, read_results
from tidewaiter.adapters.formats.tabular import BadRow, Row, write_bad_rows
from tidewaiter.adapters.formats.tabular.bad_rows import safe_cell
from tidewaiter.adapters.keys import certificate_fingerprint, custodian_secret, signature_holds
from tidewaiter.adapters.messages import FORMATS, amended, read_message, write_declaration
from tidewaiter.adapters.starter.written import Written
from tidewaiter.bootstrap.installed import (
    Installation,
    content_of,
    installation,
    message_schemas,
    places_of,
    profile_in,
    written_rule,
)
from tidewaiter.flow.epochs import DRAW_KEY
from tidewaiter.flow.erase import Order
from tidewaiter.flow.ports.readings import Amendment, Envelope, Reading

__all__ = [
    "DRAW_KEY", "FORMATS", "PUBLIC_KEY", "Amendment", "BadRow", "Envelope", "Installation", "Order",
    "Reading", "Row", "SystemClock", "Written", "amended", "back_up", "certificate_fingerprint",
    "content_of", "custodian_secret", "installation", "message_schemas", "places_of", "profile_in",
    "put_back", "read_declarations", "read_message", "read_results", "safe_cell", "signature_holds",
    "write_bad_rows", "write_declaration", "written_rule",
]  # fmt: skip
