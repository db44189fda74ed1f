"""A literal that does not have the form of the kind of its feature."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.rules.checks.known import Known, literals_of, value_place
from tidewaiter.core.rules.literals import LiteralError, literal_value
from tidewaiter.core.rules.nodes import Leaf

__all__ = ["literal_form"]


def literal_form(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A literal has the form of the kind of its feature; nothing is converted."""
    kind = known.registry[leaf.feature].kind
    for index, literal in enumerate(literals_of(leaf)):
        try:
            literal_value(kind, literal)
        except LiteralError as error:
            message = f"`{leaf.feature}` is of kind {kind}: {error}"
            here = value_place(leaf, place, index)
            yield Fault(code="literal-form", place=here, message=message, value=shorten(literal))
