"""Profiles of a decision table: rows with one outcome are one profile, in parts of a readable size.

A profile a row would be thousands of profiles to approve, each with too few results to judge; one
profile for all would be a condition that nobody reads.  Rows with the same outcome belong to one
instruction, and the reason that an officer and an auditor read names the values that fired, so it says
which row it was.  A profile holds at most as many rows as the live engine keeps apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.rules.form import to_data
from tidewaiter.core.rules.nodes import NODES_MAX, AnyOf, walk
from tidewaiter.core.rules.profile import Profile, read_profile
from tidewaiter.core.rules.tables.table import PROFILE, Rule, Table

__all__ = ["ROWS_OF_A_PROFILE", "Outcome", "outcome_of", "profiles_of"]

#: Above this a condition is not split into terms of its own, and is slower live.
ROWS_OF_A_PROFILE: Final = 60
_LINES_NAMED: Final = 12

#: What rows say about the outcome, in an order of its own.
Outcome: TypeAlias = tuple[tuple[str, object], ...]


def outcome_of(rule: Rule) -> Outcome:
    """Return what a row says about the outcome, so that it can be compared."""
    return tuple(sorted(rule.outcome.items()))


def profiles_of(table: Table, papers: Mapping[str, Any], file: str, faults: list[Fault]) -> list[Profile]:
    """Return the profiles that the rows make with the *papers* (members that all rows share, and the code).

    Record every fault: of a row that gives a profile another outcome than the rows before it, and of the
    papers and outcomes, at the first row that has them.
    """
    found: list[Profile] = []
    groups = _groups(table, file, faults)
    base = papers.get("code")
    for number, (outcome, rules) in enumerate(groups.items(), 1):
        members = dict(outcome)
        name = members.pop(PROFILE, None) or (f"{base}_{number}" if len(groups) > 1 else base)
        parts = list(_parts(rules))
        for part, of_part in enumerate(parts, 1):
            code = name if len(parts) == 1 else f"{name}_part{part}"
            members_of_part = _members(papers, members, of_part, len(parts), part)
            data = {**members_of_part, "code": code, "version": 1, "when": _condition(of_part)}
            profile = _profile(data, of_part[0].line, file, faults)
            if profile is not None:
                found.append(profile)
    return found


def _groups(table: Table, file: str, faults: list[Fault]) -> dict[Outcome, list[Rule]]:
    """Return the rows by outcome, in the order of their first rows."""
    groups: dict[Outcome, list[Rule]] = {}
    first: dict[object, tuple[Outcome, int]] = {}
    for rule in table.rules:
        outcome = outcome_of(rule)
        name = rule.outcome.get(PROFILE)
        if name is not None:
            known, line = first.setdefault(name, (outcome, rule.line))
            if known != outcome:
                place = f"{file}:{rule.line} column {PROFILE!r}"
                message = f"row {line} gives this profile another outcome"
                faults.append(
                    Fault(code="outcome-differs", place=place, message=message, value=shorten(name))
                )
        groups.setdefault(outcome, []).append(rule)
    return groups


def _parts(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Iterate over the rows in parts that a condition can hold, in their order."""
    part: list[Rule] = []
    nodes = 1
    for rule in rules:
        more = sum(1 for _ in walk(rule.node))
        if part and (nodes + more > NODES_MAX or len(part) == ROWS_OF_A_PROFILE):
            yield part
            part, nodes = [], 1
        part.append(rule)
        nodes += more
    if part:
        yield part


def _condition(rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the condition of rows, of which each counts once."""
    nodes = tuple(dict.fromkeys(rule.node for rule in rules))
    return to_data(nodes[0] if len(nodes) == 1 else AnyOf(nodes))


def _members(
    papers: Mapping[str, Any], outcome: Mapping[str, object], rules: Sequence[Rule], parts: int, part: int
) -> dict[str, Any]:
    """Return the members of a profile but code, version and condition."""
    members = {**papers, **{key: list(v) if isinstance(v, tuple) else v for key, v in outcome.items()}}
    if parts > 1 and isinstance(members.get("title"), str):
        members["title"] = f"{members['title']} ({part} of {parts})"
    if isinstance(members.get("description"), str):
        members["description"] = f"{members['description']} Rows {_lines(rules)} of the table."
    return members


def _lines(rules: Sequence[Rule]) -> str:
    """Return the numbers of the rows in words."""
    lines = [rule.line for rule in rules]
    if lines[-1] - lines[0] + 1 == len(lines) and len(lines) > 1:
        return f"{lines[0]} to {lines[-1]}"
    more = f" and {len(lines) - _LINES_NAMED} more" if len(lines) > _LINES_NAMED else ""
    return ", ".join(map(str, lines[:_LINES_NAMED])) + more


def _profile(data: Mapping[str, Any], line: int, file: str, faults: list[Fault]) -> Profile | None:
    """Return the profile of *data*; a fault of it stands at the first row that makes it."""
    found: list[Fault] = []
    profile = read_profile(data, "", found)
    faults += [
        Fault(
            code=fault.code, place=f"{file}:{line} {fault.place}", message=fault.message, value=fault.value,
            hint=fault.hint,
        )
        for fault in found
    ]  # fmt: skip
    return profile
