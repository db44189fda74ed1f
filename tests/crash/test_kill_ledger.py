"""Killed at any moment, a service that seals leaves a ledger that the next one continues."""

from __future__ import annotations

from pathlib import Path

from tests.crash.test_kill_http import kill_often
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.bootstrap import installation
from tidewaiter.settings import Settings


def test_kills_between_deciding_and_sealing_lose_nothing(tmp_path: Path) -> None:
    tally = kill_often(tmp_path, 12, seed=3)
    assert not tally.faults
    settings = Settings(data=tmp_path / "data")
    sealed_by_services = len(list(LedgerFolder(settings.ledger_folder).hashes()))
    assert sealed_by_services > 0
    with installation(settings) as here:
        sealed = here.services.seal.seal()
        found = here.services.prove.verify(here.ledger_key.public)
        assert found.report.holds, found.report.findings
        assert (found.report.entries, found.waiting) == (sealed.size, 0)
        with here.store.read() as work:
            bodies = [leaf.body for leaf in work.ledger()]
    decided = sum(body is not None and b'"inclusion_probability"' in body for body in bodies)
    assert decided >= len(tally.heard.answers) > 0
