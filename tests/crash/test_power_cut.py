"""A power cut at any moment loses no answer that left: the statements of the store, on a modelled disk.

The statements are those that the store really makes, with its pragmas; they run on a recording
file system, and the record is cut at random moments (see power.py).  The same with weaker
settings must show losses, else the model would prove nothing.
"""

from __future__ import annotations

import random  # noqa: TID251 - seeded, and only where to cut
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy import Connection, event

from tests.crash.ingest_child import answer_in
from tests.crash.power import Acknowledge, Disk, RecordingVfs, Step, Sync, Write
from tests.crash.test_kill import faults_of
from tests.fakes.store_values import new_result
from tidewaiter.adapters.sql import FILE_NAME, SqlStore, prepared, store_url
from tidewaiter.adapters.sql.sqlite import PRAGMAS

MESSAGES = 120
#: The log is copied into the database after so many pages: often, so that cuts fall into it.
CHECKPOINT_PAGES = 150

Statement = tuple[str, Any, bool]


@dataclass(frozen=True)
class Workload:
    """An empty store, and the transactions that fill it: statements, and the message answered after them."""

    empty: bytes
    transactions: list[tuple[list[Statement], int | None]]


@dataclass
class Tally:
    """What the cuts did."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    #: Cuts with something written that no sync had reached.
    unsynced: int = 0
    damage: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Workload:
    """Return the statements that the store makes for messages and results."""
    return noted_workload(tmp_path_factory.mktemp("workload"))


def noted_workload(folder: Path) -> Workload:
    """Return the statements that a store in *folder* makes for messages and results."""
    store = SqlStore(store_url(folder))
    store.close()
    empty = (folder / FILE_NAME).read_bytes()
    transactions: list[tuple[list[Statement], int | None]] = []

    def begun(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        if text.startswith("BEGIN"):
            transactions.append(([], None))
        transactions[-1][0].append((text, values, False))

    execute = prepared.execute

    def noting(connection: Connection, text: str, given: Any = (), *, many: bool = False) -> Any:
        transactions[-1][0].append((text, given, many))
        return execute(connection, text, given, many=many)

    store = SqlStore(store_url(folder))
    event.listen(store._writer, "before_cursor_execute", begun)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepared, "execute", noting)
        for number in range(1, MESSAGES + 1):
            if number % 7 == 0:
                with store.write() as work:
                    work.add_result(new_result(number))
            with store.write() as work:
                answer_in(work, number)
            transactions[-1] = (transactions[-1][0], number)
    store.close()
    return Workload(empty, transactions)


def record(workload: Workload, folder: Path, synchronous: str) -> list[Step]:
    """Run the workload on the recording file system; return what was done to the disk."""
    path = folder / FILE_NAME
    path.write_bytes(workload.empty)
    steps: list[Step] = []
    vfs = RecordingVfs(f"recording-{folder.name}", steps)
    connection = apsw.Connection(str(path), vfs=vfs.name)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    for pragma in PRAGMAS:
        connection.execute(pragma.replace("FULL", synchronous) if "synchronous" in pragma else pragma)
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    for statements, number in workload.transactions:
        for text, values, many in statements:
            for row in values if many else [values]:
                list(connection.execute(text, row))
        connection.execute("COMMIT")
        if number is not None:
            steps.append(Acknowledge(number))
    connection.close()
    vfs.unregister()
    return steps


def cut_often(
    workload: Workload,
    folder: Path,
    cuts: int,
    synchronous: str,
    *,
    seed: int = 1,
    stop: Callable[[Tally], bool],
) -> Tally:
    """Cut the power at random moments, open what is left and look for losses and damage."""
    folder.mkdir()
    steps = record(workload, folder, synchronous)
    rng, tally = random.Random(seed), Tally()
    disk = Disk({FILE_NAME: bytearray(workload.empty)})
    moments = sorted(rng.randrange(len(steps)) for _ in range(cuts))
    image = folder / "image"
    image.mkdir()
    taken = 0
    for moment in moments:
        for step in steps[taken:moment]:
            disk.take(step)
        taken = moment
        for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
            (image / name).unlink(missing_ok=True)
        for name, content in disk.after_cut(rng).items():
            (image / name).write_bytes(content)
        look(image / FILE_NAME, disk, tally)
        if stop(tally):
            break
    return tally


def look(path: Path, disk: Disk, tally: Tally) -> None:
    """Open what a cut left, and note what is lost or damaged."""
    tally.cuts += 1
    tally.acknowledged += len(disk.acknowledged)
    tally.unsynced += bool(disk.waiting)
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            kept = {int(row[0][1:]) for row in connection.execute("SELECT message_id FROM message")}
            found = faults_of(connection, {})
    except sqlite3.DatabaseError as error:
        found, kept = [f"a file that cannot be read: {error}"], disk.acknowledged
    tally.lost += len(disk.acknowledged - kept)
    tally.damage += found


def test_no_answer_that_left_is_lost_in_a_power_cut(workload: Workload, tmp_path: Path) -> None:
    tally = cut_often(
        workload, tmp_path / "full", 1_200, "FULL", stop=lambda found: bool(found.lost or found.damage)
    )
    assert not tally.damage
    assert tally.lost == 0
    assert tally.cuts == 1_200
    assert tally.unsynced > 600
    assert tally.acknowledged > 10_000


def test_cuts_can_fall_into_the_copying_of_the_log(workload: Workload, tmp_path: Path) -> None:
    steps = record(workload, tmp_path, "FULL")
    assert sum(isinstance(step, Write) and step.file == FILE_NAME for step in steps) > 200
    assert sum(isinstance(step, Sync) and step.file == FILE_NAME for step in steps) >= 5


def test_the_model_keeps_what_was_synced_and_may_lose_the_rest() -> None:
    disk = Disk({})
    disk.take(Write("a", 0, b"x" * 2_000))
    disk.take(Sync("a"))
    disk.take(Write("a", 600, b"y" * 300))
    disk.take(Write("b", 0, b"z"))
    images = [disk.after_cut(random.Random(seed)) for seed in range(200)]
    assert {image["a"][:600] + image["a"][900:] for image in images} == {b"x" * 1_700}
    assert {image["a"][600:900] for image in images} > {b"x" * 300, b"y" * 300}
    assert {image.get("b") for image in images} >= {None, b"", b"z"}
    disk.take(Sync("a"))
    assert {disk.after_cut(random.Random(seed))["a"][600:900] for seed in range(200)} == {b"y" * 300}


def test_the_cuts_would_show_a_weaker_setting(workload: Workload, tmp_path: Path) -> None:
    """With NORMAL the log is synced at checkpoints only: what was answered since then is gone."""
    tally = cut_often(workload, tmp_path / "normal", 200, "NORMAL", stop=lambda found: found.lost > 50)
    assert tally.lost > 50
    assert not tally.damage


def test_the_cuts_would_show_damage(workload: Workload, tmp_path: Path) -> None:
    """Without any sync the database itself may break; the model must be able to show it."""
    tally = cut_often(workload, tmp_path / "off", 200, "OFF", stop=lambda found: bool(found.damage))
    assert tally.damage
