"""A proof: one entry, and the path that shows that it is in the ledger, for who holds nothing but this.

Plain data, so that any system can keep it: position, hashes in hex, the signed checkpoint as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import PublicKey
from tidewaiter.core.ledger.finding import SignatureHolds
from tidewaiter.core.ledger.signers import opened_checkpoint
from tidewaiter.core.ledger.tree import leaf_hash, verify_inclusion

__all__ = ["InclusionProof", "proof_from_plain"]

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: A tree of 2**63 entries has no longer path.
_PATH_MAX: Final = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """The proof that an entry stands at a position of a ledger with a signed checkpoint."""

    #: Position of the entry, from 1.
    position: int
    #: Hashes from the entry to the root, lowest first.
    path: tuple[bytes, ...]
    #: The signed note.
    checkpoint: str

    def plain(self) -> dict[str, Any]:
        """Return the proof as plain data."""
        return {
            "position": self.position,
            "path": [each.hex() for each in self.path],
            "checkpoint": self.checkpoint,
        }

    def fault(self, body: bytes, key: PublicKey, signature_holds: SignatureHolds) -> str | None:
        """Return what is wrong when this does not prove that *body* is in the ledger; None: it does."""
        try:
            checkpoint = opened_checkpoint(self.checkpoint.encode(), key, signature_holds)
        except InputError as error:
            return f"The checkpoint of the proof: {error}"
        leaf, index = leaf_hash(body), self.position - 1
        if verify_inclusion(leaf, index, checkpoint.size, self.path, checkpoint.root):
            return None
        return (
            f"The proof does not lead from these bytes, as entry {self.position}, to the root of the "
            f"checkpoint of {checkpoint.size} entries: another entry, or a proof that was changed."
        )


def proof_from_plain(data: Mapping[str, Any]) -> InclusionProof:
    """Read a proof from plain data; raises InputError when it is none."""
    position, path, note = data.get("position"), data.get("path"), data.get("checkpoint")
    if type(position) is not int or position < 1:
        raise InputError(f"{position!r} is not a position in a ledger.")
    if not isinstance(path, list) or len(path) > _PATH_MAX or not isinstance(note, str):
        raise InputError("A proof has `position`, `path` (a list of at most 63 hashes) and `checkpoint`.")
    if not all(isinstance(each, str) and _HASH.fullmatch(each) for each in path):
        raise InputError("The path of a proof holds hashes of 64 hex digits.")
    return InclusionProof(position=position, path=tuple(map(bytes.fromhex, path)), checkpoint=note)
