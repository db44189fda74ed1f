"""``tidewaiter read`` says what a message says, what is wrong with it, and what is left over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fakes.xml_messages import AMENDMENT, SAD, WCO
from tidewaiter.adapters.formats.json import read_declaration, write_declaration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wco.xml").write_text(WCO, encoding="utf-8")
    (tmp_path / "sad.xml").write_text(SAD, encoding="utf-8")
    (tmp_path / "amendment.xml").write_text(AMENDMENT, encoding="utf-8")
    (tmp_path / "bad.xml").write_text(WCO.replace(">372254.40<", ">1e400000<"), encoding="utf-8")
    bare = WCO.replace("<DeclarationOfficeID>HARBOUR</DeclarationOfficeID>", "")
    (tmp_path / "bare.xml").write_text(bare, encoding="utf-8")
    return tmp_path


def test_it_prints_canonical_json_and_tells_what_was_not_mapped(run: Run, folder: Path) -> None:
    told = run("read", "wco.xml", "sad.xml")
    lines = told.out.splitlines()
    assert told.code == 0
    assert [json.loads(line)["id"] for line in lines] == ["26TW000000000001X1", "HARB1-2016-C4711"]
    assert all(write_declaration(read_declaration(line.encode())).decode() == line for line in lines)
    assert "wco.xml: 2 elements are not in the canonical form:" in told.err
    assert (
        "line 35, /MetaData/Declaration/GoodsShipment/Consignment/ArrivalTransportMeans/ID [T002] = 'TRUCK 9'"
        in told.err
    )


def test_what_it_prints_can_be_read_again(run: Run, folder: Path) -> None:
    (folder / "again.json").write_text(run("read", "wco.xml").out, encoding="utf-8")
    again = run("read", "again.json")
    assert again.code == 0
    assert again.out == (folder / "again.json").read_text(encoding="utf-8")
    assert again.err == ""


def test_a_fault_has_its_place_and_exit_code_2_and_stops_nobody_else(run: Run, folder: Path) -> None:
    told = run("read", "bad.xml", "wco.xml")
    assert told.code == 2
    assert len(told.out.splitlines()) == 1
    assert "bad.xml: The declaration has 1 fault(s)." in told.err
    assert (
        "line 43, /MetaData/Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/CustomsValueAmount"
        in told.err
    )
    assert "(value: '1e400000')" in told.err


def test_what_the_message_leaves_open_is_told_and_can_be_given(run: Run, folder: Path) -> None:
    told = run("read", "bare.xml")
    assert json.loads(told.out)["office"] == "NOT-STATED"
    assert "bare.xml: /office is taken to be NOT-STATED." in told.err
    given = run("read", "bare.xml", "--office", "PORT")
    assert json.loads(given.out)["office"] == "PORT"


def test_an_amendment_is_applied_behind_its_declaration(run: Run, folder: Path) -> None:
    told = run("read", "wco.xml", "amendment.xml")
    first, second = (json.loads(line) for line in told.out.splitlines())
    assert (first["version"], second["version"]) == (1, 2)
    assert second["items"][1]["invoice_price"] == "950"
    alone = json.loads(run("read", "amendment.xml").out)
    assert alone["declaration_id"] == "26TW000000000001X1"
    assert alone["changes"]["items"] == [{"number": 2, "invoice_price": "950"}]


def test_machines_get_one_object(run: Run, folder: Path) -> None:
    told = run("read", "--json", "wco.xml", "bad.xml", "amendment.xml")
    good, bad, amendment = told.json["messages"]
    assert told.code == 2
    assert good["declaration"]["id"] == "26TW000000000001X1"
    assert good["format"] == "wco"
    assert good["not_mapped"][0]["element"] == "D026"
    assert good["assumed"] == []
    assert bad["error"]["faults"][0]["code"] == "quantity-not-plain"
    assert amendment["amendment"]["kind"] == "amendment"
    assert amendment["declaration"]["version"] == 2


def test_the_format_can_be_forced_and_must_exist(run: Run, folder: Path) -> None:
    assert run("read", "wco.xml", "--format", "asycuda").code == 2
    wrong = run("read", "wco.xml", "--format", "edifact")
    assert wrong.code == 2
    assert "json, wco, asycuda" in wrong.err


def test_a_file_that_is_too_large_is_refused_and_not_loaded(run: Run, folder: Path) -> None:
    (folder / "large.xml").write_bytes(b"<MetaData>" + b" " * 20_000_000 + b"</MetaData>")
    told = run("read", "large.xml")
    assert told.code == 2
    assert "has more than 5242880 bytes" in told.err
