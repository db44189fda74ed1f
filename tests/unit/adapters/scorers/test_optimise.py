"""The optimisers find the least, and the same whatever the threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from tidewaiter.adapters.scorers.optimise import bounded_quadratic, lbfgs
from tidewaiter.adapters.scorers.table import Floats


def bowl(seed: int, size: int) -> tuple[Floats, Floats]:
    """Return a positive definite matrix and where its bowl is lowest."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    return root @ root.T + 0.5 * np.eye(size), rng.normal(size=size)


@given(st.integers(0, 1000), st.integers(1, 12))
def test_lbfgs_finds_the_bottom_of_any_bowl(seed: int, size: int) -> None:
    curvature, bottom = bowl(seed, size)

    def loss(x: Floats) -> tuple[float, Floats]:
        pull = curvature @ (x - bottom)
        return 0.5 * float((x - bottom) @ pull), pull

    found = lbfgs(loss, np.zeros(size), steps=500, tolerance=0.0)
    assert found == pytest.approx(bottom, abs=1e-3)


def test_lbfgs_finds_what_the_library_finds() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(500, 30))
    label = (rng.random(500) < 0.3).astype(float)

    def loss(x: Floats) -> tuple[float, Floats]:
        z = inputs @ x
        value = (np.logaddexp(0.0, z) - label * z).sum() + 0.5 * (x * x).sum()
        return float(value), inputs.T @ (1.0 / (1.0 + np.exp(-z)) - label) + x

    ours = lbfgs(loss, np.zeros(30), steps=200, tolerance=1e-12)
    theirs = minimize(loss, np.zeros(30), jac=True, method="L-BFGS-B", tol=1e-12).x
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert loss(ours)[0] <= loss(theirs)[0] + 1e-6


def test_lbfgs_stays_where_nothing_can_be_gained() -> None:
    assert lbfgs(lambda _: (1.0, np.zeros(3)), np.ones(3), steps=10).tolist() == [1.0, 1.0, 1.0]


@given(st.integers(0, 1000), st.integers(1, 8))
def test_a_bounded_step_keeps_the_bounds_and_nothing_near_is_better(seed: int, size: int) -> None:
    curvature, _ = bowl(seed, size)
    rng = np.random.default_rng(seed + 1)
    gradient, x = rng.normal(size=size), rng.random(size)
    low = np.where(rng.random(size) < 0.3, -np.inf, 0.0)

    def value(step: Floats) -> float:
        return float(gradient @ step + 0.5 * step @ curvature @ step)

    step = bounded_quadratic(curvature, gradient, x, low)
    assert (x + step >= low - 1e-12).all()
    for _ in range(20):
        near = np.maximum(x + step + rng.normal(scale=0.05, size=size), low) - x
        assert value(near) >= value(step) - 1e-8
