"""The vocabulary of instructions: what an officer can be asked to check, in words of each language.

Content is ``{"checks": [{"code": …, "words": {"en": …}, "what": …}, …]}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.plain import Reader, at, kind_of, sequence

__all__ = ["Check", "checks_from_data"]

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
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
    entries = top.raw("checks")
    top.close()
    checks: list[Check] = []
    for index, entry in enumerate(sequence(entries or (), "/checks", faults, at_most=_CHECKS_MAX)):
        check = _check(Reader(entry, at("/checks", index), faults))
        if check.code and check.code in {other.code for other in checks}:
            place = at(at("/checks", index), "code")
            message = "two checks have this code"
            faults.append(Fault(code="code-twice", place=place, message=message, value=check.code))
        checks.append(check)
    if faults:
        raise ConfigurationError("The checks cannot be read.", faults=tuple(faults))
    return tuple(checks)


def _check(reader: Reader) -> Check:
    """Read one check."""
    check = Check(
        code=reader.code("code", _CODE, "small letters, digits and underscores"),
        words=_words(reader),
        what=reader.text("what", at_most=400),
    )
    reader.close()
    return check


def _words(reader: Reader) -> dict[str, str]:
    """Read sentences by language tag (BCP 47)."""
    value = reader.raw("words")
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not value:
        message = f"a sentence per language is expected here, not {kind_of(value)}"
        reader.fault("not-a-mapping", "words", message, value, 'Write, for example, `en: "Weigh the goods."`')
        return {}
    inner = Reader(value, at(reader.place, "words"), reader.faults)
    for tag in value:
        if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
            inner.fault("language-form", str(tag), "a language is a tag such as `en` or `pt-BR`", tag)
    return {str(tag): inner.text(str(tag), at_most=300) for tag in value}
