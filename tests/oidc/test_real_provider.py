"""People sign on through a real provider, and what it does not vouch for stays outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.api.conftest import Service, serve
from tests.fakes.identity import sign_on_of
from tests.fakes.people import enrol
from tests.fakes.site import FakeClock, Site
from tests.oidc.conftest import CALLBACK, CLIENT, SECRET
from tidewaiter.adapters.oidc import OidcProvider
from tidewaiter.flow.linking import Linking
from tidewaiter.flow.sign_in import PROOF_MAX, digest

SITE = "https://risk.example"


class MachineClock(FakeClock):
    """The clock that the provider looks at, too, and what a test adds."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._began = self.at

    def now(self) -> datetime:
        return datetime.now(UTC) + (self.at - self._began)


@dataclass
class Browser:
    """A browser: cookies of the site, cookies of the provider, and the way between both."""

    service: Service
    provider: httpx2.Client

    def begin(self, **query: Any) -> str:
        """Ask to sign on; return where the site sends the browser."""
        began = self.service.http.get(f"{SITE}/api/v1/session/oidc", params=query, follow_redirects=False)
        assert began.status_code == 303, began.text
        return str(began.headers["location"])

    def authorize(self, address: str, person: str | None) -> str:
        """Show at the provider who *person* is; return where it sends the browser."""
        if person is not None:
            self.provider.cookies.set("person", person)
        for _ in range(9):
            response = self.provider.get(address, headers={"Accept": "text/html"})
            assert response.status_code == 303, response.text
            address = str(httpx2.URL(address).join(response.headers["location"]))
            if address.startswith(CALLBACK):
                return address
        raise AssertionError("the provider never sent the browser back")

    def end(self, address: str) -> Any:
        return self.service.http.get(address, follow_redirects=False)

    def sign_on(self, person: str | None, **query: Any) -> str:
        """Go all the way; return the place that the browser ends at."""
        response = self.end(self.authorize(self.begin(**query), person))
        assert response.status_code == 303, response.text
        return str(response.headers["location"])

    def who(self) -> Any:
        return self.service.http.get(f"{SITE}/api/v1/session")


@pytest.fixture
def browser(issuer: str) -> Iterator[Browser]:
    site = Site(clock=MachineClock())
    provider = OidcProvider(
        issuer=issuer, client_id=CLIENT, secret=SECRET, redirect_uri=CALLBACK,
        two_factors=frozenset({"two-factors"}),
    )  # fmt: skip
    linking = Linking(store=site.store, clock=site.clock, issuer=issuer)
    site.services = replace(site.services, sign_on=sign_on_of(site, provider), linking=linking)
    for name in ("anna", "ben"):
        enrol(site.services.people, name, "manager")
    linking.link("anna", subject="s-anna", by="root")
    linking.link("ben", email="s-ben@customs.example", by="root")
    with httpx2.Client() as client:
        for service in serve(site):
            yield Browser(service, client)
    provider.close()


@pytest.mark.parametrize("how", ["mfa", "acr"])
def test_who_shows_two_factors_there_is_signed_in_here(browser: Browser, how: str) -> None:
    assert browser.sign_on(f"s-anna.{how}", place="/proposals") == "/proposals"
    assert browser.who().json()["name"] == "anna"
    assert browser.service.http.delete(f"{SITE}/api/v1/session", headers={"Origin": SITE}).status_code == 200
    assert browser.who().status_code == 401


def test_a_verified_address_is_enough_the_first_time(browser: Browser) -> None:
    assert browser.sign_on("s-ben.mfa") == "/"
    assert browser.who().json()["name"] == "ben"


@pytest.mark.parametrize(
    ("person", "word"),
    [("s-anna.weak", "weak"), ("s-nobody.mfa", "unknown"), (None, "refused")],
)  # fmt: skip
def test_who_may_not_come_in_is_told_one_word(browser: Browser, person: str | None, word: str) -> None:
    assert browser.sign_on(person) == f"/?sign-on={word}"
    assert browser.who().status_code == 401


def test_an_answer_is_good_once_and_in_one_browser(browser: Browser) -> None:
    answer = browser.authorize(browser.begin(), "s-anna.mfa")
    kept = dict(browser.service.http.cookies)
    browser.service.http.cookies.clear()
    assert browser.end(answer).headers["location"] == "/?sign-on=expired"
    browser.service.http.cookies.update(kept)
    assert browser.end(answer).headers["location"] == "/?sign-on=expired"
    assert browser.who().status_code == 401
    answer = browser.authorize(browser.begin(), None)
    assert browser.end(answer).headers["location"] == "/"
    assert browser.end(answer).headers["location"] == "/?sign-on=expired"


def test_a_code_of_another_attempt_is_refused_by_the_proof_key(browser: Browser) -> None:
    stolen = httpx2.URL(browser.authorize(browser.begin(), "s-anna.mfa")).params["code"]
    own = httpx2.URL(browser.authorize(browser.begin(), None))
    assert browser.end(str(own.copy_set_param("code", stolen))).headers["location"] == "/?sign-on=refused"
    assert browser.who().status_code == 401


@pytest.mark.parametrize("iss", [None, "https://evil.example"])
def test_an_answer_that_does_not_say_it_is_from_this_provider_is_refused(
    browser: Browser, iss: str | None
) -> None:
    own = httpx2.URL(browser.authorize(browser.begin(), "s-anna.mfa"))
    changed = own.copy_remove_param("iss") if iss is None else own.copy_set_param("iss", iss)
    assert browser.end(str(changed)).headers["location"] == "/?sign-on=refused"


def test_a_sensitive_act_makes_the_provider_ask_again(browser: Browser) -> None:
    act = f"{SITE}/api/v1/proposals/W000000000000000000000000/approvals"
    body = {"payload_sha256": "0" * 64}
    browser.sign_on("s-anna.mfa")
    old = browser.service.http.cookies["__Host-tidewaiter"]
    with browser.service.site.store.write() as uow:
        session = uow.session(digest(old))
        assert session is not None
        uow.put_session(replace(session, proved_at=session.proved_at - PROOF_MAX))
    assert browser.service.http.post(act, json=body, headers={"Origin": SITE}).status_code == 403
    assert urlsplit(address := browser.begin(again=True)).query.count("prompt=login") == 1
    assert browser.end(browser.authorize(address, None)).headers["location"] == "/"
    assert browser.service.http.cookies["__Host-tidewaiter"] != old
    assert browser.service.http.post(act, json=body, headers={"Origin": SITE}).status_code == 404
    assert browser.who().json()["proved_until"] > browser.service.site.clock.now().isoformat()


def test_a_provider_that_was_stopped_is_told_so(browser: Browser) -> None:
    away = OidcProvider(
        issuer="http://127.0.0.1:9", client_id=CLIENT, secret=SECRET, redirect_uri=CALLBACK
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(browser.service.site.services.sign_on, "_provider", away)
        assert browser.begin() == "/?sign-on=unavailable"
    away.close()
