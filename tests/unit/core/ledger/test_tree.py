"""The tree is that of the RFC: known roots, a naive twin, and proofs that only the true one passes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.naive_tree import naive_consistency, naive_inclusion, naive_root
from tidewaiter.core.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

#: The inputs and roots that implementations of Certificate Transparency test themselves with.
BODIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
TREES = st.lists(st.binary(max_size=3), min_size=1, max_size=70)


def hashes(bodies: list[bytes]) -> list[bytes]:
    """Return the leaf hashes."""
    return [leaf_hash(body) for body in bodies]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_roots_are_the_known_ones(size: int) -> None:
    assert root_of(hashes(BODIES[:size])).hex() == ROOTS[size]
    assert naive_root(BODIES[:size]).hex() == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == naive_root([])


@given(st.lists(st.lists(st.binary(max_size=3), max_size=40), max_size=8))
def test_a_tree_that_grows_in_steps_is_that_of_the_rfc_at_each(steps: list[list[bytes]]) -> None:
    frontier, so_far = Frontier(), list[bytes]()
    for step in steps:
        frontier.extend(hashes(step))
        so_far += step
        assert frontier.root() == naive_root(so_far)
        assert frontier.size == len(so_far)


@given(TREES, st.data())
def test_an_inclusion_proof_is_that_of_the_rfc_and_holds(bodies: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(bodies) - 1))
    proof = inclusion_proof(index, hashes(bodies))
    assert proof == naive_inclusion(index, bodies)
    assert verify_inclusion(leaf_hash(bodies[index]), index, len(bodies), proof, naive_root(bodies))


@given(TREES, st.data())
def test_a_consistency_proof_is_that_of_the_rfc_and_holds(bodies: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(bodies)))
    proof = consistency_proof(first, hashes(bodies))
    assert proof == naive_consistency(first, bodies)
    assert verify_consistency(first, naive_root(bodies[:first]), len(bodies), naive_root(bodies), proof)


@given(TREES, st.data())
def test_a_forged_inclusion_proof_does_not_hold(bodies: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(bodies) - 1))
    proof, root, size = inclusion_proof(index, hashes(bodies)), naive_root(bodies), len(bodies)
    other_leaf = leaf_hash(bodies[index] + b"x")
    assert not verify_inclusion(other_leaf, index, size, proof, root)
    assert not verify_inclusion(leaf_hash(bodies[index]), index, size, [*proof, root], root)
    assert not verify_inclusion(leaf_hash(bodies[index]), index, size, proof, leaf_hash(root))
    assert not verify_inclusion(leaf_hash(bodies[index]), size, size, proof, root)
    if proof:
        assert not verify_inclusion(leaf_hash(bodies[index]), index, size, proof[:-1], root)
        place = data.draw(st.integers(0, len(proof) - 1))
        bent = [*proof[:place], bytes([proof[place][0] ^ 1]) + proof[place][1:], *proof[place + 1 :]]
        assert not verify_inclusion(leaf_hash(bodies[index]), index, size, bent, root)


@given(TREES, st.data())
def test_a_forged_consistency_proof_does_not_hold(bodies: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(bodies)))
    proof, size = consistency_proof(first, hashes(bodies)), len(bodies)
    old, new = naive_root(bodies[:first]), naive_root(bodies)
    assert not verify_consistency(first, leaf_hash(old), size, new, proof)
    assert not verify_consistency(first, old, size, leaf_hash(new), proof)
    assert not verify_consistency(first, old, size, new, [*proof, new])
    assert not verify_consistency(0, EMPTY_ROOT, size, new, proof)
    assert not verify_consistency(size + 1, old, size, new, proof)
    if proof:
        assert not verify_consistency(first, old, size, new, proof[:-1])
        assert not verify_consistency(first, old, size, new, [])


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert root_of([leaf_hash(left + right)]) != root_of([left, right])
    assert root_of([left, right]) == hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("index", [-1, 3])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="not in a tree of 3"):
        inclusion_proof(index, hashes(BODIES[:3]))


@pytest.mark.parametrize("first", [0, 4])
def test_no_proof_is_made_from_a_tree_that_was_not(first: int) -> None:
    with pytest.raises(ValueError, match="no proof from"):
        consistency_proof(first, hashes(BODIES[:3]))
