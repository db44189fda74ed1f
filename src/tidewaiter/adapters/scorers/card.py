"""The model card: what a model learned from, what it is made of, how well it did on newer results.

The figures come from the hold-out: the newest quarter of the results, scored by a model that had
seen older ones only.  Beside it stand two baselines that need no learning: the dictionary (the
record of the same goods) and the record of the HS6.  A figure without them means little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from tidewaiter import __version__
from tidewaiter.adapters.scorers.fitting import fit_calibration
from tidewaiter.adapters.scorers.forward import Forward
from tidewaiter.adapters.scorers.labelled import Labelled
from tidewaiter.adapters.scorers.metrics import area_under_curve, calibration_error, precision_at, share
from tidewaiter.adapters.scorers.table import Floats, Table
from tidewaiter.core.learning.labels import Example
from tidewaiter.core.scoring.memory import GOODS, MEMORY_KEYS, remember

__all__ = ["MadeOf", "make_card", "words_of"]

#: A hold-out with fewer items than this is not judged.
_ROWS_MIN: Final = 50
_PARTS: Final = (0.05, 0.10)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOf:
    """What a model was made of and with."""

    feature_set: str
    #: Features of the general model.
    features: tuple[str, ...]
    kinds: tuple[str, ...]
    revenue: str
    seed: int


def make_card(
    examples: Sequence[Example],
    labelled: Labelled,
    table: Table,
    ahead: Forward,
    p: Floats,
    usual_rate: float,
    made_of: MadeOf,
) -> dict[str, Any]:
    """Return the card as plain data; *p* are the probabilities of the rows of *ahead*, not calibrated."""
    newest = ahead.newest
    return {
        "model": "memory + general model (ridge logistic, boosted trees) + monotone stack + beta calibration",
        "software": f"tidewaiter {__version__}",
        "feature_set": made_of.feature_set,
        "features": list(made_of.features),
        "kinds": list(made_of.kinds),
        "expected_revenue": made_of.revenue,
        "seed": made_of.seed,
        "data": _data(examples, labelled, usual_rate),
        "holdout": _holdout(labelled, table, ahead.part(newest), p[newest], usual_rate),
    }


def _data(examples: Sequence[Example], labelled: Labelled, usual_rate: float) -> dict[str, Any]:
    """Return what was learned from."""
    days = [example.lodged_day for example in examples]
    return {
        "lodged_from": date.fromordinal(min(days)).isoformat(),
        "lodged_to": date.fromordinal(max(days)).isoformat(),
        "results_known_to": date.fromordinal(max(example.known_day for example in examples)).isoformat(),
        "declarations": len(examples),
        "random_arm": sum(example.random_arm for example in examples),
        "items": len(labelled),
        "irregular_items": int(labelled.irregular.sum()),
        "different_goods": len(np.unique(labelled.goods)),
        "irregular_share_of_goods": round(usual_rate, 4),
    }


def _holdout(
    labelled: Labelled, table: Table, held: Forward, p: Floats, usual_rate: float
) -> dict[str, Any] | None:
    """Return the figures on the hold-out, of all its items and of new goods; None when it is too small."""
    if len(held) < _ROWS_MIN:
        return None
    label = labelled.irregular[held.rows]
    rows = table.rows(held.rows)
    scores = {"ours": p}
    for name, key in (("dictionary", GOODS), ("hs6_rate", "hs6")):
        scores[name] = _record(rows, key, usual_rate)
    true = _cross_calibrated(labelled, held, p)
    days = labelled.lodged_day[held.rows]
    found: dict[str, Any] = {
        "lodged_from": date.fromordinal(int(days.min())).isoformat(),
        "lodged_to": date.fromordinal(int(days.max())).isoformat(),
    }
    everything = np.ones(len(held), dtype=np.bool_)
    for name, part in (("all_items", everything), ("new_goods", rows[f"{GOODS}_inspected_all"] == 0.0)):
        if int(part.sum()) >= _ROWS_MIN:
            found[name] = _figures(label[part], {who: s[part] for who, s in scores.items()}, true[part])
    return found


def _record(rows: Table, name: str, usual_rate: float) -> Floats:
    """Return the smoothed record of one key, as log-odds above the usual."""
    key = next(key for key in MEMORY_KEYS if key.name == name)
    counts = rows.columns(key.counted)[:, None, :]
    return remember(counts, np.array([key.smoothing]), usual_rate).evidence[:, 0]


def _figures(label: Floats, scores: Mapping[str, Floats], true: Floats) -> dict[str, Any]:
    """Return how well each of *scores* orders, and how true the probabilities are."""
    found: dict[str, Any] = {"irregular": share(float(label.sum()), len(label)).to_data()}
    for who, score in scores.items():
        area = area_under_curve(label, score)
        found[who] = {
            "auc": None if area is None else area.to_data(),
            **{
                f"precision_at_{round(100 * part)}_percent": precision_at(label, score, part).to_data()
                for part in _PARTS
            },
        }
    found["calibration"] = {
        "predicted_to_observed": round(float(true.sum() / label.sum()), 4) if label.sum() else None,
        "error": round(calibration_error(label, true), 4),
    }
    return found


def _cross_calibrated(labelled: Labelled, held: Forward, p: Floats) -> Floats:
    """Return *p* calibrated on the half of the goods to which a row does not belong.

    The calibration of the model itself is fitted on the whole hold-out, so it cannot be judged there.
    """
    half = labelled.goods[held.rows] % 2 == 1
    found = np.empty(len(p))
    for mine in (half, ~half):
        rows = held.rows[~mine]
        found[mine] = fit_calibration(p[~mine], labelled.irregular[rows], labelled.weight[rows])(p[mine])
    return found


_MADE: Final = """# Model card

