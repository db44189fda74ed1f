"""A member of a group that changes nothing, because the others already say as much."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known, group_key
from tidewaiter.core.rules.checks.solving import FALSE, NOT_FALSE, NOT_TRUE, TRUE, Wanted, impossible, wants
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Group, Node, NoneOf, Not

__all__ = ["narrows_nothing"]


def narrows_nothing(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """A member that changes no answer is a mistake, or a remnant."""
    yield from _below(node, place, TRUE, known)


def _below(node: Node, place: str, wanted: Wanted, known: Known) -> Iterator[Fault]:
    """Look at *node*, whose being *wanted* (true, or false below a negation) lets the condition hold."""
    match node:
        case Not(inner):
            yield from _below(inner, at(place, "not"), _turned(wanted), known)
        case AllOf(nodes) | AnyOf(nodes) | NoneOf(nodes):
            inside = _turned(wanted) if isinstance(node, NoneOf) else wanted
            yield from _idle(node, place, inside, known)
            for index, inner in enumerate(nodes):
                yield from _below(inner, at(at(place, group_key(node)), index), inside, known)
        case _:
            pass


def _idle(group: Group, place: str, wanted: Wanted, known: Known) -> Iterator[Fault]:
    """Return a fault for each member without which the group would be *wanted* just as often."""
    together = isinstance(group, AllOf) is (wanted == TRUE)
    contrary = NOT_TRUE if wanted == TRUE else NOT_FALSE
    demanded = [wants(member, wanted if together else contrary, known) for member in group.nodes]
    refused = [wants(member, contrary if together else wanted, known) for member in group.nodes]
    kept = set(range(len(group.nodes)))
    # The last of several that say the same is the one that was added for nothing.
    for index in reversed(range(len(group.nodes))):
        others = [demanded[other] for other in kept if other != index]
        own = refused[index]
        if not others or impossible(others if together else [own]) or not impossible([*others, own]):
            continue
        kept.discard(index)
        what = "narrows nothing: the others demand it" if together else "adds nothing: the others cover it"
        here = at(at(place, group_key(group)), index)
        message, hint = f"this part {what}", "Remove it, or correct it."
        yield Fault(code="narrows-nothing", place=here, message=message, hint=hint)


def _turned(wanted: Wanted) -> Wanted:
    return FALSE if wanted == TRUE else TRUE
