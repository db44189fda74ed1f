"""Prints plain data as YAML that :mod:`strict_yaml` reads back without loss, made for people to read.

A text stands without quotes only where nobody could take it for anything else; a text of several
lines stands as a block, so that a condition reads as it was printed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError

__all__ = ["print_yaml"]

_INDENT: Final = "  "
_WIDTH: Final = 100
#: Begins with a letter and holds nothing that YAML gives a meaning to, at any place.
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./()-]*( [A-Za-z0-9_./()-]+)*", re.ASCII)
_WORDS_OF_YAML: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def print_yaml(data: Mapping[str, Any]) -> str:
    """Return *data* (text, whole numbers, decimals, truths, nothing, lists, mappings) as YAML.

    Raises ConfigurationError for a number that is not finite.
    """
    return "\n".join(_block(data, "")) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    """Iterate over the lines of a mapping or list that is not empty."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _member(f"{indent}{_scalar(key)}:", member, indent)
    else:
        for member in value:
            inner = f"{indent}-"
            if isinstance(member, Mapping | list | tuple) and member and _flat(member, 0) is None:
                first, *rest = _block(member, indent + _INDENT)
                yield f"{inner} {first.removeprefix(indent + _INDENT)}"
                yield from rest
            else:
                yield from _member(inner, member, indent)


def _member(head: str, value: Any, indent: str) -> Iterator[str]:
    """Iterate over the lines of a member, of which *head* is the beginning of the first."""
    if isinstance(value, Mapping | list | tuple):
        flat = _flat(value, len(head) + 1)
        if flat is not None:
            yield f"{head} {flat}"
        elif not isinstance(value, Mapping) and _is_filled(value):
            yield f"{head} ["
            yield from _filled(value, indent + _INDENT)
            yield f"{indent}]"
        else:
            yield head
            yield from _block(value, indent + _INDENT)
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from (f"{indent}{_INDENT}{line}" for line in value.split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _flat(value: Any, used: int) -> str | None:
    """Return a mapping or list on one line; None: it is too long, or deeper than people like to read."""
    if isinstance(value, Mapping):
        parts = [
            None if isinstance(each, Mapping | list | tuple) and each else f"{_scalar(key)}: {_simple(each)}"
            for key, each in value.items()
        ]
        text = None if None in parts else "{" + ", ".join(map(str, parts)) + "}"
    else:
        simple = not any(isinstance(each, Mapping | list | tuple) for each in value)
        text = "[" + ", ".join(map(_scalar, value)) + "]" if simple else None
    return text if text is not None and used + len(text) <= _WIDTH else None


def _is_filled(values: Sequence[Any]) -> bool:
    """Tell whether it is a list of scalars, of which many stand on a line."""
    return not any(isinstance(each, Mapping | list | tuple) for each in values)


def _filled(values: Sequence[Any], indent: str) -> Iterator[str]:
    line = indent
    for value in values:
        text = f"{_scalar(value)},"
        if line != indent and len(line) + len(text) > _WIDTH:
            yield line.rstrip()
            line = indent
        line += f"{text} "
    yield line.rstrip()


def _is_block(text: str) -> bool:
    """Tell whether a text can stand as a block: several lines of seen characters, no blanks at the edges."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and not text.startswith(" ")
        and all(line and line == line.rstrip() and line.isprintable() and _is_safe(line) for line in lines)
    )


def _is_safe(text: str) -> bool:
    """Tell whether YAML takes every character as it is (YAML 1.2.2, production 1)."""
    return all(char.isprintable() and char != "\ufeff" for char in text)


def _simple(value: Any) -> str:
    """Return a value without members."""
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else _scalar(value)


def _scalar(value: Any) -> str:
    """Return a text, number, truth or nothing."""
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ConfigurationError("A number that is not finite cannot be written.")
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    return str(value)


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS_OF_YAML


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if _is_safe(char) or char == " ":
        return char
    number = ord(char)
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )
