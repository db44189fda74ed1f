"""Content goes out as text and comes in as drafts and proposals of a person who showed who they are."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fakes.people import PASSWORD, code_of, enrol
from tidewaiter.bootstrap import installation
from tidewaiter.settings import Settings

FOLDER = "our-content"


@pytest.fixture
def secret(run: Run) -> str:
    """Return the second factor of an analyst of an installation whose content was exported."""
    assert run("content", "export", FOLDER).code == 0
    with installation(Settings()) as here:
        return enrol(here.services.people, "ada", "analyst")


def change(name: str, old: str, new: str) -> None:
    path = Path(FOLDER) / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def signing(monkeypatch: pytest.MonkeyPatch, secret: str, password: str = PASSWORD) -> None:
    """Put password and code on standard input."""
    with installation(Settings()) as here:
        code = code_of(secret, here.services.clock.now())
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n{code}\n"))


@pytest.mark.usefixtures("secret")
def test_importing_what_was_exported_changes_nothing(run: Run) -> None:
    told = run("content", "import", FOLDER, "--dry-run", "--whole", "--json")
    assert (told.code, told.json) == (0, {"differences": [], "came": []})
    assert "Nothing differs" in run("content", "import", FOLDER, "--dry-run").out
    assert run("content", "export", FOLDER).code == 4
    assert "--replace" in run("content", "export", FOLDER).err
    assert run("content", "export", FOLDER, "--replace").code == 0
    assert run("publish", "--from", FOLDER).code == 0


@pytest.mark.usefixtures("secret")
def test_a_dry_run_says_in_words_what_would_change(run: Run) -> None:
    change("profiles/zero_price.yaml", "lane: documents", "lane: scan")
    change("lists/excise_goods.yaml", '"2402"', '"2401"')
    change("plan.yaml", "probability: 0.01", "probability: 0.02")
    told = run("content", "import", FOLDER, "--dry-run")
    assert told.code == 0
    assert "profile zero_price: changed\n  lane: documents -> scan\n" in told.out
    assert "list excise_goods: changed\n  1 in: 2401\n  1 out: 2402\n" in told.out
    assert "plan: changed\n  /random_floor/probability: 0.01 -> 0.02\n" in told.out
    assert told.out.endswith("0 added, 3 changed, 0 removed.\n")


@pytest.mark.usefixtures("secret")
def test_every_fault_is_told_with_file_line_and_member(run: Run) -> None:
    change("profiles/zero_price.yaml", "lane: documents", "lane: purple")
    change("lists/excise_goods.yaml", '"2402"', '"402"')
    told = run("content", "import", FOLDER, "--dry-run")
    assert told.code == 4
    assert "lists/excise_goods.yaml:5 /entries/6: a code of kind `hs4` is four digits" in told.err
    change("lists/excise_goods.yaml", '"402"', '"2402"')
    told = run("content", "import", FOLDER, "--dry-run")
    assert "profiles/zero_price.yaml:" in told.err
    assert "/lane: `purple` is not defined" in told.err


def test_what_comes_in_is_drafted_and_proposed_and_nothing_is_in_force(
    run: Run, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("profiles/zero_price.yaml", "lane: documents", "lane: scan")
    change("lists/excise_goods.yaml", '"2402"', '"2401"')
    signing(monkeypatch, secret)
    told = run("content", "import", FOLDER, "--as", "ada", "--reason", "New law.")
    assert told.code == 0, told.err
    assert "lists excise_goods: Proposal W" in told.out
    assert "profile zero_price: Version 2 is drafted" in told.out
    with installation(Settings()) as here:
        content = here.services.exchange.content()
        (proposal,) = here.services.two_persons.all()
        (draft,) = [each for each in here.services.authoring.one("zero_price").versions if each.number == 2]
    assert (proposal.requester, proposal.reason) == ("ada", "New law.")
    assert draft.writers == {"ada"}
    (excise,) = [each for each in content["rules"]["lists"] if each["code"] == "excise_goods"]
    assert "2402" in excise["entries"]


def test_nobody_brings_anything_in_the_name_of_another(
    run: Run, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("profiles/zero_price.yaml", "lane: documents", "lane: scan")
    signing(monkeypatch, secret, password="guessed instead")
    told = run("content", "import", FOLDER, "--as", "ada", "--reason", "New law.")
    assert told.code == 4
    assert "is not right" in told.err
    assert run("content", "import", FOLDER, "--as", "ada").code == 2
    with installation(Settings()) as here:
        assert not here.services.authoring.one("zero_price").versions


PAPERS = """\
code: risky_goods
title: Goods of high risk
description: Goods and origins that the risk unit named.
owner: Valuation unit
risk_area: valuation
reference: Customs law
flows: [import]
level: national
valid_from: "2026-01-01"
valid_until: "2027-12-31"
lane: documents
share: "1"
checks: [check_valuation_method]
officer_text: Look at the goods.
unknown: undecided
"""


def test_a_decision_table_becomes_files_that_are_imported(run: Run) -> None:
    Path("goods.csv").write_text("hs_code,origin\nis,is\n870322,CN\n870323,-\n")
    Path("goods.yaml").write_text(PAPERS)
    told = run("content", "table", "goods.csv", "--papers", "goods.yaml", "--to", "goods")
    assert (told.code, told.out) == (0, "2 rules are 1 profile in goods; nothing is in force by that.\n")
    dry = run("content", "import", "goods", "--dry-run")
    assert "profile risky_goods: added\n  Goods of high risk\n" in dry.out
    assert dry.out.endswith("1 added, 0 changed, 0 removed.\n")


def test_rows_that_overlap_are_told_and_refuse_nothing(run: Run) -> None:
    Path("goods.csv").write_text("hs_code;lane\nis;\n8703*;scan\n870322;documents\n")
    Path("goods.yaml").write_text(PAPERS)
    files = ("goods.csv", "--papers", "goods.yaml", "--to", "goods")
    arguments = ("content", "table", *files, "--delimiter", ";")
    told = run(*arguments, "--json")
    assert told.code == 3
    assert (told.json["rules"], told.json["profiles"]) == (2, 2)
    assert told.json["remarks"][0].startswith("goods.csv:4: the row lies within row 3, which has another")
    assert run(*arguments).code == 4, "what was written is not written over unasked"
    assert run(*arguments, "--replace").code == 3
    assert run("content", "table", *files, "--delimiter", "ab").code == 2


def test_a_table_with_a_fault_writes_nothing(run: Run) -> None:
    Path("goods.csv").write_text("hs_code,lane\nis,\n87,purple\n=1,scan\n")
    Path("goods.yaml").write_text(PAPERS)
    told = run("content", "table", "goods.csv", "--papers", "goods.yaml", "--to", "goods")
    assert told.code == 4
    assert "goods.csv:3 column 'hs_code'" in told.err
    assert "goods.csv:4 column 'hs_code': the cell holds a formula" in told.err
    assert not Path("goods").exists()


def test_selectivity_criteria_become_files_and_a_report_of_the_rest(run: Run) -> None:
    old = Path(__file__).parents[1] / "fixtures" / "selectivity"
    told = run("content", "selectivity", old, "--to", "brought")
    assert told.code == 3
    assert "criteria.csv:9 U-1: left out: the mapping does not say what the field 'MOON' is here" in told.out
    assert told.out.splitlines()[-1].startswith("4 profiles and 1 lists are in brought, ")
    assert Path("brought/unmapped.csv").exists()
    dry = run("content", "import", "brought", "--dry-run")
    assert "plan: changed\n" in dry.out
    assert dry.out.endswith("5 added, 1 changed, 0 removed.\n")
