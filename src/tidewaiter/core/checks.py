"""The vocabulary of instructions: what an officer can be asked to check, in words of each language.

Content is ``{"checks": [{"code": …, "words": {"en": …}, "what": …}, …]}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import Reader, distinct, refuse

__all__ = ["Check", "checks_from_data"]

_CHECKS_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One instruction."""

    #: Stable code, such as ``weigh``.
    code: str
    #: The instruction as the officer reads it: language tag -> sentence; at least one.
    words: Mapping[str, str]
    #: What is meant, for authors of profiles and for translators.
    what: str


def checks_from_data(data: object) -> tuple[Check, ...]:
    """Return the checks that *data* writes, in its order.

    Raises:
        ConfigurationError: with every fault and its place.

    """
    faults: list[Fault] = []
    top = Reader(data, "", faults)
    readers = top.children("checks", at_most=_CHECKS_MAX)
    top.close()
    checks = tuple(_check(reader) for reader in readers)
    distinct(readers, "code", "checks")
    refuse("checks", faults)
    return checks


def _check(reader: Reader) -> Check:
    """Read one check."""
    check = Check(
        code=reader.code("code"),
        words=reader.words("words", example="Weigh the goods."),
        what=reader.text("what", at_most=400),
    )
    reader.close()
    return check
