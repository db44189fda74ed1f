"""Sign-on through the identity provider: two looks of the browser, each answered with where to go next.

Whatever goes wrong the browser is sent back to the interface with one word in ``sign-on``; why is in
the log of the operator only.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller, cookie_name, is_secure
from tidewaiter.api.session import no_store, set_session
from tidewaiter.core.access import Action
from tidewaiter.core.errors import NotFound, TooManyAttempts, Unavailable
from tidewaiter.core.sign_on import Refusal, SignOnRefused
from tidewaiter.flow.sign_on import ATTEMPT_MAX, SignOn

__all__ = ["router"]

_log = structlog.get_logger(__name__)

_PATH: Final = "/session/oidc"
_TEXT_MAX: Final = 4096
_NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["session"])

Text = Annotated[str | None, Query(max_length=_TEXT_MAX)]


class Ways(BaseModel):
    """How people sign in here."""

    oidc: bool


@router.get(
    "/session/ways",
    summary="How people sign in here",
    responses=description.answers("The ways to sign in", name="Ways"),
    dependencies=[Depends(no_store)],
)
def ways(caller: Annotated[Caller, Depends(Allowed(Action.PUBLIC_READ))]) -> Ways:
    """Tell whether an identity provider is set; password and code are always a way."""
    return Ways(oidc=caller.services.sign_on is not None)


@router.get(
    _PATH,
    summary="Sign on through the identity provider",
    status_code=303,
    response_class=RedirectResponse,
    responses=description.leads("To the provider, or back with a word that says why not"),
)
def begin(
    request: Request,
    caller: Annotated[Caller, Depends(Allowed(Action.SESSION_OPEN))],
    place: Annotated[str, Query(max_length=_TEXT_MAX, description="Where to go afterwards.")] = "/",
    again: Annotated[bool, Query(description="Show anew who you are.")] = False,
) -> Response:
    """Send the browser to the provider, with a cookie that binds what comes back to this browser."""
    address = "" if request.client is None else request.client.host
    token = request.cookies.get(cookie_name(request))
    try:
        began = _sign_on(caller).begin(address=address, place=place, again=again, token=token)
    except TooManyAttempts:
        return _back(request, "/", Refusal.TOO_MANY)
    except (SignOnRefused, Unavailable) as why:
        return _turned_away(request, why)
    response = RedirectResponse(began.address, 303, _NO_STORE)
    response.set_cookie(
        _cookie(request),
        began.browser,
        max_age=int(ATTEMPT_MAX.total_seconds()),
        secure=is_secure(request),
        httponly=True,
        # Strict would keep it back when the provider's page sends the browser here.
        samesite="lax",
    )
    return response


@router.get(
    f"{_PATH}/callback",
    summary="Come back from the identity provider",
    status_code=303,
    response_class=RedirectResponse,
    responses=description.leads("To the interface, signed in or with a word that says why not"),
)
async def end(
    request: Request,
    caller: Annotated[Caller, Depends(Allowed(Action.SESSION_OPEN))],
    state: Text = None,
    code: Text = None,
    iss: Text = None,
) -> Response:
    """Open a session and set its cookie, if the provider says who it is and that person has an account."""
    browser = request.cookies.get(_cookie(request), "")
    try:
        ended = await asyncio.to_thread(
            _sign_on(caller).end, state=state or "", browser=browser, code=code, issuer=iss
        )
    except (SignOnRefused, Unavailable) as why:
        return _turned_away(request, why)
    address = "" if request.client is None else request.client.host
    name = ended.opened.signed_in.person.name
    _log.info("A person signed in.", action="signed_in", person=name, address=address, way="oidc")
    response = _back(request, ended.place)
    set_session(request, response, ended.opened.token)
    return response


def _sign_on(caller: Caller) -> SignOn:
    if caller.services.sign_on is None:
        raise NotFound("No identity provider is set; sign in with password and code.")
    return caller.services.sign_on


def _turned_away(request: Request, why: SignOnRefused | Unavailable) -> Response:
    address = "" if request.client is None else request.client.host
    _log.warning(
        "Somebody was not signed in.", action="sign_in_refused", address=address, way="oidc", why=str(why)
    )
    return _back(request, "/", why.refusal if isinstance(why, SignOnRefused) else Refusal.UNAVAILABLE)


def _back(request: Request, place: str, refusal: Refusal | None = None) -> Response:
    """Send the browser to a place of our own, wherever the service stands; the attempt's cookie goes."""
    root = request.scope.get("root_path", "").rstrip("/")
    query = "" if refusal is None else f"?sign-on={refusal.value}"
    response = RedirectResponse(f"{root}{place}{query}", 303, _NO_STORE)
    response.delete_cookie(_cookie(request), secure=is_secure(request), httponly=True, samesite="lax")
    return response


def _cookie(request: Request) -> str:
    return f"{cookie_name(request)}-sign-on"
