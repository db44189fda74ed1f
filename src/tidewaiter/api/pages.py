"""The pages: what the build of ``web/`` left in the package, served from memory.

The service has no other files to give away, so nothing is looked up by a path that a caller wrote.
Everything comes from this host: the policy of the pages (CSP) allows no other, and of scripts in a
page only the one whose hash the build carries.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

__all__ = ["BUILT", "PLACES", "Pages", "guards", "install", "read_pages"]

#: Where the build puts its files; part of the wheel, not of the repository.
BUILT: Final = Path(__file__).resolve().parents[1] / "_web"

#: The places of the interface; each is the same document, which reads its own address.
PLACES: Final = (
    "/", "/inspections", "/inspections/{decision_id}", "/decisions", "/decisions/{decision_id}",
    "/proposals", "/proposals/{proposal_id}", "/profiles", "/profiles/new", "/profiles/{code}",
    "/profiles/{code}/{number}", "/profiles/{code}/{number}/edit",
)  # fmt: skip

_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
#: By preference: what a browser may take, and the ending of the file that holds it.
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HEAD: Final = "<head>"

#: A name under ``assets/`` holds the hash of its content, so it never changes.
_FOR_EVER: Final = "public, max-age=31536000, immutable"

_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tidewaiter</title>
<h1>Tidewaiter</h1>
<p>The service runs, but its pages were not built. In a checkout, run <code>make web</code> and start the
service again. The HTTP interface works without them: see <code>api/v1/openapi.json</code>.</p>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The built files, in memory."""

    #: The document.
    index: str
    #: Name under the root (``assets/x.js``) -> content.
    files: Mapping[str, bytes]
    #: What the document may load.
    policy: str


def read_pages(folder: Path = BUILT) -> Pages | None:
    """Return what was built into *folder*; None when nothing was."""
    index = folder / "index.html"
    if not index.is_file():
        return None
    text = index.read_text(encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != index
    }
    return Pages(index=text, files=files, policy=_policy(text))


def install(app: FastAPI, folder: Path = BUILT) -> None:
    """Serve the pages of *folder* by *app*, or say that they were not built."""
    built = read_pages(folder)

    async def document(request: Request) -> Response:
        if built is None:
            headers = {"Cache-Control": "no-store", **guards("default-src 'none'")}
            return HTMLResponse(_NOT_BUILT, 503, headers)
        # Every address in the document is relative to where the service stands, whatever stands before it.
        base = html.escape(request.scope.get("root_path", "").rstrip("/") + "/", quote=True)
        text = built.index.replace(_HEAD, f'{_HEAD}<base href="{base}">', 1)
        return HTMLResponse(text, headers={"Cache-Control": "no-cache", **guards(built.policy)})

    async def file(request: Request) -> Response:
        name = request.path_params.get("name", "")
        name = f"assets/{name}" if name else "mark.svg"
        if built is None or name not in built.files or Path(name).suffix not in _TYPES:
            raise HTTPException(404)
        accepted = request.headers.get("Accept-Encoding", "")
        headers = {"Vary": "Accept-Encoding", **guards("default-src 'none'")}
        headers["Cache-Control"] = _FOR_EVER if name.startswith("assets/") else "no-cache"
        content = built.files[name]
        for encoding, ending in _ENCODINGS:
            if _takes(accepted, encoding) and name + ending in built.files:
                content, headers["Content-Encoding"] = built.files[name + ending], encoding
                break
        return Response(content, headers=headers, media_type=_TYPES[Path(name).suffix])

    for place in PLACES:
        app.add_route(place, document, include_in_schema=False)
    app.add_route("/assets/{name}", file, include_in_schema=False)
    app.add_route("/mark.svg", file, include_in_schema=False)


def _takes(accepted: str, encoding: str) -> bool:
    """Tell whether an ``Accept-Encoding`` names *encoding* and does not rule it out (RFC 9110, 12.5.3)."""
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == encoding:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False


def _policy(document: str) -> str:
    """Return the Content-Security-Policy: this host, and the inline script that the document really has."""
    digests = [hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(document)]
    hashes = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{hashes}",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def guards(policy: str) -> dict[str, str]:
    """Return the headers that keep a page to itself."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
