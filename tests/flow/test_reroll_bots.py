"""Re-roll bots: traders who lodge, look, and lodge again until they are not selected.

A bot sees only the lane.  When it is controlled it cancels (nothing more is heard of that declaration)
or amends, and tries again, three times in all; it goes on with the first declaration that is not
controlled.  Inspected is who is controlled in every try, because then no try got away.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.fakes.epochs import Custody
from tests.fakes.site import Site, starter_bodies
from tests.fakes.trade import amended, declaration
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import tickets as tickets_module
from tidewaiter.flow import epochs

BOTS = 600
NOMINAL = 0.25
TRIES = 3


def lottery() -> Custody:
    """Return a site that selects by the random floor alone, in an epoch of its own."""
    bodies = starter_bodies()
    bodies["rules"]["profiles"] = []
    plan = bodies["plan"]
    plan["random_floor"].update(probability=NOMINAL, strata=[])
    plan["exploration"]["share"] = 0.0
    degraded = plan["degraded"]
    degraded["model"]["probability"] = 0.001
    degraded["flows"] = {}
    plan["top_up"]["rate"] = 0.0
    site = Site(model=None)
    site.publish(bodies)
    custody = Custody(site)
    custody.run(1)
    return custody


def new_id(of: Declaration, attempt: int) -> Declaration:
    """Return the consignment under a new id, at another office, some days later."""
    return declaration(
        int(of.id[1:]), id=Identifier(f"{of.id}-{attempt}"), office=Identifier(f"OFFICE{attempt}"),
        lodged_at=of.lodged_at + timedelta(days=attempt),
    )  # fmt: skip


def another_hand(of: Declaration, attempt: int) -> Declaration:
    """Return the consignment under a new id, with its transport document written in another way."""
    document = Identifier(f"bl {'-' * attempt}{of.id[1:]}")
    again = new_id(of, attempt)
    return declaration(
        int(of.id[1:]), id=again.id, office=again.office, lodged_at=again.lodged_at,
        transport=type(of.transport)(mode_code=Identifier("1"), document_id=document),
    )  # fmt: skip


def amendment(of: Declaration, attempt: int) -> Declaration:
    """Return the next version, with another term of delivery."""
    return amended(of, delivery_terms_code=Identifier(f"T{attempt}"), version=attempt + 1)


WAYS = {"new id": new_id, "another hand": another_hand, "amendment": amendment}


def inspected(custody: Custody, way: str, *, new_epoch: bool = False) -> tuple[float, float]:
    """Return (share of bots controlled at first, share controlled in every try)."""
    site = custody.site
    answers = site.assess(*(declaration(number) for number in range(BOTS)))
    caught = {n for n, reply in enumerate(answers) if _controlled(reply.bytes_or_raise())}
    first = len(caught) / BOTS
    for attempt in range(1, TRIES + 1):
        if new_epoch:
            site.clock.advance(days=7)
            custody.run(attempt + 1)
        again = {number: WAYS[way](declaration(number), attempt) for number in sorted(caught)}
        replies = site.assess(*again.values())
        caught = {n for n, reply in zip(again, replies, strict=True) if _controlled(reply.bytes_or_raise())}
    return first, len(caught) / BOTS


def _controlled(answer: bytes) -> bool:
    return json.loads(answer)["lane"] != "release"


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("new_epoch", [False, True])
def test_three_more_tries_escape_nothing(way: str, new_epoch: bool) -> None:
    first, last = inspected(lottery(), way, new_epoch=new_epoch)
    assert first == pytest.approx(NOMINAL, abs=0.07)  # four standard deviations of 600 draws
    assert last >= 0.98 * first


def test_a_planted_draw_over_the_declaration_lets_nearly_all_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (tickets_module, epochs):
        monkeypatch.setattr(module, "consignment_key", lambda d: str(d.id).encode().ljust(32))
    first, last = inspected(lottery(), "new id")
    assert first > 0.15
    assert last < 0.1 * first


def test_harmless_goods_that_are_changed_later_are_drawn_once_more() -> None:
    """Those that were not drawn and then change what counts are controlled at the nominal rate."""
    site = lottery().site
    declarations = [declaration(number) for number in range(BOTS)]
    free = [
        d
        for d, reply in zip(declarations, site.assess(*declarations), strict=True)
        if not _controlled(reply.bytes_or_raise())
    ]
    changed = [amended(d, items=declaration(int(d.id[1:]) + 1).items) for d in free]
    caught = sum(_controlled(reply.bytes_or_raise()) for reply in site.assess(*changed))
    assert caught / len(free) == pytest.approx(NOMINAL, abs=0.08)
