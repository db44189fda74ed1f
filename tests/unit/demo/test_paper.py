"""The clerk writes numbers that the checks of real systems would accept."""

from __future__ import annotations

from itertools import islice

import pytest

from tidewaiter.core.declaration import Declaration, PartyRole
from tidewaiter.demo import World
from tidewaiter.demo.country import HOME
from tidewaiter.demo.paper import declaration_id, declaration_number


@pytest.fixture(scope="module")
def declarations() -> list[Declaration]:
    return list(islice(World(seed=61, size=20_000, days=60).declarations(), 2_000))


def container_is_valid(text: str) -> bool:
    """Check a container number as ISO 6346 says, by its own table of letters."""
    letters = dict(zip("ABCDEFGHIJK", [10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], strict=True))
    letters |= dict(zip("LMNOPQRSTU", range(23, 33), strict=True))
    letters |= dict(zip("VWXYZ", range(34, 39), strict=True))
    values = [letters.get(char, -1) if char.isalpha() else int(char) for char in text]
    total = sum(value * 2**place for place, value in enumerate(values[:10]))
    return len(text) == 11 and total % 11 % 10 == values[10]


def test_the_check_of_containers_knows_the_example_of_the_standard() -> None:
    assert container_is_valid("CSQU3054383")
    assert not container_is_valid("CSQU3054384")


def test_container_numbers_have_their_check_digit(declarations: list[Declaration]) -> None:
    containers = {c for declaration in declarations for c in declaration.transport.container_ids}
    assert len(containers) > 500
    assert all(container_is_valid(container) for container in containers)


def test_a_declaration_number_names_its_office_and_number() -> None:
    text = declaration_id(2026, "PORT", 1234)
    assert text == "26PORT00001234"
    assert declaration_number(text) == 1234


def test_imports_exports_and_transits_have_the_roles_of_their_kind(declarations: list[Declaration]) -> None:
    for declaration in declarations:
        roles = {party.role for party in declaration.parties}
        assert len(roles) == len(declaration.parties), "each role once"
        assert PartyRole.DECLARANT in roles
        expected = {
            "import": PartyRole.IMPORTER,
            "export": PartyRole.EXPORTER,
            "transit": PartyRole.CONSIGNEE,
        }
        mine = declaration.party(expected[declaration.flow.value])
        assert mine is not None
        assert mine.country == HOME
        duties = [item.duty_amount for item in declaration.items]
        assert (None in duties) == (declaration.flow.value != "import")


def test_a_route_leads_from_the_declared_origin_to_the_departure(declarations: list[Declaration]) -> None:
    routed = [declaration for declaration in declarations if declaration.transport.routing]
    assert routed
    for declaration in routed:
        first, last = declaration.transport.routing
        assert first != last
        if declaration.flow.value == "import":
            assert (first, last) == (declaration.items[0].origin, declaration.departure_country)
