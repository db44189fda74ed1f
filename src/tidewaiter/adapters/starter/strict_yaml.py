"""Reads YAML 1.2 strictly: text, whole numbers, decimals, truths, lists and mappings, and nothing else.

``NO`` is Norway, because YAML 1.2 has no such truth value.  Refused, each with its line: a key that
is there twice, a number with a leading zero (a code that lost its quotes), octal, hexadecimal,
exponent and infinite numbers, tags, anchors and aliases, a second document, and more than 40
levels.  Every fault of a file is found in one reading, except that a syntax error ends it.

ruamel.yaml (``typ="safe", pure=True``) parses; the values are made here, so that no resolver or
constructor can guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from tidewaiter.core.errors import ConfigurationError, Fault, shorten
from tidewaiter.core.plain import at

__all__ = ["BYTES_MAX", "DEPTH_MAX", "Sheet", "read_yaml"]

BYTES_MAX: Final = 8_000_000
DEPTH_MAX: Final = 40

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+\.[0-9]+", re.ASCII)
#: Everything else that the core schema of YAML 1.2 reads as a number (section 10.3.2).
_OTHER_NUMBER: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    re.ASCII,
)
#: A code that lost its quotes is a long whole number; a decimal has every digit of a double.
_DIGITS_MAX: Final = 18
_DECIMAL_MAX: Final = 330


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The content of a file, and the line on which each value begins."""

    #: Name of the file, relative to the folder of content.
    file: str
    data: Any
    #: JSON pointer of a value -> line, from 1.
    lines: Mapping[str, int]

    def line(self, pointer: str) -> int | None:
        """Return the line of the value at *pointer*, or of the nearest value that holds it."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)

    def locate(self, fault: Fault, within: str = "") -> Fault:
        """Return *fault* with file and line in front of its place; *within* is dropped from the pointer."""
        pointer = fault.place.removeprefix(within)
        pointer = "" if pointer == "/" else pointer
        line = self.line(pointer)
        where = self.file if line is None else f"{self.file}:{line}"
        return replace(fault, place=f"{where} {pointer}".rstrip())


def read_yaml(content: bytes, file: str) -> Sheet:
    """Return the single document in *content*.

    Raises:
        ConfigurationError: with every fault, its file, line, value and a hint.

    """
    faults: list[Fault] = []
    building = _Building(file, faults)
    if len(content) > BYTES_MAX:
        building.fault("too-large", None, f"a file has at most {BYTES_MAX:,} bytes, not {len(content):,}")
    else:
        _parse(content, building)
    if faults:
        raise ConfigurationError(
            f"`{file}` cannot be read; correct the places named here.", faults=tuple(faults)
        )
    return Sheet(file=file, data=building.root, lines=building.lines)


def _parse(content: bytes, building: _Building) -> None:
    """Feed the events of *content* to *building*; record what cannot be parsed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        building.fault("not-utf-8", line, "the file is not UTF-8 text", hint="Save it as UTF-8.")
        return
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            building.take(event)
            if building.stopped:
                return
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        number = None if mark is None else mark.line + 1
        building.fault("yaml-syntax", number, f"this is not YAML: {error.problem or error.context}")
    except YAMLError as error:
        building.fault("yaml-syntax", None, f"this is not YAML: {shorten(error)}")
    if not building.documents and not building.faults:
        building.fault("empty-file", None, "the file is empty")


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    value: list[Any] | dict[str, Any]
    pointer: str
    #: The key that waits for its value; None: a key comes next (in a mapping).
    key: str | None = None


