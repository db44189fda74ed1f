"""The gates that a challenger must pass before it may be proposed; people promote, gates only refuse.

Each gate is a pure function of figures and returns whether it is passed, a sentence for the model
card, and the numbers behind it.  A gate that cannot judge does not pass.

Targeted poisoning hides in the average: turning 0.15 % of the labels erased one declarant (recall
1.00 to 0.05) while overall recall hardly moved; hence :func:`segment_gate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc

from tidewaiter.core.learning.estimate import Estimate, Judgement, NotEnoughEvidence
from tidewaiter.core.learning.intervals import Floats

__all__ = [
    "Gate",
    "additivity_gate",
    "calibration_gate",
    "file_gate",
    "golden_gate",
    "improvement_gate",
    "segment_gate",
]

#: Relative loss of recall in one segment that refuses a challenger.
_DROP_MAX: Final = 0.20
#: A loss is chance, and only reported, when a fair coin would lose as many in more than 1 % of cases.
_CHANCE_MAX: Final = 0.01
#: Segments with fewer known irregular declarations are too small to be judged alone.
_SEGMENT_MIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What one gate says."""

    #: Name of the gate.
    name: str
    passed: bool
    #: Why, for people.
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def improvement_gate(difference: Judgement, *, metric: str = "recall", loss_max: float = 0.0) -> Gate:
    """Judge challenger minus champion on the rows with logged probabilities (`estimate.compare`).

    Passed when the whole interval lies above ``-loss_max``: 0 demands a proven gain; a small
    positive value accepts a challenger that is provably not worse by more than that.
    """
    if isinstance(difference, NotEnoughEvidence):
        numbers = {"sampled": difference.sampled, "needed": difference.needed}
        return Gate(name="improvement", passed=False, sentence=difference.sentence, numbers=numbers)
    passed = difference.low > -loss_max
    verdict = "passes" if passed else "does not pass"
    sentence = (
        f"The challenger changes {metric} by {difference.value:+.3f} "
        f"({difference.confidence:.0%} interval {difference.low:+.3f} to {difference.high:+.3f}, "
        f"{difference.inspected} inspected declarations); this {verdict} the limit of {0.0 - loss_max:+.3f}."
    )
    return Gate(name="improvement", passed=passed, sentence=sentence, numbers=_numbers(difference))


def calibration_gate(
    predicted: Floats, irregular: Floats, *, tolerance: float = 0.05, rows_min: int = 50
) -> Gate:
    """Judge whether the predicted probabilities of the random arm are as frequent as they say.

    Passed when predicted and observed irregularities differ by at most *tolerance* (relative), or
    by no more than chance explains (|z| < 1.96 with the binomial variance of the predictions).
    """
    if predicted.size < rows_min:
        sentence = (
            f"Too few to judge calibration: {predicted.size} drawn declarations, {rows_min} are needed."
        )
        return Gate(
            name="calibration", passed=False, sentence=sentence, numbers={"rows": int(predicted.size)}
        )
    expected, observed = float(predicted.sum()), float(irregular.sum())
    spread = math.sqrt(float((predicted * (1.0 - predicted)).sum()))
    z = (observed - expected) / spread if spread > 0.0 else math.copysign(math.inf, observed - expected)
    if observed == expected:
        z = 0.0
    ratio = expected / observed if observed > 0.0 else math.inf
    passed = abs(ratio - 1.0) <= tolerance or abs(z) < 1.96
    sentence = (
        f"Of {predicted.size} declarations drawn at random {observed:.0f} were irregular and {expected:.1f} "
        f"were predicted (ratio {ratio:.2f}, z {z:+.1f}); the model is {'' if passed else 'not '}calibrated."
    )
    numbers = {"rows": int(predicted.size), "observed": observed, "predicted": expected, "z": z}
    return Gate(name="calibration", passed=passed, sentence=sentence, numbers=numbers)


