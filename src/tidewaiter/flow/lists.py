"""Lists: what is on them and who uses them, and what a table would change before anybody proposes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tidewaiter.core.errors import Fault, InputError, NotFound
from tidewaiter.core.plain import Reader
from tidewaiter.core.profiles import NamedList, Profile
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.list_change import change_between, change_data
from tidewaiter.core.rules.nodes import lists_of
from tidewaiter.core.rules.profile import ENTRIES_MAX, entry_problem
from tidewaiter.flow.lives import content_to_be
from tidewaiter.flow.ports import Store
from tidewaiter.flow.ports.tables import ListedRow, ReadColumn

__all__ = ["Head", "Listed", "Lists", "Preview", "Rejected"]

#: A rejected row that begins so holds a formula: a spreadsheet computes it, nobody wrote it.
_FORMULA: Final = ("=", "@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list, and the profiles in force that use it."""

    named: NamedList
    used_by: Sequence[Profile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a list says besides its entries; None: as the list has it now."""

    kind: CodeForm | None = None
    source: str | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that cannot be an entry."""

    line: int
    value: str
    reason: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a table would change of a list."""

    added: Sequence[str]
    removed: Sequence[str]
    #: Entries that stay.
    kept: int
    rejected: Sequence[Rejected]
    #: What to propose (`change-lists`); None: rows are rejected, or nothing changes.
    payload: Mapping[str, Any] | None


class Lists:
    """The use cases of whoever reads lists, and prepares their changes."""

    def __init__(self, *, store: Store, read_column: ReadColumn) -> None:
        self._store = store
        self._read_column = read_column

    def all(self) -> list[Listed]:
        """Return every list, by code."""
        with self._store.read() as uow:
            rules = content_to_be(uow).rules
        return [_listed(rules.lists[code], rules.profiles) for code in sorted(rules.lists)]

    def one(self, code: str) -> Listed:
        """Return a list; raises NotFound."""
        with self._store.read() as uow:
            rules = content_to_be(uow).rules
        if code not in rules.lists:
            raise NotFound(f"There is no list {code!r}.")
        return _listed(rules.lists[code], rules.profiles)

    def preview(self, code: str, head: Head, content: bytes, *, column: str) -> Preview:
        """Return what the *column* of a table in CSV would make of a list, if it were all of its entries.

        With one row rejected there is nothing to propose: what was misspelt would go out of the list.
        Raises InputError when the table cannot be read, or a new list lacks its kind, source or expiry.
        """
        with self._store.read() as uow:
            before = content_to_be(uow).rules.lists.get(code)
        kind, source, expires = _whole(code, before, head)
        entries, rejected = _entries(self._read_column, content, column, kind)
        after = NamedList(code=code, kind=kind, source=source, expires=expires, entries=frozenset(entries))
        change = change_between(before, after)
        payload = None
        if not rejected and entries and after != before:
            payload = {"lists": [change_data(change)]}
        return Preview(
            added=sorted(change.added), removed=sorted(change.removed),
            kept=len(after.entries) - len(change.added), rejected=rejected, payload=payload,
        )  # fmt: skip


def _listed(named: NamedList, profiles: Sequence[Profile]) -> Listed:
    return Listed(
        named=named, used_by=tuple(profile for profile in profiles if named.code in lists_of(profile.when))
    )


def _whole(code: str, before: NamedList | None, head: Head) -> tuple[CodeForm, str, date]:
    """Return kind, source and expiry of a list as it would be; raises InputError with what is missing."""
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for member in ("kind", "source", "expires"):
        now = None if before is None else getattr(before, member)
        found[member] = getattr(head, member) or now
        if found[member] is None:
            message, hint = f"list `{code}` is new and needs its `{member}`", f"Add `{member}`."
            faults.append(Fault(code="missing-key", place=f"/{member}", message=message, hint=hint))
        elif member == "kind" and now not in {None, found["kind"]}:
            message = f"list `{code}` keeps its kind `{now}`"
            faults.append(Fault(code="kind-changes", place="/kind", message=message, hint="Make another."))
    if found["source"] is not None:
        Reader({"source": found["source"]}, "", faults).text("source", at_most=400)
    if faults:
        raise InputError("The list cannot be prepared; correct the places named here.", faults=tuple(faults))
    return found["kind"], found["source"], found["expires"]


def _entries(
    read: ReadColumn, content: bytes, column: str, kind: CodeForm
) -> tuple[dict[str, int], list[Rejected]]:
    """Return the entries of a table with their lines, and the rows that can be none."""
    table = read(content, column, rows_max=ENTRIES_MAX)
    if table.more:
        raise InputError(f"A list holds at most {ENTRIES_MAX:,} entries; the table has more rows.")
    entries: dict[str, int] = {}
    rejected = []
    for row in table.rows:
        problem = _problem(row, kind, entries)
        if problem is None:
            entries[row.text] = row.line
        else:
            reason, hint = problem
            rejected.append(Rejected(line=row.line, value=row.text[:80], reason=reason, hint=hint))
    return entries, rejected


def _problem(row: ListedRow, kind: CodeForm, entries: Mapping[str, int]) -> tuple[str, str | None] | None:
    """Return why a row cannot be an entry, and what to do; None: it can."""
    if row.fault is not None:
        return row.fault.message, row.fault.hint
    if row.text.startswith(_FORMULA):
        return "the cell holds a formula", "Paste values only, then save the table again."
    if row.text in entries:
        return f"the entry stands on line {entries[row.text]} already", "Remove one of the two lines."
    found = entry_problem(row.text, kind, ())
    return None if found is None else (found[1], None)
