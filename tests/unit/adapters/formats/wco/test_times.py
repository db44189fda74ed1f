"""Times of the WCO Data Model in each of their formats."""

from __future__ import annotations

import pytest

from tidewaiter.adapters.formats.wco.times import moment
from tidewaiter.adapters.xml.draft import ValueFault


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20260301", "2026-03-01"),
        ("202603010830Z", "2026-03-01T08:30:00Z"),
        ("20260301083015Z", "2026-03-01T08:30:15Z"),
        ("20260301083015+01", "2026-03-01T08:30:15+01:00"),
        ("20260301083015-0330", "2026-03-01T08:30:15-03:30"),
        ("20260301083015+05:45", "2026-03-01T08:30:15+05:45"),
        ("2026-03-01T08:30:15Z", "2026-03-01T08:30:15Z"),
        ("soon", "soon"),
    ],
)
def test_each_format_gives_iso_or_is_left_to_the_canonical_form(text: str, iso: str) -> None:
    assert moment(text) == iso


@pytest.mark.parametrize("text", ["202603010830", "20260301083015"])
def test_a_time_of_day_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        moment(text)
    assert caught.value.code == "time-without-offset"
