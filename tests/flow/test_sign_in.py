"""Signing in: both factors, delays that grow, nothing that tells whether there is such a person."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.memory_store import MemoryStore
from tests.fakes.people import CREDENTIALS, PASSWORD, NoLimit, code_of, enrol, set_rights
from tests.fakes.site import FakeClock
from tidewaiter.core.errors import InputError, TooManyAttempts, Unauthenticated
from tidewaiter.flow.people import People
from tidewaiter.flow.sign_in import ABSOLUTE_MAX, IDLE_MAX, PROOF_MAX, Opened, Sessions, delay_after

WRONG = "not the password"


@dataclass
class Office:
    """Anna, who has an account, and the door."""

    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=FakeClock)
    limit: NoLimit = field(default_factory=NoLimit)
    secret: str = ""

    def __post_init__(self) -> None:
        parts: dict[str, Any] = {"store": self.store, "clock": self.clock, "credentials": CREDENTIALS}
        self.people = People(**parts)
        self.sessions = Sessions(limit=self.limit, **parts)
        self.secret = enrol(self.people, "anna", "manager")

    def code(self) -> str:
        return code_of(self.secret, self.clock.at)

    def sign_in(self, *, name: str = "anna", password: str = PASSWORD, **how: Any) -> Opened:
        code = how.pop("code", None) or self.code()
        return self.sessions.open(name, password, code, address="10.0.0.1", **how)

    def fail(self, times: int = 1, **how: Any) -> str:
        message = ""
        for _ in range(times):
            with pytest.raises(Unauthenticated) as refused:
                self.sign_in(**{"password": WRONG, **how})
            message = str(refused.value)
        return message


@pytest.fixture
def office() -> Office:
    return Office()


def test_both_factors_open_a_session_whose_token_is_not_kept(office: Office) -> None:
    opened = office.sign_in()
    found = office.sessions.who(opened.token)
    assert found is not None
    assert (found.person.name, found.proved) == ("anna", True)
    assert opened.token not in repr(office.store.state)
    assert len(opened.token) == 43  # 256 bits, base64


@pytest.mark.parametrize(
    "how",
    [
        {"password": WRONG}, {"code": "000000"}, {"name": "nobody"}, {"password": ""},
        {"name": "ANNA"}, {"name": "anna\ud800"},
    ],
)  # fmt: skip
def test_with_a_wrong_factor_nobody_signs_in_and_the_words_are_the_same(
    office: Office, how: dict[str, str]
) -> None:
    assert office.fail(**{"password": PASSWORD, **how}) == office.fail(name="somebody-else")
    assert office.store.state.sessions == {}


def test_a_code_is_good_once(office: Office) -> None:
    office.sign_in()
    office.fail(password=PASSWORD)
    office.clock.advance(seconds=30)
    assert office.sign_in().token


def test_an_earlier_code_is_not_good_after_a_later_one(office: Office) -> None:
    earlier = office.code()
    office.clock.advance(seconds=30)
    office.sign_in()
    office.fail(password=PASSWORD, code=earlier)
    assert len(office.store.state.sessions) == 1


def test_after_three_failures_the_right_factors_wait_too(office: Office) -> None:
    office.fail(3)
    office.fail(password=PASSWORD)
    office.clock.advance(seconds=4.9)
    office.fail(password=PASSWORD)
    office.clock.advance(seconds=0.1)
    assert office.sign_in().token


def test_the_delay_doubles_and_an_attempt_during_it_does_not_make_it_longer(office: Office) -> None:
    office.fail(3)
    office.fail(50)
    office.clock.advance(seconds=5)
    office.fail(1)
    office.clock.advance(seconds=9)
    office.fail(password=PASSWORD)
    office.clock.advance(seconds=1)
    assert office.sign_in().token


def test_success_forgets_the_failures(office: Office) -> None:
    office.fail(2)
    office.sign_in()
    office.clock.advance(seconds=30)
    office.fail(2)
    office.clock.advance(seconds=30)
    assert office.sign_in().token


@given(failures=st.integers(0, 10**6))
def test_the_delay_never_shrinks_and_never_passes_a_quarter_of_an_hour(failures: int) -> None:
    assert delay_after(failures) <= delay_after(failures + 1) <= timedelta(minutes=15)


def test_an_unknown_name_leaves_the_same_behind_as_a_known_one(office: Office) -> None:
    office.fail(4)
    known = dict(office.store.state.failures)
    office.fail(4, name="nobody")
    both = dict(office.store.state.failures)
    (new,) = set(both) - set(known)
    (old,) = known
    assert replace(both[new], name_sha256=old) == known[old]
    assert "nobody" not in repr(office.store.state)


def test_old_failures_are_swept_away(office: Office) -> None:
    for number in range(20):
        office.fail(name=f"guess{number}")
    office.clock.advance(days=2)
    office.fail(name="one-more")
    assert len(office.store.state.failures) == 1


def test_too_many_attempts_are_not_even_looked_at(office: Office) -> None:
    office.limit.admitting = False
    with pytest.raises(TooManyAttempts):
        office.sign_in()
    assert office.limit.attempts == [("anna", "10.0.0.1")]
    assert office.store.state.failures == {}


def test_a_session_ends_when_it_is_not_used(office: Office) -> None:
    token = office.sign_in().token
    office.clock.advance(minutes=29)
    assert office.sessions.who(token)
    office.clock.at += IDLE_MAX
    assert office.sessions.who(token) is None


def test_a_session_ends_after_a_working_day_however_much_it_is_used(office: Office) -> None:
    token = office.sign_in().token
    end = office.clock.at + ABSOLUTE_MAX
    while office.clock.at < end - timedelta(minutes=20):
        office.clock.advance(minutes=20)
        assert office.sessions.who(token), office.clock.at
    office.clock.at = end
    assert office.sessions.who(token) is None


def test_sessions_that_ended_are_swept_away(office: Office) -> None:
    office.sign_in()
    office.clock.advance(days=1)
    office.sign_in()
    assert len(office.store.state.sessions) == 1


def test_the_proof_of_both_factors_serves_for_minutes(office: Office) -> None:
    token = office.sign_in().token
    office.clock.at += PROOF_MAX - timedelta(seconds=1)
    found = office.sessions.who(token)
    assert found is not None
    assert found.proved
    office.clock.advance(seconds=1)
    found = office.sessions.who(token)
    assert found is not None
    assert not found.proved


def test_showing_both_factors_again_gives_another_token(office: Office) -> None:
    first = office.sign_in().token
    office.clock.at += PROOF_MAX
    again = office.sign_in(instead_of=first)
    assert office.sessions.who(first) is None
    found = office.sessions.who(again.token)
    assert found is not None
    assert found.proved


def test_a_failure_to_show_them_again_leaves_the_session(office: Office) -> None:
    first = office.sign_in().token
    office.fail(instead_of=first)
    assert office.sessions.who(first)


def test_a_session_that_is_closed_is_over(office: Office) -> None:
    token = office.sign_in().token
    office.sessions.close(token)
    assert office.sessions.who(token) is None
    assert office.sessions.who("") is None


def test_who_is_disabled_is_out_at_once_and_for_good(office: Office) -> None:
    token = office.sign_in().token
    office.people.disable("anna", "root")
    assert office.sessions.who(token) is None
    office.clock.advance(seconds=30)
    office.fail(password=PASSWORD)
    office.clock.advance(seconds=30)
    office.people.reset("anna", PASSWORD, "root")
    assert office.sessions.who(token) is None


def test_new_rights_hold_for_the_next_request(office: Office) -> None:
    token = office.sign_in().token
    set_rights(office.people, "anna", "auditor")
    found = office.sessions.who(token)
    assert found is not None
    assert found.person.roles == {"auditor"}


def test_secrets_that_were_reset_while_they_were_checked_do_not_serve(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, holds = office.code(), CREDENTIALS.holds

    def slowly(password_hash: str | None, password: str) -> bool:
        right = holds(password_hash, password)
        office.people.reset("anna", "another good password", "root")
        return right

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(CREDENTIALS, "holds", slowly)
        office.fail(password=PASSWORD, code=code)
    assert office.store.state.sessions == {}


def test_a_session_that_ends_while_it_is_used_does_not_come_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = office.sign_in().token
    office.clock.advance(minutes=2)
    write = office.store.write

    def late() -> Any:
        monkeypatch.undo()
        office.sessions.close(token)
        return write()

    monkeypatch.setattr(office.store, "write", late)
    office.sessions.who(token)
    assert office.sessions.who(token) is None


NEW = "three wet sparrows sing"


def change(office: Office, token: str, present: str = PASSWORD, new: str = NEW) -> None:
    office.sessions.change_password(token, present, new, address="10.0.0.1")


def test_a_password_is_changed_by_who_knows_the_present_one(office: Office) -> None:
    token = office.sign_in().token
    change(office, token)
    office.clock.advance(seconds=30)
    assert office.sessions.who(token), "the session in which it was done stays"
    office.fail(password=PASSWORD)
    assert office.sign_in(password=NEW)


def test_a_changed_password_ends_the_other_sessions(office: Office) -> None:
    other = office.sign_in().token
    office.clock.advance(seconds=30)
    token = office.sign_in().token
    change(office, token)
    assert office.sessions.who(other) is None


def test_a_changed_password_is_in_the_ledger_without_its_words(office: Office) -> None:
    change(office, office.sign_in().token)
    with office.store.read() as uow:
        told = [json.loads(leaf.body or b"") for leaf in uow.ledger()]
    assert (told[-1]["change"], told[-1]["by"], told[-1]["subject"]) == ("password changed", "anna", "anna")
    assert NEW not in repr(office.store.state)


def test_whoever_guesses_at_the_present_password_is_delayed_as_at_the_door(office: Office) -> None:
    token = office.sign_in().token
    for _ in range(3):
        with pytest.raises(Unauthenticated, match="present password"):
            change(office, token, present=WRONG)
    with pytest.raises(Unauthenticated):
        change(office, token)
    office.clock.advance(seconds=30)
    change(office, token)
    office.limit.admitting = False
    with pytest.raises(TooManyAttempts):
        change(office, token, present=NEW, new=PASSWORD)


def test_a_weak_new_password_changes_nothing(office: Office) -> None:
    token = office.sign_in().token
    for weak in ("short", "password1234", "anna anna anna"):
        with pytest.raises(InputError):
            change(office, token, new=weak)
    change(office, token, new=NEW)
    with pytest.raises(Unauthenticated):
        change(office, "no token of anybody")


def test_a_reset_that_comes_between_is_not_undone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    token, hashing = office.sign_in().token, CREDENTIALS.hash

    def reset_meanwhile(password: str) -> str:
        monkeypatch.setattr(CREDENTIALS, "hash", hashing)
        office.people.reset("anna", "another good password", "root")
        return hashing(password)

    monkeypatch.setattr(CREDENTIALS, "hash", reset_meanwhile)
    with pytest.raises(Unauthenticated):
        change(office, token)
    assert CREDENTIALS.holds(office.people.one("anna").password_hash, "another good password")
