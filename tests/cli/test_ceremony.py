"""The ceremony at the command line."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.conftest import Run

TODAY = datetime.now(UTC).date()
DAYS = ("--first-day", TODAY.isoformat(), "--last-day", (TODAY + timedelta(days=6)).isoformat())
BEACON = ("--beacon", "6613254153624361325416325", "--beacon-source", "dice before witnesses")
KEYS = ("--key-file", "it.key", "--key-file", "audit.key")


def committed(run: Run, custodian: str) -> None:
    """Commit as one custodian."""
    told = run(
        "epoch", "commit", "--epoch", "1", "--custodian", custodian, "--key-file", f"{custodian}.key", *DAYS
    )
    assert told.code == 0, told.err


def test_an_epoch_is_committed_sealed_opened_and_not_revealed_before_its_time(run: Run) -> None:
    committed(run, "it")
    committed(run, "audit")
    for name in ("it.key", "audit.key"):
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    early = run("epoch", "open", "--epoch", "1", *BEACON, *KEYS)
    assert early.code == 4
    assert "tidewaiter ledger seal" in early.err
    assert run("ledger", "seal").code == 0
    opened = run("epoch", "open", "--epoch", "1", *BEACON, *KEYS, "--json")
    assert opened.code == 0
    key_id = json.loads(opened.out)["draw_key"]
    [simple, first] = json.loads(run("epoch", "list", "--json").out)["epochs"]
    assert (simple["epoch"], simple["custodians"]) == (0, {})
    assert (first["epoch"], first["state"], first["draw_key"]) == (1, "open", key_id)
    assert set(first["custodians"]) == {"it", "audit"}
    seed = Path("tidewaiter-data/draw-keys") / f"{key_id}.key"
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600
    assert "Epoch 1" in run("epoch", "list").out
    told = run("epoch", "reveal", "--epoch", "1", *KEYS)
    assert told.code == 4
    assert "may be appealed against" in told.err


def test_a_key_file_in_the_data_folder_is_refused(run: Run) -> None:
    path = "tidewaiter-data/it.key"
    told = run("epoch", "commit", "--epoch", "1", "--custodian", "it", "--key-file", path, *DAYS)
    assert told.code == 4
    assert "no secret of the custodian's own" in told.err
    assert not Path(path).exists()


def test_a_key_file_that_others_may_read_or_that_is_missing_is_refused(run: Run) -> None:
    committed(run, "it")
    committed(run, "audit")
    Path("it.key").chmod(0o644)
    told = run("epoch", "open", "--epoch", "1", *BEACON, *KEYS)
    assert told.code == 4
    assert "make it 600" in told.err
    Path("it.key").unlink()
    assert "the custodian's own copy" in run("epoch", "open", "--epoch", "1", *BEACON, *KEYS).err
    Path("it.key").write_text("abcd")
    Path("it.key").chmod(0o600)
    assert "This one holds 2" in run("epoch", "open", "--epoch", "1", *BEACON, *KEYS).err
