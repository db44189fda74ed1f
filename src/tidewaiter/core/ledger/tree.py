"""The Merkle tree of RFC 6962, section 2.1 (the same in RFC 9162): roots, proofs, their verification.

A leaf is hashed with the prefix 00 and a node with 01, so that no node can be passed off as a leaf.
The left child of a node covers the largest power of two that is smaller than its number of leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

__all__ = [
    "EMPTY_ROOT", "HASH_BYTES", "Frontier", "Root", "consistency_path", "consistency_proof",
    "inclusion_path", "inclusion_proof", "leaf_hash", "root_of", "verify_consistency", "verify_inclusion",
]  # fmt: skip

#: Bytes of a hash.
HASH_BYTES: Final = 32
#: Root of the tree without leaves: SHA-256 of nothing.
EMPTY_ROOT: Final = sha256(b"").digest()


#: (start, end) -> the root over the leaves from *start* to before *end*.
Root = Callable[[int, int], bytes]


def leaf_hash(body: bytes) -> bytes:
    """Return the 32-byte Merkle leaf hash of *body*."""
    return sha256(b"\x00" + body).digest()


def _node(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows: the roots of its complete subtrees, at most one a level.

    This is all that a root needs, so memory is O(log n), and n leaves are added with fewer than
    n + log n hashes.

    >>> frontier = Frontier()
    >>> frontier.extend([leaf_hash(b"a"), leaf_hash(b"b")])
    >>> frontier.size, frontier.root() == root_of([leaf_hash(b"a"), leaf_hash(b"b")])
    (2, True)
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        #: Number of leaves.
        self.size = 0
        # By level: the root of the complete subtree of 2**level leaves, where the size has that bit.
        self._peaks: list[bytes | None] = []

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes at the end."""
        nodes = list(leaves)
        self.size += len(nodes)
        level = 0
        while nodes:
            if level == len(self._peaks):
                self._peaks.append(None)
            peak = self._peaks[level]
            if peak is not None:
                nodes.insert(0, peak)
            self._peaks[level] = nodes.pop() if len(nodes) % 2 else None
            pairs = iter(nodes)
            nodes = [
                sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)
            ]
            level += 1

    def root(self) -> bytes:
        """Return the root: the complete subtrees, joined from the smallest."""
        root: bytes | None = None
        for peak in self._peaks:
            if peak is not None:
                root = peak if root is None else _node(peak, root)
        return EMPTY_ROOT if root is None else root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over *leaves* (leaf hashes)."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes that lead from the leaf at *index* (from 0) to the root, lowest first.

    Raises ValueError when there is no such leaf.
    """
    return inclusion_path(index, len(leaves), lambda start, end: root_of(leaves[start:end]))


def inclusion_path(index: int, size: int, root: Root) -> list[bytes]:
    """Return the inclusion proof in a tree of *size* leaves of which *root* tells the parts."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root(middle, end))
            end = middle
        else:
            path.append(root(start, middle))
            start = middle
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether *path* leads from *leaf* at *index* to *root* of *size* leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for hash_ in path:
        if last == 0:
            return False
        if node % 2 or node == last:
            found = _node(hash_, found)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = _node(found, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes that show that the tree over *leaves* extends that over its *first* leaves.

    Raises ValueError unless 0 < first <= number of leaves (RFC 9162, 2.1.4.1).
    """
    return consistency_path(first, len(leaves), lambda start, end: root_of(leaves[start:end]))


def consistency_path(first: int, size: int, root: Root) -> list[bytes]:
    """Return the consistency proof to a tree of *size* leaves of which *root* tells the parts."""
    if not 0 < first <= size:
        raise ValueError(f"no proof from {first} to {size} leaves")
    proof: list[bytes] = []
    start, end, whole = 0, size, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(root(middle, end))
            end = middle
        else:
            proof.append(root(start, middle))
            start, whole = middle, False
    if not whole:  # the old tree is not a subtree that the verifier knows already
        proof.append(root(start, end))
    return proof[::-1]


def verify_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether *proof* shows that the second tree extends the first (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    hashes = list(proof)
    if first & (first - 1) == 0:  # a complete subtree: its root is the start
        hashes.insert(0, first_root)
    if not hashes:
        return False
    node, last = first - 1, second - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for hash_ in hashes[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            old, new = _node(hash_, old), _node(hash_, new)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            new = _node(new, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two that is smaller than *size* (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)
