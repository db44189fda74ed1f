"""Canonical bytes of what the ledger holds: one value, one sequence of bytes.

Canonical JSON here is: ASCII keys sorted by code point, strings, integers, booleans and null
only (decimals and floats are written as strings), no blanks.  On that subset it is RFC 8785.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tidewaiter.core.quantities import canonical

__all__ = ["SALT", "SALT_BYTES", "canonical_json", "commitment", "salted"]

#: Member that makes the bytes of an entry unguessable; it sorts before every other name.
SALT: Final = "_salt"
SALT_BYTES: Final = 32

#: Types that JSON writes as they are; subclasses of them, such as enumerations, are found later.
_AS_IT_IS: Final = frozenset({str, int, bool, type(None)})
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> bytes:
    """Return the canonical bytes of *value*; floats become their shortest exact text.

    Raises ValueError for NaN and infinities, which have no place in evidence.

    >>> canonical_json({"b": 1, "a": [0.5, None]})
    b'{"a":["0.5",null],"b":1}'
    """
    return _ENCODER.encode(_plain(value)).encode()


def salted(body: bytes, salt: bytes) -> bytes:
    """Return the canonical object *body* with *salt*, :data:`SALT_BYTES` random bytes, as its first member.

    The leaf hash of what comes out tells nothing about *body* to whoever has not the salt: once both
    are erased, nobody can find the body by trying what it may have been.

    >>> salted(b'{"lane":"green"}', bytes(2))
    b'{"_salt":"0000","lane":"green"}'
    """
    return b'{"%s":"%s",%s' % (SALT.encode(), salt.hex().encode(), body[1:])


def commitment(body: bytes, salt: bytes) -> str:
    """Return the hash, hex, by which an entry commits to *body* that is kept elsewhere, with its salt.

    The entry may stay when both are erased: a bare hash of a body that few words make could be guessed.

    >>> commitment(b"{}", bytes(2))[:16]
    'd238ed8f8ab9914a'
    """
    return hashlib.sha256(salt + body).hexdigest()


def _plain(value: Any) -> Any:
    """Return *value* with floats and decimals as text, and mappings and sequences made plain."""
    kind = type(value)
    # What is plain already comes first, and is not asked again member by member: evidence has hundreds.
    if kind is list or kind is tuple:
        return [member if type(member) in _AS_IT_IS else _plain(member) for member in value]
    if kind is dict:
        return {
            key if type(key) is str else str(key): member if type(member) in _AS_IT_IS else _plain(member)
            for key, member in value.items()
        }
    if kind in _AS_IT_IS:
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("BUG: a number that is not finite reached the evidence")
        return repr(value)
    if isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, Mapping):
        return _plain(dict(value))
    return [_plain(member) for member in value]
