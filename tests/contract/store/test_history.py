"""Laws of every store: declarations, control results and the one journal."""

from __future__ import annotations

import pytest

from tests.contract.store.conftest import written
from tests.fakes.store_values import NO_COMMITMENT, SOURCE, instant, new_declaration, new_result
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import canonical_json, leaf_hash
from tidewaiter.flow.ports import JournalEntry, Store, StoredDeclaration, StoredResult


def journal_of(store: Store) -> list[JournalEntry]:
    """Return the whole journal."""
    with store.read() as work:
        return list(work.journal())


def test_history_begins_empty(store: Store) -> None:
    with store.read() as work:
        assert work.journal_end() == 0
        assert list(work.journal()) == []
        assert work.declaration(SOURCE, "D1") is None
        assert work.result(SOURCE, "C1") is None
        assert list(work.parked_results(SOURCE, "D1")) == []


def test_a_declaration_comes_back_as_it_was_recorded(store: Store) -> None:
    new = new_declaration(1, text="Łódź 東京")
    with store.write() as work:
        assert work.add_declaration(new) == 1
    with store.read() as work:
        assert work.declaration(SOURCE, "D1") == StoredDeclaration(
            seq=1,
            source=SOURCE,
            declaration_id="D1",
            version=1,
            body=new.body,
            body_sha256=new.body_sha256,
            at=new.at,
            received_at=new.received_at,
        )


def test_the_latest_version_is_the_highest_not_the_newest(store: Store) -> None:
    with store.write() as work:
        for version in (1, 3, 2):
            work.add_declaration(new_declaration(1, version))
    with store.read() as work:
        latest, second = work.declaration(SOURCE, "D1"), work.declaration(SOURCE, "D1", 2)
        assert latest is not None
        assert latest.version == 3
        assert second is not None
        assert (second.version, second.seq) == (2, 3)
        assert work.declaration(SOURCE, "D1", 4) is None
        assert work.declaration("other", "D1") is None


def test_a_version_is_recorded_once_and_the_transaction_may_go_on(store: Store) -> None:
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        with pytest.raises(Conflict, match="already"):
            work.add_declaration(new_declaration(1, text="other"))
        assert work.add_declaration(new_declaration(2)) == 2
        work.add_declaration(new_declaration(1, source="other"))
    assert [entry.body for entry in journal_of(store)] == [
        new_declaration(1).body,
        new_declaration(2).body,
        new_declaration(1, source="other").body,
    ]


def test_many_declarations_are_recorded_in_order(store: Store) -> None:
    many = [new_declaration(number) for number in range(1, 2_501)]
    with store.write() as work:
        work.add_declaration(new_declaration(0))
        assert work.add_declarations(many) == 2_501
        assert work.add_declarations([]) == 2_501
    entries = journal_of(store)
    assert [entry.seq for entry in entries] == list(range(1, 2_502))
    assert [entry.body for entry in entries[1:]] == [each.body for each in many]
    assert {entry.kind for entry in entries} == {"declaration"}


def test_many_declarations_are_recorded_all_or_none(store: Store) -> None:
    with store.write() as work:
        work.add_result(new_result(7))
        work.add_declaration(new_declaration(2))
        with pytest.raises(Conflict):
            work.add_declarations([new_declaration(7), new_declaration(2)])
        with pytest.raises(Conflict):
            work.add_declarations([new_declaration(8), new_declaration(8)])
        assert work.declaration(SOURCE, "D7") is None
        assert work.declaration(SOURCE, "D8") is None
        assert len(work.parked_results(SOURCE, "D7")) == 1
        assert work.add_declarations([new_declaration(3)]) == 2
    assert [entry.body for entry in journal_of(store)] == [new_declaration(2).body, new_declaration(3).body]


def test_a_result_follows_its_declaration_in_the_journal(store: Store) -> None:
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        assert work.add_result(new_result(1, irregular=True)) == 2
    assert journal_of(store)[1] == JournalEntry(
        seq=2,
        kind="result",
        at=instant(601),
        source=SOURCE,
        body=new_result(1, irregular=True).body,
        declaration_body=new_declaration(1).body,
    )


def test_a_result_carries_the_declaration_version_that_was_latest_then(store: Store) -> None:
    with store.write() as work:
        work.add_declarations([new_declaration(1, 2), new_declaration(1, 1)])
        work.add_result(new_result(1, 1))
        work.add_declaration(new_declaration(1, 3))
        work.add_results([new_result(1, 2)])
    bodies = [entry.declaration_body for entry in journal_of(store) if entry.kind == "result"]
    assert bodies == [new_declaration(1, 2).body, new_declaration(1, 3).body]


