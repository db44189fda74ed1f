"""Champion against challenger on declarations that neither was trained on.

Both pick the same number of declarations by their probability; what they would find is estimated
from the declarations whose inclusion probability is known (decided by Tidewaiter, or imported with
everything inspected), doubly robust, and the gates judge the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tidewaiter.core.learning.estimate import (
    Estimate,
    Judgement,
    Metric,
    Sample,
    compare,
    hit_rate,
    recall,
    revenue,
)
from tidewaiter.core.learning.gates import (
    Gate,
    calibration_gate,
    file_gate,
    golden_gate,
    improvement_gate,
    segment_gate,
)
from tidewaiter.core.learning.intervals import Floats
from tidewaiter.core.scoring.contract import Score

__all__ = ["LOSS_MAX", "Comparison", "Judged", "compared"]

#: A challenger may be worse in recall by less than this, for certain: a refit on newer data is worth it.
LOSS_MAX: Final = 0.02
#: Both models pick this share of the declarations where everything was inspected.
_SHARE: Final = 0.10
_SHARE_MIN: Final = 0.01
_SHARE_MAX: Final = 0.50


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One declaration of the judging period."""

    #: Probability that it was selected for control, above 0 to 1; 1 where everything was inspected.
    inclusion_probability: float
    #: None: not inspected.
    irregular: bool | None
    duty_found: float
    #: Drawn at random, independent of rules and model.
    random_arm: bool
    #: Dimension (declarant, importer, office, chapter) -> value.
    segments: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the comparison shows."""

    gates: tuple[Gate, ...]
    #: Figure -> model -> judgement.
    figures: Mapping[str, Mapping[str, Judgement]]
    rows: int
    inspected: int
    #: Share of declarations that both models pick, 0 to 1.
    share: float

    @property
    def passed(self) -> bool:
        """Whether all gates are passed."""
        return all(gate.passed for gate in self.gates)

    def to_data(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "passed": self.passed,
            "rows": self.rows,
            "inspected": self.inspected,
            "share": self.share,
            "gates": [
                {"name": g.name, "passed": g.passed, "sentence": g.sentence, "numbers": dict(g.numbers)}
                for g in self.gates
            ],
            "figures": {
                figure: {model: _judgement_data(judgement) for model, judgement in models.items()}
                for figure, models in self.figures.items()
            },
        }


def compared(
    rows: Sequence[Judged],
    champion: Sequence[Score],
    challenger: Sequence[Score],
    reloaded: Sequence[Score],
    *,
    versions: tuple[str, str],
    loss_max: float = LOSS_MAX,
) -> Comparison:
    """Compare two models that were trained before *rows*.

    *reloaded* are the challenger's scores after it was loaded from disk again, and *versions* the
    stated and the recomputed hash of its files.
    """
    sample = _sample(rows, champion)
    observed = float(np.mean(sample.inspected)) if len(sample) else 0.0
    share = _SHARE if observed > _SHARE_MAX else min(_SHARE_MAX, max(_SHARE_MIN, observed))
    policies = {"champion": _picks(champion, share), "challenger": _picks(challenger, share)}
    difference = compare(sample, policies["champion"], policies["challenger"], metric=Metric.RECALL)
    figures: dict[str, dict[str, Judgement]] = {
        "recall": {name: recall(sample, policy) for name, policy in policies.items()},
        "hit_rate": {name: hit_rate(sample, policy) for name, policy in policies.items()},
        "revenue_per_declaration": {name: revenue(sample, policy) for name, policy in policies.items()},
    }
    figures["recall"]["difference"] = difference
    drawn = np.array([row.random_arm and row.irregular is not None for row in rows], dtype=bool)
    known = np.array([bool(row.irregular) for row in rows], dtype=bool)
    gates = (
        improvement_gate(difference, loss_max=loss_max),
        calibration_gate(_probabilities(challenger)[drawn], known[drawn].astype(np.float64)),
        segment_gate(
            {
                name: np.array([row.segments[name] for row in rows])[known]
                for name in (rows[0].segments if rows else {})
            },
            policies["champion"][known] > 0.5,
            policies["challenger"][known] > 0.5,
        ),
        golden_gate(_probabilities(challenger)[:200], _probabilities(reloaded)[:200]),
        file_gate(*versions),
    )
    return Comparison(
        gates=gates, figures=figures, rows=len(sample), inspected=int(sample.inspected.sum()), share=share
    )


def _sample(rows: Sequence[Judged], champion: Sequence[Score]) -> Sample:
    return Sample(
        inclusion=np.array([row.inclusion_probability for row in rows], dtype=np.float64),
        inspected=np.array([row.irregular is not None for row in rows], dtype=bool),
        irregular=np.array([float(row.irregular or 0) for row in rows], dtype=np.float64),
        predicted=_probabilities(champion),
        found=np.array([row.duty_found for row in rows], dtype=np.float64),
        expected=np.array([score.expected_revenue for score in champion], dtype=np.float64),
    )


def _probabilities(scores: Sequence[Score]) -> Floats:
    return np.array([score.probability for score in scores], dtype=np.float64)


def _picks(scores: Sequence[Score], share: float) -> Floats:
    """Return 1 for the *share* of declarations with the highest probability, ties in their order, else 0."""
    order = np.argsort(-_probabilities(scores), kind="stable")
    picks = np.zeros(len(scores), dtype=np.float64)
    picks[order[: round(share * len(scores))]] = 1.0
    return picks


def _judgement_data(judgement: Judgement) -> dict[str, Any]:
    if isinstance(judgement, Estimate):
        return {
            "value": judgement.value, "low": judgement.low, "high": judgement.high,
            "inspected": judgement.inspected, "effective": judgement.effective,
        }  # fmt: skip
    return {"not_enough_evidence": judgement.sentence}
