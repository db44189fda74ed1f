"""Every page in every state: accessible, whole in each language and width, and pictured on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk
from tidewaiter.flow.sign_in import PROOF_MAX

LANGUAGES: Final = ("en", "fr", "es", "pt", "ar")
THEMES: Final = ("light", "dark")
WIDTHS: Final = (1440, 1024)

#: Texts that do not fit their box: what a reader would see cut.  Regions that scroll are no fault.
CLIPPED: Final = """() => [...document.querySelectorAll('body *')].filter(e => {
  if (e.closest('.scroll, .unseen, svg, [aria-hidden=true]')) return false;
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) return false;
  const style = getComputedStyle(e);
  if (style.display === 'inline') return false;
  const cut = e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 2;
  return cut && style.overflow !== 'visible';
}).map(e => e.className + ': ' + e.textContent.slice(0, 60))
.concat(document.documentElement.scrollWidth > innerWidth ? ['the page is wider than the window'] : [])"""


def walk(desk: Desk, page: Page, proposal: str, look: Any) -> None:
    """Go through every page and state, calling *look* with a name at each."""
    page.locator("form").wait_for()
    look("sign-in")
    page.keyboard.type("nobody")
    page.locator("input").nth(1).fill("not the password")
    page.locator("input").nth(2).fill("000000")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    look("sign-in refused")
    page.reload()
    desk.sign_in(page, "max")
    page.locator("table").first.wait_for()
    look("today")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.locator(".head select").wait_for()
    page.locator("table").wait_for()
    look("proposals")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    look("keyboard sheet")
    page.keyboard.press("Escape")
    page.locator(".head select").select_option("expired")
    page.locator(".empty").wait_for()
    look("proposals empty")
    page.goto(f"{desk.address}/proposals/{proposal}")
    page.locator(".differences").wait_for()
    look("proposal")
    page.locator(".acts button").last.click()
    page.get_by_role("dialog").wait_for()
    look("proposal reject")
    page.keyboard.press("Escape")
    desk.site.clock.at += PROOF_MAX
    page.locator(".acts button").first.click()
    page.get_by_role("dialog").wait_for()
    look("step-up")
    page.keyboard.press("Escape")
    page.goto(f"{desk.address}/proposals/W{'0' * 24}")
    page.get_by_role("alert").wait_for()
    look("proposal missing")


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_accessible(desk: Desk, axe: str, language: str, theme: str) -> None:
    found: list[str] = []
    page = desk.open(language=language, theme=theme)

    def look(name: str) -> None:
        page.evaluate(axe)
        violations = page.evaluate("axe.run(document).then(r => r.violations)")
        found.extend(
            f"{name}: {each['id']}: {node['target']} {node['failureSummary'][:200]}"
            for each in violations
            for node in each["nodes"]
        )

    walk(desk, page, desk.propose(), look)
    assert not found, "\n".join(found)


def test_axe_sees_a_planted_fault(desk: Desk, axe: str) -> None:
    page = desk.open()
    page.locator("form").wait_for()
    page.evaluate("document.querySelector('form').append(document.createElement('input'))")
    page.evaluate(axe)
    found = page.evaluate("axe.run(document).then(r => r.violations.map(v => v.id))")
    assert "label" in found


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_cut(desk: Desk, language: str, width: int) -> None:
    found: list[str] = []
    page = desk.open(language=language, width=width)
    walk(
        desk,
        page,
        desk.propose(),
        lambda name: found.extend(f"{name}: {cut}" for cut in page.evaluate(CLIPPED)),
    )
    assert not found, "\n".join(found)


def test_a_cut_text_would_be_seen(desk: Desk) -> None:
    page = desk.open()
    page.locator("form").wait_for()
    assert page.evaluate(CLIPPED) == []
    page.evaluate("Object.assign(document.querySelector('h1').style, { width: '20px', overflow: 'hidden' })")
    assert len(page.evaluate(CLIPPED)) == 1


def test_without_the_server_the_page_says_so_and_tries_again(desk: Desk) -> None:
    desk.propose()
    page = desk.open()
    desk.sign_in(page, "max")
    link = page.get_by_role("link", name="Publish content")
    link.wait_for()
    page.route("**/api/**", lambda route: route.abort())
    link.click()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.", timeout=15_000)
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="What changes")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_can_be_pictured(
    desk: Desk, tmp_path: Path, pictures: Path | None, language: str, width: int, theme: str
) -> None:
    """With TIDEWAITER_PICTURES=folder the pictures stay, for whoever looks at them."""
    folder = pictures or tmp_path
    page = desk.open(language=language, theme=theme, width=width)
    taken: list[Path] = []

    def look(name: str) -> None:
        taken.append(folder / f"{name.replace(' ', '-')}-{language}-{theme}-{width}.png")
        page.screenshot(path=taken[-1])

    walk(desk, page, desk.propose(), look)
    assert len(taken) == 10
    assert all(path.stat().st_size > 2_000 for path in taken)
