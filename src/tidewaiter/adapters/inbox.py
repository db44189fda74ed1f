"""A watched folder: files move from ``in`` through ``claimed`` to ``done`` or ``quarantine``.

A move within one file system is atomic, so a file is always in exactly one of them.  Answers lie
in ``answers``, each under the name of its message with ``.json`` behind it.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.ports.inbox import Laid

__all__ = ["BYTES_MAX", "WatchedFolder"]

#: The largest message of any format.
BYTES_MAX: Final = 5 * 1024 * 1024
#: A file counts as complete when it did not change while it was watched for so long, seconds.
_SETTLED: Final = 1.0
#: Endings of files that a sender is still writing.
_UNFINISHED: Final = (".part", ".tmp")
_FOLDERS: Final = ("in", "claimed", "done", "quarantine", "answers")


class WatchedFolder:
    """The port :class:`~tidewaiter.flow.ports.inbox.Inbox` on a folder."""

    def __init__(self, folder: Path, *, settled_seconds: float = _SETTLED) -> None:
        self._folder = folder
        self._in, self._claimed, self._done, self._quarantine, self._answers = (
            folder / name for name in _FOLDERS
        )
        self._settled = settled_seconds
        #: Name -> size, time of writing, and since when both are known, by our own clock.
        self._known: dict[str, tuple[int, int, float]] = {}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one that takes, among processes.

        Raises Unavailable when another one does, or when the folder cannot be read or written.
        """
        try:
            for name in _FOLDERS:
                (self._folder / name).mkdir(mode=0o770, parents=True, exist_ok=True)
            with (self._folder / "lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield
        except BlockingIOError as error:
            raise Unavailable(f"Another process watches the folder {self._folder}.") from error
        except OSError as error:
            raise Unavailable(
                f"The watched folder {self._folder} cannot be used: {error.strerror}."
            ) from error

    def claim(self, limit: int) -> Sequence[Laid]:
        """Claim complete files, those first that were claimed before and not worked off; oldest first."""
        waiting = [path for path, _ in _oldest_first(self._claimed)]
        laid = _oldest_first(self._in)
        complete = [path for path, found in laid if self._complete(path, found)]
        names = {path.name for path, _ in laid}
        self._known = {name: known for name, known in self._known.items() if name in names}
        waiting += [_moved(path, self._claimed) for path in complete[: max(0, limit - len(waiting))]]
        read = [self._read(path) for path in waiting[:limit]]
        return [each for each in read if each is not None]

    def answer(self, laid: Laid, answer: bytes) -> None:
        """Lay down the answer, durably, and then put the message to those that are done."""
        done = _free(self._done, laid.name)
        self._write(self._answers / f"{done.name}.json", answer)
        (self._claimed / laid.name).rename(done)

    def put_aside(self, laid: Laid, reason: str) -> None:
        """Put a message aside with the reason beside it."""
        self._put_aside(self._claimed / laid.name, reason)

    def _put_aside(self, path: Path, reason: str) -> None:
        moved = _moved(path, self._quarantine)
        self._write(moved.with_name(f"{moved.name}.reason.txt"), reason.encode() + b"\n")

    def _complete(self, path: Path, found: os.stat_result) -> bool:
        """Tell whether a file has been written to its end, as far as can be seen from outside.

        The clock of who writes may be another one, so what counts is how long we saw no change.
        """
        if path.name.startswith(".") or path.name.endswith(_UNFINISHED):
            return False
        now = time.monotonic()
        size, written, since = self._known.get(path.name, (-1, -1, now))
        if (size, written) != (found.st_size, found.st_mtime_ns):
            since = now
            self._known[path.name] = (found.st_size, found.st_mtime_ns, now)
        return now - since >= self._settled

    def _read(self, path: Path) -> Laid | None:
        """Return a claimed file; None when it is no message, and was put aside."""
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            self._put_aside(path, "This is no file. Nothing was read; lay down messages as files.")
            return None
        if found.st_size > BYTES_MAX:
            self._put_aside(path, f"This file is larger than {BYTES_MAX} bytes. Nothing was read.")
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            body = file.read(BYTES_MAX + 1)
        return Laid(name=path.name, body=body, at=datetime.fromtimestamp(int(found.st_mtime), UTC))

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file durably: it is there whole, or not at all."""
        draft = path.with_name(f".{path.name}.tmp")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def _oldest_first(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """Return what lies in *folder*, by time and name; what goes away meanwhile is not there."""
    found = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            found.append((path, path.lstat()))
    return sorted(found, key=lambda entry: (entry[1].st_mtime_ns, entry[0].name))


def _moved(path: Path, folder: Path) -> Path:
    """Move *path* into *folder* and return where it is."""
    target = _free(folder, path.name)
    path.rename(target)
    return target


def _free(folder: Path, name: str) -> Path:
    """Return the path of *name* in *folder*; a name that is taken gets a number: nothing is overwritten."""
    target, number = folder / name, 1
    while os.path.lexists(target):
        number += 1
        target = folder / f"{Path(name).stem}~{number}{Path(name).suffix}"
    return target
