"""Stores on SQLite for tests: an empty file is made once and copied, because migrating takes longest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidewaiter.adapters.sql import FILE_NAME, SqlStore, store_url

__all__ = ["empty_file", "make_sqlite_store"]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store file at the newest schema version, to be copied."""
    folder = tmp_path_factory.mktemp("empty-store")
    SqlStore(store_url(folder)).close()
    return folder / FILE_NAME


@pytest.fixture
def make_sqlite_store(empty_file: Path, tmp_path: Path) -> Iterator[Callable[..., SqlStore]]:
    """Return a maker of stores on SQLite: new ones, or another connection to *folder*."""
    opened: list[SqlStore] = []

    def make(folder: Path | None = None) -> SqlStore:
        folder = folder or tmp_path / f"store-{len(opened)}"
        if not folder.exists():
            folder.mkdir()
            shutil.copy(empty_file, folder / FILE_NAME)
        opened.append(SqlStore(store_url(folder)))
        return opened[-1]

    yield make
    for store in opened:
        store.close()
