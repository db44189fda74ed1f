"""A prefix that no code has, or that a shorter one covers."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.forms import CodeForm, form_of, longest
from tidewaiter.core.rules.nodes import Leaf, Prefix

__all__ = ["prefix_possible"]


def prefix_possible(leaf: Leaf, place: str, _known: Known) -> Iterator[Fault]:
    """A prefix is no longer than the code, has its characters, and is not covered by a shorter one."""
    if not isinstance(leaf, Prefix):
        return
    form = form_of(leaf.feature)
    numeric = form in {CodeForm.HS2, CodeForm.HS4, CodeForm.HS6, CodeForm.HS_CODE}
    distinct = set(leaf.prefixes)
    for index, prefix in enumerate(leaf.prefixes):
        here, shown = at(at(place, "prefix"), index), shorten(prefix)
        if len(prefix) > longest(form):
            message = (
                f"the prefix is longer than `{leaf.feature}`, which has at most {longest(form)} characters"
            )
            yield Fault(code="prefix-too-long", place=here, message=message, value=shown)
        elif numeric and not (prefix.isascii() and prefix.isdigit()):
            yield Fault(code="prefix-form", place=here, message="an HS prefix has digits only", value=shown)
        for length in range(1, len(prefix)):
            if prefix[:length] in distinct:
                message = f"the prefix is already covered by `{prefix[:length]}`"
                yield Fault(code="prefix-covered", place=here, message=message, value=shown)
