"""The journal of stand-ins: lines in a file of this machine, durable without the store.

A line is the first half of the SHA-256 of its content in hex, a blank, and the content.  The file is
made with its reserve of zeros, so that it takes stand-ins also when the disk is full (on file systems
that write in place).  What an append leaves half written has a wrong digest and was never
acknowledged: it is passed over, and overwritten.  What is wrong before a sound line was damaged
later: the file is kept aside, and what is sound is still assessed.

Each process locks a journal of its own; the lock ends with the process, and whoever lives assesses
what it left.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tidewaiter.core.errors import Unavailable

__all__ = ["RESERVE_BYTES", "JournalFile", "JournalFolder", "NoteFile"]

#: Some three thousand declarations.
RESERVE_BYTES: Final = 16 * 1024 * 1024
#: Processes on one machine that serve one installation.
_FILES_MAX: Final = 256
_DIGEST_CHARACTERS: Final = 32

logger = logging.getLogger(__name__)


class JournalFile:
    """One journal that this process has locked."""

    def __init__(self, path: Path, descriptor: int, reserve: int = RESERVE_BYTES) -> None:
        self._path, self._file = path, descriptor
        #: Held while lines are added or taken away; held while they are made durable.
        self._lines, self._syncing = threading.Lock(), threading.Lock()
        self._entries, self._end, size = self._read()
        self._synced = self._end
        #: Whether a sync failed: the next would succeed, although the system dropped what it had to write.
        self._doubtful = False
        # What is half written is made zero, so that nothing of it is taken for damage later.
        self._zero(self._end, size)
        self._reserve(os.fstat(descriptor).st_size, reserve)

    def append(self, entry: bytes) -> None:
        """Keep *entry*, one line, durably; raises Unavailable when that cannot be done.

        What several threads append at the same time is made durable together.
        """
        if b"\n" in entry or b"\0" in entry:
            raise ValueError("BUG: an entry of the journal is one line of text")
        line = _digest(entry) + b" " + entry + b"\n"
        try:
            with self._lines:
                self._require_sound()
                _write_at(self._file, line, self._end)
                self._entries.append(entry)
                self._end += len(line)
                end = self._end
            with self._syncing:
                self._require_sound()
                if self._synced < end:
                    self._sync()
        except OSError as error:
            raise Unavailable(
                f"The journal {self._path} of stand-ins cannot be written: {error.strerror}."
            ) from error

    def entries(self) -> Sequence[bytes]:
        """Return those that are whole, in the order in which they were stated."""
        with self._lines:
            return list(self._entries)

    def clear(self, count: int) -> None:
        """Forget the first *count*, which were assessed; later ones stay.

        The file is emptied when none is left; what is assessed twice after a crash has the same answer.
        """
        with self._syncing, self._lines:
            del self._entries[:count]
            if self._entries:
                return
            try:
                self._zero(0, self._end)
            except OSError as error:
                raise Unavailable(f"The journal {self._path} cannot be emptied: {error.strerror}.") from error
            self._end = self._synced = 0
            self._doubtful = False

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._file)

    def _read(self) -> tuple[list[bytes], int, int]:
        """Return the sound lines, where the last of them ends, and where what is not zero ends."""
        if os.pread(self._file, 1, 0) in {b"", b"\0"}:  # empty, as it is nearly always
            return [], 0, 0
        content = os.pread(self._file, os.fstat(self._file).st_size, 0).rstrip(b"\0")
        entries, end, at, wrong = [], 0, 0, False
        for line in content.split(b"\n")[:-1]:  # what follows the last newline is torn
            at += len(line) + 1
            digest, _, entry = line.partition(b" ")
            if digest == _digest(entry):
                entries.append(entry)
                end = at
                if wrong:
                    self._keep_aside()
                    wrong = False
            elif line:
                wrong = True
        return entries, end, len(content)

    def _sync(self) -> None:
        reached = self._end
        try:
            os.fsync(self._file)
        except OSError:
            self._doubtful = True
            raise
        self._synced = reached

    def _require_sound(self) -> None:
        if self._doubtful:
            raise OSError(errno.EIO, "a sync failed; it is used again once all in it was assessed")

    def _reserve(self, size: int, reserve: int) -> None:
        """Make the file as large as its reserve; without space for it, it takes what the disk has."""
        try:
            self._zero(size, reserve)
        except OSError as error:
            told = {"action": "journal_without_reserve", "why": error.strerror}
            logger.warning("The journal of stand-ins has no reserve.", extra=told)

    def _keep_aside(self) -> None:
        """Copy a file that was damaged, for people to look at."""
        aside = self._path.with_suffix(".damaged")
        logger.error(
            "A journal of stand-ins was damaged.", extra={"action": "journal_damaged", "copy": aside.name}
        )
        if not aside.exists():
            shutil.copyfile(self._path, aside)

    def _zero(self, begin: int, end: int) -> None:
        if end > begin:
            _write_at(self._file, bytes(end - begin), begin)
            os.fsync(self._file)


class JournalFolder:
    """The port :class:`~tidewaiter.flow.ports.standin.StandInJournal`: one file for each process."""

    def __init__(self, folder: Path, reserve: int = RESERVE_BYTES) -> None:
        self._folder, self._reserve = folder, reserve
        self._own: JournalFile | None = None
        self._own_path: Path | None = None
        self._opening = threading.Lock()

    def append(self, entry: bytes) -> None:
        """Keep *entry*, one line, durably; raises Unavailable when that cannot be done."""
        self._opened().append(entry)

    def own(self) -> Sequence[bytes]:
        """Return what this process has kept and not cleared, as when it was opened."""
        return self._opened().entries()

    def waiting(self) -> Iterator[_Lent]:
        """Iterate over the journals of this machine: that of this process, and those of processes gone."""
        own = self._opened()
        yield _Lent(own)
        for path in sorted(self._folder.glob("standin-*.journal")):
            if path != self._own_path:
                yield _Lent(None, path)

    def close(self) -> None:
        """Give the journal of this process back."""
        with self._opening:
            if self._own is not None:
                self._own.close()
                self._own = self._own_path = None

    def _opened(self) -> JournalFile:
        """Return the journal of this process, taking the first that is free."""
        with self._opening:
            if self._own is None:
                try:
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    for number in range(_FILES_MAX):
                        path = self._folder / f"standin-{number:03}.journal"
                        self._own = _locked(path, self._reserve)
                        if self._own is not None:
                            self._own_path = path
                            _sync_names(self._folder)
                            break
                except OSError as error:
                    raise Unavailable(
                        f"The journal of stand-ins in {self._folder} cannot be opened: {error.strerror}."
                    ) from error
            if self._own is None:
                raise Unavailable(f"More than {_FILES_MAX} processes keep a journal in {self._folder}.")
            return self._own


class _Lent:
    """A journal for the length of a block."""

    def __init__(self, own: JournalFile | None, path: Path | None = None) -> None:
        self._own, self._path = own, path
        self._taken: JournalFile | None = None

    def __enter__(self) -> JournalFile | None:
        if self._own is not None or self._path is None:
            return self._own
        try:
            self._taken = _locked(self._path, 0)
        except OSError as error:
            raise Unavailable(f"The journal {self._path} cannot be opened: {error.strerror}.") from error
        return self._taken

    def __exit__(self, *_: object) -> None:
        if self._taken is not None:
            self._taken.close()


class NoteFile:
    """The port :class:`~tidewaiter.flow.ports.standin.PolicyFile`: a file that is replaced whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str | None:
        """Return the signed note; None when there is none that can be read."""
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, note: str) -> None:
        """Put *note* in its place, whole; raises Unavailable when it cannot be written."""
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with draft.open("w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise Unavailable(
                f"The stand-in policy {self._path} cannot be written: {error.strerror}."
            ) from error


def _locked(path: Path, reserve: int) -> JournalFile | None:
    """Return the journal in *path*, locked for this process; None when another one has it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return JournalFile(path, descriptor, reserve)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise


def _sync_names(folder: Path) -> None:
    """Make the names in *folder* durable: a file that was just made may otherwise vanish with its lines."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(entry: bytes) -> bytes:
    return hashlib.sha256(entry).hexdigest()[:_DIGEST_CHARACTERS].encode()


def _write_at(descriptor: int, content: bytes, offset: int) -> None:
    """Write all of *content*: a disk that is nearly full takes only a part, and then refuses the rest."""
    while content:
        written = os.pwrite(descriptor, content, offset)
        content, offset = content[written:], offset + written
