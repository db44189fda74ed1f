"""Selectivity criteria of another system, made into profiles and lists of this one.

A criterion is one or more rows that must all hold.  It is mapped whole or not at all: with one condition
left out it would find more than it was made for, and with one list too short it would find less.  What
is left out is told with its row and the reason, so that nothing is lost by the move.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.quantities import QuantityError, amount, canonical
from tidewaiter.core.rules.check import check_set, check_vocabulary
from tidewaiter.core.rules.form import to_data
from tidewaiter.core.rules.nodes import AllOf, InList, Node, Not
from tidewaiter.core.rules.profile import NamedList, Profile, entry_problem, read_profile
from tidewaiter.core.rules.tables.cells import ANY, CellError, Operator, read_cell
from tidewaiter.core.rules.tables.dialect import BEGINS, NOT_IN_LIST, Dialect
from tidewaiter.core.rules.tables.named import NamedRow, Unmapped

__all__ = ["CRITERIA", "CRITERIA_NEEDED", "LISTS", "Mapped", "Target", "map_criteria", "map_lists"]

#: Columns of a table of criteria, and those of them that it must have.
CRITERIA: Final = (
    "criterion", "description", "lane", "flow", "office", "from", "until", "percent", "active", "field",
    "comparison", "value",
)  # fmt: skip
CRITERIA_NEEDED: Final = ("criterion", "lane", "field", "comparison", "value")
#: Columns of a table of lists.
LISTS: Final = ("list", "entry")
#: What is said of a criterion as a whole, on its first row or on each of them alike.
_OF_A_CRITERION: Final = ("description", "lane", "flow", "office", "from", "until", "percent", "active")
_INACTIVE: Final = frozenset({"no", "false", "0", "n"})
_ACTIVE: Final = frozenset({"", "yes", "true", "1", "y"})


class _LeftOut(Exception):
    """Why a criterion or list is left out, and at which row."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What profiles may name here."""

    registry: Registry
    lanes: Sequence[str]
    #: Those of the lanes that are stricter than a release.
    stricter: Sequence[str]
    checks: Sequence[str]
    offices: Sequence[str]
    #: Lists that are there already, by code.
    lists: Mapping[str, NamedList]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What came of the criteria."""

    profiles: Sequence[Profile]
    unmapped: Sequence[Unmapped]


def map_lists(
    rows: Sequence[NamedRow], dialect: Dialect, file: str
) -> tuple[dict[str, NamedList], list[Unmapped]]:
    """Return the lists of a table, by the code that each has here, and those that are left out."""
    found: dict[str, NamedList] = {}
    unmapped = []
    for word, of_list in _grouped(rows, "list").items():
        try:
            named = _list(word, of_list, dialect)
        except _LeftOut as left:
            unmapped.append(Unmapped(table=file, line=left.line, what=word, reason=left.reason))
        else:
            found[named.code] = named
    return found, unmapped


def _list(word: str, rows: Sequence[NamedRow], dialect: Dialect) -> NamedList:
    head = dialect.lists.get(word)
    if head is None:
        raise _LeftOut(rows[0].line, "the mapping does not say what this list is here")
    entries: set[str] = set()
    for row in rows:
        problem = entry_problem(row["entry"], head.kind, ())
        if problem is not None:
            raise _LeftOut(row.line, f"{problem[1]}, not {row['entry'][:80]!r}")
        entries.add(row["entry"])
    return NamedList(
        code=head.code, kind=head.kind, entries=frozenset(entries), source=head.source, expires=head.expires
    )


def map_criteria(rows: Sequence[NamedRow], dialect: Dialect, target: Target, file: str) -> Mapped:
    """Return the profiles of the criteria that can be mapped whole, and the criteria that are left out."""
    profiles: dict[str, Profile] = {}
    unmapped = []
    for word, of_criterion in _grouped(rows, "criterion").items():
        try:
            profile = _criterion(word, of_criterion, dialect, target)
            _require_free(profiles, profile.code, of_criterion[0].line)
        except _LeftOut as left:
            unmapped.append(Unmapped(table=file, line=left.line, what=word, reason=left.reason))
        else:
            profiles[profile.code] = profile
    return Mapped(profiles=tuple(profiles.values()), unmapped=tuple(unmapped))


def _require_free(profiles: Mapping[str, Profile], code: str, line: int) -> None:
    if code in profiles:
        raise _LeftOut(line, f"another criterion is called {code!r} here too")


def _grouped(rows: Sequence[NamedRow], name: str) -> dict[str, list[NamedRow]]:
    """Return the rows by what is in a column, in the order of their first rows."""
    groups: dict[str, list[NamedRow]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    return groups


def _criterion(word: str, rows: Sequence[NamedRow], dialect: Dialect, target: Target) -> Profile:
    line = rows[0].line
    if not word:
        raise _LeftOut(line, "the row names no criterion")
    said = dict(_said(rows))
    if said["active"].lower() in _INACTIVE:
        raise _LeftOut(line, "the criterion is not active")
    if said["active"].lower() not in _ACTIVE:
        raise _LeftOut(line, f"whether it is active is told by yes or no, not by {said['active'][:80]!r}")
    nodes = tuple(_node(row, dialect, target) for row in rows)
    data = _data(word, said, line, dialect)
    if data["lane"] in target.lanes and data["lane"] not in target.stricter:
        raise _LeftOut(
            line, f"`{data['lane']}` is no stricter than a release, and a profile only asks for more"
        )
    data["when"] = to_data(nodes[0] if len(nodes) == 1 else AllOf(nodes))
    faults: list[Fault] = []
    profile = read_profile(data, "", faults)
    if profile is not None and not faults:
        faults += check_set([profile], target.lists.values(), target.registry)
        faults += check_vocabulary(
            [profile], lanes=target.lanes, checks=target.checks, offices=target.offices
        )
    if faults or profile is None:
        raise _LeftOut(line, "; ".join(str(fault) for fault in faults))
    return profile


def _said(rows: Sequence[NamedRow]) -> Iterator[tuple[str, str]]:
    """Iterate over what is said of a criterion as a whole."""
    for name in _OF_A_CRITERION:
        texts = {row[name]: row.line for row in rows if row[name]}
        if len(texts) > 1:
            first, second = list(texts.items())[:2]
            raise _LeftOut(second[1], f"`{name}` is {second[0][:80]!r} here and {first[0][:80]!r} before")
        yield name, next(iter(texts), "")


def _data(word: str, said: Mapping[str, str], line: int, dialect: Dialect) -> dict[str, Any]:
    """Return the profile of a criterion as plain data, without its condition."""
    lane = _meaning(dialect.lanes, said["lane"], "lane", line)
    data: dict[str, Any] = {
        "title": said["description"] or word, "description": f"Criterion {word}.", "level": "national",
        "share": "1", **dialect.papers, "code": _code(word), "version": 1, "lane": lane,
    }  # fmt: skip
    if lane in dialect.checks:
        data["checks"] = list(dialect.checks[lane])
    if said["flow"]:
        data["flows"] = [flow.value for flow in _meaning(dialect.flows, said["flow"], "flow", line)]
    if said["office"]:
        offices = [office.strip() for office in said["office"].split(";")]
        data |= {"offices": offices, "level": "office" if len(offices) == 1 else "regional"}
    if said["percent"]:
        data["share"] = canonical(_percent(said["percent"], line))
    for name, member in (("from", "valid_from"), ("until", "valid_until")):
        if said[name]:
            data[member] = said[name]
    return data


def _percent(text: str, line: int) -> Decimal:
    """Return the share that a percentage is."""
    try:
        return amount(text) / 100
    except QuantityError as error:
        raise _LeftOut(line, f"the percentage is none: {error}") from error


def _code(word: str) -> str:
    """Return what a criterion is called here.

    >>> _code("TX-01 Tobacco")
    'tx_01_tobacco'
    """
    slug = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")
    return slug if slug[:1].isalpha() else f"criterion_{slug}"


def _meaning(words: Mapping[str, Any], word: str, what: str, line: int) -> Any:
    if word not in words:
        raise _LeftOut(line, f"the mapping does not say what the {what} {word[:80]!r} is here")
    return words[word]


def _node(row: NamedRow, dialect: Dialect, target: Target) -> Node:
    """Return the condition of a row."""
    line = row.line
    feature = _meaning(dialect.fields, row["field"], "field", line)
    comparison = _meaning(dialect.comparisons, row["comparison"], "comparison", line)
    if feature not in target.registry.position:
        raise _LeftOut(line, f"the mapping names the feature {feature!r}, which is none")
    value = row["value"]
    if comparison in {Operator.IN_LIST, NOT_IN_LIST}:
        value = _list_code(value, dialect, target, line)
        if comparison == NOT_IN_LIST:
            return Not(InList(feature, value))
    if comparison == BEGINS:
        comparison, value = Operator.IS, ";".join(f"{part.strip()}*" for part in value.split(";"))
    try:
        cell = read_cell(feature, target.registry[feature].kind, Operator(comparison), value)
    except CellError as error:
        raise _LeftOut(line, f"{error} (value: {value[:80]!r})") from error
    if cell is None:
        raise _LeftOut(line, f"the row asks nothing: its value is empty or `{ANY}`")
    return cell.node


def _list_code(word: str, dialect: Dialect, target: Target, line: int) -> str:
    """Return the code that a list has here, if the list is there."""
    head = dialect.lists.get(word)
    code = word if head is None else head.code
    if code not in target.lists:
        raise _LeftOut(line, f"the list {word[:80]!r} is not here, or was left out")
    return code
