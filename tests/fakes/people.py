"""People for tests: quick hashes, codes of their devices, no limit unless one is wanted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pyotp

from tidewaiter.adapters.credentials import Argon2Totp
from tidewaiter.flow.people import NewSecret, People, Rights
from tidewaiter.flow.ports import Person

__all__ = ["CREDENTIALS", "PASSWORD", "NoLimit", "code_of", "enrol", "secret_of", "set_rights"]

PASSWORD: Final = "correct horse battery"
#: The weakest parameters that Argon2 takes: for tests of anything but the strength.
CREDENTIALS: Final = Argon2Totp(passes=1, memory_kib=8, lanes=1)


class NoLimit:
    """Admits every attempt, and remembers it."""

    def __init__(self) -> None:
        self.attempts: list[tuple[str, str]] = []
        self.admitting = True

    def admits(self, name: str, address: str) -> bool:
        self.attempts.append((name, address))
        return self.admitting


def enrol(
    people: People,
    name: str,
    *roles: str,
    offices: Collection[str] = (),
    compartments: Collection[str] = (),
) -> str:
    """Make an account and return the secret of its second factor."""
    made = people.add(
        name, staff_number=f"S-{name}", roles=roles, offices=offices, compartments=compartments,
        password=PASSWORD, by="test",
    )  # fmt: skip
    return secret_of(made)


def set_rights(people: People, name: str, *roles: str) -> Person:
    """Give a person these roles, as two administrators would."""
    with people._store.write() as uow:
        return people.set_rights_in(uow, name, Rights(roles=frozenset(roles)), by="root")


def secret_of(made: NewSecret) -> str:
    """Return the secret that the person's device reads."""
    return parse_qs(urlsplit(made.totp_uri).query)["secret"][0]


def code_of(secret: str, at: datetime) -> str:
    """Return what the person's device shows."""
    return pyotp.TOTP(secret).at(at)
