"""Sign-on: who comes in, who does not, and what an attempt is good for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.identity import FakeProvider, sign_on_of
from tests.fakes.people import PASSWORD, code_of, enrol
from tests.fakes.site import ISSUER, Site
from tidewaiter.core.errors import (
    ConfigurationError,
    Conflict,
    InputError,
    NotFound,
    TooManyAttempts,
    Unauthenticated,
)
from tidewaiter.core.sign_on import Refusal, SignOnRefused
from tidewaiter.flow.linking import Linking
from tidewaiter.flow.sign_in import ABSOLUTE_MAX, PROOF_MAX, Opened
from tidewaiter.flow.sign_on import ATTEMPT_MAX, AUTHENTICATION_MAX, Ended, SignOn


@dataclass
class Hall:
    """A site with a provider and two persons, of whom one is linked."""

    site: Site
    provider: FakeProvider
    sign_on: SignOn
    secret: str

    def begin(self, **how: Any) -> tuple[str, str]:
        """Begin a sign-on; return its state and what the browser's cookie keeps."""
        began = self.sign_on.begin(address="10.0.0.7", **how)
        return began.address.partition("state=")[2], began.browser

    def come(self, subject: str = "s-anna", *, how: dict[str, Any] | None = None, **claims: Any) -> Ended:
        state, browser = self.begin(**(how or {}))
        code = self.provider.code(state, subject, self.site.clock.now(), **claims)
        return self.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)

    def refused(self, *args: Any, **how: Any) -> Refusal:
        before = dict(self.site.store.state.sessions)  # type: ignore[attr-defined]
        with pytest.raises(SignOnRefused) as caught:
            self.come(*args, **how)
        assert self.site.store.state.sessions == before  # type: ignore[attr-defined]
        return caught.value.refusal

    def here(self, name: str = "anna") -> Opened:
        """Sign in with password and code."""
        self.site.clock.advance(seconds=30)
        code = code_of(self.secret, self.site.clock.now())
        return self.site.services.sessions.open(name, PASSWORD, code, address="10.0.0.7")

    def notices(self) -> list[dict[str, Any]]:
        with self.site.store.read() as uow:
            told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
        return [each for each in told if each["kind"] == "person" and "linked" in each["change"]]


@pytest.fixture
def hall() -> Hall:
    site, provider = Site(), FakeProvider()
    sign_on = sign_on_of(site, provider)
    secret = enrol(site.services.people, "anna", "manager")
    enrol(site.services.people, "ben", "analyst")
    site.services.linking.link("anna", subject="s-anna", by="root")
    return Hall(site, provider, sign_on, secret)


def test_who_is_linked_comes_in_with_the_roles_of_the_account(hall: Hall) -> None:
    ended = hall.come(how={"place": "/proposals/W1"})
    signed_in = hall.site.services.sessions.who(ended.opened.token)
    assert signed_in is not None
    assert (signed_in.person.name, signed_in.person.roles) == ("anna", {"manager"})
    assert signed_in.proved
    assert ended.place == "/proposals/W1"


def test_nobody_else_comes_in(hall: Hall) -> None:
    assert hall.refused("s-ben") is Refusal.UNKNOWN
    assert hall.refused("anna") is Refusal.UNKNOWN
    assert hall.refused("s-ben", email="anna@customs.example", email_verified=True) is Refusal.UNKNOWN


def test_who_is_disabled_looks_like_a_stranger_and_is_out_at_once(hall: Hall) -> None:
    token = hall.come().opened.token
    hall.site.services.people.disable("anna", "root")
    assert hall.site.services.sessions.who(token) is None
    assert hall.refused() is Refusal.UNKNOWN


def test_a_verified_address_claims_its_link_once(hall: Hall) -> None:
    hall.site.services.linking.link("ben", email=" Ben@Customs.example ", by="root")
    assert hall.refused("s-ben", email="ben@customs.example", email_verified=False) is Refusal.UNKNOWN
    came = hall.come("s-ben", email="BEN@customs.example", email_verified=True)
    assert came.opened.signed_in.person.name == "ben"
    assert hall.come("s-ben").opened.signed_in.person.name == "ben"
    # Whoever gets the address later is somebody else.
    assert hall.refused("s-new", email="ben@customs.example", email_verified=True) is Refusal.UNKNOWN
    told = hall.notices()
    assert [(each["subject"], each["change"]) for each in told][1:] == [
        ("ben", "linked"),
        ("ben", "linked by address"),
    ]
    assert "ben@customs.example" not in json.dumps(told).lower()


