"""The Merkle tree by the recursive definition of RFC 6962, section 2.1: the twin of ``core.ledger.tree``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["naive_consistency", "naive_inclusion", "naive_root"]


def naive_root(bodies: Sequence[bytes]) -> bytes:
    """Return MTH(D[n])."""
    if not bodies:
        return hashlib.sha256().digest()
    if len(bodies) == 1:
        return hashlib.sha256(b"\x00" + bodies[0]).digest()
    k = _k(len(bodies))
    return hashlib.sha256(b"\x01" + naive_root(bodies[:k]) + naive_root(bodies[k:])).digest()


def naive_inclusion(m: int, bodies: Sequence[bytes]) -> list[bytes]:
    """Return PATH(m, D[n])."""
    if len(bodies) == 1:
        return []
    k = _k(len(bodies))
    if m < k:
        return [*naive_inclusion(m, bodies[:k]), naive_root(bodies[k:])]
    return [*naive_inclusion(m - k, bodies[k:]), naive_root(bodies[:k])]


def naive_consistency(m: int, bodies: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """Return SUBPROOF(m, D[n], whole), which is PROOF(m, D[n]) at first."""
    if m == len(bodies):
        return [] if whole else [naive_root(bodies)]
    k = _k(len(bodies))
    if m <= k:
        return [*naive_consistency(m, bodies[:k], whole=whole), naive_root(bodies[k:])]
    return [*naive_consistency(m - k, bodies[k:], whole=False), naive_root(bodies[:k])]


def _k(n: int) -> int:
    """Return the largest power of two smaller than *n*."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
