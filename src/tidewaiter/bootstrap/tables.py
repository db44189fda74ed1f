"""Files of declarations and results; apart, since who serves reads none and need not wait for it."""

from tidewaiter.adapters.files import read_declarations, read_results
from tidewaiter.adapters.formats.tabular import BadRow, Row, write_bad_rows
from tidewaiter.adapters.formats.tabular.bad_rows import safe_cell

__all__ = ["BadRow", "Row", "read_declarations", "read_results", "safe_cell", "write_bad_rows"]