Made of: {model}. Software: {software}, feature set {feature_set}, seed {seed}.

Learned from {data_declarations} inspected declarations, lodged from {data_lodged_from} to
{data_lodged_to}, with results known up to {data_results_known_to}; {data_random_arm} of them were drawn
at random. They have {data_items} items, {data_irregular_items} irregular, and
{data_different_goods} different goods, of which a share of {data_irregular_share_of_goods} is irregular.

Expected revenue: {expected_revenue}.

Kinds of irregularity with a head of their own: {kinds_named}.

Features of the general model: {features_named}.

## Newer results
"""

_JUDGED: Final = """
Judged on results of declarations lodged from {lodged_from} to {lodged_to}, by a model that had seen
older ones only. These items were inspected: where a model chose them, they are not a fair sample of
all trade.

| items | score | AUC | precision at 5 % | precision at 10 % |
|---|---|---|---|---|
"""


def words_of(card: Mapping[str, Any]) -> str:
    """Return the card as a page for people (Markdown)."""
    data, holdout = card["data"], card["holdout"]
    lines = _MADE.format(
        **card,
        kinds_named=", ".join(card["kinds"]) or "none",
        features_named=", ".join(card["features"]),
        **{f"data_{name}": value for name, value in data.items()},
    ).splitlines()
    if holdout is None:
        return "\n".join([*lines, "Too few results to judge the model on newer ones.", ""])
    lines += _JUDGED.format(**holdout).splitlines()
    for part, told in (("all_items", "all"), ("new_goods", "new goods")):
        if part in holdout:
            figures = holdout[part]
            for who in ("ours", "dictionary", "hs6_rate"):
                of = figures[who]
                row = (of["auc"], of["precision_at_5_percent"], of["precision_at_10_percent"])
                cells = " | ".join(_told(figure) for figure in row)
                lines.append(
                    f"| {told} ({figures['irregular']['rows']}) | {who.replace('_', ' ')} | {cells} |"
                )
    lines.append("")
    for part, told in (("all_items", "All items"), ("new_goods", "New goods")):
        if part in holdout:
            true = holdout[part]["calibration"]
            lines.append(
                f"{told}: irregular {_told(holdout[part]['irregular'])}; predicted to observed "
                f"{true['predicted_to_observed']}, mean calibration error {true['error']}."
            )
    return "\n".join([*lines, ""])


def _told(figure: Mapping[str, float] | None) -> str:
    return "-" if figure is None else f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
