"""The ledger over HTTP: what is handed out leads from the evidence to a signed root, and to the next one."""

from __future__ import annotations

import json
from base64 import b64decode
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.api.conftest import Service, problem_of, serve
from tests.api.test_sequencing import until
from tests.fakes import trade
from tests.fakes.ledgers import FakeKey
from tests.fakes.naive_tree import naive_consistency, naive_inclusion, naive_root
from tests.fakes.site import SOURCE, Site
from tidewaiter import __version__
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.ledger import leaf_hash
from tidewaiter.core.ledger.checkpoint import parse_public_key
from tidewaiter.core.ledger.proof import proof_from_plain
from tidewaiter.core.ledger.receipt import parse_receipt
from tidewaiter.core.ledger.signers import opened_checkpoint
from tidewaiter.core.ledger.tree import verify_consistency
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.receipts import Receipts

KEY = FakeKey().public


def bodies_of(service: Service) -> list[bytes]:
    """Return the bytes of all entries."""
    with service.site.store.read() as work:
        return [leaf.body or b"" for leaf in work.ledger()]


def declared(service: Service, count: int) -> list[str]:
    """Declare, wait until all is sealed; return the ids of the decisions."""
    made = [service.declare(trade.declaration(number)).json()["decision_id"] for number in range(count)]
    end = len(bodies_of(service))
    assert until(lambda: service.site.services.prove.last_checkpoint() is not None)
    assert until(lambda: len(service.site.ledger_files.leaves) == end)
    return made


def test_a_proof_leads_from_the_evidence_to_the_checkpoint_as_the_naive_tree_has_it(
    service: Service,
) -> None:
    decisions = declared(service, 9)
    bodies = bodies_of(service)
    for decision in decisions:
        proof: dict[str, Any] = service.get(f"decisions/{decision}/proof").json()
        evidence = service.get(f"decisions/{decision}").content
        made = proof_from_plain(proof)
        assert made.fault(evidence, KEY, signature_holds) is None
        assert made.fault(evidence[:-1], KEY, signature_holds)
        assert bodies[made.position - 1] == evidence
        assert list(made.path) == naive_inclusion(made.position - 1, bodies)


def test_what_was_answered_was_promised_and_the_promise_was_kept(service: Service) -> None:
    told = [service.declare(trade.declaration(number)) for number in range(4)]
    told.append(service.record(trade.result(1)))
    again = service.declare(trade.declaration(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == told[2].content
    lines = service.post("declarations/batch", write_declaration(trade.declaration(9))).text.splitlines()
    kept = [{"receipt": each.headers["Ledger-Receipt"], "answer": each.json()} for each in (*told, again)]
    kept_lines = [json.dumps(each).encode() for each in kept] + [each.encode() for each in lines]
    end = len(bodies_of(service))
    assert until(lambda: len(service.site.ledger_files.leaves) == end)
    prove = service.site.services.prove
    report = prove.verify(KEY, receipts=kept_lines).report
    assert (report.findings, report.receipts, report.receipts_not_due) == ((), 7, 0)
    forged = {**kept[0], "answer": kept[1]["answer"]}
    (finding,) = prove.verify(KEY, receipts=[json.dumps(forged).encode()]).report.findings
    assert finding.code == "receipt-answer"


def test_an_answer_in_xml_has_its_receipt(service: Service) -> None:
    told = service.declare(trade.declaration(1), Accept="application/xml")
    assert told.headers["content-type"].startswith("application/xml")
    receipt, _ = parse_receipt(told.headers["Ledger-Receipt"])
    assert leaf_hash(bodies_of(service)[-1]) == receipt.leaf


def test_without_a_usable_key_lanes_are_given_and_promises_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(_receipts: Receipts, _release: str) -> None:
        raise ConfigurationError("The signing key ed25519.pem cannot be used.")

    monkeypatch.setattr(Receipts, "start", unusable)
    with capture_logs() as logs, contextmanager(serve)(Site()) as service:
        told = service.declare(trade.declaration(1))
    assert (told.status_code, "Ledger-Receipt" in told.headers) == (200, False)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["receipts_not_given"]


def test_a_refusal_promises_nothing(service: Service) -> None:
    assert "Ledger-Receipt" not in service.post("declarations", b"{").headers


def test_each_start_of_the_service_names_its_keys(service: Service) -> None:
    entries = [json.loads(body) for body in bodies_of(service)]
    (start,) = [entry for entry in entries if entry["kind"] == "start"]
    assert parse_public_key(start["ledger_key"]) == KEY
    assert parse_public_key(start["receipt_key"]).name == "customs.example/receipts"
    assert start["release"] == __version__


def test_a_later_ledger_extends_each_earlier_one(service: Service) -> None:
    declared(service, 5)
    bodies = bodies_of(service)
    size = len(bodies)
    for first in range(1, size + 1):
        told = service.get(f"ledger/consistency?first={first}&second={size}").json()
        path = [bytes.fromhex(each) for each in told["path"]]
        assert path == naive_consistency(first, bodies)
        assert verify_consistency(first, naive_root(bodies[:first]), size, naive_root(bodies), path)
    problem_of(service.get(f"ledger/consistency?first={size}&second={size + 1}"), 404)
    problem_of(service.get("ledger/consistency?first=2&second=1"), 422)


def test_each_answer_carries_the_newest_checkpoint_and_the_body_stays_what_it_was(service: Service) -> None:
    first = service.declare(trade.declaration(1))
    end = len(bodies_of(service))
    assert until(lambda: service.get("health/ready").json()["ledger"]["sealed"] == end)
    again = service.declare(trade.declaration(1))
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    note = b64decode(again.headers["Ledger-Checkpoint"])
    checkpoint = opened_checkpoint(note, KEY, signature_holds)
    assert (checkpoint.size, checkpoint.root) == (end, naive_root(bodies_of(service)))
    assert service.get("ledger/checkpoint").json() == {"checkpoint": note.decode()}
    batch = service.post("declarations/batch", write_declaration(trade.declaration(2)))
    result = service.record(trade.result(1))
    assert "Ledger-Checkpoint" in batch.headers
    assert "Ledger-Checkpoint" in result.headers


def test_nothing_is_proven_of_what_is_unknown_another_source_s_or_not_sealed(service: Service) -> None:
    decision = declared(service, 1)[0]
    problem_of(service.get(f"decisions/D{'0' * 24}/proof"), 404)
    other = service.key_for("other", Scope.LEDGER_READ, source="elsewhere")
    problem_of(service.get(f"decisions/{decision}/proof", key=other), 404)
    writer = service.key_for("writer", Scope.DECLARATIONS_WRITE, source=SOURCE)
    problem_of(service.get("ledger/checkpoint", key=writer), 403)
    files = service.site.ledger_files
    files.notes.clear()
    files.leaves.clear()
    assert "not sealed" in json.dumps(problem_of(service.get(f"decisions/{decision}/proof"), 404))
