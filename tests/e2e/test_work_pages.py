"""The pages of inspections and decisions in every state: accessible, whole, and pictured on demand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import WEB, Desk
from tests.e2e.test_19_lives import CODE, drafted
from tests.e2e.test_pages import CLIPPED, LANGUAGES, THEMES, WIDTHS
from tests.e2e.work import with_work

Look = Callable[[str], None]
Walk = Callable[[Desk, Page, Look], None]

#: Language, width and theme of the pictures: all where somebody will look at them.
PICTURED: Final = (
    list(product(("en", "ar"), WIDTHS, THEMES))
    if "TIDEWAITER_PICTURES" in os.environ
    else [("en", WIDTHS[0], THEMES[0])]
)


def inspect(desk: Desk, page: Page, look: Look) -> None:
    """Go through the states of the queue and of an inspection."""
    (first, *_) = with_work(desk)
    page.locator("form").wait_for()
    desk.sign_in(page, "ines")
    page.goto(f"{desk.address}/inspections?lane=scan")
    page.locator(".empty").wait_for()
    look("queue empty")
    page.goto(f"{desk.address}/inspections")
    page.locator("table.queue").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.locator("tr[data-mine]").wait_for()
    look("queue")
    page.goto(f"{desk.address}/inspections/{first}")
    page.locator("form.result").wait_for()
    look("inspection")
    page.locator(".assigned button").click()
    page.locator("input[value=irregular]").check()
    page.locator("input[value=undervaluation]").check()
    page.locator(".number input").first.fill("6120")
    page.locator("input[value=duty_collected]").check()
    look("inspection offence")
    page.locator(".number input").first.fill("?")
    page.locator(".save-bar button").last.click()
    page.locator(".number .wrong").wait_for()
    look("inspection fault")
    page.locator("input[value=inconclusive]").check()
    page.locator("input[value=laboratory]").check()
    page.locator(".save-bar button").first.click()
    page.wait_for_url("**/inspections")
    page.goto(f"{desk.address}/inspections/{first}")
    page.locator(".record").wait_for()
    look("inspection done")
    page.goto(f"{desk.address}/inspections/D{'0' * 24}")
    page.get_by_role("alert").wait_for()
    look("inspection missing")
    page.goto(f"{desk.address}/decisions")
    page.locator(".notice").wait_for()
    look("decisions no right")


def audit(desk: Desk, page: Page, look: Look) -> None:
    """Go through the states of the search and of a decision."""
    (first, *_) = with_work(desk)
    page.locator("form").wait_for()
    desk.sign_in(page, "otto")
    page.goto(f"{desk.address}/decisions?importer=nobody")
    page.locator(".empty").wait_for()
    look("decisions empty")
    page.goto(f"{desk.address}/decisions")
    page.locator("tbody tr").first.wait_for()
    look("decisions")
    page.locator("#f-since").fill("?")
    page.keyboard.press("Enter")
    page.locator(".filter .wrong").wait_for()
    look("decisions fault")
    page.goto(f"{desk.address}/decisions/{first}")
    page.locator(".steps").wait_for()
    look("decision")
    for summary in page.locator("summary").all():
        summary.click()
    page.locator(".proving button").first.click()
    page.locator(".notice[data-tone=good]").wait_for()
    page.locator(".step").nth(3).scroll_into_view_if_needed()
    look("decision open")


def write(desk: Desk, page: Page, look: Look) -> None:
    """Go through the states of the list of profiles, of one, of a version and of the form."""
    with_work(desk)
    desk.site.tally.step()
    drafted(desk)
    page.locator("form").wait_for()
    desk.sign_in(page, "ada")
    page.goto(f"{desk.address}/profiles?q=nothing-like-it")
    page.locator(".empty").wait_for()
    look("profiles empty")
    page.goto(f"{desk.address}/profiles")
    page.locator("table.profiles").wait_for()
    look("profiles")
    page.goto(f"{desk.address}/profiles/canary_profile")
    page.locator("table.tallies").wait_for()
    look("profile")
    page.goto(f"{desk.address}/profiles/{CODE}/1")
    page.locator(".sentence").wait_for()
    page.locator("summary").click()
    look("version")
    page.goto(f"{desk.address}/profiles/{CODE}/1/edit")
    page.locator(".impact .tiles").wait_for()
    for summary in page.locator(".impact summary").all():
        summary.click()
    look("profile form")
    page.locator(".builder .plain-input").first.fill("?")
    page.locator(".builder [role=alert]").first.wait_for()
    look("profile form fault")
    page.locator(".builder-acts button").last.click()
    look("profile form group")


def speak(page: Page, language: str) -> None:
    """Change the language in place: what is typed and chosen stays."""
    words = json.loads((WEB / f"src/words/{language}.json").read_text(encoding="utf-8"))
    page.locator(".bar select").select_option(language)
    expect(page.locator("nav.side")).to_have_accessible_name(words["frame.navigation"])


def in_theme(page: Page, theme: str) -> None:
    """Change the theme in place."""
    switch = page.locator(".bar [role=switch]")
    if (switch.get_attribute("aria-checked") == "true") != (theme == "dark"):
        switch.click()


@pytest.mark.slow
@pytest.mark.parametrize("walk", [inspect, audit, write])
def test_every_page_is_accessible(desk: Desk, axe: str, walk: Walk) -> None:
    found: list[str] = []
    page = desk.open()

    def look(name: str) -> None:
        page.evaluate(axe)
        for language, theme in product(("ar", "en"), THEMES):
            speak(page, language)
            in_theme(page, theme)
            violations = page.evaluate("axe.run(document).then(r => r.violations)")
            found.extend(
                f"{name}, {language}, {theme}: {each['id']}: {node['target']} {node['failureSummary'][:200]}"
                for each in violations
                for node in each["nodes"]
            )

    walk(desk, page, look)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("walk", [inspect, audit, write])
def test_no_text_is_cut(desk: Desk, walk: Walk) -> None:
    found: list[str] = []
    page = desk.open()

    def look(name: str) -> None:
        for language, width in product((*LANGUAGES[1:], "en"), WIDTHS):
            speak(page, language)
            page.set_viewport_size({"width": width, "height": 900})
            found.extend(f"{name}, {language}, {width}: {cut}" for cut in page.evaluate(CLIPPED))

    walk(desk, page, look)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize(("walk", "count"), [(inspect, 8), (audit, 5), (write, 7)])
@pytest.mark.parametrize(("language", "width", "theme"), PICTURED)
def test_every_page_can_be_pictured(
    desk: Desk, tmp_path: Path, pictures: Path | None, language: str, width: int, theme: str, walk: Walk,
    count: int,
) -> None:  # fmt: skip
    """With TIDEWAITER_PICTURES=folder there are pictures of all kinds, for whoever looks at them."""
    folder = pictures or tmp_path
    page = desk.open(language=language, theme=theme, width=width)
    taken: list[Path] = []

    def look(name: str) -> None:
        taken.append(folder / f"{name.replace(' ', '-')}-{language}-{theme}-{width}.png")
        page.screenshot(path=taken[-1])

    walk(desk, page, look)
    assert len(taken) == count
    assert all(path.stat().st_size > 2_000 for path in taken)


def test_targets_are_large_enough_to_press(desk: Desk) -> None:
    with_work(desk, 2)
    page = desk.open("/inspections")
    desk.sign_in(page, "ines")
    page.locator("table.queue").wait_for()
    page.keyboard.press("n")
    page.locator("form.result").wait_for()
    page.locator("input[value=irregular]").check()
    heights = page.evaluate(
        "[...document.querySelectorAll('.token, .checks label, .save-bar button')]"
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert len(heights) > 10
    assert min(heights) >= 36  # touch targets of the form are 44, its buttons 36
    expect(page.locator(".token").first).to_be_visible()
