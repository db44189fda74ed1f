"""What a column gives back is what it was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError

from tidewaiter.adapters.sql.column_types import PACK_ABOVE_BYTES, Instant, Packed, to_microseconds

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# One day from the ends of the calendar, where an instant has no name in every zone.
INSTANTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001 - zones follow

KEPT = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("bytes", Packed),
)
ENGINE = create_engine("sqlite://")


def kept(**values: object) -> tuple[object, ...]:
    """Return a row as a database gives it back."""
    with ENGINE.connect() as connection:
        KEPT.metadata.create_all(connection)
        connection.execute(insert(KEPT).values(**values))
        row = connection.execute(select(KEPT.c.at, KEPT.c.bytes)).one()
        connection.rollback()
        return tuple(row)


@given(INSTANTS)
def test_an_instant_comes_back_exact_aware_and_in_utc(moment: datetime) -> None:
    back, _ = kept(at=moment)
    assert isinstance(back, datetime)
    assert back == moment
    assert back.tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_their_integers(first: datetime, second: datetime) -> None:
    assert (first < second) == (to_microseconds(first) < to_microseconds(second))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(StatementError, match="naive"):
        kept(at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_nothing_stays_nothing() -> None:
    assert kept(at=None, bytes=None) == (None, None)


@given(st.binary(max_size=40), st.integers(1, 200))
def test_packed_bytes_come_back_as_they_were(piece: bytes, times: int) -> None:
    assert kept(bytes=piece * times)[1] == piece * times


@pytest.mark.parametrize("body", [b"", b"x", b"\x78\x01 not zlib", b"[" * PACK_ABOVE_BYTES])
def test_packed_bytes_at_the_edges_come_back_as_they_were(body: bytes) -> None:
    assert kept(bytes=body)[1] == body


def test_long_json_is_kept_small_and_short_json_as_it_is() -> None:
    packed = Packed()
    long = b"[" + b"0.125," * 1_000 + b"1]"
    short = b"[1,2]"
    kept_long = packed.process_bind_param(long, ENGINE.dialect)
    assert kept_long is not None
    assert len(kept_long) < len(long) / 5
    assert packed.process_bind_param(short, ENGINE.dialect) == short
