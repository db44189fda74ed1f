"""Conditions that a profile writes as text, in the data form in which they are kept."""

from __future__ import annotations

from dataclasses import replace

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.form import to_data
from tidewaiter.core.rules.text.grammar import read_text

__all__ = ["in_data_form"]


def in_data_form(data: object, registry: Registry, faults: list[Fault]) -> object:
    """Return the *data* of a profile with its condition as data, where ``when`` is a text.

    A text that cannot be read leaves its faults at ``/when``, with line and column of the text; the rest
    of the profile is judged all the same.
    """
    if not isinstance(data, dict) or not isinstance(data.get("when"), str):
        return data
    reading = read_text(data["when"], registry)
    for marked in reading.faults:
        message = f"{marked.fault.place} of the text: {marked.fault.message}"
        faults.append(replace(marked.fault, place="/when", message=message))
    # What stands for the condition is never used: there are faults.
    when = {"feature": "version", "is_missing": True} if reading.node is None else to_data(reading.node)
    return {**data, "when": when}
