"""The acts on what the ledger proves that need two persons: erase, release a hold, rotate the key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tidewaiter.core.errors import Conflict, InputError
from tidewaiter.core.retention import retention_from_plain
from tidewaiter.flow.erase import RETENTION, Erasing, order_from_plain
from tidewaiter.flow.ports import UnitOfWork
from tidewaiter.flow.rotate import Rotation
from tidewaiter.flow.two_persons import Mandate

__all__ = ["Erase", "ReleaseHold", "RotateKey", "SetRetention"]


class SetRetention:
    """Say how long what is recorded of people is kept: the payload is the policy."""

    def __init__(self, erasing: Erasing) -> None:
        self._erasing = erasing

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError naming the member that is wrong."""
        retention_from_plain(payload)

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(self, uow: UnitOfWork, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the policy in force, if one is."""
        current = uow.published(RETENTION)
        return {} if current is None else dict(json.loads(current.body))

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Put it in force; return its version."""
        return {"version": self._erasing.set_retention_in(uow, retention_from_plain(payload), str(mandate))}


class Erase:
    """Erase personal content: the payload holds declarations, persons and the ground."""

    def __init__(self, erasing: Erasing) -> None:
        self._erasing = erasing

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError with every part that may not be erased now."""
        self._erasing.require_possible(order_from_plain(payload))

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(
        self,
        uow: UnitOfWork,  # noqa: ARG002 - the port gives it
        _: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Return nothing: it replaces no content in force."""
        return {}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Erase; return the position of the act.  Holds and retention are looked at once more."""
        return {"act": self._erasing.erase_in(uow, order_from_plain(payload), str(mandate))}


class ReleaseHold:
    """Let a declaration be erased again: the payload holds the number of the hold."""

    def __init__(self, erasing: Erasing) -> None:
        self._erasing = erasing

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError when it names no hold that holds."""
        number = _number_of(payload)
        if not any(hold.number == number and hold.released_at is None for hold in self._erasing.holds()):
            raise InputError(f"There is no hold {number} that holds; `tidewaiter hold list` shows them.")

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(
        self,
        uow: UnitOfWork,  # noqa: ARG002 - the port gives it
        _: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Return nothing: a hold is released, not replaced."""
        return {}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Release it; raises NotFound when it was released since."""
        number = _number_of(payload)
        self._erasing.release_hold_in(uow, number, str(mandate))
        return {"number": number}


class RotateKey:
    """Hand the ledger over to another key: the payload names the key in force."""

    def __init__(self, rotation: Rotation) -> None:
        self._rotation = rotation

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError when the payload names no key, Conflict when it is not the one in force."""
        if set(payload) != {"old_key"} or not isinstance(payload["old_key"], str):
            raise InputError("The payload has exactly the member `old_key`: the public key in force.")
        if payload["old_key"] != self._rotation.current().text():
            raise Conflict(
                "The key that the payload names is not in force: the ledger was handed over since."
            )

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        """Return None: whoever may propose and approve may do it."""

    def in_force(
        self,
        uow: UnitOfWork,  # noqa: ARG002 - the port gives it
        _: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Return the key in force."""
        return {"old_key": self._rotation.current().text()}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Record the handover; return the new key, which the next sealing puts in force."""
        self.check(payload)
        return {"new_key": self._rotation.hand_over_in(uow, str(mandate)).text()}


def _number_of(payload: Mapping[str, Any]) -> int:
    number = payload.get("number")
    if set(payload) != {"number"} or type(number) is not int:
        raise InputError("The payload has exactly the member `number`: the number of the hold.")
    return number
