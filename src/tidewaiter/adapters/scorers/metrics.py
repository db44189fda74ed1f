"""How well scores order and how true they are, each figure with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.table import Floats

__all__ = ["Figure", "area_under_curve", "calibration_error", "precision_at", "share"]

#: Quantile of the normal distribution for 95 %.
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with the ends of its 95 % interval and how many rows it rests on."""

    value: float
    low: float
    high: float
    rows: int

    def to_data(self) -> dict[str, float]:
        """Return the figure as plain data, rounded to what it can bear."""
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "rows": self.rows,
        }


def share(positive: float, rows: int) -> Figure:
    """Return a share of *rows* with Wilson's interval (Wilson 1927)."""
    p, z2 = positive / rows, _Z * _Z
    middle = (p + z2 / (2 * rows)) / (1 + z2 / rows)
    half = _Z * ((p * (1 - p) / rows + z2 / (4 * rows * rows)) ** 0.5) / (1 + z2 / rows)
    return Figure(
        value=p, low=min(p, max(0.0, middle - half)), high=max(p, min(1.0, middle + half)), rows=rows
    )


def precision_at(label: Floats, score: Floats, part: float) -> Figure:
    """Return the share of irregular among the *part* (0 to 1) with the highest scores, earlier rows first."""
    rows = max(1, round(len(label) * part))
    chosen = np.argsort(-score, kind="stable")[:rows]
    return share(float(label[chosen].sum()), rows)


def area_under_curve(label: Floats, score: Floats) -> Figure | None:
    """Return the area under the ROC curve with DeLong's interval (DeLong 1988); None with one outcome.

    It is the chance that an irregular row scores higher than a compliant one; ties count half.
    """
    from scipy.stats import rankdata

    positive, negative = score[label > 0.5], score[label <= 0.5]
    m, n = len(positive), len(negative)
    if not m or not n:
        return None
    ranks: Any = rankdata(np.concatenate((positive, negative)))
    above = (ranks[:m] - rankdata(positive)) / n
    below = 1.0 - (ranks[m:] - rankdata(negative)) / m
    area = float(above.mean())
    variance = (above.var(ddof=1) / m if m > 1 else 0.25) + (below.var(ddof=1) / n if n > 1 else 0.25)
    half = _Z * float(variance) ** 0.5
    return Figure(value=area, low=max(0.0, area - half), high=min(1.0, area + half), rows=m + n)


def calibration_error(label: Floats, p: Floats, bins: int = 10) -> float:
    """Return the mean distance of predicted from observed shares, in *bins* of equal size."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(abs(p[part].sum() - label[part].sum()) for part in parts) / max(len(label), 1))