def test_a_result_comes_back_as_it_was_recorded(store: Store) -> None:
    new = new_result(1, 2)
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        work.add_result(new_result(1, 1))
        work.add_result(new)
    expected = StoredResult(
        seq=2,
        source=SOURCE,
        control_id="C1",
        version=2,
        declaration_id="D1",
        body=new.body,
        body_sha256=new.body_sha256,
        known_at=new.known_at,
        recorded_at=new.recorded_at,
    )
    with store.read() as work:
        first = work.result(SOURCE, "C1", 1)
        assert work.result(SOURCE, "C1") == expected
        assert first is not None
        assert first.version == 1
        assert work.result(SOURCE, "C1", 3) is None
        assert work.result("other", "C1") is None


def test_a_result_version_is_recorded_once(store: Store) -> None:
    with store.write() as work:
        work.add_declarations([new_declaration(1), new_declaration(2)])
        work.add_result(new_result(1))
    before = written(store)
    with store.write() as work:
        with pytest.raises(Conflict, match="already"):
            work.add_result(new_result(1, irregular=True))
        with pytest.raises(Conflict):
            work.add_results([new_result(2), new_result(1)])
        assert work.result(SOURCE, "C2") is None
        assert work.journal_end() == 3
    assert written(store) == before


def test_a_result_waits_for_its_declaration_and_then_comes_right_after_it(store: Store) -> None:
    with store.write() as work:
        assert work.add_result(new_result(1)) is None
        assert work.add_result(new_result(2, declaration=1)) is None
        assert work.add_result(new_result(3, declaration=1, source="other")) is None
    with store.read() as work:
        assert [each.control_id for each in work.parked_results(SOURCE, "D1")] == ["C1", "C2"]
        assert work.journal_end() == 0
    with store.write() as work:
        assert work.add_declaration(new_declaration(1)) == 1
        assert work.add_declaration(new_declaration(5)) == 4
    with store.read() as work:
        assert list(work.parked_results(SOURCE, "D1")) == []
        assert [each.control_id for each in work.parked_results("other", "D1")] == ["C3"]
    entries = journal_of(store)
    assert [(entry.kind, entry.body) for entry in entries] == [
        ("declaration", new_declaration(1).body),
        ("result", new_result(1).body),
        ("result", new_result(2, declaration=1).body),
        ("declaration", new_declaration(5).body),
    ]
    assert {entry.declaration_body for entry in entries[1:3]} == {new_declaration(1).body}


def test_parked_results_come_right_after_their_declaration_in_a_bulk_too(store: Store) -> None:
    with store.write() as work:
        assert work.add_results([new_result(1), new_result(2), new_result(3, declaration=1)]) == 0
    with store.write() as work:
        end = work.add_declarations([new_declaration(9), new_declaration(1), new_declaration(1, 2)])
        assert end == 5
        assert [each.control_id for each in work.parked_results(SOURCE, "D2")] == ["C2"]
    assert [entry.body for entry in journal_of(store)] == [
        new_declaration(9).body,
        new_declaration(1).body,
        new_result(1).body,
        new_result(3, declaration=1).body,
        new_declaration(1, 2).body,
    ]


def test_the_journal_can_be_caught_up_from_a_position(store: Store) -> None:
    with store.write() as work:
        work.add_declarations([new_declaration(number) for number in range(1, 11)])
    whole = journal_of(store)
    with store.read() as work:
        assert list(work.journal(3)) == whole[3:]
        assert list(work.journal(3, 7)) == whole[3:7]
        assert list(work.journal(3, 99)) == whole[3:]
        assert list(work.journal(7, 3)) == []
        assert list(work.journal(10)) == []


def test_the_end_of_the_journal_is_fixed_when_it_is_asked_for(store: Store) -> None:
    with store.write() as work:
        work.add_declarations([new_declaration(1), new_declaration(2)])
        entries = work.journal()
        next(entries)
        work.add_declaration(new_declaration(3))
        assert [entry.seq for entry in entries] == [2]


def test_a_result_is_sent_on_and_has_its_leaf_also_while_it_waits(store: Store) -> None:
    new = new_result(4)
    with store.write() as work:
        work.add_result(new)
    leaf = canonical_json(
        {
            "kind": "result",
            "source": SOURCE,
            "control_id": "C4",
            "version": 1,
            "declaration_id": "D4",
            "commitment": NO_COMMITMENT,
            "known_at": new.known_at.isoformat(),
            "recorded_at": new.recorded_at.isoformat(),
        }
    )
    assert written(store).outbox == [("result", f"{SOURCE} C4 1", new.body)]
    assert written(store).leaves == [("result", f"{SOURCE} C4 1", leaf_hash(leaf))]


def test_imported_results_share_one_leaf_and_send_nothing(store: Store) -> None:
    new = [new_result(1), new_result(2)]
    with store.write() as work:
        work.add_declarations([new_declaration(1), new_declaration(2)])
        work.add_results(new)
        work.add_results([])
    committed = [NO_COMMITMENT, NO_COMMITMENT]
    leaf = canonical_json({"kind": "results", "first": 1, "count": 2, "commitments": committed})
    assert written(store).outbox == []
    assert written(store).leaves == [("results", "1 to 2", leaf_hash(leaf))]
