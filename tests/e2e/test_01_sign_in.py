"""Sign in, come back after the session ended, change language and direction: by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, Desk
from tidewaiter.flow.sign_in import IDLE_MAX


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_a_person_signs_in_with_both_factors_and_out_again(desk: Desk) -> None:
    page = desk.open()
    heading(page, "Sign in")
    desk.sign_in(page, "max")
    heading(page, "Today")
    expect(page.get_by_text("Targeting manager")).to_be_visible()
    page.get_by_role("button", name="Sign out").press("Enter")
    heading(page, "Sign in")
    page.reload()
    heading(page, "Sign in")


def test_a_wrong_code_is_refused_in_words_and_the_password_need_not_be_typed_again(desk: Desk) -> None:
    page = desk.open()
    page.get_by_label("Name").fill("max")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code from your device").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Name, password or code is not right")
    expect(page.get_by_label("Password")).to_have_value(PASSWORD)
    page.get_by_label("Code from your device").fill(desk.code("max"))
    page.keyboard.press("Enter")
    heading(page, "Today")


def test_a_session_that_ends_keeps_the_page_and_asks_for_both_factors(desk: Desk) -> None:
    desk.propose()
    page = desk.open("/proposals?state=open")
    desk.sign_in(page, "max")
    link = page.get_by_role("link", name="Publish content")
    link.wait_for()
    desk.site.clock.at += IDLE_MAX
    link.press("Enter")
    dialogue = page.get_by_role("dialog", name="Your session has ended")
    expect(dialogue).to_be_visible()
    expect(dialogue.get_by_label("Name")).to_have_value("max")
    expect(dialogue.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(desk.code("max"))
    page.keyboard.press("Enter")
    expect(dialogue).to_be_hidden()
    heading(page, "What changes")


def test_language_direction_and_theme_are_there_before_the_first_paint(desk: Desk) -> None:
    page = desk.open()
    desk.sign_in(page, "max")
    page.get_by_label("Language").select_option("ar")
    heading(page, "اليوم")
    page.get_by_role("switch", name="الوضع الداكن").press("Enter")
    page.add_init_script(
        "new MutationObserver(() => { if (document.body && !window.first) window.first ="
        " [document.documentElement.lang, document.documentElement.dir,"
        " document.documentElement.dataset.mantineColorScheme] })"
        ".observe(document, { childList: true, subtree: true })"
    )
    page.reload()
    heading(page, "اليوم")
    assert page.evaluate("window.first") == ["ar", "rtl", "dark"]


def test_the_keyboard_goes_everywhere_and_the_shortcuts_can_be_switched_off(desk: Desk) -> None:
    page = desk.open()
    desk.sign_in(page, "max")
    page.keyboard.press("g")
    page.keyboard.press("p")
    heading(page, "Proposals")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    sheet.get_by_role("switch").press("Enter")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("t")
    heading(page, "Proposals")


def test_the_skip_link_leads_to_the_content(desk: Desk) -> None:
    page = desk.open("/proposals")
    desk.sign_in(page, "max")
    page.reload()
    heading(page, "Proposals")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_who_has_no_right_is_told_who_has_it(desk: Desk) -> None:
    page = desk.open("/proposals")
    desk.sign_in(page, "ines")
    heading(page, "You may not see this")
    expect(page.get_by_text("Analyst, Targeting manager and Auditor")).to_be_visible()
    expect(page.get_by_role("link", name="Proposals")).to_have_count(0)


@pytest.mark.parametrize("desk", ["/customs/risk"], indirect=True)
def test_the_pages_work_below_any_path(desk: Desk) -> None:
    proposal = desk.propose()
    page = desk.open(f"/proposals/{proposal}")
    desk.sign_in(page, "max")
    heading(page, "What changes")
    page.get_by_role("navigation", name="Main navigation").get_by_role("link", name="Today").press("Enter")
    heading(page, "Today")
    assert page.url == f"{desk.address}/"
    page.reload()
    heading(page, "Waiting for your approval")
