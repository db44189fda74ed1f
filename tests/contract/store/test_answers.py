"""Laws of every store: messages, decisions and labels."""

from __future__ import annotations

import pytest

from tests.contract.store.conftest import written
from tests.fakes.store_values import SOURCE, instant, new_decision, new_declaration, new_result, plain
from tidewaiter.core.decision import decision_id
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import leaf_hash
from tidewaiter.flow.ports import KeptAnswer, MessageKey, NewAnswer, Store, UnitOfWork


def decide(work: UnitOfWork, number: int, version: int = 1, inclusion: float = 0.1) -> None:
    """Record a declaration version and the decision on it."""
    work.add_declaration(new_declaration(number, version))
    work.add_decision(*new_decision(number, version, inclusion=inclusion))


def test_an_answer_is_kept_byte_for_byte_under_client_and_key(store: Store) -> None:
    answer = b'{"lane": "gr\xc3\xbcn"}\n\x00'
    with store.write() as work:
        assert work.kept_answer("port", "m1") is None
        work.keep_answer("port", "m1", "0" * 64, answer, instant(1))
        work.keep_answer("airport", "m1", "1" * 64, b"", instant(2))
    with store.read() as work:
        assert work.kept_answer("port", "m1") == KeptAnswer(body_sha256="0" * 64, answer=answer)
        assert work.kept_answer("airport", "m1") == KeptAnswer(body_sha256="1" * 64, answer=b"")
        assert work.kept_answer("port", "M1") is None


def test_a_message_key_is_unique_for_ever(store: Store) -> None:
    with store.write() as work:
        work.keep_answer("port", "m1", "0" * 64, b"first", instant(1))
    with store.write() as work:
        with pytest.raises(Conflict, match="m1"):
            work.keep_answer("port", "m1", "0" * 64, b"second", instant(2))
        work.keep_answer("port", "m2", "0" * 64, b"third", instant(3))
    with store.read() as work:
        kept = work.kept_answer("port", "m1")
        assert kept is not None
        assert kept.answer == b"first"
        assert work.kept_answer("port", "m2") is not None


def answer_of(number: int) -> NewAnswer:
    """Return the answer to message *number*."""
    return NewAnswer(
        client="port", message_id=f"m{number}", body_sha256="0" * 64, answer=b"%d" % number, at=instant(1)
    )


def test_many_answers_are_kept_all_or_none(store: Store) -> None:
    with store.write() as work:
        work.keep_answers([])
        work.keep_answers([answer_of(1), answer_of(2)])
    with store.write() as work:
        with pytest.raises(Conflict, match="before"):
            work.keep_answers([answer_of(3), answer_of(2), answer_of(4)])
        with pytest.raises(Conflict, match="before"):
            work.keep_answers([answer_of(3), answer_of(3)])
        kept = [work.kept_answer("port", f"m{number}") for number in range(1, 5)]
    assert [None if each is None else each.answer for each in kept] == [b"1", b"2", None, None]


def test_many_decisions_are_recorded_as_one_by_one_and_all_or_none(store: Store) -> None:
    decided = [new_decision(number) for number in (1, 2, 3)]
    with store.write() as work:
        work.add_declarations([new_declaration(number) for number in (1, 2, 3, 4)])
        work.add_decisions(decided)
        work.add_decisions([])
    after = written(store)
    assert [kind for kind, _, _ in after.leaves] == ["decision"] * 3
    with store.write() as work:
        assert [plain(each) for _, each in work.decisions()] == [stored for _, stored in decided]
        for wrong in (new_decision(1), new_decision(5), new_decision(4, text="another body")):
            with pytest.raises(Conflict):
                work.add_decisions([new_decision(4), wrong])
        assert work.latest_decision(SOURCE, "D4") is None
    assert written(store) == after


def test_a_declaration_that_was_undone_cannot_be_decided_on(store: Store) -> None:
    with store.write() as work:
        with pytest.raises(Conflict):
            work.add_declarations([new_declaration(1), new_declaration(1)])
        with pytest.raises(Conflict, match="not recorded"):
            work.add_decision(*new_decision(1))


def test_a_message_is_unheard_of_until_anything_that_concerns_it_is_recorded(store: Store) -> None:
    keys = [MessageKey("port", f"m{number}", SOURCE, f"D{number}") for number in range(70)]
    with store.write() as work:
        assert work.unheard([]) == []
        assert work.unheard(keys) == [True] * 70
        work.keep_answer("port", "m1", "0" * 64, b"", instant(1))
        work.keep_answer("airport", "m2", "0" * 64, b"", instant(1))
        work.add_declaration(new_declaration(3))
        work.add_declaration(new_declaration(4, source="other"))
        work.add_result(new_result(5, declaration=65))
        heard = [number for number, unheard in enumerate(work.unheard(keys)) if not unheard]
        assert heard == [1, 3, 65]
        work.add_declaration(new_declaration(65))
        assert work.unheard(keys[64:66] * 2) == [True, False] * 2


