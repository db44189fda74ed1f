"""Conditions over many items at once: feature values as columns, and the rules asked of them block by block.

`encode` makes columns of values, `truth` says where one condition is true, unknown or false, `index` asks
many conditions together.  The answers are those of ``core.rules.evaluate``, item by item.
"""

from tidewaiter.adapters.columns.encode import Coded, Column, Columns, Numeric, encode
from tidewaiter.adapters.columns.index import ColumnIndex, Matches
from tidewaiter.adapters.columns.truth import Truths

__all__ = ["Coded", "Column", "ColumnIndex", "Columns", "Matches", "Numeric", "Truths", "encode"]
