"""JSON, the native format: what Tidewaiter reads, keeps and signs.

:mod:`parse` turns bytes into plain data and refuses what two parsers could read differently;
:mod:`read` and :mod:`write` are the way in and the canonical way out, so that
``read(write(d)) == d``.  :mod:`schema` publishes the JSON Schemas and the tables of fields.
"""

from tidewaiter.adapters.formats.json.read import read_control_result, read_declaration
from tidewaiter.adapters.formats.json.write import write_control_result, write_declaration

__all__ = ["read_control_result", "read_declaration", "write_control_result", "write_declaration"]
