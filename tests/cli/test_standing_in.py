"""The stand-in policy on the command line: signed, exported, and refused when it has expired."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger.checkpoint import parse_public_key
from tidewaiter.core.standin import parse_signed


def test_what_is_exported_is_verified_with_the_public_key_alone(run: Run, tmp_path: Path) -> None:
    signed = run("standin", "sign", "--hours", "12", "--json")
    assert signed.code == 0
    file = tmp_path / "standin.note"
    told = run("standin", "export", str(file), "--json")
    assert told.code == 0
    key = parse_public_key(json.loads(told.out)["key"])
    found = parse_signed(file.read_text(), key, signature_holds)
    assert (found.expires_at - found.signed_at).total_seconds() == 12 * 3600
    assert found.policy.otherwise == "documents"


def test_nothing_is_exported_before_it_is_signed(run: Run, tmp_path: Path) -> None:
    told = run("standin", "export", str(tmp_path / "standin.note"))
    assert told.code == 4
    assert "standin sign" in told.err
    assert not (tmp_path / "standin.note").exists()
