"""The ledger over HTTP: what is handed out leads from the evidence to a signed root, and to the next one."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from tests.api.conftest import Service, problem_of
from tests.api.test_sequencing import until
from tests.fakes import trade
from tests.fakes.ledgers import FakeKey
from tests.fakes.naive_tree import naive_consistency, naive_inclusion, naive_root
from tests.fakes.site import SOURCE
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger.proof import proof_from_plain
from tidewaiter.core.ledger.tree import verify_consistency
from tidewaiter.core.ledger.verify import opened_checkpoint
from tidewaiter.flow.administer import Scope

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
