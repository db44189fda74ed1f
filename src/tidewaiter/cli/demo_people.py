"""The people of the demonstration, with secrets that are made for this folder alone.

There is no default account: who starts a demonstration finds passwords that nobody else has, and
the codes that a phone would show.  A profile of one of them waits for the approval of another.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyotp

from tidewaiter.bootstrap import Installation
from tidewaiter.cli.demo_door import Visit
from tidewaiter.core.access import Role

__all__ = ["PROFILE", "VISITS", "DemoPeople", "codes"]

FILE_NAME: Final = "demo-people.json"
#: Name -> role, and the offices whose matters are theirs.
PEOPLE: Final = {
    "ada": (Role.ANALYST, "*"),
    "max": (Role.MANAGER, "*"),
    "otto": (Role.AUDITOR, "*"),
    "ines": (Role.INSPECTOR, "PORT"),
}

#: What each of them does in the demonstration.
VISITS: Final = {
    "ines": Visit(
        "Inspector at the seaport",
        "Take the next declaration that waits. Read why it was selected and what to check, then say what you "
        "found: it takes under a minute, and the next decision knows it.",
        "/inspections",
    ),
    "max": Visit(
        "Manager of the risk unit",
        "Ada wants a profile against the shoes. Read what it says and what it would have found, approve it "
        "as the second person, and put it in force: the next declaration meets it.",
        "/",
    ),
    "ada": Visit(
        "Analyst of the risk unit",
        "Write a profile: choose what to look at, and see at once what it would have found, what work it "
        "would add, and what cannot be told yet. Then send it for approval.",
        "/profiles/new",
    ),
    "otto": Visit(
        "Auditor",
        "Take any decision, make it again from the record, and save the proof that nobody has changed it "
        "since. You see everything and change nothing.",
        "/decisions",
    ),
}

#: What is proposed: a profile of the scheme that began some weeks ago.
PROFILE: Final[dict[str, Any]] = {
    "code": "footwear_parts_detour",
    "title": "Footwear parts from China by way of the Emirates",
    "description": "Leather footwear is taxed twice as highly as its parts: it pays to declare it as parts.",
    "owner": "Risk management unit",
    "risk_area": "classification",
    "reference": "General rule 2 (a) for the interpretation of the Harmonized System",
    "flows": ["import"],
    "level": "national",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "lane": "examination",
    "share": "0.9",
    "checks": ["check_classification"],
    "officer_text": "The parts may be finished footwear.",
    "unknown": "undecided",
    "when": {
        "all_of": [
            {"feature": "hs4", "=": "6406"},
            {"feature": "origin", "=": "CN"},
            {"feature": "departure_country", "=": "AE"},
        ]
    },
}
_REASON: Final = (
    "Since this month parts of footwear come by way of the Emirates, where none came from before. "
    "I expect finished shoes."
)


@dataclass(frozen=True, kw_only=True)
class DemoPeople:
    """Makes the people once, and tells how they sign in."""

    here: Installation

    def make(self) -> None:
        """Make accounts and a profile that waits for approval, unless a former start did."""
        path = self.here.settings.data / FILE_NAME
        if path.exists():
            return
        made: dict[str, dict[str, str]] = {}
        for number, (name, (role, office)) in enumerate(PEOPLE.items(), 1):
            password = secrets.token_urlsafe(12)
            added = self.here.services.people.add(
                name, staff_number=f"DEMO-{number}", roles=[role.value], offices=[office], password=password,
                by="demo",
            )  # fmt: skip
            made[name] = {"role": role.value, "password": password, "totp_uri": added.totp_uri}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        self._propose()

    def told(self) -> list[str]:
        """Return who can sign in, one line each."""
        people = _people(self.here.settings.data)
        width = max(map(len, people))
        return [f"  {name:{width}}  {each['password']}  ({each['role']})" for name, each in people.items()]

    def _propose(self) -> None:
        """Let the analyst send a profile for approval against what began some weeks ago."""
        while (
            self.here.tally.step()
        ):  # so that its evidence is what it would have found in the newest decisions
            pass
        services = self.here.services
        ada = services.people.one("ada")
        drafted = services.authoring.draft(PROFILE, by=ada)
        services.authoring.submit(drafted.code, drafted.number, reason=_REASON, by=ada)


def codes(data: Path) -> dict[str, str]:
    """Return what the phone of each person would show now; raises FileNotFoundError without people."""
    return {name: _totp(each["totp_uri"]).now() for name, each in _people(data).items()}


def _totp(uri: str) -> pyotp.TOTP:
    found = pyotp.parse_uri(uri)
    if not isinstance(found, pyotp.TOTP):
        raise TypeError("BUG: a second factor of the demonstration is no TOTP")
    return found


def _people(data: Path) -> dict[str, dict[str, str]]:
    people: dict[str, dict[str, str]] = json.loads((data / FILE_NAME).read_text(encoding="utf-8"))
    return people
