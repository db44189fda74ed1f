"""The present: the assessor in memory, kept level with the store.

History and pacing in memory are a fold over what the store holds.  Each turn begins by folding in
what other processes committed meanwhile.  When a turn fails, memory may be ahead of the store, so
it is dropped and folded again from the store: the store is always right.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Final

import orjson

from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.scoring.contract import Scorer
from tidewaiter.core.selection.pacing import OfficeState
from tidewaiter.flow.assessor import Assessor
from tidewaiter.flow.content import content_in_force
from tidewaiter.flow.epochs import DrawKeys
from tidewaiter.flow.ports import JournalEntry, MessageFormat, UnitOfWork

__all__ = ["MODEL", "Present", "fold", "undisturbed"]

#: Kind of publication that names the model in force; an empty body: none.
MODEL: Final = "model"

#: More entries than this make a long fold.
_MANY: Final = 10_000

#: Entries after which history is settled: some ten thousand objects, walked in some milliseconds.
_SETTLE_EVERY: Final = 500


class Present:
    """Holds the assessor of this process; one turn at a time."""

    def __init__(
        self,
        *,
        messages: MessageFormat,
        draw_keys: DrawKeys,
        load_model: Callable[[str], Scorer],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._messages = messages
        self.draw_keys = draw_keys
        self._load_model = load_model
        self._progress = progress
        self._turn = threading.Lock()
        self._assessor: Assessor | None = None
        #: Whether this turn came as far as to change what is in memory.
        self._changing = False
        #: Number of publications taken over.
        self._published = 0
        #: Why there is no model although one is in force, for people; None: nothing is wrong.
        self.model_fault: str | None = None
        self._kept: dict[str, OfficeState] = {}
        #: Position of the journal up to which history is left out of the walks of the collector.
        self._settled = 0

    @property
    def assessor(self) -> Assessor:
        """Return the assessor as of the last :meth:`catch_up` of this turn."""
        if self._assessor is None:
            raise AssertionError("BUG: the present was not caught up in this turn")
        return self._assessor

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the state to oneself; what a failed turn did to it is forgotten.

        A turn that could not even read has done nothing, and to fold again takes long.
        """
        with self._turn:
            self._changing = done = False
            try:
                yield
                done = True
            finally:
                if self._changing and not done:
                    self._assessor = None
            self._settle()

    def look_again(self) -> None:
        """Take the model in force at the next turn, if it could not be used before."""
        with self._turn:
            if self.model_fault is not None:
                self._published = -1

    def _settle(self) -> None:
        """Now and then, leave what history has gained out of the walks of the collector of cycles.

        History has no cycles, but a walk through a day's gain keeps every request waiting for a third
        of a second.  Garbage is collected first, because what is garbage now would never be freed.
        """
        journal = 0 if self._assessor is None else self._assessor.journal
        if abs(journal - self._settled) >= _SETTLE_EVERY:
            gc.collect()
            gc.freeze()
            self._settled = journal

    def catch_up(self, uow: UnitOfWork) -> None:
        """Bring the assessor level with the store: content, draw key, model, history, pacing."""
        published = uow.publications_end()
        draw_key, end = self.draw_keys.in_force(uow), uow.journal_end()
        self._changing = True
        if self._assessor is None:
            self._assessor = Assessor(
                content=content_in_force(uow), draw_key=draw_key, scorer=None, load_key=self.draw_keys.load
            )
            self._take_model(uow)
        elif published != self._published:
            self._assessor.content = content_in_force(uow)
            self._take_model(uow)
        self._assessor.draw_key = draw_key
        self._published = published
        if end > self._assessor.journal:
            fold(
                self._assessor, uow.journal(after=self._assessor.journal), self._messages, end, self._progress
            )
            self._load_pacing(uow)

    def keep(self, uow: UnitOfWork) -> None:
        """Write the pacing of the offices that changed in this turn."""
        if uow.journal_end() != self.assessor.journal:
            raise AssertionError("BUG: the assessor and the journal disagree on what history is")
        changed = {
            office: state
            for office, state in self.assessor.offices.items()
            if self._kept.get(office) is not state
        }
        uow.put_capacity_states({office: _bytes(state) for office, state in changed.items()})
        self._kept.update(changed)

    def _take_model(self, uow: UnitOfWork) -> None:
        """Take over the model in force.

        A model that cannot be loaded leaves the assessor without one: declarations are decided, and
        marked, and readiness tells why.
        """
        assessor = self.assessor
        model = uow.published(MODEL)
        self.model_fault = None
        if model is None or not model.version:
            assessor.scorer = None
        elif assessor.scorer is None or assessor.scorer.version != model.version:
            try:
                assessor.scorer = self._load_model(model.version)
            except ConfigurationError as error:
                assessor.scorer = None
                self.model_fault = str(error)

    def _load_pacing(self, uow: UnitOfWork) -> None:
        """Read the pacing of all offices: another process decided, or this one has just begun."""
        states = {
            office: OfficeState.from_data(orjson.loads(body))
            for office, body in uow.capacity_states().items()
        }
        self.assessor.offices = dict(states)
        self._kept = dict(states)


def _bytes(state: OfficeState) -> bytes:
    return orjson.dumps(state.to_data(), option=orjson.OPT_NON_STR_KEYS)


def fold(
    assessor: Assessor,
    entries: Iterator[JournalEntry],
    messages: MessageFormat,
    end: int,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Fold journal entries into the history of *assessor*; *progress* is told (done, of how many)."""
    with undisturbed() if end - assessor.journal > _MANY else nullcontext():
        _fold(assessor, entries, messages, end, progress)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the collector of cycles off while millions of lasting objects are made.

    History has no cycles; walking it again and again took a third of the time of a fold.  What was
    made is then left out of later walks.  Only for long folds: what happens to be garbage at the end
    is never freed.
    """
    on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()


def _fold(
    assessor: Assessor,
    entries: Iterator[JournalEntry],
    messages: MessageFormat,
    end: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    history = assessor.history
    # A result mostly follows its declaration closely: what was just read is not read again.
    declaration_in = lru_cache(maxsize=8192)(messages.read_declaration)
    for entry in entries:
        if entry.kind == "declaration":
            history.observe_declaration(declaration_in(entry.body), entry.at, source=entry.source)
        elif entry.declaration_body is not None:
            result = messages.read_control_result(entry.body)
            declaration = declaration_in(entry.declaration_body)
            history.observe_result(result, declaration, entry.at, source=entry.source)
        assessor.journal = entry.seq
        if progress is not None and entry.seq % 1000 == 0:
            progress(entry.seq, end)
