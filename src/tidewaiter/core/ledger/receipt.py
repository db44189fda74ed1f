"""A receipt: the signed promise that an entry is in the ledger after a few seconds (RFC 6962, 3.2).

It leaves with the answer that the entry is about, before the entry is sealed.  Whoever keeps it can
show later that the entry was promised, and so that a ledger without it was written anew.  The text
begins with a line that no checkpoint begins with, so neither can be passed off as the other.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import NAME, Note, PublicKey, decoded, parse_note, signed_note
from tidewaiter.core.ledger.tree import HASH_BYTES

__all__ = ["PROMISE_SECONDS", "Receipt", "parse_receipt", "receipt_word"]

#: So long after its time at most, the entry of a receipt is sealed.
PROMISE_SECONDS: Final = 5
_DOMAIN: Final = "tidewaiter-receipt/1"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
#: Longest word that is read, characters: the names of ledger and key are 200 at most.
_WORD_CHARACTERS_MAX: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The promise: an entry with this leaf hash is in this ledger by then."""

    #: Name of the ledger.
    origin: str
    #: Leaf hash of the entry, 32 bytes (RFC 6962, 2.1).
    leaf: bytes
    #: When it was signed, milliseconds since 1970 in UTC.
    time_ms: int
    #: Seconds after which the entry is sealed.
    promise_seconds: int = PROMISE_SECONDS

    @property
    def due_ms(self) -> int:
        """Return until when the entry is to be sealed, milliseconds since 1970 in UTC."""
        return self.time_ms + 1000 * self.promise_seconds

    def text(self) -> str:
        """Return the text that is signed."""
        leaf = base64.b64encode(self.leaf).decode()
        return f"{_DOMAIN}\n{self.origin}\n{leaf}\n{self.time_ms}\n{self.promise_seconds}\n"


def receipt_word(receipt: Receipt, key: PublicKey, signature: bytes) -> str:
    """Return the receipt as one word: the signed note in base64, as the header of an answer holds it."""
    return base64.b64encode(signed_note(receipt.text(), key, signature).encode()).decode()


def parse_receipt(word: str) -> tuple[Receipt, Note]:
    """Read a receipt from its one word, with the note that shows who signed it.

    Raises InputError when it is none; the signature is not verified here.
    """
    if len(word) > _WORD_CHARACTERS_MAX:
        raise InputError(f"A word of {len(word)} characters is no receipt.")
    try:
        note = parse_note(decoded(word, "the receipt").decode())
    except UnicodeDecodeError as error:
        raise InputError("The receipt is not text.") from error
    lines = note.text.split("\n")
    if len(lines) != 6 or lines[0] != _DOMAIN:
        raise InputError(f"A receipt has five lines, and the first is {_DOMAIN!r}.")
    _, origin, leaf, time_ms, seconds, _ = lines
    if not NAME.fullmatch(origin):
        raise InputError(f"{origin[:80]!r} is not the name of a ledger.")
    for number in (time_ms, seconds):
        if not _NUMBER.fullmatch(number):
            raise InputError(f"{number[:80]!r} is neither a time nor a number of seconds.")
    receipt = Receipt(
        origin=origin,
        leaf=decoded(leaf, "the leaf hash", HASH_BYTES),
        time_ms=int(time_ms),
        promise_seconds=int(seconds),
    )
    return receipt, note