@dataclass(slots=True)
class _Building:
    """The value that the events have built so far; a stack instead of recursion, so depth costs nothing."""

    file: str
    faults: list[Fault]
    lines: dict[str, int] = field(default_factory=dict)
    root: Any = None
    documents: int = 0
    stopped: bool = False
    stack: list[_Open] = field(default_factory=list)
    duplicates: int = 0

    def fault(
        self, code: str, line: int | None, message: str, value: str | None = None, hint: str | None = None
    ) -> None:
        """Record a fault on *line* (from 1)."""
        place = self.file if line is None else f"{self.file}:{line}"
        shown = None if value is None else shorten(value)
        self.faults.append(Fault(code=code, place=place, message=message, value=shown, hint=hint))

    def take(self, event: Any) -> None:
        """Add one event."""
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop("second-document", line, "a file holds one document")
        elif isinstance(event, AliasEvent):
            self.fault("alias", line, "anchors and aliases are not accepted", hint="Write the value out.")
            self.put(None, line)
        elif isinstance(event, ScalarEvent):
            self.plain_only(event, line)
            self.scalar(event, line)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self.plain_only(event, line)
            self.open({} if isinstance(event, MappingStartEvent) else [], line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.stack.pop()

    def stop(self, code: str, line: int, message: str) -> None:
        """Record a fault after which nothing more is read."""
        self.fault(code, line, message)
        self.stopped = True

    def plain_only(self, event: Any, line: int) -> None:
        """Refuse anchors and tags."""
        if event.anchor is not None:
            self.fault("alias", line, "anchors and aliases are not accepted", f"&{event.anchor}")
        if event.tag is not None:
            self.fault("tag", line, "tags are not accepted", str(event.tag), "Leave the tag out.")

    def scalar(self, event: Any, line: int) -> None:
        """Add a scalar as a key or as a value."""
        value = event.value if event.style else self.plain(event.value, line)
        top = self.stack[-1] if self.stack else None
        if top is None or isinstance(top.value, list) or top.key is not None:
            self.put(value, line)
            return
        if not isinstance(value, str):
            self.fault("key-not-text", line, "a key is text", event.value, "Put it in quotes.")
            value = str(event.value)
        if value in top.value:
            first = self.lines.get(at(top.pointer, value))
            self.fault("duplicate-key", line, f"the key is there twice; first on line {first}", value)
            # Read on under a name of its own, so that the first value is kept and nothing is mixed.
            self.duplicates += 1
            value = f"{value}\x00{self.duplicates}"
        top.key = value

    def plain(self, text: str, line: int) -> Any:
        """Return what an unquoted scalar stands for."""
        if text in _NULL:
            return None
        if text in _TRUTHS:
            return _TRUTHS[text]
        digits = text.lstrip("+-")
        if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
            if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
                hint = f'Codes are text: write "{text}".'
                self.fault("leading-zero", line, "a number has no leading zero", text, hint)
            elif len(digits) > (_DECIMAL_MAX if "." in digits else _DIGITS_MAX):
                message = f"a number has at most {_DIGITS_MAX} digits"
                self.fault("long-number", line, message, text, "If it is a code, put it in quotes.")
            else:
                return float(text) if "." in text else int(text)
            return None
        if _OTHER_NUMBER.fullmatch(text):
            self.fault("number-form", line, "a number is written plainly", text, "Codes need quotes.")
            return None
        return text

    def open(self, value: list[Any] | dict[str, Any], line: int) -> None:
        """Begin a list or a mapping."""
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self.stop("key-not-text", line, "a key is text, not a list or mapping")
            return
        pointer = self.put(value, line)
        if len(self.stack) >= DEPTH_MAX:
            self.stop("too-deep", line, f"a file has at most {DEPTH_MAX} levels")
            return
        self.stack.append(_Open(value=value, pointer=pointer))

    def put(self, value: Any, line: int) -> str:
        """Put a value where it belongs; return its JSON pointer."""
        if not self.stack:
            self.root = value
            self.lines[""] = line
            return ""
        top = self.stack[-1]
        if isinstance(top.value, list):
            pointer = at(top.pointer, len(top.value))
            top.value.append(value)
        elif top.key is None:  # an alias as a key; already a fault
            return top.pointer
        else:
            pointer = at(top.pointer, top.key)
            top.value[top.key] = value
            top.key = None
        self.lines[pointer] = line
        return pointer
