"""The acts that need two persons: how each is checked when proposed, and done when approved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError, InputError
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.content import KINDS
from tidewaiter.flow.learn import Learning
from tidewaiter.flow.people import People, Rights
from tidewaiter.flow.ports import Person, UnitOfWork
from tidewaiter.flow.present import MODEL
from tidewaiter.flow.standin_policy import StandInPolicy
from tidewaiter.flow.two_persons import Mandate

__all__ = ["PromoteModel", "PublishContent", "PublishStandIn", "SetRights"]


_RIGHTS: Final = ("roles", "offices", "compartments")


class PublishContent:
    """Put content in force: the payload holds lanes, checks, rules and plan as plain data."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError with every fault of the content."""
        _require_keys(payload, KINDS)
        try:
            self._administration.check(payload)
        except ConfigurationError as error:
            raise InputError(error.message, faults=error.faults) from error

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(self, uow: UnitOfWork, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the content in force, by kind."""
        found = {kind: uow.published(kind) for kind in KINDS}
        return {kind: json.loads(current.body) for kind, current in found.items() if current is not None}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Publish what differs; return the versions in force.

        It is checked against what is in force now; raises InputError with every fault.
        """
        try:
            return self._administration.publish_in(uow, payload, str(mandate))
        except ConfigurationError as error:
            raise InputError(error.message, faults=error.faults) from error


class PublishStandIn:
    """Put a stand-in policy in force: the payload is the policy as plain data."""

    def __init__(self, policy: StandInPolicy) -> None:
        self._policy = policy

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError with every fault of the policy."""
        try:
            self._policy.check(payload)
        except ConfigurationError as error:
            raise InputError(error.message, faults=error.faults) from error

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(self, uow: UnitOfWork, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the policy in force, if one is."""
        return self._policy.in_force(uow) or {}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Publish it; it is signed within a minute, and used from then on.  Raises InputError."""
        try:
            return {"version": self._policy.publish_in(uow, payload, str(mandate))}
        except ConfigurationError as error:
            raise InputError(error.message, faults=error.faults) from error


class PromoteModel:
    """Put a proposed model in force: the payload holds its version."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError, NotFound, or Conflict when the gates did not let the model pass."""
        _require_keys(payload, ("version",))
        if not isinstance(payload["version"], str):
            raise InputError("The version of a model is a text; `tidewaiter models` lists them.")
        self._learning.require_promotable(payload["version"])

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(self, uow: UnitOfWork, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the version of the model in force, if one is."""
        current = uow.published(MODEL)
        return {} if current is None or not current.version else {"version": current.version}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Promote it; raises Conflict when another model came into force since it was compared."""
        return {"version": self._learning.promote_in(uow, payload["version"], str(mandate)).version}


class SetRights:
    """Give a person exactly these rights: the payload holds the name, roles, offices and compartments."""

    def __init__(self, people: People) -> None:
        self._people = people

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError for rights that nobody can have, NotFound without such an account."""
        name, rights = _rights(payload)
        rights.require_possible()
        self._people.one(name)

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the rights of the person now."""
        person = uow.person(payload["name"])
        return {} if person is None else _told(person)

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Set them, with the entry of the ledger, from the next request of the person on."""
        name, rights = _rights(payload)
        return _told(self._people.set_rights_in(uow, name, rights, by=str(mandate)))


def _rights(payload: Mapping[str, Any]) -> tuple[str, Rights]:
    """Return whose rights a payload sets, and which; raises InputError."""
    _require_keys(payload, ("name", *_RIGHTS))
    if not isinstance(payload["name"], str):
        raise InputError("The name of a person is a text.")
    for kind in _RIGHTS:
        words = payload[kind]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise InputError(f"The member {kind!r} is a list of texts, possibly empty.")
    return payload["name"], Rights(**{kind: frozenset(payload[kind]) for kind in _RIGHTS})


def _told(person: Person) -> Mapping[str, Any]:
    return {"name": person.name, **{kind: sorted(getattr(person, kind)) for kind in _RIGHTS}}


def _require_keys(payload: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    if set(payload) != set(keys):
        raise InputError(
            f"The payload has the members {', '.join(map(repr, sorted(payload))) or 'none'}; it needs "
            f"exactly {', '.join(map(repr, keys))}."
        )
