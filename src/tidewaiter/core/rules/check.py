"""Mistakes of authors in conditions, profiles and lists: all of them are found, never only the first.

What the written form already excludes (a missing key, a list where text belongs) is not repeated
here.  Each mistake has its file in `checks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.plain import at, meant
from tidewaiter.core.rules.checks.code_never_occurs import code_can_occur
from tidewaiter.core.rules.checks.condition_bounds import condition_bounds
from tidewaiter.core.rules.checks.feature_unknown import feature_known
from tidewaiter.core.rules.checks.fields_differ import fields_comparable
from tidewaiter.core.rules.checks.group_empty import group_not_empty
from tidewaiter.core.rules.checks.known import Known, placed
from tidewaiter.core.rules.checks.list_kind import list_of_right_kind
from tidewaiter.core.rules.checks.list_unknown import list_exists
from tidewaiter.core.rules.checks.literal_form import literal_form
from tidewaiter.core.rules.checks.member_twice import members_distinct
from tidewaiter.core.rules.checks.operator_not_for_kind import operator_fits
from tidewaiter.core.rules.checks.outlives_list import outlives_list
from tidewaiter.core.rules.checks.prefix_impossible import prefix_possible
from tidewaiter.core.rules.checks.range_reversed import bounds_in_order
from tidewaiter.core.rules.checks.text_form import text_normal
from tidewaiter.core.rules.checks.value_twice import alternatives_distinct
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Leaf, Node, NoneOf, Not
from tidewaiter.core.rules.profile import NamedList, Profile

__all__ = ["check_condition", "check_set", "check_vocabulary"]

_LeafCheck: TypeAlias = Callable[[Leaf, str, Known], Iterator[Fault]]
_LEAF_CHECKS: Final[Sequence[_LeafCheck]] = (
    operator_fits,
    literal_form,
    code_can_occur,
    bounds_in_order,
    alternatives_distinct,
    list_exists,
    list_of_right_kind,
    prefix_possible,
    text_normal,
    fields_comparable,
)


def check_condition(
    node: Node, registry: Registry, lists: Mapping[str, NamedList], place: str = ""
) -> list[Fault]:
    """Return every mistake in a condition, with places below *place*."""
    known = Known(registry=registry, lists=lists)
    faults = [*condition_bounds(node, place)]
    if faults:
        return faults
    for inner, here in placed(node, place):
        if isinstance(inner, AllOf | AnyOf | NoneOf):
            faults += [*group_not_empty(inner, here), *members_distinct(inner, here)]
        elif not isinstance(inner, Not):
            faults += _leaf_faults(inner, here, known)
    return faults


def _leaf_faults(leaf: Leaf, place: str, known: Known) -> list[Fault]:
    """Return the mistakes in one literal; without a known feature nothing else can be judged."""
    unknown = [*feature_known(leaf, place, known)]
    return unknown or [fault for check in _LEAF_CHECKS for fault in check(leaf, place, known)]


def check_set(
    profiles: Collection[Profile], lists: Collection[NamedList], registry: Registry
) -> tuple[Fault, ...]:
    """Return every mistake in profiles and lists together; places begin with ``/profiles/<code>``."""
    faults: list[Fault] = []
    known = {named.code: named for named in lists}
    for what, codes in (("profiles", [p.code for p in profiles]), ("lists", [n.code for n in lists])):
        for code, times in Counter(codes).items():
            if times > 1:
                message = f"{times} {what} have this code"
                faults.append(
                    Fault(code="code-twice", place=at(f"/{what}", code), message=message, value=code)
                )
    for profile in profiles:
        place = at("/profiles", profile.code)
        faults += check_condition(profile.when, registry, known, at(place, "when"))
        faults += outlives_list(profile, place, known)
    return tuple(faults)


def check_vocabulary(
    profiles: Collection[Profile],
    *,
    lanes: Collection[str],
    checks: Collection[str],
    offices: Collection[str] | None = None,
) -> tuple[Fault, ...]:
    """Return a fault for each lane, check or office that a profile names and nobody defined.

    *offices* None: the administration did not list its offices, so any office may be named.
    """
    faults: list[Fault] = []
    for profile in profiles:
        named = [("lane", (profile.lane,), lanes), ("checks", profile.checks, checks)]
        if offices is not None:
            named.append(("offices", tuple(sorted(profile.offices)), offices))
        for key, words, known in named:
            for word in words:
                if word not in known:
                    place = at(at("/profiles", profile.code), key)
                    message = f"`{word}` is not defined"
                    faults.append(
                        Fault(
                            code="not-defined",
                            place=place,
                            message=message,
                            value=word,
                            hint=meant(word, known),
                        )
                    )
    return tuple(faults)
