"""Find decisions: by declaration, importer, office, lane and time, newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tidewaiter.core.access import Action, Subject, offices_of
from tidewaiter.core.declaration import Declaration, PartyRole
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.flow.content import lanes_in_force
from tidewaiter.flow.ports import MessageFormat, Store
from tidewaiter.flow.ports.inspections import ListedDecision, Place, Wanted

__all__ = ["LOOKED_AT_MAX", "FindDecisions", "Found"]

#: Decisions a page.
_PAGE: Final = 50

#: Declarations that are read for one page when an importer is sought: no index holds their names.
LOOKED_AT_MAX: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of decisions."""

    decisions: tuple[tuple[ListedDecision, Declaration], ...]
    #: Those in force.
    lanes: Lanes
    #: Where the search goes on; None: everything was looked at.
    next: Place | None
    #: The instant back to which it was looked; None: nothing more is there.
    back_to: datetime | None


class FindDecisions:
    """The use case; it changes nothing."""

    def __init__(self, *, store: Store, messages: MessageFormat) -> None:
        self._store = store
        self._messages = messages

    def for_person(
        self, subject: Subject, wanted: Wanted, *, importer: str | None = None, after: Place | None = None
    ) -> Found:
        """Return decisions that *subject* may read; of all others nobody learns that they are there."""
        allowed = offices_of(subject, Action.DECISIONS_READ)
        if allowed is not None:
            wanted = replace(wanted, offices=allowed if wanted.offices is None else wanted.offices & allowed)
        return self(wanted, importer=importer, after=after)

    def __call__(self, wanted: Wanted, *, importer: str | None = None, after: Place | None = None) -> Found:
        """Return a page of the decisions that are *wanted*.

        *importer* is the whole identity of the importer, or a part of the name, in whatever case.  A
        search for one reads at most :data:`LOOKED_AT_MAX` declarations a page, so a page may be short,
        or empty, and yet have a next.
        """
        fold = None if importer is None else importer.casefold()
        found: list[tuple[ListedDecision, Declaration]] = []
        looked_at = 0
        with self._store.read() as uow:
            lanes = lanes_in_force(uow)
            while True:
                rows = uow.find_decisions(wanted, after=after, limit=_PAGE + 1)
                for row in rows[:_PAGE]:
                    after = row.place
                    declaration = self._messages.read_declaration(row.declaration_body)
                    if fold is None or _imported_by(declaration, fold):
                        found.append((row, declaration))
                        if len(found) == _PAGE:
                            break
                looked_at += len(rows[:_PAGE])
                last = len(rows) <= _PAGE and (not rows or after == rows[-1].place)
                if last or len(found) == _PAGE or looked_at >= LOOKED_AT_MAX:
                    break
        there_is_more = None if last else after
        return Found(
            decisions=tuple(found),
            lanes=lanes,
            next=there_is_more,
            back_to=None if there_is_more is None else there_is_more.at,
        )


def _imported_by(declaration: Declaration, fold: str) -> bool:
    """Tell whether the importer has this identity, or this in the name."""
    party = declaration.party(PartyRole.IMPORTER)
    if party is None:
        return False
    return (party.id or "").casefold() == fold or fold in (party.name or "").casefold()
