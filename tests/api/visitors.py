"""People at a served site: they sign in with both factors, and their browser says where it stands."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from tests.api.conftest import Service
from tests.fakes.people import PASSWORD, code_of, enrol
from tidewaiter.flow.ports import Session
from tidewaiter.flow.sign_in import digest

__all__ = ["COOKIE", "ORIGIN", "Visitor", "visit"]

ORIGIN: Final = "https://risk.example"
COOKIE: Final = "__Host-tidewaiter"


@dataclass
class Visitor:
    """One person and their browser."""

    service: Service
    name: str
    secret: str
    token: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": ORIGIN})

    def code(self) -> str:
        return code_of(self.secret, self.service.site.clock.at)

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        """Call an operation with the cookie, if there is one."""
        sent = self.headers | headers
        if self.token:
            sent["Cookie"] = f"{COOKIE}={self.token}"
        response = self.service.http.request(method, f"{ORIGIN}/api/v1/{path}", json=json, headers=sent)
        self.service.http.cookies.clear()  # each visitor has a browser of their own
        return response

    def sign_in(self, **how: str) -> Any:
        """Show both factors; keep the cookie of a success."""
        body = {"name": self.name, "password": PASSWORD, "code": self.code(), **how}
        return self._kept(self.call("POST", "session", body))

    def renew(self, **how: str) -> Any:
        """Show both factors again, with the next code of the device."""
        self.service.site.clock.advance(seconds=30)
        return self._kept(self.call("PUT", "session", {"password": PASSWORD, "code": self.code(), **how}))

    def be_signed_in(self) -> None:
        """Get a session that was opened just now, without the work of hashing."""
        self.token = secrets.token_urlsafe(32)
        now = self.service.site.clock.now()
        with self.service.site.store.write() as uow:
            uow.put_session(
                Session(token_sha256=digest(self.token), person=self.name, proved_at=now, seen_at=now)
            )

    def _kept(self, response: Any) -> Any:
        if response.status_code == 200:
            self.token = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
        return response


def visit(service: Service, name: str, *roles: str, **rights: Any) -> Visitor:
    """Return a person with an account who is signed in."""
    visitor = Visitor(service, name, enrol(service.site.services.people, name, *roles, **rights))
    visitor.be_signed_in()
    return visitor
