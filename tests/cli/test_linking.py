"""Links to an identity provider at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_people import MANAGER, typed
from tests.fakes.people import CREDENTIALS


@pytest.fixture(autouse=True)
def _anna(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tidewaiter.bootstrap.people.Argon2Totp", lambda: CREDENTIALS)
    typed(monkeypatch)
    assert run("user", "add", "anna", *MANAGER).code == 0
    secret = tmp_path / "oidc-secret"
    secret.write_text("a secret\n", encoding="utf-8")
    for name, value in {
        "ISSUER": "https://id.example", "CLIENT_ID": "tidewaiter", "KEY": str(secret),
        "REDIRECT_URI": "https://risk.example/api/v1/session/oidc/callback",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TIDEWAITER_OIDC_{name}", value)


def test_a_person_is_linked_and_unlinked(run: Run) -> None:
    told = run("user", "link", "anna", "--subject", "s-1", "--no-password", "--json")
    assert told.json == {
        "name": "anna", "issuer": "https://id.example", "subject": "s-1", "email": None,
        "password_allowed": False,
    }  # fmt: skip
    assert (
        "cannot sign in with password" in run("user", "link", "anna", "--subject", "s-1", "--no-password").out
    )
    assert run("user", "link", "anna", "--email", "Anna@customs.example", "--json").json["email"] == (
        "anna@customs.example"
    )
    assert run("user", "unlink", "anna", "--json").json == {"name": "anna", "linked": False}
    assert run("user", "unlink", "anna").code != 0


def test_without_a_provider_a_link_can_only_be_undone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("user", "link", "anna", "--subject", "s-1")
    for name in ("ISSUER", "CLIENT_ID", "KEY", "REDIRECT_URI"):
        monkeypatch.delenv(f"TIDEWAITER_OIDC_{name}")
    refused = run("user", "link", "anna", "--subject", "s-2")
    assert refused.code != 0
    assert "TIDEWAITER_OIDC_ISSUER" in refused.err
    assert run("user", "unlink", "anna").code == 0


def test_a_secret_that_cannot_be_read_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_OIDC_KEY", "no-such-file")
    refused = run("user", "list")
    assert refused.code != 0
    assert "no-such-file" in refused.err
