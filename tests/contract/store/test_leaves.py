"""Whatever changes what the service does has a ledger leaf, written by the method that changes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fakes.store_values import (
    SOURCE,
    instant,
    new_decision,
    new_declaration,
    new_override,
    new_result,
    new_step,
    new_subscriber,
    reassessment,
    unsalted,
)
from tidewaiter.flow.ports import Client, ModelRecord, Store, UnitOfWork
from tidewaiter.flow.ports.erasures import Hold
from tidewaiter.flow.ports.leaves import LEAF_KINDS

CLIENT: Final = Client(
    id="c1", name="port", source=SOURCE, scopes=frozenset({"declarations:write"}), key_sha256="a" * 64,
    created_at=instant(1),
)  # fmt: skip
MODEL: Final = ModelRecord(version="m1", state="candidate", card={}, comparison={}, trained_at=instant(1))

HOLD: Final = Hold(
    number=1, source=SOURCE, declaration_id="D1", reason="audit", placed_by="anna", placed_at=instant(1)
)


def _released(work: UnitOfWork) -> None:
    """Release a hold that is there; its placing has a leaf of its own."""
    work.add_hold(HOLD)
    work.release_hold(1, "berta", instant(2))


#: Method of the unit of work that writes -> how it is called, and the kind of its leaf.
WITH_LEAF: Final[dict[str, tuple[Callable[[UnitOfWork], Any], str]]] = {
    "add_decision": (lambda work: work.add_decision(*new_decision(1)), "decision"),
    "add_decisions": (lambda work: work.add_decisions([new_decision(1)]), "decision"),
    "add_hold": (lambda work: work.add_hold(HOLD), "hold"),
    "add_leaf": (lambda work: work.add_leaf("access", "labels", {}, instant(1)), "access"),
    "add_notice": (lambda work: work.add_notice("person", "anna", {}, instant(1)), "person"),
    "add_override": (lambda work: work.add_override(new_override(1)), "override"),
    "add_profile_step": (lambda work: work.add_profile_step(new_step(), b"{}"), "profile"),
    "add_reassessment": (lambda work: work.add_reassessment(reassessment()), "standin"),
    "add_result": (lambda work: work.add_result(new_result(1)), "result"),
    "add_results": (lambda work: work.add_results([new_result(1)]), "results"),
    "publish": (lambda work: work.publish("plan", "v1", b"{}", instant(1), "test"), "publication"),
    "put_client": (lambda work: work.put_client(CLIENT), "client"),
    "put_model": (lambda work: work.put_model(MODEL), "model"),
    "release_hold": (_released, "hold"),
    "put_subscriber": (lambda work: work.put_subscriber(new_subscriber()), "subscriber"),
}

#: Method that writes and has no leaf -> why.
WITHOUT_LEAF: Final = {
    "add_declaration": "the decision on it names it, with the hash of what it was made from",
    "add_declarations": "imported history is given, not done here; results of it share a leaf",
    "add_tallies": "counted from decisions, and can be counted again",
    "drop_delivery": "a delivery is no act: the event has the leaf of what it tells",
    "erase": "the act that it is done by is a leaf, which the use case writes first",
    "end_session": "a session ends without changing a right",
    "end_sessions_before": "a session ends without changing a right",
    "end_sessions_of": "the change of the person has the leaf",
    "forget_attempts_before": "signing on changes no right",
    "forget_failures": "a counter",
    "forget_failures_before": "a counter",
    "keep_answers": "the decision holds the hash of its answer",
    "keep_answer": "the decision holds the hash of its answer",
    "put_attempt": "signing on changes no right",
    "put_capacity_states": "a decision holds the pacing that it was made with",
    "put_delivery": "a delivery is no act: the event has the leaf of what it tells",
    "put_failures": "a counter",
    "put_link": "every change of a link comes with a notice, which is the leaf",
    "put_person": "every change of a person comes with a notice, which is the leaf",
    "put_proposal": "every step of a proposal comes with a notice, which is the leaf",
    "put_session": "signing in changes no right",
}
_WRITES: Final = ("add_", "drop_", "end_", "erase", "release_", "forget_", "keep_", "publish", "put_")
_READS: Final = frozenset({"published", "publications", "publications_end"})


def test_every_method_that_writes_has_a_leaf_or_a_reason() -> None:
    methods = {name for name in dir(UnitOfWork) if name.startswith(_WRITES)} - _READS
    assert methods == {*WITH_LEAF, *WITHOUT_LEAF}, "say of a new method which leaf it writes, or why none"


@pytest.mark.parametrize("method", WITH_LEAF)
def test_what_is_written_has_its_leaf(store: Store, method: str) -> None:
    do, kind = WITH_LEAF[method]
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        if method == "add_override":
            work.add_decision(*new_decision(1))
        before = work.ledger_end()
        do(work)
        *_, entry = work.ledger(before)
    body = json.loads(unsalted(entry.body))
    assert body.get("kind", "decision") == kind
    assert kind in LEAF_KINDS


def test_a_subscriber_that_only_moves_on_has_no_second_leaf(store: Store) -> None:
    with store.write() as work:
        work.put_subscriber(new_subscriber())
        work.put_subscriber(replace(new_subscriber(), position=7, failures=2))
        assert work.ledger_end() == 1
        work.put_subscriber(replace(new_subscriber(), url="https://other.example/in"))
        assert work.ledger_end() == 2


def test_a_revoked_client_and_a_promoted_model_have_a_second_leaf(store: Store) -> None:
    with store.write() as work:
        work.put_client(CLIENT)
        work.put_client(replace(CLIENT, revoked_at=instant(9)))
        work.put_model(MODEL)
        work.put_model(replace(MODEL, state="promoted"))
        bodies = [json.loads(entry.body or b"") for entry in work.ledger()]
    assert [body.get("revoked_at") is not None for body in bodies[:2]] == [False, True]
    assert [body["state"] for body in bodies[2:]][-1] == "promoted"
    assert not any("sha256" in body or "key" in body for body in bodies[:2]), "a key never becomes a leaf"


def test_the_table_of_the_documentation_is_that_of_the_code() -> None:
    text = Path("docs/reference/ledger-leaves.md").read_text(encoding="utf-8")
    rows = [f"| `{kind}` | {holds} |" for kind, holds in sorted(LEAF_KINDS.items())]
    assert "\n".join(rows) in text
