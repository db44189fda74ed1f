"""A profile from hand to hand: sent back, mended, approved, in shadow, live, ended; and in two at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk

CODE: Final = "cheap_phones"
DATA: Final[Mapping[str, Any]] = {
    "code": CODE, "title": "Cheap phones", "description": "Phones for less than they cost.",
    "owner": "Valuation unit", "risk_area": "valuation", "reference": "Customs Code, Article 12",
    "flows": ["import"], "level": "national", "valid_from": "2026-06-01", "valid_until": "2026-12-31",
    "lane": "examination", "share": "0.5", "checks": ["count_packages"], "officer_text": "Look at the price.",
    "unknown": "undecided", "when": 'hs6 = "851713" and unit_value_ratio < 0.6',
}  # fmt: skip


def drafted(desk: Desk) -> None:
    """Let ada begin the profile."""
    authoring = desk.site.services.authoring
    authoring.draft(DATA, by=desk.site.services.people.one("ada"))


def stage(desk: Desk) -> str:
    return desk.site.services.authoring.version(CODE, 1).version.stage.value


def act(page: Page, name: str, reason: str = "") -> None:
    """Press a step, and say why where that is asked."""
    page.get_by_role("button", name=name, exact=True).press("Enter")
    if reason:
        dialogue = page.get_by_role("dialog", name=name)
        expect(dialogue.get_by_role("textbox")).to_be_focused()
        page.keyboard.type(reason)
        page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=name)).to_be_visible()


def at(desk: Desk, name: str) -> Page:
    page = desk.open(f"/profiles/{CODE}/1")
    desk.sign_in(page, name)
    page.get_by_role("heading", level=1, name="Cheap phones").wait_for()
    return page


def test_from_hand_to_hand_until_it_decides_and_until_it_ends(desk: Desk) -> None:
    drafted(desk)
    ada = at(desk, "ada")
    act(ada, "Send for approval", "Much is missed.")
    expect(ada.get_by_text("another person must approve it")).to_be_visible()
    expect(ada.get_by_role("button", name="Approve")).to_have_count(0)

    max_ = at(desk, "max")
    expect(max_.locator(".sentence p")).to_contain_text("unit value")
    act(max_, "Give back", "Examine fewer.")
    assert stage(desk) == "draft"

    ada.reload()
    expect(ada.get_by_text("Examine fewer.")).to_be_visible()
    ada.get_by_role("button", name="Edit").click()
    ada.get_by_label("Share of matches, %").fill("20")
    ada.get_by_role("button", name="Save draft").click()
    ada.wait_for_url(f"**/profiles/{CODE}/1")
    expect(ada.get_by_text("20%")).to_be_visible()
    act(ada, "Send for approval", "Fewer now.")

    max_.reload()
    act(max_, "Approve")
    act(max_, "Run in shadow")
    assert stage(desk) == "shadow"
    act(max_, "Put in force")
    with desk.site.store.read() as uow:
        published = uow.published("rules")
    assert published is not None
    profiles = json.loads(published.body)["profiles"]
    assert [each["share"] for each in profiles if each["code"] == CODE] == ["0.2"]

    ada.reload()
    act(ada, "Ask to end it", "No hits.")
    mia = at(desk, "mia")
    expect(mia.get_by_text("another person must agree")).to_be_visible()
    act(mia, "End it", "Agreed.")
    assert stage(desk) == "retired"
    assert desk.faults == []


def test_today_tells_what_waits_for_whom(desk: Desk) -> None:
    drafted(desk)
    ada = desk.open("/")
    desk.sign_in(ada, "ada")
    expect(ada.get_by_role("region", name="Your drafts")).to_contain_text("Cheap phones")
    act(at(desk, "ada"), "Send for approval", "Much is missed.")
    max_ = desk.open("/")
    desk.sign_in(max_, "max")
    waiting = max_.get_by_role("region", name="Profiles waiting for your approval")
    waiting.get_by_role("link", name="Cheap phones").press("Enter")
    max_.wait_for_url(f"**/profiles/{CODE}/1")
    ada.reload()
    expect(ada.get_by_role("region", name="Your drafts")).to_have_count(0)


def test_an_edit_voids_the_approval(desk: Desk) -> None:
    drafted(desk)
    act(at(desk, "ada"), "Send for approval", "Much is missed.")
    max_ = at(desk, "max")
    act(max_, "Approve")
    ada = at(desk, "ada")
    ada.get_by_role("button", name="Edit").click()
    ada.get_by_label("Title").fill("Very cheap phones")
    ada.get_by_role("button", name="Save draft").click()
    ada.wait_for_url(f"**/profiles/{CODE}/1")
    assert stage(desk) == "draft"
    max_.get_by_role("button", name="Put in force").press("Enter")
    expect(max_.get_by_role("alert")).to_contain_text("draft")


def test_of_two_who_edit_at_once_the_second_is_told_and_keeps_what_was_typed(desk: Desk) -> None:
    drafted(desk)
    pages = [at(desk, name) for name in ("ada", "max")]
    for page in pages:
        page.get_by_role("button", name="Edit").click()
        page.get_by_label("Title").wait_for()
    for page, title in zip(pages, ("Ada's phones", "Max's phones"), strict=True):
        page.get_by_label("Title").fill(title)
        page.get_by_role("button", name="Save draft").click()
    expect(pages[1].get_by_role("alert").first).to_contain_text("Somebody else edited it")
    expect(pages[1].get_by_label("Title")).to_have_value("Max's phones")
    assert desk.site.services.authoring.version(CODE, 1).data["title"] == "Ada's phones"


def test_the_list_finds_what_waits(desk: Desk) -> None:
    drafted(desk)
    page = desk.open("/profiles?show=worked-on")
    desk.sign_in(page, "otto")
    rows = page.locator("table.profiles tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Draft")
    page.get_by_label("Show").select_option("")
    page.get_by_label("Find by title or code").fill("phones")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(f"{desk.address}/profiles?q=phones")
    page.keyboard.press("Tab")
    page.get_by_label("Show").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/profiles/{CODE}")
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)  # an auditor changes nothing


def test_what_was_published_with_the_whole_content_can_be_changed(desk: Desk) -> None:
    page = desk.open("/profiles/zero_price")
    desk.sign_in(page, "ada")
    expect(page.locator(".sentence p")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    page.wait_for_url("**/profiles/zero_price/2/edit")
    page.get_by_label("Share of matches, %").fill("50")
    page.get_by_role("button", name="Save draft").click()
    changes = page.get_by_role("region", name="What it changes")
    expect(changes).to_contain_text("to \u2068“0.5”")
