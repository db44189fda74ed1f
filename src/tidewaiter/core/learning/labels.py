"""Labels: what a control result teaches, together with the feature values of the time of decision.

An example is made when a conclusive result is known.  Its weight undoes the selection: an
inspected declaration stands for those that were as likely to be chosen and were not looked at.
Nothing is ever learned from a declaration that was not inspected: "not inspected" is not "clean".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.control import ControlResult, Finding, Outcome
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.history.verdict import item_outcome

__all__ = ["WEIGHT_MAX", "Example", "example_of", "known_before", "selection_weight"]

#: Weights are clipped here: an unclipped 1/probability lets one lucky draw of a 1 % floor outweigh
#: a hundred picks, and the variance costs more than the bias that clipping leaves.
WEIGHT_MAX: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One inspected declaration: its feature values before the decision, and what was found."""

    #: The values as they were when the declaration was assessed, never later ones.
    vector: FeatureVector
    #: Per item: irregular, compliant, or None when the result leaves the item open.
    item_irregular: tuple[bool | None, ...]
    #: Per item: names of the kinds of irregularity that were found; empty for none or not said.
    kinds: tuple[frozenset[str], ...]
    #: Per item: additional duty and tax, national currency, from 0.
    duty_effect: tuple[float, ...]
    #: How many declarations it stands for, 1 to ``WEIGHT_MAX``.
    weight: float = 1.0
    #: Proleptic ordinal of the UTC day it was lodged.
    lodged_day: int
    #: Proleptic ordinal of the UTC day the result became known.
    known_day: int
    #: Drawn by the random floor, independent of rules and model: what calibration is judged on.
    random_arm: bool = False

    @property
    def irregular(self) -> bool:
        """Whether any item is irregular."""
        return any(self.item_irregular)


def selection_weight(inclusion_probability: float | None) -> float:
    """Return the weight of an inspected declaration, 1 to ``WEIGHT_MAX``: one over its probability, clipped.

    None means fully labelled history, where everything was inspected: weight 1.

    Raises:
        ValueError: the probability is not above 0 and at most 1.

    >>> selection_weight(0.25), selection_weight(0.01), selection_weight(None)
    (4.0, 10.0, 1.0)
    """
    if inclusion_probability is None:
        return 1.0
    if not 0.0 < inclusion_probability <= 1.0:
        raise ValueError(f"BUG: an inspected declaration has inclusion probability {inclusion_probability}")
    return min(1.0 / inclusion_probability, WEIGHT_MAX)


def example_of(
    result: ControlResult,
    declaration: Declaration,
    vector: FeatureVector,
    *,
    lodged_day: int,
    known_day: int,
    inclusion_probability: float | None = None,
    random_arm: bool = False,
) -> Example | None:
    """Return what *result* teaches about *declaration*, or None when it is inconclusive.

    *vector* holds the values from the time of the decision, one row per item.  Duty of a finding
    that names no item is shared equally by the irregular items.
    """
    if not result.conclusive:
        return None
    outcomes = [item_outcome(result, item.number) for item in declaration.items]
    irregular = [outcome is Outcome.IRREGULAR for outcome in outcomes]
    shared = sum(_duty(finding) for finding in result.findings if finding.item_number is None)
    part = shared / max(sum(irregular), 1)
    named = [_about(result, item.number) for item in declaration.items]
    return Example(
        vector=vector,
        item_irregular=tuple(None if o is Outcome.INCONCLUSIVE else o is Outcome.IRREGULAR for o in outcomes),
        kinds=tuple(_kinds(findings) for findings in named),
        duty_effect=tuple(
            part * bad + sum(_duty(f) for f in findings if f.item_number is not None)
            for bad, findings in zip(irregular, named, strict=True)
        ),
        weight=selection_weight(inclusion_probability),
        lodged_day=lodged_day,
        known_day=known_day,
        random_arm=random_arm,
    )


def known_before(examples: Iterable[Example], day: int) -> list[Example]:
    """Return the examples whose result was known before *day* began: what a model as of *day* may use."""
    return [example for example in examples if example.known_day < day]


def _about(result: ControlResult, number: int) -> Sequence[Finding]:
    """Return the irregular findings that concern item *number*: those that name it, or name none."""
    return [
        finding
        for finding in result.findings
        if finding.outcome is Outcome.IRREGULAR and finding.item_number in (None, number)
    ]


def _kinds(findings: Sequence[Finding]) -> frozenset[str]:
    """Return the names of the kinds of irregularity in *findings*."""
    return frozenset(finding.irregularity.value for finding in findings if finding.irregularity is not None)


def _duty(finding: Finding) -> float:
    """Return the additional duty of *finding*, 0 when none was recorded."""
    return float(finding.duty_effect or 0)
