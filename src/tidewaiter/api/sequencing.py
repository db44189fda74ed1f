"""The sequencer of a running service: what was committed is sealed a moment later.

Sealing reads, hashes and signs outside the transaction that decides, so no decision waits for it,
and none is lost with it: entries are in the database, and who seals next takes what he finds.  Among
the processes of an installation one seals; the others wait for their turn to.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

import structlog

from tidewaiter.core.errors import ConfigurationError, Conflict, TidewaiterError, Unavailable
from tidewaiter.core.ledger.receipt import PROMISE_SECONDS
from tidewaiter.flow.seal import Sealing

__all__ = ["SEAL_SECONDS", "Sequencer", "SequencerState"]

_log = structlog.get_logger(__name__)

#: Time between two looks for new entries.
SEAL_SECONDS: Final = 0.2
#: Time between two tries of what could not be done now.
_RETRY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencerState:
    """Where the ledger of the service stands."""

    #: ``starting``, ``sealing``, ``watching`` (another process seals), ``waiting`` (it is tried again) or
    #: ``stopped`` (the ledger contradicts itself: people must look).
    status: str
    #: Entries that this process knows to be sealed; None before the first time.
    sealed: int | None = None
    #: The newest signed checkpoint that this process has made or found.
    checkpoint: str | None = None
    #: What is wrong, as a sentence.
    fault: str | None = None


class Sequencer:
    """One thread that seals, from its making until it is closed."""

    def __init__(self, sealing: Sealing, every: float = SEAL_SECONDS) -> None:
        self._sealing, self._every = sealing, every
        self._state = SequencerState(status="starting")
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="seal", daemon=True)
        self._thread.start()

    @property
    def state(self) -> SequencerState:
        """Return where the ledger stands; replaced as a whole, so it may be read at any time."""
        return self._state

    def close(self) -> None:
        """Seal what is committed, then stop."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while not closing:
            # Asked before the work: the last turn sees all that was committed before the closing.
            closing = self._closing.is_set()
            try:
                with self._sealing.leading():
                    self._seal_until_closed()
                return
            except Unavailable as unavailable:  # another process leads: it seals also what is ours
                self._become("watching", unavailable)
            except TidewaiterError as fault:
                self._become("stopped", fault)
                return
            self._closing.wait(_RETRY_SECONDS)

    def _seal_until_closed(self) -> None:
        """Seal again and again; raises what time does not heal."""
        closing, last = False, time.monotonic()
        while not closing:
            closing, pause = self._closing.is_set(), self._every
            try:
                done = self._sealing.seal()
            except (Conflict, ConfigurationError):
                raise
            except Exception as error:  # noqa: BLE001 - the edge of a thread: a full disk ends no service
                pause = _RETRY_SECONDS
                if time.monotonic() - last > PROMISE_SECONDS or not isinstance(error, Unavailable):
                    self._become("waiting", error)
            else:
                last = time.monotonic()
                self._state = SequencerState(status="sealing", sealed=done.size, checkpoint=done.note)
            self._closing.wait(pause)

    def _become(self, status: str, error: Exception) -> None:
        """Take a state in which nothing is sealed, and say so once."""
        before = self._state
        ours = isinstance(error, TidewaiterError)
        fault = str(error) if ours else "The ledger cannot be written; look into the log of the service."
        if (before.status, before.fault) != (status, fault):
            say = _log.info if status == "watching" else _log.error
            say("ledger_not_sealed", status=status, fault=fault, exc_info=None if ours else error)
        self._state = SequencerState(
            status=status, sealed=before.sealed, checkpoint=before.checkpoint, fault=fault
        )
