"""Mistakes of authors in conditions, profiles and lists: all of them are found, never only the first.

What the written form already excludes (a missing key, a list where text belongs) is not repeated
here.  The mistakes in a single literal are in `mistakes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.plain import at, meant
from tidewaiter.core.rules.mistakes import Known, leaf_faults
from tidewaiter.core.rules.nodes import (
    DEPTH_MAX,
    NODES_MAX,
    AllOf,
    AnyOf,
    Group,
    Node,
    NoneOf,
    Not,
    depth,
    lists_of,
    walk,
)
from tidewaiter.core.rules.profile import NamedList, Profile

__all__ = ["check_condition", "check_set", "check_vocabulary"]

_WORD: Final[Mapping[type, str]] = {AllOf: "all_of", AnyOf: "any_of", NoneOf: "none_of"}


def check_condition(
    node: Node, registry: Registry, lists: Mapping[str, NamedList], place: str = ""
) -> list[Fault]:
    """Return every mistake in a condition, with places below *place*."""
    known = Known(registry=registry, lists=lists)
    faults = [*condition_bounds(node, place)]
    if faults:
        return faults
    for inner, here in _placed(node, place):
        if isinstance(inner, AllOf | AnyOf | NoneOf):
            faults += [*group_not_empty(inner, here), *members_distinct(inner, here)]
        elif not isinstance(inner, Not):
            faults += leaf_faults(inner, here, known)
    return faults


def _placed(node: Node, place: str) -> Iterator[tuple[Node, str]]:
    """Iterate over all nodes with their JSON pointers."""
    yield node, place
    match node:
        case AllOf(nodes) | AnyOf(nodes) | NoneOf(nodes):
            for index, inner in enumerate(nodes):
                yield from _placed(inner, at(at(place, _WORD[type(node)]), index))
        case Not(inner):
            yield from _placed(inner, at(place, "not"))
        case _:
            pass


# -- the checks of a whole condition and of groups


def condition_bounds(node: Node, place: str) -> Iterator[Fault]:
    """A condition stays within its bounds, so that no profile can slow the decision of all."""
    levels, count = depth(node), sum(1 for _ in walk(node))
    if levels > DEPTH_MAX:
        message = f"a condition has at most {DEPTH_MAX} levels, not {levels}"
        yield Fault(code="condition-too-deep", place=place or "/", message=message)
    if count > NODES_MAX:
        message = f"a condition has at most {NODES_MAX} nodes, not {count}"
        yield Fault(code="condition-too-large", place=place or "/", message=message)


def group_not_empty(group: Group, place: str) -> Iterator[Fault]:
    """A group has members: an empty one would hold for everything or for nothing."""
    if not group.nodes:
        yield Fault(code="group-empty", place=at(place, _WORD[type(group)]), message="the group is empty")


def members_distinct(group: Group, place: str) -> Iterator[Fault]:
    """A group does not have the same member twice."""
    for index, inner in enumerate(group.nodes):
        if inner in group.nodes[:index]:
            here = at(at(place, _WORD[type(group)]), index)
            yield Fault(code="member-twice", place=here, message="the group already has this member")


# -- the checks of all profiles and lists together


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


def outlives_list(profile: Profile, place: str, lists: Mapping[str, NamedList]) -> Iterator[Fault]:
    """A profile ends no later than the lists it relies on."""
    for code in lists_of(profile.when):
        if code in lists and lists[code].expires < profile.valid_until:
            message = f"the profile relies on list `{code}`, which expires on {lists[code].expires}"
            here = at(place, "valid_until")
            yield Fault(code="outlives-list", place=here, message=message, value=str(profile.valid_until))


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
