"""Selection: from hits, draw and score to one lane within the office's capacity.

Read in this order: :mod:`lanes` and :mod:`plan` (what the administration owns), :mod:`stages` (the
vocabulary), :mod:`pacing` with :mod:`prices` (the office's day and the value of one more
officer-hour), :mod:`combine` (the decision itself).
"""

from tidewaiter.core.selection.combine import select
from tidewaiter.core.selection.lanes import Lane, Lanes, lanes_from_data
from tidewaiter.core.selection.pacing import OfficeState, opened, recorded, start
from tidewaiter.core.selection.plan import Facts, Plan
from tidewaiter.core.selection.plan_reading import plan_from_data
from tidewaiter.core.selection.stages import (
    Arm,
    Earlier,
    Inputs,
    Mark,
    RuleHit,
    Selection,
    Shadow,
    StageOutcome,
)

__all__ = [
    "Arm",
    "Earlier",
    "Facts",
    "Inputs",
    "Lane",
    "Lanes",
    "Mark",
    "OfficeState",
    "Plan",
    "RuleHit",
    "Selection",
    "Shadow",
    "StageOutcome",
    "lanes_from_data",
    "opened",
    "plan_from_data",
    "recorded",
    "select",
    "start",
]
