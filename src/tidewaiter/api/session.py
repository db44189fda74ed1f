"""The session of a person: sign in, who am I, show both factors again, sign out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller, PersonCaller, cookie_name, is_secure, require_own_page
from tidewaiter.core.access import Action, may
from tidewaiter.core.errors import Unauthenticated
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.sign_in import ABSOLUTE_MAX, IDLE_MAX, PROOF_MAX, Opened, SignedIn

__all__ = ["no_store", "router", "set_session"]

_log = structlog.get_logger(__name__)

_PATH: Final = "/session"


def no_store(response: Response) -> None:
    """Keep what a person reads out of every cache."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(tags=["session"], dependencies=[Depends(no_store)])


class Factors(BaseModel):
    """Both factors."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(min_length=1, max_length=1024)
    code: str = Field(pattern=r"^[0-9]{6}$", description="What the person's device shows now.")


class SignIn(Factors):
    """A name and both factors."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")


class WhoAmI(BaseModel):
    """Who is signed in, and until when."""

    name: str
    roles: list[str]
    offices: list[str] = Field(description="`*` means all.")
    compartments: list[str]
    may: list[str] = Field(description="The actions that the roles allow, for matters of the own offices.")
    ends_at: datetime = Field(description="When the session ends at the latest.")
    ends_if_idle_at: datetime = Field(description="When it ends if it is not used.")
    proved_until: datetime = Field(description="Until then sensitive acts need no new proof.")


class SignedOut(BaseModel):
    """The session has ended."""

    status: str = "signed out"


@router.post(
    _PATH,
    summary="Sign in",
    responses=description.answers("Who is signed in", 401, 403, 422, 429, 503, name="WhoAmI"),
)
def sign_in(
    asked: SignIn,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Depends(Allowed(Action.SESSION_OPEN))],
) -> WhoAmI:
    """Open a session and set its cookie; whatever was wrong, the answer is the same."""
    # Another site must not sign its visitor in under a name of its own choice.
    require_own_page(request)
    return _opened(caller, request, response, asked.name, asked)


@router.put(
    _PATH,
    summary="Show both factors again",
    responses=description.answers("Who is signed in", 401, 403, 422, 429, 503, name="WhoAmI"),
)
def renew(
    asked: Factors,
    request: Request,
    response: Response,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.SESSION_RENEW))],
) -> WhoAmI:
    """Replace the session by a new one, in which sensitive acts are allowed for five minutes."""
    name = caller.signed_in.person.name
    return _opened(caller, request, response, name, asked, instead_of=caller.token)


@router.get(
    _PATH,
    summary="Who is signed in",
    responses=description.answers("Who is signed in", 401, 403, 503, name="WhoAmI"),
)
def who(caller: Annotated[PersonCaller, Depends(Allowed(Action.SESSION_READ))]) -> WhoAmI:
    """Return name, rights as they are at this moment, and when the session ends."""
    return _told(caller.signed_in)


@router.delete(
    _PATH,
    summary="Sign out",
    responses=description.answers("The session has ended", 401, 403, 503, name="SignedOut"),
)
def sign_out(
    request: Request,
    response: Response,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.SESSION_CLOSE))],
) -> SignedOut:
    """End the session for every copy of its cookie."""
    caller.services.sessions.close(caller.token)
    response.delete_cookie(cookie_name(request), secure=is_secure(request), httponly=True, samesite="strict")
    return SignedOut()


def _opened(
    caller: Caller,
    request: Request,
    response: Response,
    name: str,
    factors: Factors,
    *,
    instead_of: str | None = None,
) -> WhoAmI:
    """Open a session and hand its token over in a cookie that no script can read."""
    address = "" if request.client is None else request.client.host
    try:
        opened: Opened = caller.services.sessions.open(
            name, factors.password, factors.code, address=address, instead_of=instead_of
        )
    except Unauthenticated:
        # Not the name: it may be a password that was typed into the wrong field.
        _log.warning("Somebody was not signed in.", action="sign_in_refused", address=address)
        raise
    _log.info("A person signed in.", action="signed_in", person=name, address=address)
    set_session(request, response, opened.token)
    return _told(opened.signed_in)


def set_session(request: Request, response: Response, token: str) -> None:
    """Hand the *token* of a session over in a cookie that no script and no other site can use."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(ABSOLUTE_MAX.total_seconds()),
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def _told(signed_in: SignedIn) -> WhoAmI:
    person, session = signed_in.person, signed_in.session
    return WhoAmI(
        name=person.name,
        roles=sorted(person.roles),
        offices=sorted(person.offices),
        compartments=sorted(person.compartments),
        may=sorted(action for action in Action if may(subject_of(person), action).allowed),
        ends_at=session.proved_at + ABSOLUTE_MAX,
        ends_if_idle_at=session.seen_at + IDLE_MAX,
        proved_until=session.proved_at + PROOF_MAX,
    )
