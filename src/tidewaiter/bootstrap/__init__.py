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
from tidewaiter.bootstrap.texts import (
    decision_table,
    read_content,
    selectivity,
    write_content,
    write_part_of_content,
    write_selectivity,
)
from tidewaiter.flow.epochs import DRAW_KEY
from tidewaiter.flow.erase import Order
from tidewaiter.flow.ports.readings import Amendment, Envelope, Reading

__all__ = [
    "DRAW_KEY", "FORMATS", "PUBLIC_KEY", "Amendment", "BadRow", "Envelope", "Installation", "Order",
    "Reading", "Row", "SystemClock", "Written", "amended", "back_up", "certificate_fingerprint",
    "content_of", "custodian_secret", "decision_table", "installation", "message_schemas",
    "places_of", "profile_in", "put_back", "read_content", "read_declarations", "read_message",
    "read_results", "safe_cell", "selectivity", "signature_holds", "write_bad_rows", "write_content",
    "write_declaration", "write_part_of_content", "write_selectivity", "written_rule",
]  # fmt: skip
