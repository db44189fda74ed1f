"""Two features that cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Feature, Kind
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.forms import form_of
from tidewaiter.core.rules.nodes import CompareFields, Leaf

__all__ = ["fields_comparable"]


def fields_comparable(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """Two features that are compared are different, and of the same kind, form and unit."""
    if not isinstance(leaf, CompareFields):
        return
    here = at(at(place, leaf.operator.value), "feature")
    one, two = known.registry[leaf.feature], known.registry[leaf.other]
    if one.name == two.name:
        yield Fault(
            code="same-feature", place=here, message="a feature is compared with itself", value=one.name
        )
    elif one.kind is not two.kind or form_of(one.name) is not form_of(two.name):
        first, second = (f"`{f.name}` ({_kind_in_words(f)})" for f in (one, two))
        message = f"{first} and {second} cannot be compared"
        yield Fault(code="kinds-differ", place=here, message=message, value=two.name)
    elif one.unit != two.unit:
        message = f"`{one.name}` is in {one.unit}, `{two.name}` in {two.unit}: they cannot be compared"
        yield Fault(code="units-differ", place=here, message=message, value=two.name)


def _kind_in_words(feature: Feature) -> str:
    """Return the kind of *feature*, and for a code its form."""
    return f"{feature.kind} of {form_of(feature.name)}" if feature.kind is Kind.CODE else str(feature.kind)
