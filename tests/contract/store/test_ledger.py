"""Laws of every store: the ledger comes back in order, each entry with the bytes that its hash is of."""

from __future__ import annotations

from tests.contract.store.conftest import written
from tests.fakes.store_values import instant, new_decision, new_declaration, unsalted
from tidewaiter.core.ledger import leaf_hash
from tidewaiter.flow.ports import Store


def test_the_ledger_comes_back_with_its_bytes(store: Store) -> None:
    with store.write() as work:
        work.publish("plan", "v1", b"{}", instant(1), "test")
        work.add_declaration(new_declaration(1))
        work.add_decision(*new_decision(1))
        work.publish("plan", "v2", b"{}", instant(2), "test")
    with store.read() as work:
        entries = list(work.ledger())
        assert work.ledger_end() == 3
        assert [entry.seq for entry in work.ledger(1)] == [2, 3]
        assert [entry.seq for entry in work.ledger(1, 2)] == [2]
        assert list(work.ledger(3)) == []
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.leaf_hash for entry in entries] == [leaf_hash(entry.body or b"") for entry in entries]
    assert unsalted(entries[1].body) == new_decision(1)[1].evidence


def test_an_empty_store_has_an_empty_ledger(store: Store) -> None:
    with store.read() as work:
        assert work.ledger_end() == 0
        assert list(work.ledger()) == []


def test_an_entry_is_found_by_what_it_is_about(store: Store) -> None:
    decision, stored = new_decision(1)
    with store.write() as work:
        work.publish("plan", "v1", b"{}", instant(1), "test")
        work.add_declaration(new_declaration(1))
        work.add_decision(decision, stored)
    subjects = [(kind, subject) for kind, subject, _ in written(store).leaves]
    with store.read() as work:
        assert [work.ledger_position(*each) for each in subjects] == [1, 2]
        assert work.ledger_position("result", subjects[1][1]) is None
        assert work.ledger_position("decision", "D0") is None


def test_what_has_no_row_of_its_own_is_an_entry_of_its_kind(store: Store) -> None:
    with store.write() as work:
        work.add_leaf("access", "export", {"by": "anna", "of": "labels"}, instant(1))
        (entry,) = work.ledger()
        assert work.leaf_hash("access", "export") == entry.leaf_hash
        assert work.leaf_hash("access", "other") is None
    assert unsalted(entry.body) == b'{"by":"anna","kind":"access","of":"labels"}'
    assert written(store).outbox == []


def test_a_long_ledger_is_read_whole(store: Store) -> None:
    with store.write() as work:
        for number in range(4_001):
            work.publish("plan", f"v{number}", b"{}", instant(1), "test")
    with store.read() as work:
        assert [entry.seq for entry in work.ledger()] == list(range(1, 4_002))
