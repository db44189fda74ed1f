"""Sign-on over HTTP: cookies, where the browser goes, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of, serve
from tests.api.visitors import COOKIE, ORIGIN
from tests.fakes.identity import FakeProvider, sign_on_of
from tests.fakes.people import enrol
from tests.fakes.site import Site
from tidewaiter.core.errors import Unavailable

BEGIN = f"{ORIGIN}/api/v1/session/oidc"
CALLBACK = f"{BEGIN}/callback"


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def linked(provider: FakeProvider) -> Iterator[Service]:
    site = Site()
    site.services = replace(site.services, sign_on=sign_on_of(site, provider))
    enrol(site.services.people, "anna", "manager")
    site.services.linking.link("anna", subject="s-anna", by="root")
    yield from serve(site)


def begin(service: Service, **query: Any) -> Any:
    return service.http.get(BEGIN, params=query, follow_redirects=False)


def end(service: Service, provider: FakeProvider, subject: str = "s-anna", **query: Any) -> Any:
    state = begin(service, **query).headers["location"].partition("state=")[2]
    code = provider.code(state, subject, service.site.clock.now())
    return service.http.get(CALLBACK, params={"state": state, "code": code}, follow_redirects=False)


def cookie_parts(response: Any, name: str) -> set[str]:
    (found,) = [each for each in response.headers.get_list("set-cookie") if each.startswith(f"{name}=")]
    return {part.strip().lower() for part in found.split(";")[1:]}


def test_the_attempt_is_bound_to_the_browser_by_a_cookie_that_comes_back_from_elsewhere(
    linked: Service,
) -> None:
    response = begin(linked)
    assert response.status_code == 303
    assert cookie_parts(response, f"{COOKIE}-sign-on") == {
        "httponly", "max-age=600", "path=/", "samesite=lax", "secure",
    }  # fmt: skip
    assert response.headers["cache-control"] == "no-store"


def test_a_success_sets_the_cookie_of_a_session_and_takes_that_of_the_attempt(
    linked: Service, provider: FakeProvider
) -> None:
    response = end(linked, provider, place="/proposals")
    assert (response.status_code, response.headers["location"]) == (303, "/proposals")
    assert {"httponly", "samesite=strict", "secure", "path=/"} <= cookie_parts(response, COOKIE)
    assert "max-age=0" in cookie_parts(response, f"{COOKIE}-sign-on")
    assert linked.http.get(f"{ORIGIN}/api/v1/session").json()["name"] == "anna"


def test_a_refusal_is_one_word_and_the_reason_stays_in_the_log(
    linked: Service, provider: FakeProvider
) -> None:
    response = end(linked, provider, subject="s-stranger")
    assert (response.status_code, response.headers["location"]) == (303, "/?sign-on=unknown")
    assert response.text == ""
    assert not [each for each in response.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}=")]


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_there_is_no_way_to_another_site(linked: Service, provider: FakeProvider, place: str) -> None:
    assert end(linked, provider, place=place).headers["location"] == "/"


def test_below_a_proxy_the_browser_stays_below_it(linked: Service, provider: FakeProvider) -> None:
    linked.http._transport.root_path = "/risk"  # type: ignore[attr-defined]
    assert end(linked, provider, place="/proposals").headers["location"] == "/risk/proposals"


@pytest.mark.parametrize(
    "query",
    [{}, {"state": "x"}, {"state": "x", "code": "y"}, {"error": "access_denied", "state": "x"},
     {"state": "\ud800".encode("utf-8", "surrogatepass")}],
)  # fmt: skip
def test_whatever_comes_back_unasked_is_expired(linked: Service, query: dict[str, Any]) -> None:
    response = linked.http.get(CALLBACK, params=query, follow_redirects=False)
    assert response.headers["location"] == "/?sign-on=expired"


def test_too_many_attempts_a_provider_and_a_store_that_are_down_are_told(
    linked: Service, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked.site.limit.admitting = False
    assert begin(linked).headers["location"] == "/?sign-on=too-many"
    linked.site.limit.admitting, provider.well = True, False
    assert begin(linked).headers["location"] == "/?sign-on=unavailable"
    provider.well = True

    def down() -> None:
        raise Unavailable

    monkeypatch.setattr(linked.site.store, "write", down)
    assert begin(linked).headers["location"] == "/?sign-on=unavailable"
    response = linked.http.get(CALLBACK, params={"state": "x"}, follow_redirects=False)
    assert response.headers["location"] == "/?sign-on=unavailable"


def test_the_page_learns_whether_there_is_a_provider(linked: Service, service: Service) -> None:
    assert linked.http.get(f"{ORIGIN}/api/v1/session/ways").json() == {"oidc": True}
    assert service.http.get(f"{ORIGIN}/api/v1/session/ways").json() == {"oidc": False}


@pytest.mark.parametrize("address", [BEGIN, CALLBACK])
def test_without_a_provider_there_is_no_sign_on(service: Service, address: str) -> None:
    assert "password" in problem_of(service.http.get(address), 404)["title"]
