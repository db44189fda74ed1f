"""Family route: from where, and through where."""

from __future__ import annotations

from tests.unit.core.features.reading import features, of_header
from tests.unit.core.history.events import at, declaration, item
from tidewaiter.core.declaration import Transport
from tidewaiter.core.history import History


def test_departure_may_differ_from_origin() -> None:
    assert of_header(departure_country="HK")["departure_differs_from_origin"] is True
    assert of_header(departure_country="CN")["departure_differs_from_origin"] is False
    assert of_header(departure_country=None)["departure_differs_from_origin"] is None
    assert of_header(items=(item(origin=None),))["departure_differs_from_origin"] is None


def test_the_route_leads_through_the_origin_or_not() -> None:
    def through(*routing: str, departure: str = "HK") -> object:
        found = of_header(departure_country=departure, transport=Transport(routing=routing))
        return found["routed_through_origin"]

    assert [through("HK", "CN"), through("HK", "SG"), through("SG", departure="CN"), through()] == [
        True, False, True, None,
    ]  # fmt: skip


def test_countries_on_the_route_and_origins_are_counted() -> None:
    items = (item(1), item(2, origin="VN"), item(3, origin="CN"), item(4, origin=None))
    found = of_header(transport=Transport(routing=("CN", "SG")), items=items)
    assert (found["routing_count"], found["origin_count"]) == (2, 2)


def test_the_place_of_loading_may_lie_elsewhere() -> None:
    def differs(place: str | None, departure: str | None) -> object:
        found = of_header(departure_country=departure, transport=Transport(loading_place=place))
        return found["loading_differs_from_departure"]

    assert [differs("CNSHA", "CN"), differs("HKHKG", "CN"), differs(None, "CN"), differs("CNSHA", None)] == [
        False, True, None, None,
    ]  # fmt: skip


def test_history_tells_whether_the_importer_and_the_goods_came_this_way_before() -> None:
    history = History()
    history.observe_declaration(declaration("E1", items=(item(1), item(2, origin="VN"))), at(0))
    found = features(declaration("E2", items=(item(hs_code="610990"),)), history, at(400))
    assert found["importer_origin_declared_all"] == 1
    assert found["importer_origin_declared_365"] == 0
    assert found["hs4_departure_declared_all"] == 2
    assert found["hs6_origin_declared_all"] == 0
