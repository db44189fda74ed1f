"""A read that somebody must answer for is recorded first, or does not happen."""

from __future__ import annotations

import json

import pytest

from tests.fakes.failing_store import FailingStore
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import FakeClock
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.accesses import Accesses


def test_who_read_what_is_an_entry_and_no_detail_can_hide_it() -> None:
    store = MemoryStore()
    accesses = Accesses(store=store, clock=FakeClock())
    accesses.record("labels", by="anna", reason="case 7", count=3, at="never")
    with store.read() as work:
        (entry,) = [json.loads(entry.body or b"") for entry in work.ledger()]
    assert (entry["kind"], entry["what"], entry["by"], entry["reason"], entry["count"]) == (
        "access", "labels", "anna", "case 7", 3,
    )  # fmt: skip
    assert entry["at"] == FakeClock().now().isoformat()


def test_what_cannot_be_recorded_must_not_be_read() -> None:
    store = FailingStore(MemoryStore())
    store.failures = 1
    with pytest.raises(Unavailable):
        Accesses(store=store, clock=FakeClock()).record("labels", by="anna")
    with store.read() as work:
        assert work.ledger_end() == 0
