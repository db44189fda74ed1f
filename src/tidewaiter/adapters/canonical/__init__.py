"""The canonical message: a declaration or a control result as plain data, and how it is checked.

Every message format brings its input into this one form, so that all formats know the same
fields, apply the same limits and report the same faults.  :mod:`fields` are the types, with their
readers; :mod:`messages` are the fields, in order; :mod:`read` makes core values of plain data.
"""

from tidewaiter.adapters.canonical.messages import ControlResultMessage, DeclarationMessage
from tidewaiter.adapters.canonical.read import control_result_from_data, declaration_from_data

__all__ = ["ControlResultMessage", "DeclarationMessage", "control_result_from_data", "declaration_from_data"]
