"""Whatever a signed-in person sends, the answer is one that is described, and never a failure."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from tests.api.test_description import CHECKS
from tests.fakes.people import CREDENTIALS
from tests.fakes.site import Site
from tidewaiter.api.app import create_app, operations
from tidewaiter.api.auth import action_of
from tidewaiter.bootstrap import message_schemas
from tidewaiter.flow.ports import Person, Session
from tidewaiter.flow.sign_in import digest

TOKEN = "a-token-of-this-test"
PEOPLES = sorted(
    (method, route.path)
    for route in operations()
    for method in route.methods or ()
    # Signing out would end the walk.
    if action_of(route).value.startswith(("session", "proposals", "profiles")) and method != "DELETE"
)


@pytest.fixture(scope="module")
def document() -> Any:
    """Return the document of an application with a manager who is signed in."""
    site = Site()
    now = site.clock.now()
    manager = Person(
        name="max", staff_number="1", roles=frozenset({"manager"}), offices=frozenset(),
        compartments=frozenset(), password_hash=CREDENTIALS.hash("x"), totp_secret=CREDENTIALS.new_secret(),
        totp_step=0, created_at=now,
    )  # fmt: skip
    with site.store.write() as uow:
        uow.put_person(manager)
        uow.put_session(Session(token_sha256=digest(TOKEN), person="max", proved_at=now, seen_at=now))
    app = create_app(site.services, message_schemas)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), PEOPLES)
def test_whatever_a_person_sends_the_answer_is_one_that_is_described(
    method: str, path: str, mode: GenerationMode, document: Any
) -> None:
    statuses: set[int] = set()
    headers = {
        "Cookie": f"tidewaiter={TOKEN}; __Host-tidewaiter={TOKEN}",
        "Sec-Fetch-Site": "same-origin",
    }

    @given(case=document[f"/api/v1{path}"][method].as_strategy(generation_mode=mode))
    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    def law(case: Any) -> None:
        response = case.call(headers=headers)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    law()
    assert statuses <= {200, 401, 403, 404, 422}  # 403: acts that are none of a manager
    if path != "/session":
        assert 401 not in statuses  # what is sent reaches the use cases
