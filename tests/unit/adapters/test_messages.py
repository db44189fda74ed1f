"""A message tells its own format, and an amendment finds its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.xml_messages import AMENDMENT, ENVELOPE, SAD, WCO, codes, declaration_in
from tidewaiter.adapters.messages import amended, read_message, write_declaration
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import InputError, UnreadableMessage
from tidewaiter.flow.ports.readings import Amendment


def original() -> Declaration:
    return declaration_in(read_message(WCO.encode(), ENVELOPE))


def amendment() -> Amendment:
    found = read_message(AMENDMENT.encode(), ENVELOPE).amendment
    assert found is not None
    return found


def test_each_format_is_known_by_its_look() -> None:
    canonical = write_declaration(original())
    bodies = {"wco": WCO.encode(), "asycuda": SAD.encode(), "json": canonical}
    for name, body in bodies.items():
        assert read_message(body, ENVELOPE).format == name
        assert read_message(body, ENVELOPE, name).declaration == read_message(body, ENVELOPE).declaration
    assert read_message(b"\xef\xbb\xbf\n  " + WCO.partition("?>")[2].encode(), ENVELOPE).format == "wco"
    assert read_message(SAD.replace("UTF-8", "UTF-16").encode("utf-16"), ENVELOPE).format == "asycuda"


def test_what_looks_like_nothing_is_refused_with_its_place() -> None:
    assert codes(b"<html/>") == {"format-unknown"}
    assert codes(b"") == {"json-not-valid"}
    assert codes(b"id;office") == {"json-not-valid"}
    with pytest.raises(UnreadableMessage) as caught:
        read_message(WCO.encode(), ENVELOPE, "asycuda")
    assert caught.value.faults[0].code == "format-unknown"


def test_a_format_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(InputError, match="json, wco, asycuda"):
        read_message(b"", ENVELOPE, "edifact")


def test_an_amendment_changes_what_it_states_and_nothing_else() -> None:
    before = original()
    after = amended(before, amendment())
    assert after.version == before.version + 1
    assert str(after.items[1].invoice_price) == "950"
    assert after == replace(before, version=2, items=(before.items[0], after.items[1]))
    assert after.items[1] == replace(before.items[1], invoice_price=after.items[1].invoice_price)


def test_persons_documents_and_transport_are_replaced_by_what_they_are() -> None:
    before = original()
    changes = {
        "parties": [{"role": "importer", "id": "OTHER"}],
        "documents": [{"type_code": "N705", "id": "BL-4711"}, {"type_code": "N380", "id": "NEW"}],
        "transport": {"means_id": "MV EBB"},
        "gross_mass_kg": "1299",
    }
    after = amended(before, replace(amendment(), changes=changes))
    assert {party.role: party.id for party in after.parties}["importer"] == "OTHER"
    assert len(after.parties) == len(before.parties)
    assert [document.id for document in after.documents] == ["BL-4711", "NEW"]
    assert after.transport == replace(before.transport, means_id=after.transport.means_id)
    assert str(after.gross_mass_kg) == "1299"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "cancellation"}, "amendment-cancels"),
        ({"declaration_id": "ANOTHER"}, "amendment-of-another"),
        (
            {"changes": {"invoice_currency": "EUR", "items": [{"number": 1, "invoice_price": "1"}]}},
            "currencies-differ",
        ),
        ({"changes": {"version": 1}}, "version-not-higher"),
        ({"changes": {"items": [{"number": 1, "invoice_price": "1e400000"}]}}, "quantity-not-plain"),
        ({"changes": {"items": [{"number": 9, "description": "new"}]}}, "field-missing"),
    ],
)
def test_an_amendment_that_does_not_fit_is_refused_by_name(change: dict[str, object], code: str) -> None:
    with pytest.raises(UnreadableMessage) as caught:
        amended(original(), replace(amendment(), **change))  # type: ignore[arg-type]
    assert code in {fault.code for fault in caught.value.faults}


def test_an_amendment_leaves_the_declaration_that_it_changes_alone() -> None:
    before = original()
    body = write_declaration(before)
    amended(before, amendment())
    assert write_declaration(before) == body
