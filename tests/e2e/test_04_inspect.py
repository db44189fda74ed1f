"""From the queue to a recorded result: in few actions, by keyboard, told when somebody was quicker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, Desk
from tests.e2e.work import CANARIES, TOLD, declare, with_work
from tests.fakes import trade
from tests.fakes.people import enrol
from tests.fakes.site import SOURCE, found
from tidewaiter.core.control import Irregularity, Outcome
from tidewaiter.flow.sign_in import IDLE_MAX

COMPLIANT_MAX = 6
OFFENCE_MAX = 11


class Counting:
    """A page on which every action of the person is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, role: Any, name: str) -> None:
        self.actions += 1
        self.page.get_by_role(role, name=name, exact=True).click()

    def choose(self, name: str) -> None:
        self.actions += 1
        self.page.locator("label.token").filter(has_text=name).first.click()

    def type(self, label: str, text: str) -> None:
        self.actions += 1
        self.page.get_by_label(label).fill(text)


def result_of(desk: Desk, decision: str) -> Any:
    with desk.site.store.read() as work:
        stored = work.result(SOURCE, f"I-{decision}")
    assert stored is not None
    return desk.site.services.messages.read_control_result(stored.body)


def at_queue(desk: Desk, count: int = 3) -> tuple[list[str], Page]:
    decisions = with_work(desk, count)
    page = desk.open("/inspections")
    desk.sign_in(page, "ines")
    page.locator("table.queue").wait_for()
    return decisions, page


def test_a_compliant_result_takes_few_actions_and_opens_the_next(desk: Desk) -> None:
    decisions, page = at_queue(desk)
    counting = Counting(page)
    counting.click("button", "Take next")
    expect(page.get_by_role("region", name="Why it was selected")).to_contain_text(TOLD)
    counting.choose("Compliant")
    counting.click("button", "Save and open next")
    page.wait_for_url(f"**/inspections/{decisions[1]}")
    assert counting.actions <= COMPLIANT_MAX
    expect(page.get_by_text("You have it")).to_be_visible()
    result = result_of(desk, decisions[0])
    assert (result.officer, result.action_code) == ("ines", "released")
    assert [finding.outcome for finding in result.findings] == [Outcome.COMPLIANT]


def test_an_offence_takes_few_actions_and_one_number(desk: Desk) -> None:
    decisions, page = at_queue(desk)
    counting = Counting(page)
    counting.click("button", "Take next")
    counting.choose("Offence found")
    counting.choose("Value too low")
    counting.type("Value found", "6,120")
    expect(page.get_by_label("Duty and tax due")).to_have_value("120")
    counting.choose("Pay and release")
    counting.click("button", "Save and open next")
    page.wait_for_url(f"**/inspections/{decisions[1]}")
    assert counting.actions <= OFFENCE_MAX
    result = result_of(desk, decisions[0])
    (finding,) = result.findings
    assert (finding.outcome, finding.irregularity) == (Outcome.IRREGULAR, Irregularity.UNDERVALUATION)
    assert (finding.declared, finding.found, str(finding.duty_effect)) == ("5100", "6120", "120")
    assert result.action_code == "duty_collected"


def test_the_whole_way_by_keyboard_alone(desk: Desk) -> None:
    decisions, page = at_queue(desk)
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="D1", exact=True)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.locator("tr[data-mine]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.locator("form.result").wait_for()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Compliant")).to_be_checked()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/inspections/{decisions[1]}")
    assert result_of(desk, decisions[0]).conclusive


def test_what_is_missing_is_said_where_it_is_missing(desk: Desk) -> None:
    _, page = at_queue(desk)
    page.keyboard.press("n")
    page.locator("form.result").wait_for()
    save = page.get_by_role("button", name="Save", exact=True)
    save.click()
    expect(page.get_by_role("group", name="What was found")).to_contain_text("Choose what was found.")
    page.keyboard.press("3")
    expect(page.get_by_role("group", name="Why not")).to_contain_text("Choose why.")
    page.keyboard.press("2")
    page.locator("label.token").filter(has_text="Value too low").click()
    page.get_by_label("Value found").fill("many")
    save.click()
    expect(page.get_by_label("Value found")).to_have_accessible_description("Type the number that was found.")
    page.get_by_label("Value found").fill("1.000,5")
    expect(page.get_by_text("1,000.5")).to_be_visible()


