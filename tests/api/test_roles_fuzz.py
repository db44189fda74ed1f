"""Whatever anybody sends to any operation, in whatever role, the answer is described and no failure."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.api.test_description import CHECKS
from tests.fakes.people import CREDENTIALS
from tests.fakes.site import SOURCE, Site
from tidewaiter.api.app import PARTS, create_app
from tidewaiter.bootstrap import message_schemas
from tidewaiter.core.access import GRANTABLE, Role
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.ports import Person, Session
from tidewaiter.flow.sign_in import digest

#: Inputs of each operation in each role; more of them find more.
EXAMPLES = int(os.environ.get("TIDEWAITER_FUZZ_EXAMPLES", "2"))
ROLES = sorted(Role)
OPERATIONS = sorted(
    (method, route.path) for part in PARTS for route in part.routes for method in route.methods  # type: ignore[attr-defined]  # all are API routes
)  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Site:
    """Return a site on which each role that can be given has a person with a session."""
    site, now = Site(), Site().clock.now()
    with site.store.write() as uow:
        for role in GRANTABLE:
            person = Person(
                name=role.value, staff_number=role.value, roles=frozenset({role.value}),
                offices=frozenset({"PORT"}), compartments=frozenset(), password_hash=CREDENTIALS.hash("x"),
                totp_secret=CREDENTIALS.new_secret(), totp_step=0, created_at=now,
            )  # fmt: skip
            uow.put_person(person)
    return site


@pytest.fixture(scope="module")
def document(site: Site) -> Any:
    app = create_app(site.services, message_schemas)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.services.administration.add_key("fuzz", SOURCE, frozenset(Scope)).key


def headers_of(site: Site, role: Role, key: str) -> dict[str, str]:
    """Return what a caller in *role* shows; a session of a person is renewed, because one may end it."""
    if role is Role.SYSTEM:
        return {"Authorization": f"Bearer {key}"}
    if role is Role.ANYBODY:
        return {}
    token, now = f"token-of-{role.value}", site.clock.now()
    with site.store.write() as uow:
        uow.put_session(Session(token_sha256=digest(token), person=role.value, proved_at=now, seen_at=now))
    return {"Cookie": f"tidewaiter={token}; __Host-tidewaiter={token}", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_bears_every_role(role: Role, site: Site, document: Any, key: str) -> None:
    statuses: set[int] = set()
    for method, path in OPERATIONS:
        headers = headers_of(site, role, key)

        @given(case=document[f"/api/v1{path}"][method].as_strategy())
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
        def law(case: Any) -> None:
            response = case.call(headers=headers)  # noqa: B023 - called in this turn
            statuses.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        law()
    assert 200 in statuses
    assert not {status for status in statuses if status >= 500} - {503}
