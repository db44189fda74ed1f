"""A process that serves until it is killed; started by test_kill_http.py.

It is a fork server: imports once, then forks a child per order, which runs `tidewaiter serve` as it
is.  It says ``ready`` when it can.  An order is a JSON line on standard input; the answer is a line
``pid N``, then ``end`` when the child is dead.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto

import tidewaiter.api.app
import tidewaiter.bootstrap
from tidewaiter.cli.serving import serve
from tidewaiter.core.declaration import Declaration
from tidewaiter.flow.assess import AssessDeclarations, rounds
from tidewaiter.flow.messages import Incoming, Reply

#: Imported once, here: a child shall not spend its life importing.
IMPORTED = (
    tidewaiter.api.app, tidewaiter.bootstrap, uvicorn.lifespan.on, uvicorn.loops.auto,
    uvicorn.protocols.http.auto, uvicorn.protocols.websockets.auto,
)  # fmt: skip


def say(line: str) -> None:
    """Write a line at once, whole, to where the test reads."""
    os.write(_ANSWERS, f"{line}\n".encode())


def answered_early(self: Any, messages: Sequence[Incoming[Declaration]]) -> list[Reply]:
    """Be the planted mistake: the answers leave, and the commit follows a little later."""
    told: list[Reply] = []
    decided = threading.Event()

    def work() -> None:
        received_at = self._clock.now()
        with self._present.turn(), self._store.write() as uow:
            self._present.catch_up(uow)
            for together in rounds(messages):
                told.extend(self._round(together, uow, received_at))
            self._present.keep(uow)
            decided.set()
            time.sleep(0.03)

    threading.Thread(target=work, daemon=True).start()
    decided.wait(30)
    return told


def be_the_service(order: dict[str, Any]) -> None:
    """Be the child."""
    if order["fault"] == "early answer":
        AssessDeclarations.__call__ = answered_early  # type: ignore[method-assign]
    os.environ["TIDEWAITER_STAND_IN"] = "false"  # what is looked for is the decision itself
    serve(data=Path(order["data"]), port=order["port"])


def fork_on_order() -> None:
    """Be the fork server, until there are no more orders."""
    say("ready")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                be_the_service(json.loads(line))
            finally:
                os._exit(1)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("end")


if __name__ == "__main__":
    # What the service says to people goes nowhere; the test reads a channel of its own.
    _ANSWERS = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    fork_on_order()
