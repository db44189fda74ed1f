"""Proofs from stored subtrees are those of the naive tree, and read few hashes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.naive_tree import naive_consistency, naive_inclusion
from tidewaiter.core.ledger.tiles import (
    TILE_WIDTH,
    consistency_from_tiles,
    inclusion_from_tiles,
    tiles_above,
)
from tidewaiter.core.ledger.tree import consistency_proof, inclusion_proof, leaf_hash

BODIES = [b"%d" % number for number in range(2 * TILE_WIDTH + 300)]
LEAVES = [leaf_hash(body) for body in BODIES]


class Levels:
    """Stored hashes, counted as they are read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [list(leaves)]
        while above := tiles_above(self.levels[-1]):
            self.levels.append(above)
        self.read = 0

    def __call__(self, level: int, first: int, count: int) -> Sequence[bytes]:
        found = self.levels[level][first : first + count]
        assert len(found) == count, "asked for what is not stored"
        self.read += count
        return found


@given(st.integers(1, len(LEAVES)), st.data())
@settings(max_examples=60)
def test_a_proof_is_that_of_all_leaves(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    levels = Levels(LEAVES[:size])
    assert inclusion_from_tiles(index, size, levels) == inclusion_proof(index, LEAVES[:size])
    assert consistency_from_tiles(index + 1, size, levels) == consistency_proof(index + 1, LEAVES[:size])


@given(st.integers(1, 60), st.data())
@settings(max_examples=30)
def test_a_proof_is_that_of_the_naive_twin(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    levels = Levels(LEAVES[:size])
    assert inclusion_from_tiles(index, size, levels) == naive_inclusion(index, BODIES[:size])
    assert consistency_from_tiles(index + 1, size, levels) == naive_consistency(index + 1, BODIES[:size])


def test_a_proof_in_a_large_tree_reads_few_hashes() -> None:
    size = TILE_WIDTH**2 * 3 + 777
    levels = Levels([index.to_bytes(32, "big") for index in range(size)])
    for index in (0, 1, TILE_WIDTH**2, size // 2, size - 1):
        levels.read = 0
        inclusion_from_tiles(index, size, levels)
        assert levels.read <= 3 * TILE_WIDTH + 20, "a proof must not read the whole tree"


def test_there_is_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_from_tiles(3, 3, Levels(LEAVES[:3]))
    with pytest.raises(ValueError, match="no proof"):
        consistency_from_tiles(4, 3, Levels(LEAVES[:3]))
