"""What is recorded is told as it is, one by one or together, and to its own source only."""

from __future__ import annotations

import pytest

from tests.fakes import trade
from tests.fakes.site import SOURCE, Site
from tidewaiter.core.errors import NotFound


def test_many_decisions_are_told_in_the_order_in_which_they_are_asked_for() -> None:
    site = Site()
    told = [site.decide(trade.declaration(number)) for number in range(4)]
    asked = [told[at]["id"] for at in (2, 0, 0, 3)]
    assert site.services.look_up.evidence(SOURCE, asked) == [told[at] for at in (2, 0, 0, 3)]
    assert site.services.look_up.evidence(SOURCE, []) == []


@pytest.mark.parametrize("source", [SOURCE, "elsewhere"])
def test_a_decision_of_nobody_or_of_another_source_is_not_found(source: str) -> None:
    site = Site()
    own = site.decide(trade.declaration(1))["id"]
    asked = own if source != SOURCE else "D000000000000000000000000"
    with pytest.raises(NotFound, match=asked):
        site.services.look_up.decision(source, asked)
    with pytest.raises(NotFound, match=asked):
        site.services.look_up.evidence(source, [asked])
