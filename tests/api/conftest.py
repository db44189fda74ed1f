"""The real application on a site, behind a client in the same process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.fakes.site import SOURCE, Site
from tests.fakes.sqlite_stores import empty_file, make_sqlite_store
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.api.app import create_app
from tidewaiter.bootstrap import message_schemas
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.flow.administer import Scope

__all__ = ["Service", "empty_file", "make_sqlite_store", "problem_of", "serve", "service"]


@dataclass
class Service:
    """A served site with a key that allows everything."""

    site: Site
    http: TestClient
    key: str

    def key_for(self, name: str, *scopes: Scope, source: str = SOURCE) -> str:
        """Make another key."""
        return self.site.services.administration.add_key(name, source, frozenset(scopes)).key

    def headers(self, key: str | None = None, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json", **more}

    def post(self, path: str, body: bytes, *, key: str | None = None, **headers: str) -> Any:
        return self.http.post(f"/api/v1/{path}", content=body, headers=self.headers(key, **headers))

    def declare(self, declaration: Declaration, **how: Any) -> Any:
        return self.post("declarations", json_format.write_declaration(declaration), **how)

    def record(self, result: ControlResult, **how: Any) -> Any:
        return self.post("control-results", json_format.write_control_result(result), **how)

    def get(self, path: str, *, key: str | None = None) -> Any:
        return self.http.get(f"/api/v1/{path}", headers=self.headers(key))


def serve(site: Site) -> Iterator[Service]:
    """Serve *site* until the generator is closed."""
    app = create_app(site.services, message_schemas)
    key = site.services.administration.add_key("tests", SOURCE, frozenset(Scope)).key
    with TestClient(app, raise_server_exceptions=False) as http:
        yield Service(site, http, key)


@pytest.fixture
def service() -> Iterator[Service]:
    yield from serve(Site())


def problem_of(response: Any, status: int) -> dict[str, Any]:
    """Return the problem details of *response*, after checking that they are such."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "faults"}
    assert body["status"] == status
    assert body["title"]
    assert "Traceback" not in response.text
    return body
