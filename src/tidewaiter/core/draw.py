"""The verifiable draw: a function of a sealed key and of the consignment, never of the moment.

A draw at decision time from a random generator cannot be audited and can be repeated until it
suits; this one can be recomputed by anybody once the key is revealed, and gives a consignment the
same answer however often it is lodged again.  With ``u`` the first 64 bits of
``HMAC-SHA256(secret, SHA256(plan, draws, domain, consignment))`` the answer is a hit if and only if
``u < floor(p * 2**64)``, so raising ``p`` never removes a hit.  ``u`` never leaves this module:
who knows it knows how near a consignment came.

Domains keep the stages of selection independent of each other: ``random_floor``,
``share:<profile>``, ``model``, ``exploration``, ``shadow:<challenger>``, ``top_up``, ``degraded``.

Source: HMAC, RFC 2104; the order *commit, seed, reveal* follows risk-limiting audits (Rivest).
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from tidewaiter.core.declaration import Declaration, Item, PartyRole
from tidewaiter.core.quantities import canonical
from tidewaiter.core.times import day_of

__all__ = ["KEYS_MAX", "Draw", "DrawKey", "consignment_key", "draw", "draw_keys", "material_key"]

#: Draws of one consignment per stage, at most: further amendments add no draw (a bound on work).
KEYS_MAX: Final = 16

_SECRET_BYTES: Final = 32
_SPACE: Final = 2**64
_BUCKET_DAYS: Final = 7
#: Parties whose change makes an amendment material.
_MATERIAL_ROLES: Final = (PartyRole.IMPORTER, PartyRole.CONSIGNEE, PartyRole.EXPORTER, PartyRole.SELLER)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawKey:
    """A sealed key and the name under which it is revealed later."""

    #: Public name of the key (its epoch).
    id: str
    #: 32 secret bytes; never logged, never shown.
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a secret of another length: it was not made by the key ceremony."""
        if len(self.secret) != _SECRET_BYTES:
            raise ValueError(f"a draw key has {_SECRET_BYTES} secret bytes, this one has {len(self.secret)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw, as it is logged."""

    domain: str
    key_id: str
    #: Probability of each single draw, 0 to 1.
    single_probability: float
    #: Number of keys drawn: 1, and one more for each material amendment.
    keys: int
    #: Probability that at least one of them hits, 0 to 1.
    probability: float
    hit: bool


def draw(
    key: DrawKey, *, plan_id: str, draws: str, keys: Sequence[bytes], probability: float, domain: str
) -> Draw:
    """Draw a consignment once under each of its *keys*; it is hit when any of them is.

    Args:
        key: the sealed key of the epoch.
        plan_id: identity of the plan.
        draws: the plan's own name of its series of draws.  It changes only when the administration
            wants all draws anew; it is *not* the version of the plan, so a changed rate keeps hits.
        keys: keys of the consignment (:func:`draw_keys`), 1 to :data:`KEYS_MAX`, distinct.
        probability: of each single draw, 0 to 1.
        domain: the stage that draws.

    Returns:
        The draw, with the exact probability of the union.

    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"BUG: the probability of a draw is between 0 and 1, not {probability!r}")
    if not keys:
        raise ValueError("BUG: a consignment without a key cannot be drawn")
    count = len(keys)
    threshold = int(probability * _SPACE)
    union = probability if count == 1 else 1.0 - (1.0 - probability) ** count
    hit = threshold >= _SPACE or (
        threshold > 0 and _below(key.secret, _prefix(plan_id, draws, domain), keys, threshold)
    )
    return Draw(
        domain=domain, key_id=key.id, single_probability=probability, keys=count, probability=union, hit=hit
    )


def _below(secret: bytes, prefix: bytes, keys: Sequence[bytes], threshold: int) -> bool:
    """Tell whether u is below *threshold* under any of the keys."""
    for consignment in keys:
        message = hashlib.sha256(prefix + consignment).digest()
        if int.from_bytes(hmac.digest(secret, message, "sha256")[:8], "big") < threshold:
            return True
    return False


@lru_cache(maxsize=4096)
def _prefix(plan_id: str, draws: str, domain: str) -> bytes:
    return _encode("tidewaiter/draw/v1", plan_id, draws, domain)


def _encode(*parts: str) -> bytes:
    """Join *parts* so that no two different sequences give the same bytes (length before each)."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


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
    return hashlib.sha256(_encode("tidewaiter/consignment/v1", *parts)).digest()


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
    return hashlib.sha256(_encode("tidewaiter/material/v1", *parts)).digest()


def _goods(item: Item) -> str:
    amounts = (item.net_mass_kg, item.gross_mass_kg, item.customs_value, item.supplementary_quantity)
    codes = (item.hs_code, item.origin, item.procedure_code, item.duty_regime_code)
    return "|".join([*(code or "" for code in codes), *("" if a is None else canonical(a) for a in amounts)])


def draw_keys(
    declaration: Declaration, *, amends: Declaration | None = None, keys: Sequence[bytes] = ()
) -> tuple[bytes, ...]:
    """Return all keys under which *declaration* is drawn.

    A first version has one, its :func:`consignment_key`.  A later one keeps the *keys* of the version
    that it *amends*, adds its identity when that became another, and adds its :func:`material_key`
    when a material element changed: otherwise harmless goods could be declared first, and changed
    freely once it is known that they were not drawn.  At most :data:`KEYS_MAX`, the earliest.
    """
    found = dict.fromkeys([*keys, consignment_key(declaration)])
    if amends is not None:
        content = material_key(declaration)
        if content != material_key(amends):
            found[content] = None
    return tuple(found)[:KEYS_MAX]
