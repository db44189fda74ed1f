"""A checkpoint: origin, size and root of the ledger at an instant, as a signed note.

The texts are those of C2SP: signed-note (text, blank line, signature lines) and tlog-checkpoint
(origin, size, base64 root, each on its line), so that witnesses of other makers can read them.  The
key has the name of the origin.  Signing and checking a signature need a library, so both are done
outside; here are the bytes that are signed, and where a signature stands.

The ledger signs each checkpoint a second time with the time of the signature, as a witness does
(C2SP tlog-cosignature), because a checkpoint has none: it shows whether a promise was kept.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.tree import HASH_BYTES

__all__ = [
    "NAME", "Checkpoint", "Note", "PublicKey", "decoded", "parse_checkpoint", "parse_note",
    "parse_public_key", "signed_note",
]  # fmt: skip

#: Type of an Ed25519 signature in a signed note.
_ED25519: Final = b"\x01"
#: Type of an Ed25519 cosignature, which has a time.
_COSIGNATURE: Final = b"\x04"
_TIME_BYTES: Final = 8
_KEY_BYTES: Final = 32
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
#: Names of ledgers and keys.
NAME: Final = re.compile(r"[^\s+]{1,200}")
#: Longest note that is read, characters: sixteen signatures of post-quantum kind are shorter.
_NOTE_CHARACTERS_MAX: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """The key with which the checkpoints of a ledger are verified."""

    #: Name of the key, which is the origin of the ledger.
    name: str
    #: 32 bytes (RFC 8032).
    key: bytes

    @property
    def hash(self) -> bytes:
        """Return the four bytes that stand before each signature of this key."""
        return self._hash(_ED25519)

    @property
    def cosignature_hash(self) -> bytes:
        """Return the four bytes that stand before each cosignature of this key."""
        return self._hash(_COSIGNATURE)

    def _hash(self, kind: bytes) -> bytes:
        return sha256(self.name.encode() + b"\n" + kind + self.key).digest()[:4]

    def text(self) -> str:
        """Return the key as one word: name, key hash and key, joined by plus signs."""
        return f"{self.name}+{self.hash.hex()}+{_encoded(_ED25519 + self.key)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What is signed: this ledger, with so many entries, has this root."""

    #: Unique name of the ledger.
    origin: str
    #: Number of entries.
    size: int
    #: 32 bytes.
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"

    def timed_text(self, time: int) -> str:
        """Return the text whose signature is a cosignature of *time*, seconds since 1970 in UTC."""
        return _timed(self.text(), time)

    def signed(self, key: PublicKey, signature: bytes, timed: tuple[int, bytes] | None = None) -> str:
        """Return the note: the text with the signature that *key*'s secret half made of it.

        *timed* is the time of the cosignature, and the signature of :meth:`timed_text`.
        """
        note = signed_note(self.text(), key, signature)
        if timed is None:
            return note
        time, made = timed
        stamped = _encoded(key.cosignature_hash + time.to_bytes(_TIME_BYTES, "big") + made)
        return f"{note}— {key.name} {stamped}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A signed note, taken apart and not yet verified."""

    #: The text that is signed, with its last newline.
    text: str
    #: (name, key hash, signature) of each line.
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signatures_of(self, key: PublicKey) -> list[bytes]:
        """Return the signatures that name *key*; those of others are to be ignored."""
        return [made for name, hash_, made in self.signatures if (name, hash_) == (key.name, key.hash)]

    def times_of(self, key: PublicKey) -> list[tuple[int, bytes, bytes]]:
        """Return (seconds since 1970 in UTC, what is signed, signature) of each cosignature of *key*."""
        found = [
            (int.from_bytes(made[:_TIME_BYTES], "big"), made[_TIME_BYTES:])
            for name, hash_, made in self.signatures
            if (name, hash_) == (key.name, key.cosignature_hash) and len(made) > _TIME_BYTES
        ]
        return [(time, _timed(self.text, time).encode(), signature) for time, signature in found]


def signed_note(text: str, key: PublicKey, signature: bytes) -> str:
    """Return *text* as a note with one signature, which *key*'s secret half made of it."""
    return f"{text}\n— {key.name} {_encoded(key.hash + signature)}\n"


def parse_note(text: str) -> Note:
    """Take a signed note apart; raises InputError when it is none."""
    if len(text) > _NOTE_CHARACTERS_MAX:
        raise InputError(f"A signed note of {len(text)} characters is too long.")
    signed, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise InputError("The signed note has no blank line before its signatures, or is cut off.")
    signatures = []
    for line in lines[:-1].split("\n"):
        words = line.split(" ")
        if len(words) != 3 or words[0] != "—" or not NAME.fullmatch(words[1]):
            raise InputError(f"{line[:80]!r} is not a signature line of a signed note.")
        bytes_ = decoded(words[2], "the signature")
        signatures.append((words[1], bytes_[:4], bytes_[4:]))
    return Note(text=signed + "\n", signatures=tuple(signatures))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint; raises InputError when it is none, or has lines that we do not write."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise InputError("A checkpoint has three lines: origin, size and root.")
    origin, size, root, _ = lines
    if not NAME.fullmatch(origin):
        raise InputError(f"{origin[:80]!r} is not the origin of a ledger.")
    if not _SIZE.fullmatch(size):
        raise InputError(f"{size[:80]!r} is not the size of a ledger.")
    return Checkpoint(origin=origin, size=int(size), root=decoded(root, "the root", HASH_BYTES))


def parse_public_key(text: str) -> PublicKey:
    """Read a public key from its one word; raises InputError when it is none or was altered."""
    word = text.strip()
    name, _, rest = word.partition("+")
    hash_, _, key = rest.partition("+")
    if not NAME.fullmatch(name) or not hash_ or not key:
        raise InputError(
            f"{word[:80]!r} is not a public key: give name+hash+key, as `ledger seal` prints it."
        )
    bytes_ = decoded(key, "the public key", 1 + _KEY_BYTES)
    made = PublicKey(name=name, key=bytes_[1:])
    if bytes_[:1] != _ED25519 or made.hash.hex() != hash_:
        raise InputError(f"The public key of {name!r} does not fit its hash {hash_[:80]!r}; get it again.")
    return made


def decoded(text: str, what: str, length: int | None = None) -> bytes:
    """Return the bytes of base64 text with one spelling; raises InputError naming *what* it is."""
    try:
        bytes_ = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InputError(f"{text[:80]!r} is not base64; {what} cannot be read.") from error
    # Base64 has spare bits: a second spelling of the same bytes would be a change that nobody sees.
    if _encoded(bytes_) != text or (length is not None and len(bytes_) != length):
        raise InputError(f"{text[:80]!r} is not {what}: its length or its last character is wrong.")
    return bytes_


def _timed(text: str, time: int) -> str:
    return f"cosignature/v1\ntime {time}\n{text}"


def _encoded(bytes_: bytes) -> str:
    return base64.b64encode(bytes_).decode()
