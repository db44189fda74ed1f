"""The door of the demonstration in a real browser: one press, and somebody sits at the desk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Desk, below, serving
from tidewaiter.api.app import create_app
from tidewaiter.bootstrap import message_schemas
from tidewaiter.cli.demo_door import install
from tidewaiter.cli.demo_people import VISITS


@pytest.mark.parametrize("root", ["", "/tides"])
def test_one_press_leads_to_the_work_of_each_person_and_to_another_desk(desk: Desk, root: str) -> None:
    site = desk.site
    app = create_app(site.services, message_schemas)
    install(app, store=site.store, clock=site.clock, sessions=site.services.sessions, visits=VISITS)
    with serving(below(app, root)) as address:
        page = replace(desk, address=address + root).open("/demo")
        for name, visit in VISITS.items():
            page.goto(f"{address}{root}/demo")
            page.get_by_role("button", name=f"Sign in as {name}").click()
            page.locator("nav.side").wait_for()
            expect(page.locator("header")).to_contain_text(name)
            assert page.url == f"{address}{root}{visit.place}"
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_door_is_accessible_and_fits_a_tablet(desk: Desk, axe: str, theme: str) -> None:
    app = create_app(desk.site.services, message_schemas)
    sessions = desk.site.services.sessions
    install(app, store=desk.site.store, clock=desk.site.clock, sessions=sessions, visits=VISITS)
    with serving(app) as address:
        page = replace(desk, address=address).open("/demo", theme=theme, width=1024)
        page.evaluate(axe)
        assert page.evaluate("axe.run(document).then(r => r.violations.map(v => v.id))") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.context.close()
