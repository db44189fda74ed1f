"""Laws of every store: links to an identity provider, and sign-ons that were begun there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.store_values import instant
from tidewaiter.core.errors import Conflict
from tidewaiter.flow.ports import Store
from tidewaiter.flow.ports.sign_on import Attempt, Link

LINK = Link(person="anna", issuer="https://id.example", subject="s-1", email=None, password_allowed=False)
WAITING = replace(LINK, person="ben", subject=None, email="ben@customs.example", password_allowed=True)
ATTEMPT = Attempt(
    state_sha256="1" * 64, browser_sha256="2" * 64, nonce="n", verifier="v", began_at=instant(0),
    place="/proposals", person=None, instead_of=None,
)  # fmt: skip


def test_a_link_is_found_by_person_subject_and_address(store: Store) -> None:
    with store.write() as work:
        work.put_link(LINK)
        work.put_link(WAITING)
    with store.read() as work:
        assert (work.link("anna"), work.link("ben"), work.link("carl")) == (LINK, WAITING, None)
        assert work.link_of_subject("https://id.example", "s-1") == LINK
        assert work.link_of_subject("https://other.example", "s-1") is None
        assert work.link_of_email("https://id.example", "ben@customs.example") == WAITING
        assert work.link_of_email("https://other.example", "ben@customs.example") is None


def test_a_link_changes_and_is_forgotten(store: Store) -> None:
    claimed = replace(WAITING, subject="s-2", email=None)
    with store.write() as work:
        work.put_link(WAITING)
        work.put_link(claimed)
        assert work.link("ben") == claimed
        assert work.link_of_email("https://id.example", "ben@customs.example") is None
        work.remove_link("ben")
        work.remove_link("nobody")
    with store.read() as work:
        assert work.link("ben") is None


@pytest.mark.parametrize(
    "other",
    [replace(LINK, person="carl"), replace(WAITING, person="carl")],
)  # fmt: skip
def test_two_persons_are_never_one_identity(store: Store, other: Link) -> None:
    with store.write() as work:
        work.put_link(LINK)
        work.put_link(WAITING)
    with pytest.raises(Conflict), store.write() as work:
        work.put_link(other)
    with store.write() as work:
        work.put_link(replace(other, issuer="https://other.example"))
        assert work.link("carl") is not None


def test_several_persons_may_wait_without_subject_or_address(store: Store) -> None:
    with store.write() as work:
        work.put_link(WAITING)
        work.put_link(replace(WAITING, person="carl", email="carl@customs.example"))
        work.put_link(LINK)
        work.put_link(replace(LINK, person="dora", subject="s-4"))
    with store.read() as work:
        assert work.link("carl") != work.link("ben")
        assert work.link("dora") != work.link("anna")


def test_an_attempt_is_taken_once(store: Store) -> None:
    attempt = replace(ATTEMPT, person="anna", instead_of="3" * 64)
    with store.write() as work:
        work.put_attempt(attempt)
    with store.write() as work:
        assert work.take_attempt("9" * 64) is None
        assert work.take_attempt(attempt.state_sha256) == attempt
    with store.write() as work:
        assert work.take_attempt(attempt.state_sha256) is None


def test_old_attempts_are_forgotten(store: Store) -> None:
    later = replace(ATTEMPT, state_sha256="4" * 64, began_at=instant(5))
    with store.write() as work:
        work.put_attempt(ATTEMPT)
        work.put_attempt(later)
        work.forget_attempts_before(instant(5))
    with store.write() as work:
        assert work.take_attempt(ATTEMPT.state_sha256) is None
        assert work.take_attempt(later.state_sha256) == later