def test_a_decision_comes_back_as_it_was_recorded(store: Store) -> None:
    _, stored = new_decision(1)
    assert len(stored.inputs) > 1_024
    with store.write() as work:
        decide(work, 1)
    with store.read() as work:
        assert plain(work.decision(decision_id(SOURCE, "D1", 1))) == stored
        assert plain(work.latest_decision(SOURCE, "D1")) == stored
        assert work.decision("D0") is None
        assert work.latest_decision(SOURCE, "D2") is None
        assert work.latest_decision("other", "D1") is None


def test_the_latest_decision_is_on_the_highest_version(store: Store) -> None:
    with store.write() as work:
        for version in (1, 3, 2):
            decide(work, 1, version)
    with store.read() as work:
        assert plain(work.latest_decision(SOURCE, "D1")) == new_decision(1, 3)[1]
        assert plain(work.decision(decision_id(SOURCE, "D1", 1))) == new_decision(1, 1)[1]


def test_a_version_has_one_decision(store: Store) -> None:
    with store.write() as work:
        decide(work, 1)
    before = written(store)
    with store.write() as work:
        with pytest.raises(Conflict, match="already"):
            work.add_decision(*new_decision(1, lane="red"))
        assert [plain(stored) for _, stored in work.decisions()] == [new_decision(1)[1]]
    assert written(store) == before


def test_a_decision_needs_its_declaration_as_it_was_decided_on(store: Store) -> None:
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        with pytest.raises(Conflict, match="D2"):
            work.add_decision(*new_decision(2))
        with pytest.raises(Conflict, match="body"):
            work.add_decision(*new_decision(1, text="another body"))
        with pytest.raises(Conflict, match="version 2"):
            work.add_decision(*new_decision(1, 2))
        assert list(work.decisions()) == []


def test_a_decision_leaves_and_has_its_leaf(store: Store) -> None:
    decision, stored = new_decision(1)
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        leaf = work.add_decision(decision, stored)
        recorded = work.decision(decision.id)
        assert work.leaf_hash("decision", decision.id) == leaf
        assert work.leaf_hash("result", decision.id) is None
    assert recorded is not None
    assert leaf == leaf_hash(recorded.evidence)
    assert written(store).outbox == [("decision", decision.id, stored.answer)]
    assert written(store).leaves == [("decision", decision.id, leaf_hash(stored.evidence))]


def test_the_same_content_never_has_the_same_leaf(store: Store) -> None:
    with store.write() as work:
        for _ in range(2):
            work.publish("plan", "v1", b"{}", instant(1), "test")
    with store.read() as work:
        one, other = work.ledger()
    assert one.leaf_hash != other.leaf_hash, "a leaf hash without a salt can be guessed"


def test_decisions_can_be_walked_through_in_the_order_of_recording(store: Store) -> None:
    numbers = [5, 2, 9, 4, 1]
    with store.write() as work:
        for number in numbers:
            decide(work, number)
    with store.read() as work:
        whole = work.decisions()
        assert [plain(stored) for _, stored in whole] == [new_decision(number)[1] for number in numbers]
        assert [rowid for rowid, _ in whole] == [1, 2, 3, 4, 5]
        assert work.decisions(2, 2) == whole[2:4]
        assert work.decisions(5) == []


def test_labels_come_by_declaration_with_the_latest_version_last(store: Store) -> None:
    with store.write() as work:
        decide(work, 2, 3, 0.3)
        decide(work, 1, 1, 0.1)
        decide(work, 2, 1, 0.2)
    with store.read() as work:
        assert list(work.labels()) == [
            (SOURCE, "D1", 0.1, "random"),
            (SOURCE, "D2", 0.2, "none"),
            (SOURCE, "D2", 0.3, "none"),
        ]


def test_labels_of_more_decisions_than_one_read_takes_come_once_each(store: Store) -> None:
    numbers = range(1, 2_101)
    with store.write() as work:
        for number in numbers:
            decide(work, number)
        decide(work, 2_100, 2, 0.7)
    with store.read() as work:
        labels = [(identity, probability) for _, identity, probability, _ in work.labels()]
    expected = sorted([(f"D{number}", 0.1) for number in numbers] + [("D2100", 0.7)])
    assert labels == expected


def test_the_first_decision_that_drew_a_consignment_is_found(store: Store) -> None:
    with store.write() as work:
        decide(work, 1)
        decide(work, 2)
        decide(work, 1, 2)
    with store.read() as work:
        assert plain(work.first_drawn("key-1")) == new_decision(1)[1]
        assert plain(work.first_drawn("key-2")) == new_decision(2)[1]
        assert work.first_drawn("key-3") is None
