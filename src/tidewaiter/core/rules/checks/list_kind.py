"""A named list of codes of another form than the feature has."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Kind
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.forms import CodeForm, form_of
from tidewaiter.core.rules.nodes import InList, Leaf

__all__ = ["list_of_right_kind"]


def list_of_right_kind(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A named list holds codes of the form that the feature has."""
    feature = known.registry[leaf.feature]
    if (
        not isinstance(leaf, InList)
        or leaf.list not in known.lists
        or feature.kind not in {Kind.CODE, Kind.TEXT}
    ):
        return
    form = CodeForm.TEXT if feature.kind is Kind.TEXT else form_of(leaf.feature)
    kind = known.lists[leaf.list].kind
    if kind is not form:
        message = f"the list holds codes of kind `{kind}`, but `{leaf.feature}` is of kind `{form}`"
        yield Fault(code="list-kind", place=at(place, "in_list"), message=message, value=leaf.list)
