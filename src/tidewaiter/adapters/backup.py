"""Copies of an installation: taken while it serves, and put back where nothing is.

The order of copying makes a copy whole without stopping anybody: sealed hashes, then checkpoints,
then the store.  Each is younger than the one before, so the store holds every entry that a copied
checkpoint covers, and a checkpoint covers every copied hash.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tidewaiter.core.errors import Conflict, NotFound

__all__ = ["PUBLIC_KEY", "Places", "back_up", "put_back"]

#: File of a copy: the public key with which its ledger is verified.
PUBLIC_KEY: Final = "ledger.pub"

_DATABASE = "tidewaiter.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the parts of an installation lie."""

    database: Path
    models: Path
    ledger: Path
    draw_keys: Path
    ledger_key: Path

    @property
    def keys(self) -> dict[str, Path]:
        """Return what is secret: name in a copy -> place."""
        return {"draw-keys": self.draw_keys, "ledger-key/ed25519.pem": self.ledger_key}


def back_up(places: Places, folder: Path, *, public_key: str | None, keys: bool) -> None:
    """Copy an installation into *folder*, which is there when it is whole; *keys*: also what is secret.

    *public_key* of the ledger goes along, None when nothing was ever sealed.
    Raises NotFound when there is no store, Conflict when the folder exists already.
    """
    if not places.database.is_file():
        raise NotFound(f"There is no store at {places.database}: give the folder with --data.")
    if folder.exists():
        raise Conflict(f"{folder} exists already: name a new folder, one for each backup.")
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "ledger").mkdir(mode=0o700, parents=True)
    _copy(places.ledger / "hashes", draft / "ledger" / "hashes")
    _copy_checkpoints(places.ledger, draft / "ledger")
    _copy_database(places.database, draft / _DATABASE)
    _copy(places.models, draft / "models")
    for name, place in places.keys.items() if keys else ():
        _copy(place, draft / name)
    if public_key is not None:
        (draft / PUBLIC_KEY).write_text(f"{public_key}\n", encoding="utf-8")
    _sync(draft)
    draft.rename(folder)


def put_back(folder: Path, places: Places) -> list[str]:
    """Put the copy in *folder* where nothing is; returns the names of keys that are still missing.

    Keys and ledger files that are there already are kept: they outlived what was lost.  Raises
    NotFound when *folder* is no copy, Conflict when there is a store.
    """
    if not (folder / _DATABASE).is_file():
        raise NotFound(f"{folder} is no backup: it holds no {_DATABASE}.")
    if places.database.exists():
        raise Conflict(f"There is a store at {places.database}: move it away first, nothing is overwritten.")
    places.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pairs = {"models": places.models, **places.keys}
    if not (places.ledger / "checkpoints").exists():
        names = ["hashes", *(file.name for file in (folder / "ledger").glob("checkpoints*"))]
        pairs |= {f"ledger/{name}": places.ledger / name for name in names}
    for name, place in pairs.items():
        if not place.exists():
            _copy(folder / name, place)
    # The store comes last: where it stands, the rest does.
    draft = places.database.with_name(f"{_DATABASE}.part")
    shutil.copyfile(folder / _DATABASE, draft)
    draft.chmod(0o600)
    draft.rename(places.database)
    _sync(places.database.parent)
    return [str(place) for place in places.keys.values() if not place.exists()]


def _copy_checkpoints(source: Path, target: Path) -> None:
    """Copy all files of checkpoints; once more when one was put aside meanwhile."""
    rolled: list[Path] | None = None
    while rolled != (rolled := sorted(source.glob("checkpoints-*"))):
        for file in rolled:
            _copy(file, target / file.name)
        _copy(source / "checkpoints", target / "checkpoints")


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, if it is there, readable by its owner alone."""
    if source.is_dir():
        shutil.copytree(source, target)
        target.chmod(0o700)
    elif source.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o600)


def _copy_database(source: Path, target: Path) -> None:
    """Copy the store as it is at one instant, without holding its writers up (SQLite's backup API)."""
    uri = f"{source.resolve().as_uri()}?mode=ro"
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(uri, uri=True)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        # One file without a log beside it: it may be moved as it is.  At the first opening it has one again.
        writing.execute("PRAGMA journal_mode = DELETE")


def _sync(folder: Path) -> None:
    """Make all files of *folder*, and their names, durable."""
    for path in (folder, *folder.rglob("*")):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
