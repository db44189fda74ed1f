"""Each named attack is refused with a reason, at once: nothing expands, nothing is fetched, nothing waits."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.xml_messages import WCO, changed, codes
from tidewaiter.adapters.formats.json import read_declaration
from tidewaiter.adapters.formats.tabular import read_table, resolve_mapping
from tidewaiter.core.errors import InputError, UnreadableMessage

SECONDS_MAX = 1.0


@contextmanager
def at_once() -> Iterator[None]:
    """Fail when the block takes longer than a message may."""
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS_MAX


def refused(body: bytes) -> set[str]:
    """Return the codes with which a message in JSON is refused, at once."""
    with at_once(), pytest.raises(UnreadableMessage) as told:
        read_declaration(body)
    return {fault.code for fault in told.value.faults}


def xml(head: str, inner: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<Declaration>{inner}</Declaration>'.encode()


def declared(**more: object) -> bytes:
    """Return a declaration with one item, some members replaced."""
    item = {"number": 1, "hs_code": "520811"}
    known = {"id": "A", "flow": "import", "office": "P", "lodged_at": "2026-03-01", "items": [item]}
    return json.dumps(known | more).encode()


def test_an_xml_bomb_does_not_expand() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = xml(f'<!DOCTYPE a [<!ENTITY e0 "lol">{entities}]>', "<ID>&e9;</ID>")
    with at_once():
        assert codes(body) == {"document-type"}


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("CANARY")
    body = xml(f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>', "<ID>&x;</ID>")
    assert codes(body) == {"document-type"}


def test_a_number_with_a_huge_exponent_is_never_expanded() -> None:
    assert "quantity-not-plain" in refused(declared(gross_mass_kg="1e400000"))
    assert refused(declared(gross_mass_kg=0).replace(b": 0", b": 1e400000"))
    with at_once():
        assert codes(changed(WCO, (">372254.40<", ">1e400000<"))) == {"quantity-not-plain"}


def test_the_same_key_twice_is_refused() -> None:
    assert "key-duplicate" in refused(declared()[:-1] + b', "office": "Q"}')


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a":' * 200_000, declared()[:-1] + b',"x":' + b"[" * 9000]
)
def test_deep_json_is_refused(body: bytes) -> None:
    assert refused(body)


def test_deep_xml_is_refused() -> None:
    with at_once():
        assert codes(xml("", "<a>" * 5000 + "</a>" * 5000)) == {"too-deep"}


def test_a_workbook_that_is_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(300 * 1024 * 1024))
    assert path.stat().st_size < 1024 * 1024
    with at_once(), pytest.raises(InputError):
        list(read_table(path, resolve_mapping("plain")))


def test_an_attribute_of_many_megabytes_costs_no_quadratic_time() -> None:
    body = f'<Declaration a="{"x" * 4_000_000}"/>'.encode()
    with at_once():
        assert codes(body) == {"attribute-too-long"}


def test_many_attributes_are_refused() -> None:
    many = " ".join(f'a{n}="1"' for n in range(100_000))
    with at_once():
        assert codes(f"<Declaration {many}/>".encode()) == {"too-many-attributes"}


@pytest.mark.parametrize("text", ["a\x00b", "\x00"])
def test_nul_is_in_no_text(text: str) -> None:
    assert refused(declared(delivery_place=text))
    assert refused(declared(office=text))
    assert codes(changed(WCO, (">HARBOUR<", ">HARB\x00OUR<"))) == {"xml-not-valid"}


def test_half_a_character_is_in_no_text() -> None:
    assert refused(declared(office="P").replace(b'"P"', b'"\\ud800"'))
    assert refused(declared(office="P").replace(b'"P"', b'"\xed\xa0\x80"'))
    assert codes(changed(WCO, (">HARBOUR<", ">&#xD800;<"))) == {"xml-not-valid"}


def test_too_many_items_are_refused_before_they_are_read() -> None:
    items = [{"number": n, "hs_code": "520811"} for n in range(1, 12_001)]
    assert refused(declared(items=items))
    item = "<GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric></GovernmentAgencyGoodsItem>"
    with at_once():
        assert codes(xml("", f"<GoodsShipment>{item * 501}</GoodsShipment>")) == {"count-wrong"}
