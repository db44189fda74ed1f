"""A lane is lowered by two managers and raised by one inspector, who all see what was done and why."""

from __future__ import annotations

from itertools import product

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, Desk
from tests.e2e.test_pages import THEMES
from tests.e2e.test_work_pages import in_theme, speak
from tests.e2e.work import declare, with_work
from tidewaiter.flow.sign_in import PROOF_MAX


def change(page: Page, button: str, *, lane: str, reason: str, text: str) -> None:
    """Fill the form behind *button* and send it."""
    page.get_by_role("button", name=button).press("Enter")
    dialogue = page.get_by_role("dialog", name=button)
    dialogue.get_by_label("New lane").select_option(lane)
    dialogue.get_by_label("Reason").select_option(reason)
    dialogue.get_by_label("In your own words").fill(text)
    dialogue.get_by_role("button", name=button).press("Enter")


def in_force(desk: Desk, decision: str) -> str:
    ines = next(each for each in desk.site.services.people.all() if each.name == "ines")
    return desk.site.services.overrides.of_decision(decision, by=ines).in_force


def test_two_managers_lower_a_lane_and_an_inspector_raises_it_again(desk: Desk) -> None:
    (decision,) = with_work(desk, 1)
    asking = desk.open(f"/inspections/{decision}")
    desk.sign_in(asking, "max")
    asking.get_by_role("button", name="Propose to lower it").wait_for()
    desk.site.clock.at += PROOF_MAX
    change(
        asking,
        "Propose to lower it",
        lane="Check of documents",
        reason="Perishable or live goods",
        text="Live fish.",
    )
    expect(
        asking.get_by_role("dialog", name="Confirm that it is you").get_by_label("Password")
    ).to_be_focused()
    asking.keyboard.type(PASSWORD)
    asking.keyboard.press("Tab")
    asking.keyboard.type(desk.code("max"))
    asking.keyboard.press("Enter")
    expect(asking.get_by_role("status").filter(has_text="until another manager approves")).to_be_visible()
    assert in_force(desk, decision) == "examination"
    asking.get_by_role("link", name="See the proposal").press("Enter")
    asking.get_by_role("heading", name="Lower a lane").wait_for()
    expect(asking.get_by_role("button", name="Approve")).to_have_count(0)

    second = desk.open(asking.url.removeprefix(desk.address))
    desk.sign_in(second, "mia")
    expect(second.get_by_role("region", name="What changes")).to_contain_text("Live fish.")
    second.get_by_role("button", name="Approve").press("Enter")
    second.get_by_role("button", name="Put in force").press("Enter")
    second.get_by_role("dialog", name="Put in force").get_by_role("button", name="Put in force").press(
        "Enter"
    )
    expect(second.get_by_text("put it in force").first).to_be_visible()
    assert in_force(desk, decision) == "documents"

    page = desk.open("/inspections?lane=examination")
    desk.sign_in(page, "ines")
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    page.goto(f"{desk.address}/inspections?lane=documents")
    page.get_by_role("link", name="D1", exact=True).press("Enter")
    done = page.get_by_role("region", name="Change of lane")
    expect(done).to_contain_text("Live fish.")
    expect(page.get_by_role("button", name="Propose to lower it")).to_have_count(0)
    change(page, "Raise the lane", lane="Scan", reason="Seal or container", text="The seal is another one.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(done).to_contain_text("The seal is another one.")
    expect(page.locator(".titled .badge")).to_contain_text("Scan")
    assert in_force(desk, decision) == "scan"

    auditing = desk.open(f"/decisions/{decision}")
    desk.sign_in(auditing, "otto")
    told = auditing.get_by_role("region", name="6 Override")
    expect(told.locator("li")).to_have_count(2)
    expect(told).to_contain_text("max and mia")
    expect(auditing.get_by_role("region", name="5 Lane within capacity")).to_contain_text(
        "Physical examination"
    )


def test_a_lane_that_another_changed_meanwhile_is_told_in_the_form(desk: Desk) -> None:
    (decision,) = with_work(desk, 1)
    page = desk.open(f"/inspections/{decision}")
    desk.sign_in(page, "max")
    button = "Propose to lower it"
    page.get_by_role("button", name=button).press("Enter")
    dialogue = page.get_by_role("dialog", name=button)
    dialogue.get_by_role("button", name=button).press("Enter")
    expect(dialogue.get_by_role("alert")).to_contain_text("Say why in your own words.")
    declare(desk, 1, version=2)
    dialogue.get_by_label("In your own words").fill("Live fish.")
    dialogue.get_by_role("button", name=button).press("Enter")
    expect(dialogue.get_by_role("alert")).to_contain_text("there is a decision on a newer one")
    assert not desk.site.services.two_persons.all()


def test_what_cannot_be_read_is_told_and_not_left_out(desk: Desk) -> None:
    (decision,) = with_work(desk, 1)
    page = desk.open()
    page.route(
        "**/overrides", lambda route: route.fulfill(status=503, json={"title": "The database is away."})
    )
    desk.sign_in(page, "max")
    page.goto(f"{desk.address}/inspections/{decision}")
    expect(page.get_by_role("region", name="Change of lane")).to_contain_text(
        "The database is away.", timeout=20_000
    )


def test_the_forms_are_accessible(desk: Desk, axe: str) -> None:
    (decision,) = with_work(desk, 1)
    page = desk.open(f"/inspections/{decision}")
    desk.sign_in(page, "max")
    opening = page.locator("main section .acts button").last
    opening.wait_for()
    page.evaluate(axe)
    found: list[str] = []
    for language, theme in product(("ar", "en"), THEMES):
        speak(page, language)
        in_theme(page, theme)
        opening.click()
        page.locator("[role=dialog] button[type=submit]").click()
        page.locator("[role=dialog] .wrong").wait_for()
        violations = page.evaluate("axe.run(document).then(r => r.violations)")
        found.extend(
            f"{language}, {theme}: {each['id']}: {each['nodes'][0]['target']}" for each in violations
        )
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
    assert not found, "\n".join(found)
    assert in_force(desk, decision) == "examination", "nothing was sent"
