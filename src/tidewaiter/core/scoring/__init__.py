"""Scores: how suspicious a declaration is, what control would find, and why.

:mod:`contract` says what every scorer gives.  :mod:`memory` turns counts of earlier results into
evidence.  :mod:`reasons` turns contributions into sentences for officers, with the words of
:mod:`words`.
"""

from tidewaiter.core.scoring.contract import Contribution, ItemScore, Score, Scorer
from tidewaiter.core.scoring.memory import MEMORY_KEYS, MemoryKey, Remembered, effective_count, remember
from tidewaiter.core.scoring.reasons import model_reasons

__all__ = [
    "MEMORY_KEYS",
    "Contribution",
    "ItemScore",
    "MemoryKey",
    "Remembered",
    "Score",
    "Scorer",
    "effective_count",
    "model_reasons",
    "remember",
]
