"""Roots of any part of a large tree from few stored hashes, so that a proof costs O(log n).

Beside the leaf hashes, the roots of all complete subtrees of 256 leaves are kept, of 256 of those, and
so on: n/255 hashes more.  What lies between two such levels is computed when it is asked for, from at
most 256 hashes (the idea of C2SP tlog-tiles).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tidewaiter.core.ledger.tree import consistency_path, inclusion_path, root_of

__all__ = ["TILE_WIDTH", "Read", "consistency_from_tiles", "inclusion_from_tiles", "tiles_above"]

_HEIGHT: Final = 8
#: Hashes of one level that make one hash of the next.
TILE_WIDTH: Final = 1 << _HEIGHT

#: (level, first, count) -> that many stored hashes of a level; level 0 are the leaf hashes.
Read = Callable[[int, int, int], Sequence[bytes]]


def tiles_above(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of the next level over the complete groups of *hashes*, which begin with one."""
    whole = len(hashes) - len(hashes) % TILE_WIDTH
    return [root_of(hashes[start : start + TILE_WIDTH]) for start in range(0, whole, TILE_WIDTH)]


def inclusion_from_tiles(index: int, size: int, read: Read) -> list[bytes]:
    """Return the inclusion proof of the leaf at *index* in the tree of *size*; ValueError when none is."""
    return inclusion_path(index, size, partial(_root, read))


def consistency_from_tiles(first: int, second: int, read: Read) -> list[bytes]:
    """Return the proof that the tree of *second* leaves extends that of *first*; ValueError when none can."""
    return consistency_path(first, second, partial(_root, read))


def _root(read: Read, start: int, end: int) -> bytes:
    """Return the root over the leaves from *start* to before *end*, a range that a proof asks for.

    Such a range begins at a multiple of a power of two that is not smaller than its length, so all
    its complete subtrees do so too.
    """
    level = max(0, (end - start).bit_length() - 1) // _HEIGHT
    unit = 1 << (_HEIGHT * level)
    whole = (end - start) // unit
    hashes = list(read(level, start // unit, whole))
    rest = start + whole * unit
    # What is over makes the last node: its subtree is smaller than those before it.
    return _joined(hashes, None if rest == end else _root(read, rest, end))


def _joined(complete: Sequence[bytes], last: bytes | None) -> bytes:
    """Return the root over subtrees of equal size, the last of which may be smaller."""
    return root_of(complete if last is None else [*complete, last])