def test_a_person_whose_account_is_disabled_claims_no_link(hall: Hall) -> None:
    hall.site.services.linking.link("ben", email="ben@customs.example", by="root")
    hall.site.services.people.disable("ben", "root")
    assert hall.refused("s-ben", email="ben@customs.example", email_verified=True) is Refusal.UNKNOWN
    with hall.site.store.read() as uow:
        link = uow.link("ben")
    assert link is not None
    assert link.subject is None


def test_a_state_is_good_once(hall: Hall) -> None:
    state, browser = hall.begin()
    now = hall.site.clock.now()
    first, second = (hall.provider.code(state, "s-anna", now) for _ in range(2))
    hall.sign_on.end(state=state, browser=browser, code=first, issuer=ISSUER)
    with pytest.raises(SignOnRefused) as caught:
        hall.sign_on.end(state=state, browser=browser, code=second, issuer=ISSUER)
    assert caught.value.refusal is Refusal.EXPIRED


def test_an_attempt_is_used_up_by_a_failure(hall: Hall) -> None:
    state, browser = hall.begin()
    for code, wanted in ((None, Refusal.REFUSED), ("code-0", Refusal.EXPIRED)):
        with pytest.raises(SignOnRefused) as caught:
            hall.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)
        assert caught.value.refusal is wanted


def test_an_attempt_ends_with_its_time(hall: Hall) -> None:
    state, browser = hall.begin()
    hall.site.clock.at += ATTEMPT_MAX
    code = hall.provider.code(state, "s-anna", hall.site.clock.now())
    with pytest.raises(SignOnRefused) as caught:
        hall.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)
    assert caught.value.refusal is Refusal.EXPIRED


def test_what_another_browser_began_cannot_be_ended_here(hall: Hall) -> None:
    """An attacker's link with their own state and code must not sign its reader in as the attacker."""
    state, _ = hall.begin()
    code = hall.provider.code(state, "s-anna", hall.site.clock.now())
    _, victim = hall.begin()
    for browser in (victim, ""):
        with pytest.raises(SignOnRefused) as caught:
            hall.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)
        assert caught.value.refusal is Refusal.EXPIRED


def test_a_code_of_another_attempt_is_refused(hall: Hall) -> None:
    """A stolen code that is put into an attempt of one's own fails by proof key, and by nonce without it."""
    stolen, _ = hall.begin()
    state, browser = hall.begin()
    code = hall.provider.code(stolen, "s-anna", hall.site.clock.now())
    with pytest.raises(SignOnRefused, match="proof key"):
        hall.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)
    state, browser = hall.begin()
    code = hall.provider.code(
        state, "s-anna", hall.site.clock.now(), nonce=hall.provider.asked[stolen]["nonce"]
    )
    with pytest.raises(SignOnRefused, match="nonce"):
        hall.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)


def test_an_answer_of_another_provider_is_refused(hall: Hall) -> None:
    state, browser = hall.begin()
    code = hall.provider.code(state, "s-anna", hall.site.clock.now())
    with pytest.raises(SignOnRefused) as caught:
        hall.sign_on.end(state=state, browser=browser, code=code, issuer="https://evil.example")
    assert caught.value.refusal is Refusal.REFUSED


def test_what_was_proved_long_ago_opens_a_session_but_no_sensitive_act(hall: Hall) -> None:
    before = int((hall.site.clock.now() - PROOF_MAX).timestamp())
    opened = hall.come(auth_time=before).opened
    assert not opened.signed_in.proved
    assert hall.provider.asked[list(hall.provider.asked)[-1]]["max_age"] == AUTHENTICATION_MAX.total_seconds()
    hall.site.clock.at += ABSOLUTE_MAX - PROOF_MAX
    assert hall.site.services.sessions.who(opened.token) is None


def test_showing_it_anew_replaces_the_session_by_one_that_proves(hall: Hall) -> None:
    token = hall.come().opened.token
    hall.site.clock.at += PROOF_MAX
    again = hall.come(how={"again": True, "token": token}).opened
    assert hall.provider.asked[list(hall.provider.asked)[-1]]["max_age"] == 0
    assert again.signed_in.proved
    assert hall.site.services.sessions.who(token) is None


