"""Levels say how far everything is, and readiness tries what it promises."""

from __future__ import annotations

import pytest

from tests.fakes import trade
from tests.fakes.site import Site, declared
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.measure import SPACE_BYTES_MIN


def test_levels_follow_what_happens() -> None:
    site = Site()
    before = site.services.measure.levels()
    site.services.assess([declared(trade.declaration(1))])
    site.clock.advance(hours=1)
    after = site.services.measure.levels()
    assert (after.journal - before.journal, after.ledger > before.ledger) == (1, True)
    assert after.model_age_seconds == 3600
    assert after.offices
    assert (after.events_waiting, after.dead_letters) == (0, 0)


def test_without_a_model_there_is_no_age() -> None:
    assert Site(model=None).services.measure.levels().model_age_seconds is None


def test_too_little_space_is_not_writable() -> None:
    site = Site()
    site.services.measure.require_writable()
    site.space_bytes = SPACE_BYTES_MIN - 1
    with pytest.raises(Unavailable, match="MiB are free"):
        site.services.measure.require_writable()
