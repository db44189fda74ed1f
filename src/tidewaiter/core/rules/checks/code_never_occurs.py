"""A code that a feature can never have."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.checks.known import Known, literals_of, value_place
from tidewaiter.core.rules.forms import expected, fits, form_of
from tidewaiter.core.rules.nodes import Leaf

__all__ = ["code_can_occur"]


def code_can_occur(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A code that a feature can never have is a mistake, such as four digits for a chapter."""
    form = form_of(leaf.feature)
    if known.registry[leaf.feature].kind is not Kind.CODE:
        return
    for index, literal in enumerate(literals_of(leaf)):
        if isinstance(literal, str) and not fits(form, literal):
            message = f"`{leaf.feature}` never has this value: it is {expected(form)}"
            here = value_place(leaf, place, index)
            yield Fault(code="code-never-occurs", place=here, message=message, value=shorten(literal))