def segment_gate(
    segments: Mapping[str, npt.NDArray[Any]],
    champion_finds: npt.NDArray[np.bool_],
    challenger_finds: npt.NDArray[np.bool_],
    *,
    drop_max: float = _DROP_MAX,
    irregular_min: int = _SEGMENT_MIN,
) -> Gate:
    """Judge recall within every segment: declarant, importer, office, chapter.

    The rows are the known irregular declarations; *segments* gives the value of each row per
    dimension, and the two masks say what each model would have picked at the same workload.  Refused
    when one segment loses more than *drop_max* of what the champion found, unless so few were
    exchanged that chance explains it (exact one-sided sign test at 1 %); such segments are listed.
    """
    refused: list[dict[str, Any]] = []
    doubtful: list[dict[str, Any]] = []
    judged = 0
    for dimension, values in segments.items():
        for value in np.unique(values):
            rows = values == value
            if int(rows.sum()) < irregular_min:
                continue
            judged += 1
            found = _segment(champion_finds[rows], challenger_finds[rows])
            if found["before"] > 0 and found["drop"] > drop_max:
                entry = {"dimension": dimension, "segment": str(value), **found}
                (refused if found["chance"] <= _CHANCE_MAX else doubtful).append(entry)
    for entries in (refused, doubtful):
        entries.sort(key=lambda entry: (-entry["drop"], entry["dimension"], entry["segment"]))
    passed = judged > 0 and not refused
    numbers = {"segments": judged, "refused": refused, "doubtful": doubtful}
    return Gate(
        name="segments", passed=passed, sentence=_segment_sentence(judged, refused, drop_max), numbers=numbers
    )


def _segment(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_]) -> dict[str, Any]:
    lost = int(np.count_nonzero(before & ~after))
    gained = int(np.count_nonzero(after & ~before))
    found = int(np.count_nonzero(before))
    drop = (lost - gained) / found if found else 0.0
    # P(at least `lost` of the exchanged ones are losses) if losses and gains were equally likely.
    chance = float(bdtrc(lost - 1, lost + gained, 0.5)) if lost else 1.0
    return {
        "irregular": int(before.size),
        "before": found,
        "after": found - lost + gained,
        "drop": drop,
        "chance": chance,
    }


def _segment_sentence(judged: int, refused: Sequence[Mapping[str, Any]], drop_max: float) -> str:
    if judged == 0:
        return "Too few to judge: no segment has enough known irregular declarations."
    if not refused:
        return f"No segment of {judged} loses more than {drop_max:.0%} of its recall."
    worst = refused[0]
    return (
        f"{len(refused)} of {judged} segments lose more than {drop_max:.0%} of their recall; the worst is "
        f"{worst['dimension']} {worst['segment']}: {worst['before']} found before, {worst['after']} after, "
        f"of {worst['irregular']} irregular. Check its labels before going on."
    )


def additivity_gate(sums: Floats, log_odds: Floats, *, tolerance: float = 1e-6) -> Gate:
    """Judge whether the contributions plus the expected value add up to the log-odds of the model."""
    gap, passed = _gap(sums, log_odds, tolerance)
    verb = "add" if passed else "do not add"
    sentence = f"Explanations of {sums.size} declarations {verb} up: largest gap {gap:.2g}."
    numbers = {"gap": gap, "rows": int(sums.size)}
    return Gate(name="explanations", passed=passed, sentence=sentence, numbers=numbers)


def golden_gate(stored: Floats, computed: Floats, *, tolerance: float = 1e-9) -> Gate:
    """Judge whether the loaded model gives the scores that were stored when it was trained."""
    gap, passed = _gap(stored, computed, tolerance)
    verb = "give" if passed else "do not give"
    sentence = f"{stored.size} golden declarations {verb} their stored scores: largest gap {gap:.2g}."
    numbers = {"gap": gap, "rows": int(stored.size)}
    return Gate(name="golden", passed=passed, sentence=sentence, numbers=numbers)


def _gap(one: Floats, other: Floats, tolerance: float) -> tuple[float, bool]:
    """Return the largest difference and whether it is within *tolerance*; nothing to compare is infinite."""
    comparable = one.shape == other.shape and one.size > 0
    gap = float(np.max(np.abs(one - other))) if comparable else math.inf
    return gap, gap <= tolerance  # NaN compares false, so a broken score does not pass


def file_gate(stated: str, computed: str) -> Gate:
    """Judge whether the files on disk are the ones that were trained: equal content hashes."""
    passed = bool(stated) and stated == computed
    if passed:
        sentence = f"The files have the stated hash {stated}."
    else:
        shown = computed or "none"
        sentence = f"The files have the hash {shown}, but {stated or 'none'} was stated: they were changed."
    return Gate(
        name="file", passed=passed, sentence=sentence, numbers={"stated": stated, "computed": computed}
    )


def _numbers(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "inspected": estimate.inspected,
        "effective": estimate.effective,
    }
