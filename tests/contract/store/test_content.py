"""Laws of every store: publications, models, clients and capacity."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests.contract.store.conftest import written
from tests.fakes.store_values import SOURCE, instant
from tidewaiter.core.ledger import canonical_json, leaf_hash
from tidewaiter.flow.ports import Client, ModelRecord, Publication, Store

MODEL = ModelRecord(
    version="m1",
    state="candidate",
    card={"auc": 0.1 + 0.2, "words": ["é", None, True], "nested": {"n": 1}},
    comparison={},
    trained_at=instant(5),
)
CLIENT = Client(
    id="c1",
    name="Port system",
    source=SOURCE,
    scopes=frozenset({"declarations:write", "results:write"}),
    key_sha256="a" * 64,
    created_at=instant(3),
)


def test_nothing_is_in_force_at_first(store: Store) -> None:
    with store.read() as work:
        assert work.published("rules") is None
        assert work.publications("rules") == []
        assert work.publications_end() == 0
        assert work.models() == []
        assert work.model("m1") is None
        assert work.clients() == []
        assert work.capacity_states() == {}


def test_the_last_publication_of_a_kind_is_in_force(store: Store) -> None:
    with store.write() as work:
        work.publish("rules", "r1", b"one", instant(1), "Anna")
        work.publish("plan", "p1", b"plan", instant(2), "Anna")
        work.publish("rules", "r2", b"two", instant(3), "Ben")
        assert work.publications_end() == 3
    first = Publication(seq=1, kind="rules", version="r1", body=b"one", at=instant(1), by="Anna")
    second = Publication(seq=3, kind="rules", version="r2", body=b"two", at=instant(3), by="Ben")
    with store.read() as work:
        assert work.published("rules") == second
        assert work.published("rules", "r1") == first
        assert work.published("rules", "r3") is None
        assert work.publications("rules") == [first, second]
        assert work.published("lanes") is None
        assert work.publications_end() == 3


def test_a_roll_back_puts_an_earlier_version_in_force_again(store: Store) -> None:
    with store.write() as work:
        for minute, version in enumerate(("m1", "m2", "m1")):
            work.publish("model", version, b"", instant(minute), "Anna")
    with store.read() as work:
        assert [each.version for each in work.publications("model")] == ["m1", "m2", "m1"]
        in_force, named = work.published("model"), work.published("model", "m1")
        assert in_force is not None
        assert (in_force.seq, in_force.at) == (3, instant(2))
        assert named == in_force


def test_a_publication_leaves_and_has_its_leaf(store: Store) -> None:
    with store.write() as work:
        work.publish("rules", "r1", b"one", instant(1), "Anna")
    content = {
        "content_kind": "rules",
        "version": "r1",
        "body_sha256": hashlib.sha256(b"one").hexdigest(),
        "at": instant(1).isoformat(),
        "by": "Anna",
    }
    leaf = canonical_json({"kind": "publication", **content})
    assert written(store).outbox == [("publication", "rules r1", canonical_json(content))]
    assert written(store).leaves == [("publication", "rules r1", leaf_hash(leaf))]


def test_a_model_is_recorded_and_then_its_new_state(store: Store) -> None:
    older = replace(MODEL, version="m0", trained_at=instant(4))
    proposed = replace(MODEL, state="proposed", comparison={"gates": [{"passed": True, "value": 0.97}]})
    with store.write() as work:
        work.put_model(MODEL)
        work.put_model(older)
        assert work.model("m1") == MODEL
        work.put_model(proposed)
    with store.read() as work:
        assert work.model("m1") == proposed
        assert list(work.models()) == [older, proposed]


def test_a_client_is_recorded_and_then_revoked(store: Store) -> None:
    other = replace(CLIENT, id="c0", scopes=frozenset(), created_at=instant(9))
    revoked = replace(CLIENT, revoked_at=instant(10))
    with store.write() as work:
        work.put_client(other)
        work.put_client(CLIENT)
    with store.read() as work:
        assert list(work.clients()) == [CLIENT, other]
    with store.write() as work:
        work.put_client(revoked)
    with store.read() as work:
        assert list(work.clients()) == [revoked, other]


def test_capacity_is_kept_per_office_and_overwritten(store: Store) -> None:
    with store.write() as work:
        work.put_capacity_states({"040": b"\x00one", "010": b""})
        work.put_capacity_states({})
    with store.write() as work:
        work.put_capacity_states({"040": b"two"})
    with store.read() as work:
        assert work.capacity_states() == {"010": b"", "040": b"two"}


def test_what_a_reader_got_cannot_change_what_is_recorded(store: Store) -> None:
    card = {"auc": 0.5, "nested": {"n": 1}}
    with store.write() as work:
        work.put_model(replace(MODEL, card=card))
    card["nested"]["n"] = 2  # type: ignore[index]
    with store.read() as work:
        model = work.model("m1")
        assert model is not None
        assert model.card == {"auc": 0.5, "nested": {"n": 1}}


def test_a_reading_transaction_refuses_to_write(store: Store) -> None:
    with store.read() as work:
        with pytest.raises(RuntimeError, match="BUG"):
            work.publish("rules", "r1", b"one", instant(1), "Anna")
        with pytest.raises(RuntimeError, match="BUG"):
            work.put_model(MODEL)
        with pytest.raises(RuntimeError, match="BUG"):
            work.put_client(CLIENT)
        with pytest.raises(RuntimeError, match="BUG"):
            work.put_capacity_states({"040": b""})
        with pytest.raises(RuntimeError, match="BUG"):
            work.keep_answer("port", "m", "0" * 64, b"", instant(0))
    assert written(store).outbox == []
