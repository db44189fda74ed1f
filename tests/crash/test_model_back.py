"""The model of a real installation is gone and comes back under a real server."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.crash.serving import serving
from tests.crash.test_several_processes import until
from tests.crash.test_standin import SECONDS, Told, decided, declare, key_of, reassessed
from tests.fakes import trade
from tidewaiter.bootstrap import installation
from tidewaiter.flow.import_history import PastDeclaration
from tidewaiter.flow.present import MODEL
from tidewaiter.settings import Settings

PAST = 420


def trained(settings: Settings) -> str:
    """Let an installation learn its first model from a past in which every third was irregular."""
    past = []
    for number, declaration in enumerate(trade.stream(7, size=1700, days=60)[:PAST]):
        known = declaration.lodged_at + timedelta(hours=number % 40)
        result = trade.result_for(declaration, number=number, bad=number % 3 == 0, ended_at=known)
        past.append(PastDeclaration(declaration=declaration, results=(result,)))
    with installation(settings) as here:
        here.import_history(settings.source, past)
        here.services.learning.train()
        with here.store.read() as uow:
            published = uow.published(MODEL)
    assert published is not None
    return published.version


def told_of(settings: Settings) -> list[dict[str, Any]]:
    """Return the ledger entries on what was assessed again."""
    with installation(settings) as here, here.store.read() as uow:
        entries = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
    return [entry for entry in entries if entry.get("kind") == "standin"]


def test_a_model_that_comes_back_assesses_what_was_decided_without_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    version, key = trained(settings), key_of(settings)
    there, away = tmp_path / "models" / version, tmp_path / "away"
    there.rename(away)
    numbers = range(2000, 2024)
    with serving(settings, 1) as (served,):
        told: list[Told] = [declare(served, key, number) for number in numbers]
        assert all(decided(each) and each.body["degraded"] and each.seconds < SECONDS for each in told)
        away.rename(there)
        expected = sorted(f"D{number}" for number in numbers)
        assert until(lambda: reassessed(settings) == expected, 30), "each is assessed again"
        assert until(lambda: not declare(served, key, 2100).body["degraded"]), "the model decides again"
    found = told_of(settings)
    assert {each["rule"] for each in found} == {"DEGRADED_MODEL"}
    with installation(settings) as here, here.store.read() as uow:
        for each in found:
            raised = uow.overrides_of(each["decision_id"])
            assert [override.to_lane for override in raised] == ([each["lane"]] if each["recalled"] else [])
    with installation(settings) as here:
        assert here.services.prove.verify(here.ledger_key.public).report.findings == ()
