"""A text that would never be found, because it is not in normal form."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.history.measures import normalised
from tidewaiter.core.rules.checks.known import Known, value_place
from tidewaiter.core.rules.nodes import ContainsAny, Leaf

__all__ = ["text_normal"]


def text_normal(leaf: Leaf, place: str, _known: Known) -> Iterator[Fault]:
    """A text that is looked for is in normal form, else it would never be found."""
    for index, text in enumerate(leaf.texts if isinstance(leaf, ContainsAny) else ()):
        # A blank at an end is meant: it marks the edge of a word.
        if normalised(f"X{text}X") != f"X{text}X":
            message = "texts are compared in capitals with single blanks"
            hint = f"Write {normalised(text)!r}."
            here = value_place(leaf, place, index)
            yield Fault(code="text-form", place=here, message=message, value=shorten(text), hint=hint)
