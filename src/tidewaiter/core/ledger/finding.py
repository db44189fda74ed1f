"""A finding: one thing that a verification found to be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Finding", "SignatureHolds"]

#: (public key of 32 bytes, message, signature) -> whether the signature holds.
SignatureHolds = Callable[[bytes, bytes, bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: what, at which entry, and what it means."""

    #: Stable machine name, such as ``entry-missing``.
    code: str
    #: Position of the entry, or size of the checkpoint; None when it is about the whole.
    position: int | None
    #: A sentence for people.
    message: str
