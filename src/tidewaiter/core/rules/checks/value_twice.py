"""Alternatives that are none, too many, or there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known, operator_of, parsed, several_of, value_place
from tidewaiter.core.rules.nodes import VALUES_MAX, ContainsAny, In, Leaf, Prefix

__all__ = ["alternatives_distinct"]


def alternatives_distinct(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """Alternatives are distinct, at least one, at most a thousand."""
    alternatives = several_of(leaf)
    if isinstance(leaf, In | Prefix | ContainsAny) and not 1 <= len(alternatives) <= VALUES_MAX:
        message = f"1 to {VALUES_MAX} values are expected, not {len(alternatives)}"
        yield Fault(code="list-length", place=at(place, operator_of(leaf)), message=message)
    values = parsed(leaf, alternatives, known) if isinstance(leaf, In) else list(alternatives)
    for value, times in Counter(values or ()).items():
        if times > 1:
            index = (values or []).index(value, (values or []).index(value) + 1)
            here = value_place(leaf, place, index)
            shown = shorten(alternatives[index])
            yield Fault(code="value-twice", place=here, message="the value is there twice", value=shown)
