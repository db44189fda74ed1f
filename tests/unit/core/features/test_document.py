"""Family document: which documents are there, and how old they are."""

from __future__ import annotations

from typing import Any

from tests.unit.core.features.reading import features
from tests.unit.core.history.events import at, declaration, item
from tidewaiter.core.declaration import Document


def read(header: tuple[Document, ...] = (), own: tuple[Document, ...] = ()) -> dict[str, Any]:
    """Return the features on day 30 of an item with documents on the header and its own."""
    return features(declaration(documents=header, items=(item(documents=own),)), moment=at(30, 12))


def test_documents_of_the_header_support_each_item() -> None:
    found = read((Document(type_code="380"),), (Document(type_code="861"), Document(type_code="271")))
    assert found["document_count"] == 3
    assert (found["has_invoice_document"], found["has_origin_certificate"], found["has_licence"]) == (
        True,
        True,
        False,
    )
    assert read()["document_count"] == 0


def test_each_kind_of_certificate_and_licence_is_known_by_its_code() -> None:
    names = ("has_invoice_document", "has_origin_certificate", "has_licence")

    def has(code: str) -> list[str]:
        found = read(own=(Document(type_code=code),))
        return [name for name in names if found[name]]

    assert has("954") == has("861") == ["has_origin_certificate"]
    assert has("911") == has("811") == ["has_licence"]
    assert has("380") == ["has_invoice_document"]
    assert has("705") == []


def test_days_to_expiry_are_of_the_licence_that_expires_first() -> None:
    licences = (
        Document(type_code="911", expires_on=at(60)),
        Document(type_code="811", expires_on=at(33, 23)),
        Document(type_code="911"),
        Document(type_code="861", expires_on=at(31)),
    )
    assert read(licences)["days_to_licence_expiry"] == 3.0
    assert read((Document(type_code="911", expires_on=at(29)),))["days_to_licence_expiry"] == -1.0
    assert read((Document(type_code="911"),))["days_to_licence_expiry"] is None


def test_days_since_the_latest_invoice_are_negative_when_it_is_dated_in_the_future() -> None:
    invoices = (Document(type_code="380", issued_on=at(10)), Document(type_code="380", issued_on=at(20)))
    assert read(invoices)["days_since_invoice"] == 10.0
    assert read((Document(type_code="380", issued_on=at(31)),))["days_since_invoice"] == -1.0
    assert read((Document(type_code="705", issued_on=at(1)),))["days_since_invoice"] is None
