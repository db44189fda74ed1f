"""The jagged part of the general model: gradient-boosted trees (LightGBM), kept as its text.

A model is always made from its text, also right after training, so what was judged is what is
loaded later, bit for bit.  Contributions are exact TreeSHAP values (Lundberg 2018).
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tidewaiter.adapters.scorers.table import Floats, Table

if TYPE_CHECKING:
    import lightgbm

__all__ = ["Trees", "fit_trees", "lightgbm_module"]

_SHAPE: Final[Mapping[str, Any]] = {
    "learning_rate": 0.02,
    "num_leaves": 15,
    "max_depth": 6,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    # Codes with few goods must not buy a split of their own.
    "cat_smooth": 50.0,
    "cat_l2": 50.0,
    "max_cat_threshold": 64,
    "min_data_per_group": 10,
    # Headings need more bins than the usual 255.
    "max_bin": 2047,
    "min_data_in_bin": 1,
}

#: A leaf that is not a finite number.  (A threshold may be infinite: it parts missing from the rest.)
_NOT_FINITE: Final = re.compile(r"(?mi)^leaf_value=.*(?:nan|inf)")


_ONE_AT_A_TIME: Final = threading.Lock()


def lightgbm_module() -> Any:
    """Return LightGBM, imported late (it takes half a second) and told not to spin.

    With a spinning pool a fit of 2 seconds took 43 on a busy machine of 2 cores.  LightGBM loads
    scikit-learn, and with it all of SciPy, for wrappers that nobody here uses: two seconds at each
    start.  It goes without where they cannot be imported, so they cannot be meanwhile.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with _ONE_AT_A_TIME:
        absent = not {"lightgbm", "sklearn"} & sys.modules.keys()
        if absent:
            sys.modules["sklearn"] = None  # type: ignore[assignment]  # Python's way to refuse an import
        try:
            import lightgbm
        finally:
            if absent:
                del sys.modules["sklearn"]
    return lightgbm


class Trees:
    """Boosted trees over named columns of a table."""

    def __init__(self, text: str, columns: Sequence[str], classes: int = 1) -> None:
        """Read *text*; raises ValueError when it holds a number that is not finite."""
        if _NOT_FINITE.search(text):
            raise ValueError("the trees hold a number that is not finite")
        self.text = text
        self.columns = tuple(columns)
        self.classes = classes
        self._booster: lightgbm.Booster = lightgbm_module().Booster(model_str=text)

    def log_odds(self, table: Table) -> Floats:
        """Return the raw scores of each item: log-odds; items × classes when there are several."""
        return self._predict(table, raw_score=True)

    def shares(self, table: Table) -> Floats:
        """Return the probability of each class, items × classes."""
        return self._predict(table)

    def contributions(self, table: Table) -> Floats:
        """Return the contribution of each column to the log-odds, and last the expected value."""
        return self._predict(table, pred_contrib=True)

    def _predict(self, table: Table, **how: bool) -> Floats:
        data = table.columns(self.columns)
        if not len(data):
            return np.zeros((0, len(self.columns) + 1)) if "pred_contrib" in how else np.zeros(0)
        found: Floats = np.asarray(self._booster.predict(data, num_threads=1, **how), dtype=np.float64)
        return found


def fit_trees(
    table: Table,
    label: Floats,
    weight: Floats,
    columns: Sequence[str],
    *,
    seed: int,
    threads: int,
    trees: int,
    classes: int = 1,
    **shape: float,
) -> Trees:
    """Fit boosted trees on *columns*; a column whose name begins with ``=`` is a code.

    *label* is 0 to 1, or the class from 0 when there are several *classes*.
    """
    lightgbm = lightgbm_module()
    settings: dict[str, Any] = {
        **_SHAPE,
        **shape,
        "objective": "multiclass" if classes > 1 else "cross_entropy",
        "num_class": classes,
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    codes = [i for i, name in enumerate(columns) if name.startswith("=")]
    data = lightgbm.Dataset(
        table.columns(tuple(columns)), label, weight=weight, categorical_feature=codes, params=settings
    )
    booster = lightgbm.train(settings, data, num_boost_round=trees)
    return Trees(plain_text(booster.model_to_string()), columns, classes)


def plain_text(text: str) -> str:
    """Return the text of a model without what does not belong to it: importances and settings of the fit."""
    end = "end of trees"
    return text[: text.index(end) + len(end)] + "\n"
