"""Tell a decision: instructions for the officer, at most four true reasons, the answer that leaves.

The answer says what to do and why in words.  It says neither which stage selected nor with which
probability: the front line sees *selected*, and a trader who reads over its shoulder learns nothing
about the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tidewaiter.core.decision import Decision, Reason
from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.rules.ruleset import Hit, RuleOutcome
from tidewaiter.core.scoring.contract import Contribution
from tidewaiter.core.scoring.reasons import model_reasons
from tidewaiter.core.selection.stages import Arm, Selection
from tidewaiter.flow.content import Content

__all__ = ["REASONS_MAX", "answer_bytes", "instructions", "reasons"]

REASONS_MAX: Final = 4

#: Of a selection by the model that no single sentence tells.
_PATTERN: Final = Reason(
    code="pattern", text="What is declared, taken together, resembles declarations that proved irregular."
)
#: Of a selection that has no reason of its own: it must not look otherwise than the others.
_SELECTED: Final = Reason(code="selected", text="Selected for control.")


def instructions(outcome: RuleOutcome, selection: Selection) -> tuple[str, ...]:
    """Return the codes of the checks that the selecting profiles ask for, each once, in order."""
    return tuple(
        dict.fromkeys(check for hit in _selecting(outcome, selection) for check in hit.profile.checks)
    )


def reasons(
    outcome: RuleOutcome, selection: Selection, vector: FeatureVector, contributions: Sequence[Contribution]
) -> tuple[Reason, ...]:
    """Return one to four reasons: the profiles that selected, then what the model saw."""
    from_profiles = [
        Reason(code=f"profile:{hit.profile.code}", text=hit.profile.officer_text)
        for hit in _selecting(outcome, selection)
    ]
    by_model = any(stage.stage is Arm.MODEL and stage.hit for stage in selection.stages)
    from_model = model_reasons(vector, contributions) if by_model else ()
    told = (*from_profiles, *from_model)[:REASONS_MAX]
    return told or ((_PATTERN,) if by_model else (_SELECTED,))


def answer_bytes(decision: Decision, content: Content) -> bytes:
    """Return the answer to the declaration system: canonical JSON, the same for ever."""
    lane = content.lanes[decision.lane]
    answer: dict[str, Any] = {
        "decision_id": decision.id,
        "declaration_id": decision.declaration_id,
        "declaration_version": decision.declaration_version,
        "decided_at": decision.at.isoformat(),
        "lane": lane.code,
        "lane_words": dict(lane.words),
        "control": lane.control,
        "wco_response_code": lane.wco_response,
        "instructions": [
            {"code": code, "words": dict(content.checks[code].words)} for code in decision.instructions
        ],
        "reasons": [reason.text for reason in decision.reasons],
        "degraded": any(mark.startswith("DEGRADED") for mark in decision.marks),
    }
    return canonical_json(answer)


def _selecting(outcome: RuleOutcome, selection: Selection) -> list[Hit]:
    """Return the hits that selected: the mandatory ones, and those whose share was drawn."""
    drawn = {
        stage.detail for stage in selection.stages if stage.stage in (Arm.MANDATORY, Arm.SHARE) and stage.hit
    }
    return [hit for hit in outcome.hits if hit.profile.code in drawn]
