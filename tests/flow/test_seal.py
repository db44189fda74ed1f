"""Sealing and proving over both stores: what is sealed is proven, what was tampered with is not signed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.fakes.ledgers import FakeKey, MemoryLedgerFiles
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import START, FakeClock
from tests.fakes.sql_stores import DATABASES
from tests.fakes.store_values import new_decision, new_declaration
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.adapters.sql import FILE_NAME, SqlStore
from tidewaiter.core.errors import Conflict, NotFound, Unavailable
from tidewaiter.core.ledger.checkpoint import parse_checkpoint, parse_note
from tidewaiter.core.ledger.tree import root_of
from tidewaiter.core.ledger.verify import verify
from tidewaiter.flow.ports import Store, UnitOfWork
from tidewaiter.flow.ports.ledger import LedgerFiles
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.seal import Sealing

KEY = FakeKey()
Make = Callable[..., SqlStore]


def record(store: Store, first: int, count: int) -> None:
    """Record decisions and publications: two kinds of entries, kept in two places."""
    for number in range(first, first + count):
        with store.write() as work:
            if number % 3:
                work.add_declaration(new_declaration(number))
                work.add_decision(*new_decision(number))
            else:
                work.publish("plan", f"v{number}", b"{}", START, "test")


def sealing(store: Store, files: LedgerFiles, key: FakeKey = KEY) -> Sealing:
    """Return a process that seals."""
    return Sealing(store=store, files=files, key=key, signature_holds=signature_holds, clock=FakeClock())


def proving(store: Store, files: LedgerFiles) -> Proving:
    """Return a process that proves."""
    return Proving(store=store, files=files, signature_holds=signature_holds)


def codes(store: Store, files: LedgerFiles, *known: bytes) -> list[tuple[str, int | None]]:
    """Return what the verification in place finds."""
    return [
        (each.code, each.position) for each in proving(store, files).verify(KEY.public, known).report.findings
    ]


@pytest.fixture(params=[*DATABASES, "memory"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store of each kind."""
    if request.param == "memory":
        return MemoryStore()
    made: SqlStore = request.getfixturevalue(f"make_{request.param}_store")()
    return made


def test_what_is_sealed_is_proven_in_place_and_in_a_bundle(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 10)
    sealed = sealing(store, files).seal(batch=4)
    assert (sealed.size, sealed.new, len(files.notes)) == (10, 10, 3)
    record(store, 11, 2)
    found = proving(store, files).verify(KEY.public)
    assert found.report.holds, found.report.findings
    assert found.waiting == 2
    again = sealing(store, files).seal()
    assert (again.size, again.new) == (12, 2)
    bundle = io.BytesIO(b"".join(proving(store, files).bundle()))
    report = verify(bundle, key=KEY.public, signature_holds=signature_holds, known=files.notes)
    assert report.holds, report.findings
    assert report.entries == 12


class SealsMeanwhile:
    """A store that seals new entries right after a reader took its view."""

    def __init__(self, store: Store, files: LedgerFiles) -> None:
        self._store, self._files = store, files

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        with self._store.read() as work:
            assert work.ledger_end()
            record(self._store, 100, 3)
            sealing(self._store, self._files).seal()
            yield work

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_sealing_while_somebody_verifies_is_no_false_alarm(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 5)
    sealing(store, files).seal()
    found = proving(SealsMeanwhile(store, files), files).verify(KEY.public)
    assert found.report.holds, found.report.findings
    assert (found.report.entries, len(files.leaves)) == (5, 8)
    assert codes(store, files) == []


def test_the_root_is_that_of_the_leaves_in_their_order(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 9)
    sealed = sealing(store, files).seal(batch=2)
    with store.read() as work:
        leaves = [leaf.leaf_hash for leaf in work.ledger()]
    assert sealed.note is not None
    assert parse_checkpoint(parse_note(sealed.note).text).root == root_of(leaves)
    assert files.leaves == leaves


def test_a_proof_of_every_sealed_entry_holds(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 7)
    sealing(store, files).seal(batch=3)
    with store.read() as work:
        bodies = [leaf.body for leaf in work.ledger()]
    for position, body in enumerate(bodies, 1):
        assert body is not None
        proof = proving(store, files).inclusion_at(position)
        assert proof.fault(body, KEY.public, signature_holds) is None
        assert proof.fault(body + b" ", KEY.public, signature_holds)
    for position in (0, 8):
        with pytest.raises(NotFound, match="7 entries are"):
            proving(store, files).inclusion_at(position)
    files.leaves.pop()
    with pytest.raises(Unavailable, match="did not end"):
        proving(store, files).inclusion_at(1)


def test_sealing_with_nothing_new_signs_nothing(store: Store) -> None:
    files = MemoryLedgerFiles()
    assert sealing(store, files).seal().note is None
    record(store, 1, 3)
    first = sealing(store, files).seal()
    again = sealing(store, files).seal()
    assert (again.new, again.note) == (0, first.note)
    assert len(files.notes) == 1


class CountsReads(LedgerFolder):
    """A folder that counts how often all hashes are read."""

    reads = 0

    def hashes(self) -> Iterator[bytes]:
        self.reads += 1
        return super().hashes()


def test_a_process_that_goes_on_reads_only_what_is_new(tmp_path: Path) -> None:
    store, files, twin = MemoryStore(), CountsReads(tmp_path / "ledger"), MemoryLedgerFiles()
    process = sealing(store, files)
    for count in range(1, 8):
        record(store, count * 10, count)
        assert process.seal().note == sealing(store, twin).seal().note
    assert files.reads == 1
    assert sealing(store, files).seal().new == 0
    assert files.reads == 2
    assert codes(store, files) == []


