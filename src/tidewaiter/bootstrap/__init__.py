"""Puts the parts together: the only package that sees everything."""

from __future__ import annotations

from tidewaiter.adapters.backup import PUBLIC_KEY, back_up, put_back
from tidewaiter.adapters.clock import SystemClock
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
    "DRAW_KEY", "FORMATS", "PUBLIC_KEY", "Amendment", "Envelope", "Installation", "Order", "Reading",
    "SystemClock", "Written", "amended", "back_up", "certificate_fingerprint", "content_of",
    "custodian_secret", "installation", "message_schemas", "places_of", "profile_in", "put_back",
    "read_message", "signature_holds", "write_declaration", "written_rule",
]  # fmt: skip
