"""Accounts: one a person, no weak secrets, each change in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.memory_store import MemoryStore
from tests.fakes.people import CREDENTIALS, PASSWORD, enrol, secret_of, set_rights
from tests.fakes.site import START, FakeClock
from tidewaiter.core.access import Role
from tidewaiter.core.errors import Conflict, InputError, NotFound
from tidewaiter.flow.people import People, subject_of


@pytest.fixture
def people() -> People:
    return People(store=MemoryStore(), clock=FakeClock(), credentials=CREDENTIALS)


def notices(people: People) -> list[dict[str, Any]]:
    with people._store.read() as uow:
        return [json.loads(leaf.body or b"") for leaf in uow.ledger()]


def test_nobody_is_there_at_first(people: People) -> None:
    assert people.all() == []


def test_an_account_has_rights_and_secrets_of_its_own(people: People) -> None:
    secret = enrol(people, "anna", "inspector", offices=["PORT"], compartments=["cites"])
    (anna,) = people.all()
    assert (anna.roles, anna.offices, anna.compartments) == ({"inspector"}, {"PORT"}, {"cites"})
    assert anna.totp_secret == secret
    assert anna.created_at == START
    assert CREDENTIALS.holds(anna.password_hash, PASSWORD)
    subject = subject_of(anna)
    assert (subject.roles, subject.offices) == ({Role.INSPECTOR}, {"PORT"})


@pytest.mark.parametrize("name", ["", "Anna", "anna b", "../x", "-anna", "a" * 65, "anna\n", "añna"])
def test_a_name_that_is_none_is_refused(people: People, name: str) -> None:
    with pytest.raises(InputError, match="cannot be a name"):
        enrol(people, name, "analyst")
    assert people.all() == []


@pytest.mark.parametrize("roles", [["system"], ["anybody"], ["analyst", "root"]])
def test_a_role_that_nobody_can_have_is_refused(people: People, roles: list[str]) -> None:
    with pytest.raises(InputError, match="administrator, analyst"):
        enrol(people, "anna", *roles)
    with pytest.raises(InputError, match="administrator, analyst"):
        set_rights(people, "anna", *roles)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "12 to 128"), ("eleven char", "has 11"), ("x" * 129, "has 129"),
        ("my name is Anna", "must not contain the name"), ("password1234", "guessed first"),
        ("qwertyuiop12", "guessed first"),
    ],
)  # fmt: skip
def test_a_weak_password_is_refused_and_not_shown(people: People, password: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault) as refused:
        people.add("anna", staff_number="1", roles=["analyst"], password=password, by="root")
    assert not password or password not in str(refused.value)
    enrol(people, "anna", "analyst")
    with pytest.raises(InputError, match=fault):
        people.reset("anna", password, "root")


def test_an_office_that_is_no_word_is_refused(people: People) -> None:
    with pytest.raises(InputError, match="office"):
        enrol(people, "anna", "inspector", offices=["PORT\x00"])


def test_a_person_has_one_account_and_a_name_one_person(people: People) -> None:
    enrol(people, "anna", "analyst")
    people.disable("anna", "root")
    with pytest.raises(Conflict, match="choose another name"):
        enrol(people, "anna", "analyst")
    with pytest.raises(Conflict, match="'anna'; a person has one account"):
        people.add("anna2", staff_number="S-anna", roles=["manager"], password=PASSWORD, by="root")
    assert [person.name for person in people.all()] == ["anna"]


def test_rights_are_replaced_as_a_whole(people: People) -> None:
    enrol(people, "anna", "inspector", offices=["PORT"])
    changed = set_rights(people, "anna", "manager")
    assert (changed.roles, changed.offices) == ({"manager"}, frozenset())
    assert people.all() == [changed]


def test_without_roles_an_account_is_nobody(people: People) -> None:
    enrol(people, "anna")
    assert subject_of(people.one("anna")).roles == frozenset()
    enrol(people, "max", "manager")
    assert set_rights(people, "max").roles == frozenset()


def test_who_is_disabled_has_no_role_whatever_is_recorded(people: People) -> None:
    enrol(people, "anna", "manager")
    gone = people.disable("anna", "root")
    assert gone.roles == {"manager"}
    assert subject_of(gone).roles == frozenset()
    assert people.disable("anna", "root").disabled_at == gone.disabled_at


def test_a_reset_makes_both_secrets_new_and_the_account_usable(people: People) -> None:
    first = enrol(people, "anna", "manager")
    people.disable("anna", "root")
    made = people.reset("anna", "another good password", "root")
    assert secret_of(made) != first
    assert made.person.disabled_at is None
    assert CREDENTIALS.holds(made.person.password_hash, "another good password")


@pytest.mark.parametrize("act", ["set_rights", "disable", "reset"])
def test_who_does_not_exist_cannot_be_changed(people: People, act: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "set_rights": lambda: set_rights(people, "nobody", "analyst"),
        "disable": lambda: people.disable("nobody", "root"),
        "reset": lambda: people.reset("nobody", PASSWORD, "root"),
    }
    with pytest.raises(NotFound, match="user list"):
        acts[act]()
    assert notices(people) == []


def test_each_change_is_in_the_ledger_and_no_secret_is(people: People) -> None:
    secret = enrol(people, "anna", "analyst")
    set_rights(people, "anna", "manager")
    people.disable("anna", "root")
    people.reset("anna", PASSWORD, "root")
    told = notices(people)
    assert [entry["change"] for entry in told] == ["added", "rights set", "disabled", "secrets reset"]
    assert [entry["roles"] for entry in told] == [["analyst"]] + [["manager"]] * 3
    assert {entry["by"] for entry in told} == {"test", "root"}
    (anna,) = people.all()
    text = json.dumps(told)
    assert not any(each in text for each in (secret, anna.totp_secret, anna.password_hash, PASSWORD))
