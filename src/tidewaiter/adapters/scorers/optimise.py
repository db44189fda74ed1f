"""Two small optimisers whose results do not depend on how many threads there are.

The ones of the numerical libraries call threaded linear algebra on vectors so short that starting
the threads costs ten times the work, and more on a busy machine; and the last bits of a sum would
depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from tidewaiter.adapters.scorers.table import Floats

__all__ = ["bounded_quadratic", "lbfgs"]

Loss: TypeAlias = Callable[[Floats], tuple[float, Floats]]

#: Steps that are remembered to guess the curvature.
_MEMORY: Final = 10
#: Armijo's constant: a step must bring this part of what the slope promises.
_PROMISE: Final = 1e-4


def lbfgs(loss: Loss, start: Floats, *, steps: int, tolerance: float = 1e-7) -> Floats:
    """Return where the smooth convex *loss* is least (Nocedal 1980), after at most *steps* steps.

    *loss* gives value and gradient.  Stops when a step gains less than *tolerance* of the value.
    """
    x = start.copy()
    value, gradient = loss(x)
    moved: list[tuple[Floats, Floats, float]] = []
    for _ in range(steps):
        direction = -_with_curvature(gradient, moved)
        slope = _dot(gradient, direction)
        if slope >= 0.0:
            break
        size = 1.0 if moved else min(1.0, 1.0 / float(np.sqrt(_dot(gradient, gradient))))
        while True:
            new = x + size * direction
            new_value, new_gradient = loss(new)
            if new_value <= value + _PROMISE * size * slope or size < 1e-12:
                break
            size *= 0.5
        change, turn = new - x, new_gradient - gradient
        curvature = _dot(change, turn)
        if curvature > 0.0:
            moved = [*moved[-_MEMORY + 1 :], (change, turn, 1.0 / curvature)]
        gained = value - new_value
        x, value, gradient = new, new_value, new_gradient
        if gained <= tolerance * max(abs(value), 1.0):
            break
    return x


def _with_curvature(gradient: Floats, moved: list[tuple[Floats, Floats, float]]) -> Floats:
    """Return the inverse of the guessed curvature times *gradient* (two-loop recursion)."""
    q = gradient.copy()
    weights = []
    for change, turn, inverse in reversed(moved):
        weight = inverse * _dot(change, q)
        weights.append(weight)
        q -= weight * turn
    if moved:
        change, turn, inverse = moved[-1]
        q /= inverse * _dot(turn, turn)
    for (change, turn, inverse), weight in zip(moved, reversed(weights), strict=True):
        q += (weight - inverse * _dot(turn, q)) * change
    return q


def _dot(a: Floats, b: Floats) -> float:
    """Return the inner product, summed without the linear algebra library."""
    return float((a * b).sum())


def bounded_quadratic(curvature: Floats, gradient: Floats, x: Floats, low: Floats) -> Floats:
    """Return the step that makes gradient·step + step·curvature·step / 2 least, with x + step >= *low*.

    By active sets: coordinates are pinned to their bound while they would cross it, and let go when
    they would gain by leaving it.  *curvature* is positive definite and small.
    """
    step = np.zeros(len(x))
    free = np.ones(len(x), dtype=np.bool_)
    # Each round pins or lets go; more rounds than this would be going in circles.
    for _ in range(4 * len(x) + 4):
        step[~free] = low[~free] - x[~free]
        pull = gradient + (curvature[:, ~free] * step[~free]).sum(axis=1)
        if free.any():
            step[free] = np.linalg.solve(curvature[np.ix_(free, free)], -pull[free])
        crossing = free & (x + step < low)
        if crossing.any():
            free &= ~crossing
            continue
        gain = np.where(free, 0.0, gradient + (curvature * step).sum(axis=1))
        if gain.min() >= -1e-12:
            break
        free[int(gain.argmin())] = True
    return np.maximum(step, low - x)
