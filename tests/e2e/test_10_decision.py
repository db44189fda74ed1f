"""A decision is found, read in seven steps, made again, and its proof holds; a tampered record is told."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Desk
from tests.e2e.work import with_work


def test_a_decision_is_found_and_read_in_seven_steps(desk: Desk) -> None:
    with_work(desk, 3)
    page = desk.open("/decisions")
    desk.sign_in(page, "otto")
    page.get_by_label("Importer").fill("tin2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions?importer=tin2")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="D2", exact=True).press("Enter")
    steps = page.locator("section.step")
    expect(steps).to_have_count(7)
    expect(page.get_by_role("region", name="2 Profiles")).to_contain_text("customs value")
    expect(page.get_by_role("region", name="3 Draw")).to_contain_text("Every match of a profile")
    expect(page.get_by_role("region", name="4 Model")).to_contain_text("Probability of an irregularity")
    expect(page.get_by_role("region", name="6 Override")).to_contain_text("Nobody changed the lane.")
    expect(page.get_by_role("region", name="7 Result")).to_contain_text("No result is recorded yet.")


def test_a_day_that_is_none_is_told_at_its_field(desk: Desk) -> None:
    with_work(desk, 1)
    page = desk.open("/decisions")
    desk.sign_in(page, "ada")
    page.get_by_label("From day").fill("yesterday")
    page.keyboard.press("Enter")
    expect(page.get_by_label("From day")).to_have_accessible_description("Write a day as 2026-06-01.")
    page.get_by_label("From day").fill("2026-06-02")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No decision fits.")).to_be_visible()


def test_a_replay_says_that_it_is_the_same_or_what_is_not(desk: Desk) -> None:
    (decision,) = with_work(desk, 1)
    page = desk.open(f"/decisions/{decision}")
    desk.sign_in(page, "ada")
    replay = page.get_by_role("button", name="Replay now")
    replay.press("Enter")
    expect(page.get_by_role("status").filter(has_text="it is the same in every part")).to_be_visible()
    expect(page.get_by_role("button", name="Export proof")).to_have_count(0)  # an analyst reads no ledger
    page.route(
        "**/replay",
        lambda route: route.fulfill(json={
            "decision_id": decision, "same": False,
            "differences": [{"place": "/lane", "recorded": "examination", "replayed": "release"}],
        }),
    )  # fmt: skip
    replay.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("1 part comes out otherwise")
    expect(page.get_by_role("alert")).to_contain_text("Tell whoever audits")


def test_the_proof_holds_the_evidence_byte_for_byte(desk: Desk, tmp_path: Path) -> None:
    (decision,) = with_work(desk, 1)
    desk.site.services.seal.seal()
    page = desk.open(f"/decisions/{decision}")
    desk.sign_in(page, "otto")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export proof").click()
    downloading.value.save_as(tmp_path / "proof.json")
    proof = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))
    with desk.site.store.read() as work:
        stored = work.decision(decision)
    assert stored is not None
    assert proof["evidence"].encode() == stored.evidence
    assert proof["position"] == desk.site.services.prove.inclusion("decision", decision).position
    assert proof["checkpoint"].startswith("customs.example")
