"""The ledger is sealed while the service runs, and a contradiction ends it for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from tidewaiter.core.errors import Conflict, Unavailable
from tidewaiter.core.ledger.checkpoint import PublicKey
from tidewaiter.flow.seal import Sealed
from tidewaiter.flow.sequence import Sequencing

KEY = PublicKey(name="test", key=bytes(32))


def sealing(*answers: str | Exception) -> Callable[[], Sealed]:
    """Return a sealing that gives *answers* in turn, the last one for ever."""
    left: Iterator[str | Exception] = chain(answers, repeat(answers[-1]))

    def seal() -> Sealed:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return Sealed(size=1, new=1, key=KEY, note=answer)

    return seal


def test_the_newest_checkpoint_is_known() -> None:
    sequencing = Sequencing(sealing("first", "second"))
    assert sequencing.newest is None
    sequencing.step()
    assert sequencing.newest == "first"
    sequencing.step()
    assert sequencing.newest == "second"
    assert sequencing.fault is None


def test_after_a_contradiction_nothing_is_sealed_any_more() -> None:
    sequencing = Sequencing(sealing("first", Conflict("Entry 7 was changed."), "second"))
    for _ in range(4):
        assert sequencing.step() is False
    assert sequencing.fault == "Entry 7 was changed."
    assert sequencing.newest == "first"


def test_another_process_that_seals_is_no_fault() -> None:
    sequencing = Sequencing(sealing(Unavailable("Another process is sealing the ledger."), "first"))
    with pytest.raises(Unavailable):
        sequencing.step()
    sequencing.step()
    assert sequencing.fault is None
    assert sequencing.newest == "first"
