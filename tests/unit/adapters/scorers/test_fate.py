"""From items to their declaration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.scorers.fate import fit_shared_fate, of_declarations
from tidewaiter.adapters.scorers.table import Floats, Ints

PARTS = st.floats(0.0, 1.0)
DECLARATIONS = st.lists(st.lists(st.floats(0.0, 0.999), min_size=1, max_size=6), min_size=1, max_size=5)


def laid_out(declarations: list[list[float]]) -> tuple[Floats, Ints]:
    """Return the items of *declarations* one after the other, and where each declaration begins."""
    sizes = [len(items) for items in declarations]
    return np.concatenate([np.array(items) for items in declarations]), np.cumsum([0, *sizes[:-1]])


@given(DECLARATIONS)
def test_without_a_shared_fate_one_irregular_item_is_enough(declarations: list[list[float]]) -> None:
    p, start = laid_out(declarations)
    expected = [1.0 - np.prod(1.0 - np.array(items)) for items in declarations]
    assert of_declarations(p, start, 0.0) == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.0, 0.999), st.integers(1, 50))
def test_with_one_fate_for_all_many_items_are_as_suspicious_as_one(p: float, count: int) -> None:
    found = of_declarations(np.full(count, p), np.array([0]), 1.0)
    assert found[0] == pytest.approx(p, abs=1e-9)


@given(DECLARATIONS, PARTS, PARTS)
def test_the_more_fate_is_shared_the_less_items_add(
    declarations: list[list[float]], a: float, b: float
) -> None:
    p, start = laid_out(declarations)
    less, more = (of_declarations(p, start, fate) for fate in sorted((a, b)))
    assert (more <= less + 1e-12).all()
    for items, low in zip(declarations, more, strict=True):
        assert min(items) - 1e-9 <= low <= 1.0
        if len(items) == 1:
            assert low == pytest.approx(items[0], abs=1e-9)


@given(DECLARATIONS, PARTS)
def test_each_column_is_combined_by_itself(declarations: list[list[float]], fate: float) -> None:
    p, start = laid_out(declarations)
    both = of_declarations(np.stack((p, p / 2), axis=1), start, fate)
    assert (both[:, 0] == of_declarations(p, start, fate)).all()
    assert (both[:, 1] == of_declarations(p / 2, start, fate)).all()


@pytest.mark.parametrize(("together", "low", "high"), [(0.0, 0.0, 0.15), (1.0, 0.85, 1.0)])
def test_the_shared_fate_is_found(together: float, low: float, high: float) -> None:
    rng = np.random.default_rng(5)
    count, size = 6_000, 4
    p = np.repeat(rng.uniform(0.02, 0.3, count), size)
    start = np.arange(0, count * size, size)
    luck = np.where(rng.random(count)[:, None] < together, rng.random((count, 1)), rng.random((count, size)))
    label = (luck < p.reshape(count, size)).any(axis=1).astype(float)
    fate = fit_shared_fate(p, start, np.ones(count, dtype=bool), label, np.ones(count))
    assert low <= fate <= high
    assert of_declarations(p, start, fate).sum() == pytest.approx(label.sum(), rel=0.05)
