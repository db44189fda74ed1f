"""The laws of uniformity: fair draws pass, bent ones do not, small cells frighten nobody."""

from __future__ import annotations

from random import Random  # noqa: TID251 - seeded

import pytest
from scipy.stats import chi2_contingency

from tidewaiter.core.learning.uniformity import against_others, against_probabilities


def cells_of(bent: float, seed: int) -> dict[str, tuple[int, float, float]]:
    """Return 20 offices with 1,000 draws each at 5 %; at one of them only (1 - bent) of the hits stay."""
    random = Random(seed)
    made = {}
    for office in range(20):
        p = 0.05 * (1 - bent) if office == 7 else 0.05
        made[str(office)] = (sum(random.random() < p for _ in range(1000)), 50.0, 47.5)
    return made


def test_fair_draws_have_uniform_p_values() -> None:
    found = [against_probabilities("office", cells_of(0.0, seed)).p_value for seed in range(100)]
    assert 0.35 < sum(p < 0.5 for p in found) / len(found) < 0.65
    assert sum(p < 0.05 for p in found) <= 12


def test_an_office_that_loses_its_hits_is_found() -> None:
    assert all(against_probabilities("office", cells_of(0.9, seed)).p_value < 0.001 for seed in range(10))


def test_shares_of_officers_are_tested_as_a_table_is() -> None:
    made = against_others("officer", {"A": (30, 100), "B": (50, 100), "C": (40, 120)})
    expected = chi2_contingency([[30, 50, 40], [70, 50, 80]], correction=False)
    assert made.chi_square == pytest.approx(expected.statistic)
    assert made.p_value == pytest.approx(expected.pvalue)
    assert made.freedom == expected.dof


def test_small_cells_are_put_together() -> None:
    made = against_probabilities("hour", {str(n): (1, 1.0, 0.9) for n in range(10)})
    assert (made.cells, made.freedom, made.chi_square) == (1, 1, 0.0)


@pytest.mark.parametrize("cells", [{}, {"A": (0, 0.0, 0.0)}, {"A": (1, 1.0, 0.0)}])
def test_where_nothing_can_be_compared_nothing_is_found(cells: dict[str, tuple[int, float, float]]) -> None:
    assert against_probabilities("office", cells).p_value == 1.0


@pytest.mark.parametrize("cells", [{}, {"A": (0, 10)}, {"A": (10, 10), "B": (4, 4)}])
def test_without_a_contrast_officers_are_alike(cells: dict[str, tuple[int, int]]) -> None:
    assert against_others("officer", cells).p_value == 1.0