def test_somebody_who_saved_first_is_shown(desk: Desk) -> None:
    decisions, page = at_queue(desk)
    page.keyboard.press("n")
    page.locator("form.result").wait_for()
    other = desk.open(f"/inspections/{decisions[0]}")
    desk.sign_in(other, "max")
    expect(other.get_by_text("An inspector of the office records the result.")).to_be_visible()
    of_system = replace(trade.result(1), ended_at=desk.site.clock.now())
    desk.site.services.record([found(of_system)])
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="Recorded results")).to_contain_text("Offence found")


def test_a_colleague_who_took_it_is_named(desk: Desk) -> None:
    decisions, page = at_queue(desk)
    page.goto(f"{desk.address}/inspections/{decisions[0]}")
    take = page.get_by_role("button", name="Take", exact=True)
    take.wait_for()
    enrol(desk.site.services.people, "ivan", "inspector", offices=["PORT"])
    ivan = next(each for each in desk.site.services.people.all() if each.name == "ivan")
    desk.site.services.inspections.assign(ivan, decisions[0], take=True, instead_of=None)
    take.click()
    expect(page.get_by_role("alert")).to_contain_text("ivan has this inspection now")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("You have it")).to_be_visible()


def test_lanes_are_links_and_the_last_result_empties_the_queue(desk: Desk) -> None:
    _, page = at_queue(desk, 1)
    page.get_by_role("navigation", name="Lanes").get_by_role("link", name="Scan").click()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    assert "lane=scan" in page.url
    page.reload()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()
    page.get_by_role("link", name="All").click()
    page.locator("table.queue").wait_for()
    page.keyboard.press("n")
    page.locator("form.result").wait_for()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/inspections")
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()


def test_a_session_that_ends_keeps_what_was_chosen(desk: Desk) -> None:
    decisions, page = at_queue(desk)
    page.keyboard.press("n")
    page.locator("form.result").wait_for()
    page.keyboard.press("2")
    page.locator("label.token").filter(has_text="Wrong origin").click()
    page.locator("label.token").filter(has_text="Seize").click()
    desk.site.clock.at += IDLE_MAX
    page.keyboard.press("Control+Enter")
    dialogue = page.get_by_role("dialog")
    dialogue.wait_for()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(desk.code("ines"))
    page.keyboard.press("Enter")
    expect(dialogue).to_be_hidden()
    expect(page.get_by_role("radio", name="Wrong origin")).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/inspections")
    assert result_of(desk, decisions[0]).findings[0].irregularity is Irregularity.FALSE_ORIGIN


def test_no_secret_is_in_page_answers_or_storage_of_an_inspector(desk: Desk) -> None:
    with_work(desk, 2)
    answers: list[str] = []
    page = desk.open("/inspections")
    page.on("response", lambda got: answers.append(got.text()) if "/api/" in got.url and got.ok else None)
    desk.sign_in(page, "ines")
    page.locator("table.queue").wait_for()
    page.keyboard.press("n")
    page.locator("form.result").wait_for()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    everything = "\n".join([*answers, page.content(), stored])
    assert TOLD in everything
    assert not [word for word in (*CANARIES, '"probability"', "inclusion") if word in everything]


def test_whoever_has_no_right_is_told_who_has(desk: Desk) -> None:
    declare(desk, 1)
    page = desk.open("/inspections")
    desk.sign_in(page, "ada")
    expect(page.get_by_text("Inspector, Targeting manager and Auditor")).to_be_visible()
    expect(page.get_by_role("link", name="Inspections")).to_have_count(0)
