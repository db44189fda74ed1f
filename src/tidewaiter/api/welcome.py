"""The front page: what this service is and where its interfaces are."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from tidewaiter import __version__
from tidewaiter.api.auth import Allowed
from tidewaiter.core.access import Action

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tidewaiter</title>
<h1>Tidewaiter</h1>
<p>Risk management for customs administrations, version {__version__}.</p>
<ul>
<li><a href="/api/v1/openapi.json">Description of the HTTP interface (OpenAPI)</a></li>
<li><a href="/api/v1/health/ready">What is in force now</a></li>
</ul>
</html>
"""


@router.get("/", response_class=HTMLResponse, dependencies=[Depends(Allowed(Action.PUBLIC_READ))])
def welcome() -> HTMLResponse:
    """Return the front page."""
    return HTMLResponse(_PAGE)
