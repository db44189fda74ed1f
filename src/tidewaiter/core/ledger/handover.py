"""Handover: the ledger goes on under another key, which the old one names before it ends.

The handover is an entry with both keys.  The first checkpoint over it is signed with both: the old
key says who comes, the new one that it is there.  From then on a signature of the old key proves
nothing, so who steals it later cannot go on with the ledger.  The name of the ledger stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import PublicKey, parse_public_key

__all__ = ["HANDOVER", "LENGTH_MAX", "MARK", "Handover", "first_key", "handover_in", "named_keys"]

#: Kind of the entry that names the next key.
HANDOVER: Final = "handover"
#: Bytes that each such entry holds, and hardly any other.
MARK: Final = b'"kind":"handover"'
#: Bytes of such an entry at most: two keys, a person and a time.  Longer ones need not be looked through.
LENGTH_MAX: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One key gives the ledger to another."""

    #: Position of its entry.
    position: int
    old: PublicKey
    new: PublicKey


def handover_in(position: int, body: bytes, current: PublicKey) -> Handover | None:
    """Return the handover that the entry *body* makes from the key *current*; None when it makes none.

    An entry of another key, or of another ledger, hands nothing over.
    """
    if MARK not in body:
        return None
    keys = named_keys(body)
    if keys is None or keys[0] != current:
        return None
    return Handover(position=position, old=keys[0], new=keys[1])


def first_key(bodies: Iterable[bytes], key: PublicKey) -> PublicKey:
    """Return the key that the ledger of *key* began with, as its first handover among *bodies* says.

    It is to be believed only when the handovers from it lead to *key*, which the verification tells.
    """
    for body in bodies:
        keys = named_keys(body) if MARK in body else None
        if keys is not None and keys[0].name == key.name:
            return keys[0]
    return key


def named_keys(body: bytes) -> tuple[PublicKey, PublicKey] | None:
    """Return the old and the new key of a handover; None when *body* is none."""
    if len(body) > LENGTH_MAX:
        return None
    try:
        entry = json.loads(body)
        if not isinstance(entry, dict) or entry.get("kind") != HANDOVER:
            return None
        old, new = (parse_public_key(str(entry.get(name))) for name in ("old_key", "new_key"))
    except (ValueError, RecursionError, InputError):
        return None
    return (old, new) if new != old and new.name == old.name else None
