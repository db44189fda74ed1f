"""Acts of two persons that change a part of the content: some lists, or some parameters.

Whoever publishes all of it would undo what came into force between the proposal and its approval.
These name what they change and what it replaces; everything else stays as it is when it is done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from tidewaiter.core.errors import ConfigurationError, Conflict, Fault, InputError
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.plain import Reader, at
from tidewaiter.core.rules.list_change import (
    ListChange,
    change_between,
    change_data,
    changed,
    list_sha256,
    read_change,
)
from tidewaiter.core.rules.profile import NamedList, list_data, read_list
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.next_epoch import bodies_to_be
from tidewaiter.flow.ports import Store, UnitOfWork
from tidewaiter.flow.two_persons import Mandate

__all__ = ["PARAMETERS", "ChangeLists", "ChangeParameters", "body_sha256", "lists_in"]

#: Kinds of content that are parameters: all but the rules.
PARAMETERS: Final = ("lanes", "checks", "plan")
_LISTS_MAX: Final = 1000

_Came = TypeVar("_Came")


def lists_in(bodies: Mapping[str, Any]) -> dict[str, NamedList]:
    """Return the lists of a content (kind -> plain data) that could be published, by code."""
    read = (read_list(data, "/rules/lists", []) for data in bodies["rules"]["lists"])
    return {named.code: named for named in read if named is not None}


def body_sha256(body: object) -> str:
    """Return the hash of the plain data of a kind of content, hex."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical_json({"body": text})).hexdigest()


class _Changing:
    """What the acts have in common: they are tried on what is published, and published like all content."""

    def __init__(self, administration: Administration, store: Store) -> None:
        self._administration = administration
        self._store = store

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError with every fault of it, Conflict when it is no change of what is published."""
        with self._store.read() as uow:
            bodies = self._applied(uow, payload)
        _told(lambda: self._administration.check(bodies))

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Publish it; return the versions in force.

        Raises Conflict when what it replaces is another by now, InputError when the content would not fit
        together any more.
        """
        bodies = self._applied(uow, payload)
        return _told(lambda: self._administration.publish_in(uow, bodies, str(mandate)))

    def _applied(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the content as *payload* would have it."""
        raise NotImplementedError


class ChangeLists(_Changing):
    """Change, add and end lists: the payload holds the changes, and the lists that end."""

    def in_force(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the lists that it would change or end, as changes of nothing."""
        changes, ended = _changes(payload)
        codes = {*ended, *(change.code for change in changes)}
        known = lists_in(bodies_to_be(uow))
        return {
            "lists": [
                change_data(change_between(known[code], known[code])) for code in sorted(codes & set(known))
            ]
        }

    def _applied(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> dict[str, Any]:
        changes, ended = _changes(payload)
        bodies = bodies_to_be(uow)
        lists = lists_in(bodies)
        for code, replaces in ended.items():
            if code not in lists or list_sha256(lists.pop(code)) != replaces:
                raise Conflict(f"List {code!r} is another by now; look at the change again.")
        for change in changes:
            lists[change.code] = changed(lists.get(change.code), change)
        written = [list_data(lists[code]) for code in sorted(lists)]
        return {**bodies, "rules": {**bodies["rules"], "lists": written}}


class ChangeParameters(_Changing):
    """Change lanes, checks or the plan: the payload holds what is new of each, and what it replaces."""

    def in_force(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what was published last of the kinds that it would change."""
        bodies = bodies_to_be(uow)
        found = {kind: bodies[kind] for kind in PARAMETERS if kind in payload}
        return {**found, "replaces": {kind: body_sha256(body) for kind, body in found.items()}}

    def _applied(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> dict[str, Any]:
        kinds = [kind for kind in PARAMETERS if kind in payload]
        replaces = payload.get("replaces")
        if (
            not kinds
            or set(payload) != {*kinds, "replaces"}
            or not isinstance(replaces, Mapping)
            or set(replaces) != set(kinds)
        ):
            raise InputError(
                "The payload holds some of 'lanes', 'checks' and 'plan', and 'replaces' with the hash of "
                "what each replaces."
            )
        bodies = bodies_to_be(uow)
        for kind in kinds:
            if body_sha256(bodies[kind]) != replaces[kind]:
                raise Conflict(f"The content of kind {kind!r} is another by now; look at the change again.")
        return {**bodies, **{kind: payload[kind] for kind in kinds}}


def _changes(payload: Mapping[str, Any]) -> tuple[list[ListChange], dict[str, str]]:
    """Return the changes and what ends (code -> hash) in *payload*; raises InputError with every fault."""
    faults: list[Fault] = []
    top = Reader(payload, "", faults)
    read = [
        read_change(data, at("/lists", index), faults)
        for index, data in enumerate(top.listed("lists", at_least=0, at_most=_LISTS_MAX, required=False))
    ]
    ended: dict[str, str] = {}
    for reader in top.children("ended", at_least=0, at_most=_LISTS_MAX, required=False):
        ended[reader.code("code")] = reader.text("replaces", at_most=64)
        reader.close()
    top.close()
    changes = [change for change in read if change is not None]
    if not faults and not changes and not ended:
        top.fault("nothing-changes", "lists", "no list changes")
    codes = [*ended, *(change.code for change in changes)]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        top.fault("code-twice", "lists", "a list changes once, or ends", code)
    if faults:
        raise InputError("The change cannot be made; correct the places named here.", faults=tuple(faults))
    return changes, ended


def _told(do: Callable[[], _Came]) -> _Came:
    """Return what *do* returns; a fault of the content is one of the payload."""
    try:
        return do()
    except ConfigurationError as error:
        raise InputError(error.message, faults=error.faults) from error