def test_a_process_that_goes_on_sees_what_others_did_to_the_files(store: Store, tmp_path: Path) -> None:
    files = LedgerFolder(tmp_path / "ledger")
    process = sealing(store, files)
    record(store, 1, 3)
    process.seal()
    record(store, 4, 3)
    sealing(store, LedgerFolder(tmp_path / "ledger")).seal()
    record(store, 7, 3)
    assert process.seal().new == 3
    assert codes(store, files) == []
    path = tmp_path / "ledger" / "hashes"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    record(store, 10, 1)
    with pytest.raises(Conflict, match="was changed"):
        process.seal()


def test_a_crash_between_checkpoint_and_hashes_is_made_good(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 8)
    sealing(store, files).seal(batch=3)
    whole = list(files.leaves)
    del files.leaves[6:]
    assert codes(store, files) == []
    assert sealing(store, files).seal().new == 0
    assert files.leaves == whole


def test_a_store_from_an_older_copy_is_not_signed(store: Store) -> None:
    older, files = MemoryStore(), MemoryLedgerFiles()
    record(store, 1, 8)
    sealing(store, files).seal()
    record(older, 1, 5)
    with pytest.raises(Conflict, match="older copy"):
        sealing(older, files).seal()
    record(older, 30, 6)
    with pytest.raises(Conflict, match="went on"):
        sealing(older, files).seal()
    assert len(files.notes) == 1
    assert ("body-changed", 6) in codes(older, files)


def test_checkpoints_that_were_taken_away_are_noticed(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 8)
    sealing(store, files).seal(batch=4)
    kept = files.notes.pop()
    with pytest.raises(Conflict, match="taken away"):
        sealing(store, files).seal()
    assert codes(store, files) == [("rolled-back", 8)]
    del files.leaves[4:]  # both files rolled back: only who kept a checkpoint sees it
    assert codes(store, files) == []
    assert codes(store, files, kept) == [("rolled-back", 8)]
    files.notes.clear()
    with pytest.raises(Conflict, match="no checkpoint is left"):
        sealing(store, files).seal()


def test_a_hash_file_that_was_changed_is_noticed(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 8)
    sealing(store, files).seal()
    files.leaves[2] = bytes(32)
    with pytest.raises(Conflict, match="was changed"):
        sealing(store, files).seal()
    assert codes(store, files) == [("body-changed", 3), ("root", 8), ("hash-changed", 3)]


def test_another_key_does_not_go_on(store: Store) -> None:
    files = MemoryLedgerFiles()
    record(store, 1, 3)
    sealing(store, files).seal()
    with pytest.raises(Conflict, match="not signed with the key"):
        sealing(store, files, FakeKey(seed=2)).seal()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE decision SET evidence = '{}' WHERE seq = 1", [("body-changed", 1)]),
        ("UPDATE ledger_leaf SET leaf_hash = zeroblob(32) WHERE seq = 2", [("hash-changed", 2)]),
        ("DELETE FROM ledger_leaf WHERE seq = 4", [("body-missing", 4)]),
        ("DELETE FROM decision WHERE seq = 1", [("body-missing", 1)]),
        ("UPDATE ledger_leaf SET body = '{}' WHERE seq = 3", [("body-changed", 3)]),
        ("DELETE FROM ledger_leaf WHERE seq > 6", [("body-missing", 7), ("body-missing", 8)]),
        ("UPDATE ledger_leaf SET body = 7 WHERE seq = 3", [("body-missing", 3)]),
        ("UPDATE ledger_leaf SET leaf_hash = 'x' WHERE seq = 3", [("hash-changed", 3)]),
        ("UPDATE ledger_leaf SET body = NULL WHERE seq = 3", [("body-missing", 3)]),
        ("UPDATE ledger_leaf SET leaf_hash = zeroblob(32) WHERE seq = 9", [("body-changed", 9)]),
    ],
)
def test_what_the_owner_of_the_database_changes_is_named(
    make_sqlite_store: Make, tmp_path: Path, statement: str, expected: list[tuple[str, int]]
) -> None:
    store, files = make_sqlite_store(tmp_path / "data"), LedgerFolder(tmp_path / "ledger")
    record(store, 1, 8)
    sealing(store, files).seal(batch=3)
    record(store, 9, 1)
    assert codes(store, files) == []
    owner = apsw.Connection(str(tmp_path / "data" / FILE_NAME))
    owner.execute("PRAGMA foreign_keys = OFF")
    triggers = owner.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:  # he may drop them: they are trip-wires only
        owner.execute(f"DROP TRIGGER {name}")
    owner.execute(statement)
    owner.close()
    assert codes(store, files) == expected


def test_an_entry_that_was_changed_before_it_was_sealed_is_not_signed(
    make_sqlite_store: Make, tmp_path: Path
) -> None:
    store, files = make_sqlite_store(tmp_path / "data"), LedgerFolder(tmp_path / "ledger")
    record(store, 1, 4)
    owner = apsw.Connection(str(tmp_path / "data" / FILE_NAME))
    owner.execute("DROP TRIGGER decision_refuse_update")
    owner.execute("UPDATE decision SET evidence = '{}' WHERE seq = 2")
    owner.close()
    with pytest.raises(Conflict, match="Entry 2"):
        sealing(store, files).seal()
    assert list(files.checkpoints()) == []