@pytest.mark.parametrize("gone", [True, False])
def test_a_provider_that_does_not_ask_anew_gives_no_proof(hall: Hall, gone: bool) -> None:
    token = hall.come().opened.token
    hall.site.clock.at += PROOF_MAX
    old = int((hall.site.clock.now() - PROOF_MAX).timestamp())
    state, browser = hall.begin(again=True, token=token)
    code = hall.provider.code(state, "s-anna", hall.site.clock.now(), auth_time=old)
    if gone:
        del hall.provider._codes[code][1]["auth_time"]
    with pytest.raises(SignOnRefused) as caught:
        hall.sign_on.end(state=state, browser=browser, code=code, issuer=ISSUER)
    assert caught.value.refusal is Refusal.WEAK
    assert hall.site.services.sessions.who(token) is not None


def test_nobody_confirms_for_somebody_else(hall: Hall) -> None:
    hall.site.services.linking.link("ben", subject="s-ben", by="root")
    token = hall.come().opened.token
    assert hall.refused("s-ben", how={"again": True, "token": token}) is Refusal.REFUSED
    assert hall.site.services.sessions.who(token) is not None


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a//b", "", "x", "/a?b", "/a#b",
     "/\n/evil", "/a/../b", "/" + "a" * 300, "javascript:alert(1)"],
)  # fmt: skip
def test_a_place_elsewhere_is_the_front_page(hall: Hall, place: str) -> None:
    assert hall.come(how={"place": place}).place == "/"


def test_attempts_are_limited_and_old_ones_forgotten(hall: Hall) -> None:
    hall.begin()
    hall.site.clock.at += 2 * ATTEMPT_MAX
    hall.begin()
    assert len(hall.site.store.state.attempts) == 1  # type: ignore[attr-defined]
    hall.site.limit.admitting = False
    with pytest.raises(TooManyAttempts):
        hall.begin()


def test_a_provider_that_is_not_well_leaves_nothing_behind(hall: Hall) -> None:
    hall.provider.well = False
    assert hall.refused() is Refusal.UNAVAILABLE
    assert not hall.site.store.state.attempts  # type: ignore[attr-defined]


def test_the_password_stays_for_when_the_glass_must_be_broken_unless_it_is_switched_off(hall: Hall) -> None:
    assert hall.here().signed_in.person.name == "anna"
    hall.site.services.linking.link("anna", subject="s-anna", password_allowed=False, by="root")
    with pytest.raises(Unauthenticated):
        hall.here()
    assert hall.come().opened.signed_in.person.name == "anna"
    hall.site.services.linking.unlink("anna", "root")
    assert hall.refused() is Refusal.UNKNOWN
    hall.site.clock.at += timedelta(hours=1)
    assert hall.here().signed_in.person.name == "anna"


def test_a_change_of_the_link_ends_sessions_and_is_in_the_ledger(hall: Hall) -> None:
    token = hall.come().opened.token
    hall.site.services.linking.unlink("anna", "root")
    assert hall.site.services.sessions.who(token) is None
    assert [(each["change"], each["by"]) for each in hall.notices()] == [
        ("linked", "root"),
        ("unlinked", "root"),
    ]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": "nobody", "subject": "s-9"}, NotFound), ({"subject": "s-anna"}, Conflict), ({}, InputError),
        ({"subject": "s-9", "email": "b@customs.example"}, InputError),
        ({"subject": "with space"}, InputError),
        ({"email": "nothing"}, InputError), ({"email": "a@b@c"}, InputError), ({"subject": ""}, InputError),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_is_refused(hall: Hall, given: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        hall.site.services.linking.link(**({"name": "ben"} | given), by="root")  # type: ignore[arg-type]
    with hall.site.store.read() as uow:
        assert uow.link("ben") is None


def test_without_a_provider_nobody_is_linked_but_a_link_can_be_undone(hall: Hall) -> None:
    linking = Linking(store=hall.site.store, clock=hall.site.clock, issuer=None)
    with pytest.raises(ConfigurationError, match="OIDC_ISSUER"):
        linking.link("ben", subject="s-ben", by="root")
    linking.unlink("anna", "root")
    with hall.site.store.read() as uow:
        assert uow.link("anna") is None


def test_who_is_not_linked_cannot_be_unlinked(hall: Hall) -> None:
    with pytest.raises(NotFound):
        hall.site.services.linking.unlink("ben", "root")
    assert hall.notices()[-1]["subject"] == "anna"
