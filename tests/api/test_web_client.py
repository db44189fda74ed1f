"""What the interface knows of the service is what the service is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tidewaiter.core.access import GRANTABLE, Action, Subject, may

WEB: Final = Path(__file__).resolve().parents[2] / "web"
STALE: Final = "run: python web/scripts/describe.py > web/openapi.json && (cd web && npm run api)"


def test_the_description_that_the_client_is_made_from_is_fresh() -> None:
    made = subprocess.run([sys.executable, WEB / "scripts/describe.py"], capture_output=True, check=True)
    assert made.stdout == (WEB / "openapi.json").read_bytes(), STALE


@pytest.mark.parametrize(
    ("name", "action"),
    [("PROPOSAL_READERS", Action.PROPOSALS_READ), ("INSPECTION_READERS", Action.INSPECTIONS_READ),
     ("DECISION_READERS", Action.DECISIONS_READ)],
)  # fmt: skip
def test_the_roles_that_a_page_names_are_those_of_the_policy(name: str, action: Action) -> None:
    places = (WEB / "src/frame/places.ts").read_text(encoding="utf-8")
    named = re.search(rf"{name} = \[(.*?)\]", places)
    assert named is not None
    reading = {role.value for role in GRANTABLE if may(Subject(roles=frozenset({role})), action).allowed}
    assert set(re.findall(r'"([a-z-]+)"', named[1])) == reading


def test_every_action_that_a_page_asks_for_exists() -> None:
    known = {action.value for action in Action}
    asked = {
        action
        for path in (WEB / "src").rglob("*.ts*")
        for action in re.findall(r'"([a-z]+:[a-z-]+)"', path.read_text(encoding="utf-8"))
        if "generated" not in path.parts and ".test." not in path.name
    }
    assert asked
    assert asked <= known
