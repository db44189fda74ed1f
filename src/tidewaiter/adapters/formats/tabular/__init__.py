"""Tables: CSV, Parquet and Excel, through a mapping that is data.

A mapping (:mod:`rules`, :mod:`mapping`) says which column is which field.  A source
(:mod:`csv_source`, :mod:`sheet_source`) gives rows of texts.  :mod:`plan` lays the mapping over
the header, :mod:`cells` rewrites cells, :mod:`assemble` makes declarations and control results of
rows, :mod:`read` keeps the books: each row is in a declaration or is a bad row
(:mod:`bad_rows`).
"""

from tidewaiter.adapters.formats.tabular.bad_rows import BadRowsFile, write_bad_rows
from tidewaiter.adapters.formats.tabular.mapping import (
    TableMapping,
    load_mapping,
    mapping_names,
    resolve_mapping,
)
from tidewaiter.adapters.formats.tabular.read import read_table
from tidewaiter.adapters.formats.tabular.rows import BadRow, Row, RowOutcome

__all__ = [
    "BadRow",
    "BadRowsFile",
    "Row",
    "RowOutcome",
    "TableMapping",
    "load_mapping",
    "mapping_names",
    "read_table",
    "resolve_mapping",
    "write_bad_rows",
]
