"""The tickets of a declaration: under which identities, and under the key of which epoch, it is drawn.

An identity is that of the consignment, never of the declaration, so lodging again draws nothing anew.
The key is that of the epoch in which the consignment was seen first, and stays: waiting for the next
epoch draws nothing anew either.  Two things add a ticket, and nothing takes one away: a material
amendment (otherwise harmless goods could be declared first and changed once they were not drawn), and
the reveal of every seed that the consignment was drawn with (otherwise the trader of goods that are
still open could compute the draw of what he declares next).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from tidewaiter.core.declaration import Declaration, Item, PartyRole
from tidewaiter.core.draw.keyed import Ticket, encoded
from tidewaiter.core.quantities import canonical
from tidewaiter.core.times import day_of

__all__ = ["TICKETS_MAX", "consignment_key", "material_key", "tickets_of"]

#: Tickets of one consignment to which an amendment still adds one (a bound on work).
TICKETS_MAX: Final = 16

_BUCKET_DAYS: Final = 7
#: Parties whose change makes an amendment material.
_MATERIAL_ROLES: Final = (PartyRole.IMPORTER, PartyRole.CONSIGNEE, PartyRole.EXPORTER, PartyRole.SELLER)


def tickets_of(
    declaration: Declaration,
    *,
    key_id: str,
    seen: str | None = None,
    revealed: Collection[str] = (),
    amends: Declaration | None = None,
    held: Sequence[Ticket] = (),
) -> tuple[Ticket, ...]:
    """Return all tickets with which *declaration* is drawn, the earliest first.

    Args:
        declaration: the version to decide on.
        key_id: the draw key in force.
        seen: the key with which its :func:`consignment_key` was drawn first; None: never before.
        revealed: the keys that everybody knows, at least those among *seen* and *held*.
        amends: the version that it amends; None for a first version.
        held: the tickets of that version; they stay.

    """
    identity = consignment_key(declaration)
    found = dict.fromkeys(held)
    known = {ticket.consignment for ticket in held}
    if identity not in known and len(found) < TICKETS_MAX:
        found[Ticket(seen or key_id, identity)] = None
    if amends is not None and len(found) < TICKETS_MAX:
        content = material_key(declaration)
        if content != material_key(amends) and content not in known:
            found[Ticket(key_id, content)] = None
    if all(ticket.key_id in revealed for ticket in found):
        found[Ticket(key_id, identity)] = None
    return tuple(found)


def consignment_key(declaration: Declaration) -> bytes:
    """Return the identity of the consignment, 32 bytes: what stays when a declaration is lodged again.

    Transport document, containers, consignee and arrival reference, written without blanks,
    punctuation and case.  Without transport document and container: declarant, consignee, four-digit
    headings, origins and the seven-day bucket of the lodging.  The consignee is the importer where
    none is declared.  Neither the declaration's id nor its version, office or moment enters, so a new
    id, an amendment or another office gives the same draw.
    """
    consignee = declaration.party_id(PartyRole.CONSIGNEE) or declaration.party_id(PartyRole.IMPORTER)
    transport = declaration.transport
    document = _plain(transport.document_id)
    containers = sorted({_plain(container) for container in transport.container_ids} - {""})
    if document or containers:
        parts = ["transport", document, _plain(consignee), _plain(transport.arrival_reference), *containers]
    else:
        headings = sorted({item.hs_code[:4] for item in declaration.items})
        origins = sorted({item.origin or "" for item in declaration.items})
        bucket = day_of(declaration.lodged_at) // _BUCKET_DAYS
        declarant = _plain(declaration.party_id(PartyRole.DECLARANT))
        parts = ["goods", declarant, _plain(consignee), str(bucket), "|".join(headings), "|".join(origins)]
    return hashlib.sha256(encoded("tidewaiter/consignment/v1", *parts)).digest()


def _plain(text: str | None) -> str:
    """Return *text* without what a trader could vary freely: case, blanks, punctuation, width."""
    if text is None:
        return ""
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())


def material_key(declaration: Declaration) -> bytes:
    """Return a digest of what makes an amendment material: parties, containers and the goods.

    Per item: commodity code, origin, masses, value, quantity, procedure and duty regime.  The order
    of the items does not matter.
    """
    parties = [_plain(declaration.party_id(role)) for role in _MATERIAL_ROLES]
    containers = sorted({_plain(container) for container in declaration.transport.container_ids})
    goods = sorted(_goods(item) for item in declaration.items)
    parts = ["|".join(parties), "|".join(containers), *goods]
    return hashlib.sha256(encoded("tidewaiter/material/v1", *parts)).digest()


def _goods(item: Item) -> str:
    amounts = (item.net_mass_kg, item.gross_mass_kg, item.customs_value, item.supplementary_quantity)
    codes = (item.hs_code, item.origin, item.procedure_code, item.duty_regime_code)
    return "|".join([*(code or "" for code in codes), *("" if a is None else canonical(a) for a in amounts)])
