"""Column types that come back exactly as they went in, on every database."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, TypeDecorator

from tidewaiter.core.times import utc

__all__ = ["PACK_ABOVE_BYTES", "SEQ", "Instant", "Packed", "from_microseconds", "to_microseconds"]

#: A position: 64 bits, and on SQLite the row id itself, so that it costs no second index.
SEQ: Final = BigInteger().with_variant(Integer(), "sqlite")

#: Bytes above which :class:`Packed` compresses.
PACK_ABOVE_BYTES: Final = 1024

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ZLIB_HEADER: Final = b"\x78"


def to_microseconds(moment: datetime) -> int:
    """Return *moment* as microseconds since 1970-01-01 UTC, exact, negative before it.

    >>> to_microseconds(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC))
    1000005
    """
    return (utc(moment) - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the instant, aware and in UTC, *count* microseconds after 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """An instant: aware in, aware (UTC) out; microseconds since 1970 in the database.

    An integer sorts, compares and indexes as the time does, needs 8 bytes and has no second way
    of writing the same instant.  A naive time raises ValueError.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Return what the database keeps."""
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Return the instant that was kept."""
        return None if value is None else from_microseconds(value)


class Packed(TypeDecorator[bytes]):
    """JSON bytes, compressed with zlib when they are longer than 1 KiB.

    JSON never begins with the byte 0x78, and zlib output of this level always does, so each value
    says for itself which it is.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """Return what the database keeps."""
        if value is None or (len(value) <= PACK_ABOVE_BYTES and not value.startswith(_ZLIB_HEADER)):
            return value
        return zlib.compress(value, 1)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """Return the bytes that went in."""
        if value is None or not value.startswith(_ZLIB_HEADER):
            return value
        return zlib.decompress(value)
