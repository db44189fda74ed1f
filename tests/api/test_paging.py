"""Where a page begins is written and read back exactly."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.api.paging import place_in, word_of
from tidewaiter.flow.ports.inspections import Place

PLACES = st.builds(
    Place,
    st.datetimes(datetime(1971, 1, 1), datetime(2286, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 10**18 - 1),
)


@given(place=PLACES)
def test_a_place_comes_back_as_it_was_written(place: Place) -> None:
    assert place_in(word_of(place)) == place


@given(one=PLACES, other=PLACES)
def test_two_places_never_have_the_same_word(one: Place, other: Place) -> None:
    assert (word_of(one) == word_of(other)) == (one == other)


def test_nothing_stays_nothing() -> None:
    assert (word_of(None), place_in(None)) == (None, None)
