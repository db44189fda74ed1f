"""The door of the demonstration: one page that says what there is to see, and signs in with one press.

It is a part of ``tidewaiter demo`` alone: the service itself has no such address, and the demonstration
opens it on this machine only.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tidewaiter.api.auth import require_own_page
from tidewaiter.api.pages import guards
from tidewaiter.api.session import set_session
from tidewaiter.flow.ports import Clock, Store
from tidewaiter.flow.sign_in import Sessions

__all__ = ["DOOR", "Visit", "install", "is_loopback"]

#: The address of the page.
DOOR: Final = "/demo"


class Visit(NamedTuple):
    """What somebody does here."""

    #: Their work, as a title.
    work: str
    #: What there is to see, in a sentence or two.
    story: str
    #: The first page.
    place: str


#: The page, with the place of the visits.
_PAGE: Final = Path(__file__).with_name("demo_door.html")
_VISITS: Final = "<!-- visits -->"
_VISIT: Final = """<li>
<h2>{work}</h2>
<p>{story}</p>
<form method="post" action="demo/{name}"><button>Sign in as {name}</button></form>
</li>"""


def is_loopback(host: str) -> bool:
    """Tell whether a server that listens on *host* is heard on this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def install(
    app: FastAPI, *, store: Store, clock: Clock, sessions: Sessions, visits: Mapping[str, Visit]
) -> None:
    """Serve the door by *app* for the people *visits* (by name)."""
    page = _PAGE.read_text(encoding="utf-8")
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    told = "\n".join(
        _VISIT.format(work=html.escape(visit.work), story=html.escape(visit.story), name=html.escape(name))
        for name, visit in visits.items()
    )
    page = page.replace(_VISITS, told)

    async def show(_: Request) -> Response:
        return HTMLResponse(page, headers={"Cache-Control": "no-store", **guards(policy)})

    async def enter(request: Request) -> Response:
        require_own_page(request)
        name = request.path_params["name"]
        if name not in visits:
            raise HTTPException(404)
        token = await asyncio.to_thread(_opened, name)
        root = request.scope.get("root_path", "").rstrip("/")
        response = RedirectResponse(root + visits[name].place, 303, {"Cache-Control": "no-store"})
        set_session(request, response, token)
        return response

    def _opened(name: str) -> str:
        with store.write() as uow:
            person = uow.person(name)
            if person is None or person.disabled_at is not None:
                raise HTTPException(404)
            return sessions.admit(uow, person, proved_at=clock.now()).token

    app.add_route(DOOR, show, include_in_schema=False)
    app.add_route(DOOR + "/{name}", enter, methods=["POST"], include_in_schema=False)
