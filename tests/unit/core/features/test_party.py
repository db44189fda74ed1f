"""Family party: who takes part, who is missing, and who is new."""

from __future__ import annotations

import pytest

from tests.unit.core.features.reading import features, of_header
from tests.unit.core.history.events import at, declaration, party
from tidewaiter.core.history import History


def test_an_importer_is_new_until_another_declaration_of_his_was_seen() -> None:
    history = History()
    assert features(declaration("E1"), history)["importer_is_new"] is True
    history.observe_declaration(declaration("E1"), at(0))
    assert features(declaration("E2"), history, at(900))["importer_is_new"] is False
    assert features(declaration("E2", parties=()), history)["importer_is_new"] is None


def test_the_declarants_share_is_of_the_importers_declarations_in_a_year() -> None:
    history = History()
    for number, declarant in enumerate(["D2", "D1", "D2", "D2", "D2"]):
        parties = (party("importer", "I1"), party("declarant", declarant))
        history.observe_declaration(declaration(f"E{number}", parties=parties), at(number * 100))
    # On day 400 the declaration of day 0 is out of the window.
    assert features(declaration("E9"), history, at(400))["declarant_share_of_importer"] == 0.25
    assert features(declaration("E9"), history, at(800))["declarant_share_of_importer"] is None
    alone = declaration("E9", parties=(party("importer", "I1"),))
    assert features(alone, history, at(400))["declarant_share_of_importer"] is None


@pytest.mark.parametrize("aeo", [True, False, None])
def test_aeo_is_as_declared_of_the_importer(aeo: bool | None) -> None:
    parties = (party("declarant", "D1", aeo=True), party("importer", "I1", aeo=aeo))
    assert of_header(parties=parties)["importer_aeo"] is aeo


def test_an_importer_may_be_his_own_declarant() -> None:
    assert (
        of_header(parties=(party("importer", "I1"), party("declarant", "I1")))["importer_is_declarant"]
        is True
    )
    assert of_header()["importer_is_declarant"] is False
    assert of_header(parties=(party("importer", "I1"),))["importer_is_declarant"] is None


def test_an_exporter_may_be_established_elsewhere() -> None:
    def differs(country: str | None, departure: str | None) -> object:
        parties = (party("exporter", "X1", country=country),)
        found = of_header(parties=parties, departure_country=departure)
        return found["exporter_country_differs_from_departure"]

    assert [differs("CN", "CN"), differs("VG", "CN"), differs(None, "CN"), differs("CN", None)] == [
        False, True, None, None,
    ]  # fmt: skip
    assert of_header()["exporter_country_differs_from_departure"] is None


def test_a_party_is_missing_when_it_has_neither_identifier_nor_name() -> None:
    found = of_header(
        parties=(
            party("importer", "I1"),
            party("seller", name="Acme"),
            party("exporter", name=" "),
            party("declarant"),
        )
    )
    roles = ("importer", "seller", "exporter", "declarant", "consignee")
    assert [found[f"{role}_missing"] for role in roles] == [False, False, True, True, True]
    assert found["party_count"] == 4
