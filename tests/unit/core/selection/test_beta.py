"""The Beta survival function against an independent implementation."""

from __future__ import annotations

import math
import random  # noqa: TID251 - seeded, and passed in

import pytest
from scipy.stats import beta

from tidewaiter.core.selection.beta import beta_survival


def test_it_agrees_with_an_independent_implementation() -> None:
    rng = random.Random(7)
    for _ in range(1500):
        a, b = 10 ** rng.uniform(-2, 6), 10 ** rng.uniform(-2, 6)
        x = float(beta.ppf(rng.random(), a, b)) if rng.random() < 0.7 else rng.random()
        assert beta_survival(a, b, x) == pytest.approx(float(beta.sf(x, a, b)), abs=1e-8), (a, b, x)


def test_outside_the_unit_interval_it_is_certain() -> None:
    assert beta_survival(2, 3, 0.0) == beta_survival(2, 3, -1.0) == 1.0
    assert beta_survival(2, 3, 1.0) == beta_survival(2, 3, math.inf) == 0.0


@pytest.mark.parametrize(
    ("a", "b", "x"), [(0.0, 1.0, 0.5), (1.0, -1.0, 0.5), (math.nan, 1, 0.5), (1, 1, math.nan)]
)
def test_parameters_that_make_no_distribution_are_a_programmers_fault(a: float, b: float, x: float) -> None:
    with pytest.raises(ValueError, match="BUG"):
        beta_survival(a, b, x)
