"""From items to their declaration: how far the items of one declaration share its fate.

Who hides goods in one item mostly hides them in all, so items are not independent: a noisy or makes
long declarations look more suspicious than they are.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tidewaiter.adapters.scorers.table import Booleans, Floats, Ints

__all__ = ["fit_shared_fate", "of_declarations"]

#: What is tried: steps of a fiftieth.
_TRIED: Final = tuple(step / 50.0 for step in range(51))
#: Log-likelihoods of declarations are kept finite at this distance from certainty.
_EDGE: Final = 1e-9


def of_declarations(p: Floats, start: Ints, shared_fate: float) -> Floats:
    """Return the probability of each declaration from those of its items, which begin at *start*.

    1 - prod(1 - p) ^ (1 / n ^ f) for n items.  With f = 0 each item has a fate of its own (noisy or);
    with f = 1 all have the same, and many items make a declaration no more suspicious than one.
    A declaration of one item has the probability of its item.  *p* has a column per question, or none.
    """
    compliant = np.add.reduceat(np.log1p(-np.minimum(p, 1.0 - 1e-12)), start)
    count = (np.concatenate((start[1:], [len(p)])) - start).astype(np.float64)
    part = count**-shared_fate
    found: Floats = -np.expm1((compliant.T * part).T)
    return found


def fit_shared_fate(p: Floats, start: Ints, chosen: Booleans, label: Floats, weight: Floats) -> float:
    """Return the most likely shared fate, 0 to 1, of declarations whose items begin at *start* in *p*.

    *label* (1 irregular, 0 compliant) and *weight* are those of the *chosen* declarations.
    """
    best, found = -np.inf, 0.0
    for fate in _TRIED:
        whole = np.clip(of_declarations(p, start, fate)[chosen], _EDGE, 1.0 - _EDGE)
        likely = float((weight * (label * np.log(whole) + (1.0 - label) * np.log1p(-whole))).sum())
        if likely > best:
            best, found = likely, fate
    return found
