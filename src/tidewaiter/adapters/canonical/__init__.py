"""The canonical message: a declaration or a control result as plain data, and how it is checked.

Every message format brings its input into this one form, so that all formats know the same
fields, apply the same limits and report the same faults.  :mod:`fields` are the types, with their
readers; :mod:`messages` are the fields, in order; :mod:`read` makes core values of plain data, and
:mod:`accept` makes the same of data without a fault.
"""

from tidewaiter.adapters.canonical.accept import accepted_control_result, accepted_declaration
from tidewaiter.adapters.canonical.messages import ControlResultMessage, DeclarationMessage
from tidewaiter.adapters.canonical.read import control_result_from_data, declaration_from_data

__all__ = [
    "ControlResultMessage",
    "DeclarationMessage",
    "accepted_control_result",
    "accepted_declaration",
    "control_result_from_data",
    "declaration_from_data",
]
