"""What was known at an instant: counts of declarations and results, and usual unit values.

:class:`History` is a pure fold over events in the order of the journal.  :mod:`keys` says what is
counted for whom, :mod:`counters` counts by day, :mod:`reference` keeps the distribution of a unit
value, :mod:`measures` turns decimals into the integers that all of them use.  Everything is an
integer, so a replay gives the same values bit for bit on every machine.
"""

from tidewaiter.core.history.history import History
from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS, KeyFamily

__all__ = ["HEADER_KEYS", "ITEM_KEYS", "History", "KeyFamily"]
