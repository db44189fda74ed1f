"""Accounts at the command line, and what it cannot do alone any more once people have accounts."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.conftest import Run
from tests.fakes.people import CREDENTIALS, PASSWORD
from tidewaiter.adapters.sql import SqlStore, store_url

MANAGER = ("--staff-number", "4711", "--role", "manager")


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidewaiter.bootstrap.people.Argon2Totp", lambda: CREDENTIALS)
    typed(monkeypatch)


def typed(monkeypatch: pytest.MonkeyPatch, text: str = PASSWORD) -> None:
    """Let *text* be what stands on standard input, as often as it is read."""

    class Input(io.StringIO):
        def readline(self, _size: int | None = -1, /) -> str:
            return f"{text}\n"

    monkeypatch.setattr("sys.stdin", Input())


def notices() -> list[dict[str, Any]]:
    """Return what the ledger says of breaking the glass."""
    with closing(SqlStore(store_url(Path("tidewaiter-data")))) as store, store.read() as uow:
        told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
    return [entry for entry in told if entry["kind"] == "break-glass"]


def test_there_is_no_account_until_one_is_made(run: Run) -> None:
    assert run("user", "list", "--json").json == {"people": []}
    assert "`tidewaiter user add`" in run("user", "list").out


def test_an_account_is_made_and_its_second_factor_is_shown_once(run: Run) -> None:
    made = run("user", "add", "anna", "--staff-number", "4711", "--role", "administrator", "--json")
    uri = made.json.pop("totp_uri")
    assert uri.startswith("otpauth://totp/Tidewaiter:anna?")
    rights = {
        "name": "anna", "staff_number": "4711", "roles": ["administrator"], "offices": [], "compartments": [],
        "disabled": False,
    }  # fmt: skip
    listed = run("user", "list", "--json")
    assert listed.json == {"people": [rights]}
    secret = uri.partition("secret=")[2].partition("&")[0]
    assert secret not in listed.out
    assert run("user", "list").out.strip() == "anna [4711]: administrator"


@pytest.mark.parametrize("password", ["", "eleven char", "here is anna again"])
def test_a_weak_password_makes_no_account(run: Run, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    typed(monkeypatch, password)
    refused = run("user", "add", "anna", *MANAGER)
    assert refused.code == 4
    assert "password" in refused.err
    assert run("user", "list", "--json").json == {"people": []}


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def prompt(_words: str, **how: Any) -> str:
        asked.append(how)
        return PASSWORD

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    assert run("user", "add", "anna", *MANAGER).code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": True}]


def test_an_account_of_nobody_is_wrong_use(run: Run) -> None:
    assert run("user", "add", "anna", "--role", "manager").code == 2


def test_once_there_is_an_administrator_rights_take_two_persons_or_breaking_the_glass(run: Run) -> None:
    assert run("user", "add", "anna", "--staff-number", "1", "--role", "administrator").code == 0
    refused = run("user", "add", "max", *MANAGER)
    assert refused.code == 4
    assert "two persons" in refused.err
    assert run("user", "add", "max", "--staff-number", "4711").code == 0, "an account without rights"
    assert run("user", "role", "max", "--role", "administrator").code == 4
    assert [each["roles"] for each in run("user", "list", "--json").json["people"]] == [["administrator"], []]
    assert notices() == []
    broken = run(
        "user", "role", "max", "--role", "administrator", "--break-glass", "the second one", "--json"
    )
    assert broken.json["roles"] == ["administrator"]
    (notice,) = notices()
    assert (notice["act"], notice["reason"]) == ("set-rights", "the second one")
    again = run("user", "add", "eve", "--staff-number", "4712", "--role", "auditor", "--break-glass", "quick")
    assert again.code == 4
    assert "anna and max can" in again.err, "two who could do it are there"
    assert len(notices()) == 1


def test_rights_are_set_reset_and_taken(run: Run) -> None:
    first = run("user", "add", "anna", *MANAGER, "--json").json["totp_uri"]
    inspector = run("user", "role", "anna", "--role", "inspector", "--office", "PORT", "--json").json
    assert (inspector["roles"], inspector["offices"]) == (["inspector"], ["PORT"])
    assert run("user", "role", "anna", "--role", "system").code == 4
    assert run("user", "disable", "anna", "--json").json["disabled"]
    assert "(disabled 20" in run("user", "list").out
    again = run("user", "reset", "anna", "--json").json
    assert not again["disabled"]
    assert again["totp_uri"] != first
    for command in (("role", "--role", "analyst"), ("disable",), ("reset",)):
        assert run("user", command[0], "nobody", *command[1:]).code == 4


def test_while_nobody_could_approve_content_is_published_at_the_command_line(run: Run) -> None:
    assert run("publish").code == 0
    run("user", "add", "root", "--staff-number", "1", "--role", "administrator")
    assert run("publish").code == 0
    assert notices() == []


def test_once_somebody_could_approve_it_takes_breaking_the_glass(run: Run) -> None:
    run("user", "add", "max", *MANAGER)
    refused = run("publish")
    assert refused.code == 4
    assert "two persons" in refused.err
    assert run("publish", "--break-glass", " ").code == 4
    assert run("promote").code == 4
    assert notices() == []
    assert run("publish", "--break-glass", "the network is down").code == 0
    (notice,) = notices()
    assert (notice["act"], notice["reason"]) == ("publish-content", "the network is down")
    assert notice["by"].endswith(" at the command line")


def test_a_glass_that_was_broken_for_nothing_leaves_no_notice(run: Run) -> None:
    run("user", "add", "max", *MANAGER)
    assert run("promote", "--break-glass", "now").code == 4
    assert notices() == []
