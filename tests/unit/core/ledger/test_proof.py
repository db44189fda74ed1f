"""A proof proves its entry and no other, and survives being plain data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.ledgers import FakeKey, body_of
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.proof import InclusionProof, proof_from_plain
from tidewaiter.core.ledger.tree import inclusion_proof, leaf_hash, root_of

KEY = FakeKey()


def proof(size: int, position: int) -> InclusionProof:
    """Return the proof of an entry."""
    leaves = [leaf_hash(body_of(number)) for number in range(size)]
    path = tuple(inclusion_proof(position - 1, leaves))
    return InclusionProof(position=position, path=path, checkpoint=KEY.note(size, root_of(leaves)))


@given(st.integers(1, 40), st.data())
def test_a_proof_proves_its_entry_and_no_other(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, size))
    made = proof_from_plain(json.loads(json.dumps(proof(size, position).plain())))
    assert made == proof(size, position)
    assert made.fault(body_of(position - 1), KEY.public, signature_holds) is None
    assert made.fault(body_of(position), KEY.public, signature_holds)
    other = replace(made, position=position % size + 1 if size > 1 else 2)
    assert other.fault(body_of(position - 1), KEY.public, signature_holds)
    assert made.fault(body_of(position - 1), FakeKey(seed=2).public, signature_holds)


def test_a_proof_with_another_checkpoint_proves_nothing() -> None:
    forged = replace(proof(7, 3), checkpoint=proof(8, 3).checkpoint)
    assert "does not lead" in (forged.fault(body_of(2), KEY.public, signature_holds) or "")
    bent = replace(proof(7, 3), checkpoint=proof(7, 3).checkpoint.replace("\n7\n", "\n8\n"))
    assert "signature" in (bent.fault(body_of(2), KEY.public, signature_holds) or "")


@pytest.mark.parametrize(
    "change",
    [{"position": 0}, {"position": "1"}, {"position": True}, {"path": None}, {"path": ["00"]},
     {"path": ["0" * 64] * 64}, {"path": [1]}, {"checkpoint": None}],
)  # fmt: skip
def test_what_is_no_proof_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        proof_from_plain({**proof(4, 2).plain(), **change})
