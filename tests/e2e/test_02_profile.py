"""An analyst writes a profile by keyboard alone, is told at once what is wrong, and sends it for approval."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk
from tests.e2e.work import with_work

#: A new profile of four conditions is sent for approval within so many keystrokes.
KEYSTROKES_MAX = 120


class Keyboard:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def new_profile(desk: Desk, by: str = "ada") -> tuple[Page, Keyboard]:
    page = desk.open("/profiles/new")
    desk.sign_in(page, by)
    expect(page.get_by_label("Title")).to_be_focused()
    return page, Keyboard(page)


def four_conditions(keys: Keyboard) -> None:
    """Write four conditions, from the title on: each is a feature, then its value, then the next."""
    keys.type("Phones")
    keys.press("Tab", "Tab", "Tab")  # past the code, and how the conditions are joined
    for feature, value in (("hs2", "85"), ("origin", "CN"), ("customs_v", "60"), ("importer is", "")):
        keys.type(feature)
        keys.press("Enter")
        if value:
            keys.type(value)
            keys.press("Enter")
        if value in {"85", "CN"}:  # there may be several of them, so one more says that it is all
            keys.press("Enter")


def test_a_profile_of_four_conditions_is_sent_by_keyboard_alone(desk: Desk) -> None:
    page, keys = new_profile(desk)
    four_conditions(keys)
    told = page.get_by_role("complementary")
    expect(page.locator(".sentence p")).to_contain_text("importer is new")
    expect(page.get_by_role("region", name="Impact on the newest decisions")).to_contain_text("no decisions")
    expect(told).to_contain_text("Source, Checks and Text for the officer")
    keys.press(*["Tab"] * 11)  # to the checks, past lane, share and what missing data mean
    keys.type("invoice")
    keys.press("Enter", "Tab")
    keys.type("Look.")
    keys.press(*["Tab"] * 9)  # past what is right already
    keys.type("UCC")
    expect(told).to_contain_text("It can be kept as it is.")
    keys.press("Control+Enter")
    keys.type("New")
    keys.press("Enter")
    expect(page.get_by_text("Waits for approval")).to_be_visible()
    assert keys.pressed <= KEYSTROKES_MAX

    version = desk.site.services.authoring.version("phones", 1)
    assert [each.kind.value for each in version.steps] == ["draft", "submit"]
    assert version.condition.text.splitlines() == [
        'hs2 in ("85") and origin in ("CN") and customs_value >= 60 and importer_is_new = true'
    ]
    assert version.data["description"] == version.condition.words["en"]


def test_what_is_wrong_is_told_where_it_stands_and_nothing_is_lost(desk: Desk) -> None:
    page, keys = new_profile(desk)
    keys.type("Phones")
    keys.press("Tab", "Tab", "Tab")
    keys.type("hs2")
    keys.press("Enter")
    keys.type("8X5")
    keys.press("Enter")
    row = page.locator(".builder li").first
    expect(row.get_by_role("alert")).to_contain_text("two digits")
    expect(page.get_by_role("complementary")).to_contain_text("1 place is to be corrected")

    keys.press("Control+z")
    expect(row.locator(".chosen")).to_have_count(0)
    expect(row.get_by_role("alert")).to_have_count(0)
    page.wait_for_timeout(2_200)  # what is typed is kept in the browser each two seconds
    page.reload()
    expect(page.get_by_text("What you had typed in this browser is back.")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Phones")
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Title")).to_have_value("")


def test_rows_and_text_are_two_views_of_one_condition(desk: Desk) -> None:
    text = 'hs2 in ("85") and none of (origin = "CN", not (origin in ("DE", "FR")))'
    page = desk.open(f"/profiles/new?when={text.replace(' ', '%20')}")
    desk.sign_in(page, "ada")
    area = page.get_by_label("Condition", exact=True)
    expect(area).to_have_value(text)
    page.get_by_role("button", name="As rows").click()
    expect(page.locator(".builder .builder")).to_have_count(1)
    expect(page.locator(".chosen bdi").all()[1]).to_contain_text("Germany")
    page.get_by_role("button", name="Remove condition 1").first.click()
    expect(page.locator(".builder li .suggest-input").first).to_be_focused()
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="As text").click()
    expect(area).to_have_value(text.replace('not (origin in ("DE", "FR"))', 'origin not in ("DE", "FR")'))
    area.fill("hs2 in (")
    expect(page.get_by_role("alert").first).to_contain_text("line 1")


def test_the_suggestions_are_told_to_whoever_does_not_see_them(desk: Desk, axe: str) -> None:
    page, keys = new_profile(desk)
    keys.press("Tab", "Tab", "Tab")
    keys.type("irregular importer 365")
    feature = page.get_by_role("combobox", name="What is looked at")
    expect(feature).to_have_attribute("aria-expanded", "true")
    active = page.locator(f"[id='{feature.get_attribute('aria-activedescendant')}']")
    expect(active).to_have_attribute("aria-selected", "true")
    expect(active).to_contain_text("importer_irregular_365")
    page.evaluate(axe)
    violations = page.evaluate(
        "axe.run(document).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
    )
    assert violations == []
    keys.press("Escape")
    expect(feature).to_have_attribute("aria-expanded", "false")


def test_the_impact_follows_what_is_typed(desk: Desk) -> None:
    with_work(desk, 6)
    page, keys = new_profile(desk)
    keys.press("Tab", "Tab", "Tab")
    keys.type("customs_v")
    keys.press("Enter")
    keys.type("1")
    impact = page.get_by_role("region", name="Impact on the newest decisions")
    expect(impact).to_contain_text("6 decisions asked")
    expect(impact).to_contain_text("More than half of all declarations match.")
    matches = impact.locator(".tiles dd").first
    expect(matches).to_contain_text("6")
    keys.press("Enter")
    keys.type("hs2")
    keys.press("Enter")
    keys.type("85")
    keys.press("Enter")
    expect(impact.locator(".funnel li")).to_have_count(2)
    expect(impact.locator(".funnel li").last).to_contain_text("left")
    expect(matches).not_to_contain_text("6")
    expect(impact).to_contain_text("too few to judge")
    impact.get_by_text("Sample declarations").click()
    expect(impact.get_by_role("link", name="D5")).to_have_count(1)
