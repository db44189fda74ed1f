"""Declarations, control results and the journal: history, in the order in which it was committed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import CTE, Select, and_, bindparam, select, update

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.many import asked_in_parts
from tidewaiter.adapters.sql.work import CHUNK_ROWS, Work
from tidewaiter.core.ledger import SALT_BYTES, commitment
from tidewaiter.flow.ports import JournalEntry, NewDeclaration, NewResult, StoredDeclaration, StoredResult

__all__ = ["Declarations"]

_d, _r, _j = t.declaration_version.c, t.control_result.c, t.journal.c

_DECLARATION_COLUMNS: Final = (
    _d.seq, _d.source, _d.declaration_id, _d.version, _d.body, _d.body_sha256, _d.at,
    _d.received_at,
)  # fmt: skip
_RESULT_COLUMNS: Final = (
    _r.seq, _r.source, _r.control_id, _r.version, _r.declaration_id, _r.body, _r.body_sha256, _r.known_at,
    _r.recorded_at,
)  # fmt: skip


def _version_of(query: Select[Any], version: Any) -> Select[Any]:
    """Return *query* for the version bound as ``version``."""
    return query.where(version == bindparam("version"))


def _latest_of(query: Select[Any], version: Any) -> Select[Any]:
    """Return *query* for the highest version."""
    return query.order_by(version.desc()).limit(1)


_DECLARATION: Final = select(*_DECLARATION_COLUMNS).where(
    _d.source == bindparam("source"), _d.declaration_id == bindparam("id")
)
_DECLARATION_VERSION: Final = _version_of(_DECLARATION, _d.version)
_DECLARATION_LATEST: Final = _latest_of(_DECLARATION, _d.version)

_RESULT: Final = select(*_RESULT_COLUMNS).where(
    _r.source == bindparam("source"), _r.control_id == bindparam("id")
)
_RESULT_VERSION: Final = _version_of(_RESULT, _r.version)
_RESULT_LATEST: Final = _latest_of(_RESULT, _r.version)

_PARKED: Final = (
    select(*_RESULT_COLUMNS)
    .where(_r.source == bindparam("source"), _r.declaration_id == bindparam("id"), _r.parked)
    .order_by(_r.seq)
)
_UNPARK: Final = update(t.control_result).where(_r.seq == bindparam("result")).values(parked=False)

_JOURNAL: Final = (
    select(_j.seq, _j.kind, _j.at, _d.source, _d.body, _r.body.label("result_body"))
    .select_from(t.journal.join(t.declaration_version, _d.seq == _j.declaration_seq))
    .outerjoin(t.control_result, _r.seq == _j.result_seq)
    .where(_j.seq > bindparam("after"), _j.seq <= bindparam("until"))
    .order_by(_j.seq)
    .limit(CHUNK_ROWS)
)


@cache
def _parked_among(asked: CTE) -> Select[Any]:
    """Return the query of the results that wait for the declarations in *asked*."""
    of_it = and_(_r.source == asked.c.source, _r.declaration_id == asked.c.declaration_id, _r.parked)
    return select(asked.c.number, _r.seq, _r.known_at).select_from(asked.join(t.control_result, of_it))


@cache
def _versions_among(asked: CTE) -> Select[Any]:
    """Return the query of the versions of the declarations in *asked*."""
    of_it = and_(_d.source == asked.c.source, _d.declaration_id == asked.c.declaration_id)
    found = select(asked.c.number, _d.seq, _d.version)
    return found.select_from(asked.join(t.declaration_version, of_it))


class Declarations(Work):
    """The part of a unit of work that is history."""

    # -- declarations
    def add_declaration(self, new: NewDeclaration) -> int:
        """Record a declaration version with its journal entry; return the journal position.

        Results that were parked for it enter the journal right after it.
        Raises Conflict when this version of the declaration is already recorded.
        """
        position = self._last_seq(t.journal) + 1
        self._record_declarations([new])
        return position

    def add_declarations(self, new: Sequence[NewDeclaration]) -> int:
        """Record many declaration versions, in order, all or none; return the last journal position."""
        self._record_declarations(new)
        return self.journal_end()

    def declaration(
        self, source: str, declaration_id: str, version: int | None = None
    ) -> StoredDeclaration | None:
        """Return a version of a declaration (the latest when *version* is None), or None."""
        row = self._one(_DECLARATION_LATEST, _DECLARATION_VERSION, source, declaration_id, version)
        return None if row is None else StoredDeclaration(**row._asdict())

    def _record_declarations(self, new: Sequence[NewDeclaration]) -> None:
        """Insert declaration versions and their journal entries."""
        with self._all_or_nothing("A declaration version is recorded already.", rows=len(new)):
            rows = [self._declaration_row(each) for each in new]
            self._insert_all(t.declaration_version, rows)
            self._versions.update({_version_key(row): (row["seq"], row["body"]) for row in rows})
            parked = self._among(_parked_among, ((each.source, str(each.declaration.id)) for each in new))
            entries, freed = [], []
            for row in rows:
                entries.append(self._entry("declaration", row["at"], row["seq"], None))
                waiting = parked.pop((row["source"], row["declaration_id"]), ())
                for result in sorted(waiting, key=attrgetter("seq")):
                    entries.append(self._entry("result", result.known_at, row["seq"], result.seq))
                    freed.append({"result": result.seq})
            if freed:
                self._change_all(_UNPARK, freed)
            self._insert_all(t.journal, entries)

    def _declaration_row(self, new: NewDeclaration) -> dict[str, Any]:
        """Return the row of a declaration version."""
        declaration = new.declaration
        return {
            "seq": self._next_seq(t.declaration_version),
            "source": new.source,
            "declaration_id": declaration.id,
            "version": declaration.version,
            "body": new.body,
            "body_sha256": new.body_sha256,
            "at": new.at,
            "received_at": new.received_at,
            "office": declaration.office,
            "flow": declaration.flow.value,
        }

    # -- control results
    def add_result(self, new: NewResult) -> int | None:
        """Record a control result version with its outbox row and ledger leaf.

        Returns the journal position, or None when its declaration is not known yet: the result is
        parked, and enters the journal right after the declaration when that arrives.
        Raises Conflict when this version of the control is already recorded.
        """
        result = new.result
        position = self._last_seq(t.journal) + 1
        journalled, (committed,) = self._record_results([new])
        subject = f"{new.source} {result.id} {result.version}"
        content = {
            "source": new.source,
            "control_id": result.id,
            "version": result.version,
            "declaration_id": result.declaration_id,
            "commitment": committed,
            "known_at": new.known_at.isoformat(),
            "recorded_at": new.recorded_at.isoformat(),
        }
        concerns = (new.source, str(result.declaration_id))
        self._add_outbox("result", subject, new.body, new.recorded_at, concerns=concerns)
        self._add_leaf_of("result", subject, content, new.recorded_at)
        return position if journalled else None

    def add_results(self, new: Sequence[NewResult]) -> int:
        """Record many results of imported history, in order, all or none; return the last journal position.

        They share one ledger leaf with the commitments to their bodies, and cause nothing to be sent.
        A result whose declaration is not known is parked.
        """
        if new:
            first = self._last_seq(t.control_result) + 1
            _, committed = self._record_results(new)
            content = {"first": first, "count": len(new), "commitments": committed}
            self._add_leaf_of("results", f"{first} to {first + len(new) - 1}", content, new[-1].recorded_at)
        return self.journal_end()

    def result(self, source: str, control_id: str, version: int | None = None) -> StoredResult | None:
        """Return a version of a control result (the latest when *version* is None), or None."""
        row = self._one(_RESULT_LATEST, _RESULT_VERSION, source, control_id, version)
        return None if row is None else StoredResult(**row._asdict())

    def parked_results(self, source: str, declaration_id: str) -> Sequence[StoredResult]:
        """Return results that wait for this declaration, in the order of recording."""
        rows = self._rows(_PARKED, {"source": source, "id": declaration_id})
        return [StoredResult(**row._asdict()) for row in rows]

    def _record_results(self, new: Sequence[NewResult]) -> tuple[int, list[str]]:
        """Insert control result versions.

        Returns how many have a journal entry, the others are parked, and the commitment to each body.
        """
        with self._all_or_nothing("A control result version is recorded already.", rows=len(new)):
            known = self._among(
                _versions_among, ((each.source, str(each.result.declaration_id)) for each in new)
            )
            rows, entries = [], []
            for each in new:
                seq = self._next_seq(t.control_result)
                versions = known.get((each.source, str(each.result.declaration_id)))
                rows.append(_result_row(seq, each, parked=versions is None))
                if versions is not None:
                    latest = max(versions, key=attrgetter("version"))
                    entries.append(self._entry("result", each.known_at, latest.seq, seq))
            self._insert_all(t.control_result, rows)
            self._insert_all(t.journal, entries)
        return len(entries), [commitment(row["body"], row["salt"]) for row in rows]

    # -- the journal
    def journal_end(self) -> int:
        """Return the last journal position, 0 when history is empty."""
        return self._last_seq(t.journal)

    def journal(self, after: int = 0, until: int | None = None) -> Iterator[JournalEntry]:
        """Iterate over the journal in order, from after *after* up to and with *until*.

        The end is fixed when this is called.  Reads at most 2,000 entries at a time.
        """
        end = self.journal_end() if until is None else until
        return self._entries(after, end)

    def _entries(self, after: int, until: int) -> Iterator[JournalEntry]:
        """Iterate over journal entries, chunk by chunk."""
        while True:
            rows = self._rows(_JOURNAL, {"after": after, "until": until})
            for seq, kind, at, source, body, result_body in rows:
                if result_body is None:
                    yield JournalEntry(seq=seq, kind=kind, at=at, source=source, body=body)
                else:
                    yield JournalEntry(
                        seq=seq, kind=kind, at=at, source=source, body=result_body, declaration_body=body
                    )
            if len(rows) < CHUNK_ROWS:
                return
            after = rows[-1].seq

    def _entry(self, kind: str, at: datetime, declaration_seq: int, result_seq: int | None) -> dict[str, Any]:
        """Return the next journal row."""
        return {
            "seq": self._next_seq(t.journal),
            "kind": kind,
            "at": at,
            "declaration_seq": declaration_seq,
            "result_seq": result_seq,
        }

    # -- look-ups
    def _one(
        self, latest: Select[Any], numbered: Select[Any], source: str, identity: str, version: int | None
    ) -> Any:
        """Return the row of a version, or of the latest one, or None."""
        if version is None:
            return self._first(latest, {"source": source, "id": identity})
        return self._first(numbered, {"source": source, "id": identity, "version": version})

    def _among(
        self, query: Callable[[CTE], Select[Any]], keys: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], list[Any]]:
        """Return the rows that *query* finds for (source, declaration) keys, in any order, by key."""
        wanted = list(dict.fromkeys(keys))
        found: dict[tuple[str, str], list[Any]] = {}
        for asked, given, before in asked_in_parts(("source", "declaration_id"), wanted):
            for row in self._rows(query(asked), given):
                found.setdefault(wanted[before + row.number], []).append(row)
        return found


def _version_key(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["source"], row["declaration_id"], row["version"]


def _result_row(seq: int, new: NewResult, *, parked: bool) -> Mapping[str, Any]:
    """Return the row of a control result version."""
    return {
        "seq": seq,
        "source": new.source,
        "control_id": new.result.id,
        "version": new.result.version,
        "declaration_id": new.result.declaration_id,
        "body": new.body,
        "body_sha256": new.body_sha256,
        "salt": secrets.token_bytes(SALT_BYTES),
        "known_at": new.known_at,
        "recorded_at": new.recorded_at,
        "irregular": new.result.irregular,
        "parked": parked,
    }
