"""A change of a named list: what comes in and what goes out, of exactly the list that was looked at.

A change names the hash of the list that it replaces.  So what an approver reads (the entries that
come and go) is what happens, and a list that somebody else changed meanwhile is not overwritten.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from tidewaiter.core.errors import Conflict, Fault, InputError
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.plain import Reader
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.profile import ENTRIES_MAX, NamedList, list_data, read_entries

__all__ = ["ListChange", "change_between", "change_data", "changed", "list_sha256", "read_change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """What is to become of one list."""

    code: str
    kind: CodeForm
    source: str
    expires: date
    #: Entries that come in and go out; none is in both.
    added: frozenset[str]
    removed: frozenset[str]
    #: Hash of the list that it changes, hex; None: there is none of this code.
    replaces: str | None


def list_sha256(named: NamedList | None) -> str | None:
    """Return the hash of what a list says, hex; None for no list."""
    return None if named is None else hashlib.sha256(canonical_json(list_data(named))).hexdigest()


def change_between(before: NamedList | None, after: NamedList) -> ListChange:
    """Return the change that makes *after* of *before*."""
    entries = frozenset[str]() if before is None else before.entries
    return ListChange(
        code=after.code, kind=after.kind, source=after.source, expires=after.expires,
        added=after.entries - entries, removed=entries - after.entries, replaces=list_sha256(before),
    )  # fmt: skip


def changed(before: NamedList | None, change: ListChange) -> NamedList:
    """Return what *change* makes of *before*.

    Raises Conflict when *before* is not the list that the change was made for, or the change does not fit
    it; InputError when it would leave too many entries, none, or entries of another kind.
    """
    if list_sha256(before) != change.replaces:
        raise Conflict(f"List {change.code!r} is another by now; look at the change again.")
    entries = frozenset[str]() if before is None else before.entries
    if not change.removed <= entries or change.added & entries:
        raise Conflict(f"The change of list {change.code!r} does not fit the list that it names.")
    if before is not None and before.kind is not change.kind:
        raise InputError(f"List {change.code!r} keeps its kind {before.kind.value!r}; make another list.")
    if not 1 <= len(entries) - len(change.removed) + len(change.added) <= ENTRIES_MAX:
        raise InputError(f"List {change.code!r} holds 1 to {ENTRIES_MAX:,} entries.")
    return NamedList(
        code=change.code, kind=change.kind, source=change.source, expires=change.expires,
        entries=(entries - change.removed) | change.added,
    )  # fmt: skip


def change_data(change: ListChange) -> dict[str, Any]:
    """Return *change* as plain data; :func:`read_change` gives the same change again."""
    return {
        "code": change.code,
        "kind": change.kind.value,
        "source": change.source,
        "expires": change.expires.isoformat(),
        "added": sorted(change.added),
        "removed": sorted(change.removed),
        "replaces": change.replaces,
    }


def read_change(data: object, place: str, faults: list[Fault]) -> ListChange | None:
    """Return the change that *data* writes; record all faults and return None when there are any."""
    before = len(faults)
    reader = Reader(data, place, faults)
    kind = reader.choice("kind", CodeForm)
    # Without a kind only what holds for every code can be judged.
    form = kind if len(faults) == before else CodeForm.CODE
    change = ListChange(
        code=reader.code("code"),
        kind=kind,
        source=reader.text("source", at_most=400),
        expires=reader.day("expires"),
        added=read_entries(reader, "added", form, at_least=0),
        removed=read_entries(reader, "removed", form, at_least=0),
        replaces=reader.text("replaces", required=False, at_most=64) or None,
    )
    reader.close()
    if both := change.added & change.removed:
        reader.fault("entry-both", "removed", "an entry comes in or goes out, not both", min(both))
    return change if len(faults) == before else None
