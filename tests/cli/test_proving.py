"""``tidewaiter ledger`` and ``tidewaiter verify`` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_seal_export_verify(run: Run, tmp_path: Path) -> None:
    assert run("ledger", "export", "b").code == 4
    sealed = run("ledger", "seal", "--json").json
    assert sealed["size"] == sealed["new"] > 0
    (tmp_path / "kept").write_text(sealed["checkpoint"])
    (tmp_path / "pub").write_text(sealed["key"] + "\n")
    assert run("ledger", "export", "b").code == 0
    for key in ("pub", sealed["key"]):
        told = run("verify", "b", "--key", key, "--checkpoint", "kept", "--json")
        assert (told.code, told.json["holds"], told.json["proven"]) == (0, True, sealed["size"])
    assert run("verify").code == 0
    assert run("verify", "--data", "tidewaiter-data", "--key", "pub", "--checkpoint", "kept").code == 0


def test_who_exported_the_ledger_is_in_the_ledger(run: Run, tmp_path: Path) -> None:
    run("ledger", "seal")
    run("ledger", "export", "one")
    assert run("ledger", "seal", "--json").json["new"] == 1
    run("ledger", "export", "two")
    assert b'"kind":"access"' not in (tmp_path / "one").read_bytes()
    (line,) = [line for line in (tmp_path / "two").read_bytes().splitlines() if b'"kind":"access"' in line]
    assert b'"what":"ledger export"' in line


def test_receipts_that_were_kept_are_held_against_the_bundle(run: Run, tmp_path: Path) -> None:
    key = run("ledger", "seal", "--json").json["key"]
    run("ledger", "export", "b")
    (tmp_path / "kept.jsonl").write_text('{"receipt":"AAAA"}\n')
    told = run("verify", "b", "--key", key, "--receipts", "kept.jsonl", "--json")
    assert (told.code, told.json["receipts"], told.json["receipts_not_due"]) == (3, 1, 0)
    assert [each["code"] for each in told.json["findings"]] == ["receipt-unreadable"]
    (tmp_path / "kept.jsonl").write_text("")
    assert run("verify", "--receipts", "kept.jsonl").code == 0
    assert run("verify", "--receipts", "none.jsonl").code == 2


def test_a_bundle_that_was_changed_gives_exit_code_3_and_names_the_entry(run: Run, tmp_path: Path) -> None:
    key = run("ledger", "seal", "--json").json["key"]
    run("ledger", "export", "b")
    bundle = tmp_path / "b"
    bundle.write_bytes(bundle.read_bytes().replace(b'"by":"starter"', b'"by":"nobody!"', 1))
    told = run("verify", "b", "--key", key)
    assert told.code == 3
    assert "WRONG (body-changed): Entry 1:" in told.out


def test_nothing_is_made_by_verifying(run: Run, tmp_path: Path) -> None:
    assert run("verify").code == 4
    assert list(tmp_path.iterdir()) == []
    run("ledger", "seal")
    (tmp_path / "tidewaiter-data/ledger-key/ed25519.pem").unlink()
    assert run("verify").code == 4
    assert not (tmp_path / "tidewaiter-data/ledger-key/ed25519.pem").exists()


@pytest.mark.parametrize("arguments", [("verify", "b"), ("verify", "b", "--key", "k", "--data", ".")])
def test_wrong_use_is_told(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "b").write_bytes(b"")
    assert run(*arguments).code == 2
    assert run("verify", "b", "--key", "x").code == 4
    assert run("verify", "none", "--key", "x").code == 4


def test_the_files_of_the_ledger_may_lie_elsewhere(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEWAITER_LEDGER", str(tmp_path / "far"))
    monkeypatch.setenv("TIDEWAITER_LEDGER_KEY", str(tmp_path / "safe" / "key.pem"))
    assert run("ledger", "seal").code == 0
    assert (tmp_path / "far" / "checkpoints").is_file()
    assert (tmp_path / "safe" / "key.pem").is_file()
    assert not (tmp_path / "tidewaiter-data" / "ledger").exists()
    assert run("verify").code == 0
