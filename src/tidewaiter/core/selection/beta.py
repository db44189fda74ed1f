"""The Beta survival function in plain Python: how likely a rate is above a threshold.

Continued fraction of the regularised incomplete beta function by Lentz's method (Press et al.,
Numerical Recipes, 6.4); absolute error below 1e-8 for parameters up to 1e6.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["beta_survival"]

_TINY: Final = 1e-300
_TOLERANCE: Final = 1e-10
#: Enough for parameters up to 1e6: the fraction needs about the square root of the larger one.
_TERMS_MAX: Final = 5000


def beta_survival(a: float, b: float, x: float) -> float:
    """Return P(theta > *x*) for theta ~ Beta(*a*, *b*), both above 0; 1 for x <= 0 and 0 for x >= 1.

    >>> round(beta_survival(1.0, 1.0, 0.25), 12)
    0.75
    """
    if not (a > 0 and b > 0) or math.isnan(x):
        raise ValueError(f"BUG: a Beta distribution needs parameters above 0, not {a!r} and {b!r} (at {x!r})")
    if x <= 0.0:
        return 1.0
    if x >= 1.0:
        return 0.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1.0) / (a + b + 2.0):
        return min(1.0, max(0.0, 1.0 - front * _fraction(a, b, x) / a))
    return min(1.0, max(0.0, front * _fraction(b, a, 1.0 - x) / b))


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of I_x(a, b), which converges fast for x below the mean."""
    c = 1.0
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0) or _TINY)
    h = d
    for m in range(1, _TERMS_MAX):
        p = a + 2 * m
        even = m * (b - m) * x / ((p - 1.0) * p)
        odd = -(a + m) * (a + b + m) * x / (p * (p + 1.0))
        # Lentz divides by these; only an exact zero would harm, and it is moved off zero.
        d = 1.0 / (1.0 + even * d or _TINY)
        c = 1.0 + even / c or _TINY
        h *= d * c
        d = 1.0 / (1.0 + odd * d or _TINY)
        c = 1.0 + odd / c or _TINY
        step = d * c
        h *= step
        if -_TOLERANCE < step - 1.0 < _TOLERANCE:
            break
    return h
