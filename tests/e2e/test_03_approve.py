"""A proposal is read in words, approved and put in force by another person: by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, Desk
from tidewaiter.flow.sign_in import PROOF_MAX


def test_a_second_person_approves_after_showing_both_factors_again(desk: Desk) -> None:
    proposal = desk.propose()
    before = desk.site.services.administration.published()
    page = desk.open()
    desk.sign_in(page, "max")
    link = page.get_by_role("link", name="Publish content")
    expect(link).to_have_accessible_description("Phones: half was too little in May")
    link.press("Enter")
    changes = page.get_by_role("region", name="What changes")
    expect(changes).to_contain_text("Share of matches\u2069: from \u2068“0.5”\u2069 to \u2068“0.8”\u2069")
    expect(changes).to_contain_text("Lane\u2069: from")
    assert changes.get_by_role("heading", level=3).count() == 2

    desk.site.clock.at += PROOF_MAX
    page.get_by_role("button", name="Approve").press("Enter")
    dialogue = page.get_by_role("dialog", name="Confirm that it is you")
    expect(dialogue.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(desk.code("max"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()
    assert [each.person for each in desk.site.services.two_persons.one(proposal)[0].approvals] == ["max"]

    page.get_by_role("button", name="Put in force").press("Enter")
    page.get_by_role("dialog", name="Put in force").get_by_role("button", name="Put in force").press("Enter")
    expect(page.get_by_text("Nothing differs from what is in force now.")).to_be_visible()
    now = desk.site.services.administration.published()
    assert {kind for kind in now if now[kind] != before[kind]} == {"rules", "checks"}


def test_to_decline_the_second_factor_does_nothing_and_says_nothing(desk: Desk) -> None:
    proposal = desk.propose()
    page = desk.open(f"/proposals/{proposal}")
    desk.sign_in(page, "max")
    page.get_by_role("heading", name="What changes").wait_for()
    desk.site.clock.at += PROOF_MAX
    page.get_by_role("button", name="Approve").press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Approve")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert not desk.site.services.two_persons.one(proposal)[0].approvals


def test_whoever_made_it_cannot_approve_it_but_can_withdraw_it(desk: Desk) -> None:
    proposal = desk.propose("mia")
    page = desk.open(f"/proposals/{proposal}")
    desk.sign_in(page, "mia")
    expect(page.get_by_text("another person must approve it")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    page.get_by_role("button", name="Withdraw").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").press("Enter")
    expect(page.get_by_text("rejected it")).to_be_visible()
    assert desk.site.services.two_persons.one(proposal)[0].rejected_by == "mia"


def test_an_auditor_reads_and_changes_nothing(desk: Desk) -> None:
    page = desk.open(f"/proposals/{desk.propose()}")
    desk.sign_in(page, "otto")
    page.get_by_role("heading", name="What changes").wait_for()
    assert page.locator(".acts button").count() == 0


def test_what_changed_meanwhile_is_not_approved(desk: Desk) -> None:
    proposal = desk.propose()
    page = desk.open(f"/proposals/{proposal}")
    desk.sign_in(page, "max")
    page.get_by_role("button", name="Approve").wait_for()
    ada = next(person for person in desk.site.services.people.all() if person.name == "ada")
    changed = dict(desk.site.services.two_persons.one(proposal)[1])
    changed["plan"] = changed["plan"] | {"draws": "2"}
    desk.site.services.two_persons.amend(proposal, changed, by=ada)
    page.get_by_role("button", name="Approve").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("was changed")
    expect(page.get_by_role("region", name="What changes")).to_contain_text("Selection plan")
    assert not desk.site.services.two_persons.one(proposal)[0].approvals
