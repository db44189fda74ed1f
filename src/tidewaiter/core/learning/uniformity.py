"""Whether draws came out as their probabilities say, cell by cell: by office, by hour, by officer.

Keyed draws that were made as published are uniform by construction; this asks what the keys cannot
tell: whether somebody chose what was declared where and when, or who looked at what was drawn.

Source: Pearson's chi-square; deviation from randomness is how bent assignments were found at
Madagascar's main port (Chalendard et al., "Corruption in Customs", QJE 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Uniformity", "against_others", "against_probabilities"]

#: Expected hits below which a cell is put together with the other small ones (Cochran's rule).
EXPECTED_MIN: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniformity:
    """One chi-square test."""

    #: What the cells are: office, hour, officer.
    by: str
    #: Cells that were compared, after small ones were put together.
    cells: int
    chi_square: float
    #: Degrees of freedom.
    freedom: int
    #: Probability of a deviation at least so large by chance, 0 to 1; 1 where nothing can be compared.
    p_value: float


def against_probabilities(by: str, cells: Mapping[str, tuple[int, float, float]]) -> Uniformity:
    """Test hits per cell against their known probabilities.

    Args:
        by: what the cells are.
        cells: name -> (hits, sum of probabilities, sum of p(1 - p)).

    """
    kept = _pooled(cells)
    chi_square = sum((hits - expected) ** 2 / variance for hits, expected, variance in kept)
    return _tested(by, len(kept), chi_square, len(kept))


def against_others(by: str, cells: Mapping[str, tuple[int, int]]) -> Uniformity:
    """Test whether the share of hits differs between cells: name -> (hits, all)."""
    hits, total = (sum(column) for column in zip(*cells.values(), strict=True)) if cells else (0, 0)
    share = hits / total if total else 0.0
    if share in (0.0, 1.0):
        return _tested(by, len(cells), 0.0, 0)
    kept = _pooled({n: (h, share * m, share * (1.0 - share) * m) for n, (h, m) in cells.items()})
    chi_square = sum((found - expected) ** 2 / variance for found, expected, variance in kept)
    return _tested(by, len(kept), chi_square, max(0, len(kept) - 1))


def _pooled(cells: Mapping[str, tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Put small cells together; what stays too small even so is left out."""
    kept = [cell for cell in cells.values() if cell[1] >= EXPECTED_MIN and cell[2] > 0.0]
    small = [cell for cell in cells.values() if cell[1] < EXPECTED_MIN]
    rest = (sum(c[0] for c in small), sum(c[1] for c in small), sum(c[2] for c in small))
    return [*kept, rest] if rest[1] >= EXPECTED_MIN and rest[2] > 0.0 else kept


def _tested(by: str, cells: int, chi_square: float, freedom: int) -> Uniformity:
    from scipy.special import chdtrc  # here: the service, which knows the audit, needs no statistics

    p_value = float(chdtrc(freedom, chi_square)) if freedom else 1.0
    return Uniformity(by=by, cells=cells, chi_square=chi_square, freedom=freedom, p_value=p_value)
