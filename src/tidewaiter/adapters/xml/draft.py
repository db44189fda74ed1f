"""A canonical message in the making: values taken from elements, and what was never taken.

Each value remembers its element, so that a fault of the canonical form is told with the line and
path of the message instead of a pointer into data that the sender never saw.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias
from unicodedata import normalize

from tidewaiter.adapters.canonical import declaration_from_data
from tidewaiter.adapters.canonical.plain import FAULTS_MAX
from tidewaiter.adapters.xml.parse import Node
from tidewaiter.core.declaration import ITEMS_MAX, Declaration
from tidewaiter.core.errors import Fault, UnreadableMessage, shorten
from tidewaiter.flow.ports.readings import NotMapped

__all__ = ["Draft", "Element", "Kind", "ValueFault", "clean", "plain_decimal", "whole_number"]

#: No place in the canonical form for this element.
NO_PLACE: Final = "the canonical form has no field for it"
_NOT_KNOWN: Final = "not in the crosswalk"

_DECIMAL: Final = re.compile(r"\+?([0-9]{0,40})(?:\.([0-9]{0,40}))?", re.ASCII)
_WHOLE: Final = re.compile(r"\+?0*([0-9]{1,9})(?:\.0{0,9})?", re.ASCII)


class ValueFault(ValueError):
    """The text of an element is not what its field needs: code, sentence, what to do."""

    def __init__(self, code: str, sentence: str, hint: str) -> None:
        self.code = code
        self.sentence = sentence
        self.hint = hint
        super().__init__(sentence)


class Kind(StrEnum):
    """How the text of an element becomes the value of a field."""

    TEXT = "text"
    AMOUNT = "amount"
    COUNT = "count"
    MOMENT = "moment"
    #: It is one part of a value that several elements make together; the reader's code does it.
    PART = "part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One line of a crosswalk: where an element stands, and which field it becomes."""

    #: Its number in the WCO Data Model; a name where it has none.
    id: str
    #: ``header`` or ``item``: what the path begins at.
    scope: str
    path: str
    #: Canonical field, dots between its parts; None when the canonical form has none.
    field: str | None
    kind: Kind = Kind.TEXT


Converter: TypeAlias = Callable[[str], Any]


class Draft:
    """Canonical data in the making, from the elements of one message."""

    def __init__(
        self, root: Node, crosswalk: Sequence[Element], converters: Mapping[Kind, Converter], hint: str
    ) -> None:
        self.data: dict[str, Any] = {}
        #: Scope of the crosswalk -> the elements at which its paths begin.
        self.scopes: Mapping[str, Sequence[Node]] = {}
        self._root = root
        self._crosswalk = crosswalk
        self._converters = converters
        self._hint = hint
        self._faults: list[Fault] = []
        self._taken: set[int] = set()
        self._taken_attributes: set[tuple[int, str]] = set()
        self._reasons: dict[int, str] = {}
        self._cut: list[NotMapped] = []
        self._origins: dict[str, Node] = {}
        self._told: set[str] = set()

    # -- taking

    def take(self, node: Node) -> str:
        """Return the text of *node*, which now counts as read."""
        self._taken.add(id(node))
        return clean(node.text)

    def is_taken(self, node: Node) -> bool:
        """Tell whether *node* counts as read."""
        return id(node) in self._taken

    def attribute(self, node: Node, name: str) -> str | None:
        """Return an attribute of *node*, which now counts as read; None when it is not there or empty."""
        text = clean(node.attributes.get(name, ""))
        if text:
            self._taken_attributes.add((id(node), name))
        return text or None

    def text(self, node: Node, path: str) -> str | None:
        """Return the text of the first element with text at *path*, which now counts as read."""
        found = next((child for child in node.all(path) if child.text), None)
        return None if found is None else self.take(found)

    def leave(self, node: Node, reason: str) -> None:
        """Remember why *node* is not in the canonical form."""
        self._reasons[id(node)] = reason

    def limit(self, items: Sequence[Node]) -> None:
        """Raise UnreadableMessage when there are more *items* than a declaration may have."""
        if len(items) > ITEMS_MAX:
            hint = "Send several declarations."
            fault = ValueFault("count-wrong", f"is one item too many; at most {ITEMS_MAX} are read.", hint)
            self.fault(fault, items[ITEMS_MAX], f"/items/{ITEMS_MAX}")
            self.refuse_faults()

    # -- putting

    def put(self, target: dict[str, Any], pointer: str, field: str, value: Any, node: Node) -> None:
        """Set *field* of *target*, whose JSON pointer is *pointer*; dots in the name are levels."""
        *levels, last = field.split(".")
        for level in levels:
            target = target.setdefault(level, {})
        target[last] = value
        self._origins[f"{pointer}/{field.replace('.', '/')}"] = node

    def shortened(self, node: Node, text: str, length_max: int) -> str:
        """Return *text* cut to *length_max*; what was cut is told."""
        if len(text) <= length_max:
            return text
        reason = f"longer than the {length_max} characters that are kept"
        self._cut.append(_not_mapped(node, node.path, text, None, reason))
        return text[: length_max - 1].rstrip() + "…"

    def convert(self, kind: Kind, node: Node, pointer: str) -> Any:
        """Return the text of *node* as a value of *kind*; None after a fault, which is remembered."""
        text = self.take(node)
        try:
            return self._converters[kind](text) if kind in self._converters else text
        except ValueFault as error:
            self.fault(error, node, pointer)
            return None

    def fault(self, error: ValueFault, node: Node, pointer: str) -> None:
        """Remember that *node* is not what the field at *pointer* needs."""
        self._told.add(pointer)
        self._origins[pointer] = node
        if len(self._faults) >= FAULTS_MAX:
            return
        place = f"{node.place} ({pointer})"
        fault = Fault(
            code=error.code, place=place, message=error.sentence, value=shorten(node.text), hint=error.hint
        )
        self._faults.append(fault)

    def fill(self, target: dict[str, Any], pointer: str, node: Node, scope: str) -> None:
        """Set the fields of *scope* that one element each makes; of two paths the first with text wins.

        Of elements with several texts the first is taken and the others are told; side by side below
        one parent they are a fault, because two readers would take two values.
        """
        for row in self._crosswalk:
            if row.scope != scope or row.field is None or row.kind is Kind.PART:
                continue
            found = [child for child in node.all(row.path) if child.text]
            if not found:
                continue
            if (known := _value_at(target, row.field)) is not None:
                for other in found:
                    if clean(other.text) == known:
                        self.take(other)
                    else:
                        self.leave(other, f"{row.field} is already known from another element")
                continue
            value = self.convert(row.kind, found[0], f"{pointer}/{row.field.replace('.', '/')}")
            if value is not None:
                self.put(target, pointer, row.field, value, found[0])
            self._same(found[0], found[1:], row.field, pointer)

    def _same(self, first: Node, others: Iterable[Node], field: str, pointer: str) -> None:
        """Take twins of an element that say the same; two texts side by side are two messages in one."""
        for other in others:
            if clean(other.text) == clean(first.text):
                self.take(other)
            elif other.parent is first.parent:
                hint = "Send it once; which of the two is meant cannot be known."
                fault = ValueFault("element-twice", f"says otherwise than line {first.line}.", hint)
                self.fault(fault, other, f"{pointer}/{field.replace('.', '/')}")
            else:
                self.leave(other, f"{field} is already known from line {first.line}")

    # -- the end

    def declaration(self) -> Declaration:
        """Return the declaration; raises UnreadableMessage with every fault in the message's own places."""
        declaration, faults = None, list(self._faults)
        try:
            declaration = declaration_from_data(self.data)
        except UnreadableMessage as error:
            faults += [self._placed(fault) for fault in error.faults if fault.place not in self._told]
        self.refuse_faults(faults)
        if declaration is None:
            raise AssertionError("BUG: a declaration is read or has faults")
        return declaration

    def refuse_faults(self, faults: Sequence[Fault] = ()) -> None:
        """Raise UnreadableMessage when there are *faults*, or faults were remembered."""
        found = tuple(faults or self._faults)[:FAULTS_MAX]
        if found:
            raise UnreadableMessage(f"The declaration has {len(found)} fault(s).", faults=found)

    def not_mapped(self) -> tuple[NotMapped, ...]:
        """Return everything in the message that was not taken, in its order."""
        rows = {id(node): row for row, node in self._known()}
        left = list(self._cut)
        for node, path in _with_paths(self._root):
            row = rows.get(id(node))
            name = None if row is None else row.id
            reason = self._reasons.get(id(node)) or _reason(row)
            if node.text and id(node) not in self._taken:
                left.append(_not_mapped(node, path, node.text, name, reason))
            for attribute, value in node.attributes.items():
                if value and not attribute.endswith("chemaLocation"):
                    if (id(node), attribute) in self._taken_attributes:
                        continue
                    left.append(_not_mapped(node, f"{path}@{attribute}", value, name, NO_PLACE))
        return tuple(sorted(left, key=lambda entry: entry.line))

    def crosswalk(self) -> dict[str, tuple[int, int]]:
        """Return, per element of the crosswalk that the message holds, how many, and how many taken."""
        counts: dict[str, tuple[int, int]] = {}
        for row, node in self._known():
            held, taken = counts.get(row.id, (0, 0))
            counts[row.id] = (held + 1, taken + (id(node) in self._taken))
        return counts

    # -- within

    def _known(self) -> Iterator[tuple[Element, Node]]:
        """Yield each element with text that the crosswalk knows, with its row."""
        rows = {(row.scope, row.path): row for row in reversed(self._crosswalk)}
        scopes = {id(start): scope for scope, starts in self.scopes.items() for start in starts}
        waiting = [(self._root, "", "")]
        while waiting:
            node, scope, path = waiting.pop()
            if id(node) in scopes:
                scope, path = scopes[id(node)], ""
            row = rows.get((scope, path)) if node.text else None
            if row is not None:
                yield row, node
            inner = f"{path}/" if path else ""
            waiting.extend((child, scope, inner + child.name) for child in reversed(node.children))

    def _placed(self, fault: Fault) -> Fault:
        """Return *fault* with the line and path of the element that the value came from."""
        pointer = fault.place
        steps = pointer.split("/")
        for length in range(len(steps), 1, -1):
            node = self._origins.get("/".join(steps[:length]))
            if node is not None:
                return replace(fault, place=f"{node.place} ({pointer})")
        wanted = {row.path for row in self._crosswalk if row.field and row.field.split(".")[-1] == steps[-1]}
        hint = f"Send {' or '.join(sorted(wanted))}." if wanted else (fault.hint or "")
        return replace(fault, place=f"message ({pointer})", hint=f"{hint} {self._hint}".strip())


def clean(text: str) -> str:
    """Return *text* on one line, blanks single, in Unicode normalization form C.

    XML is laid out with line breaks that mean nothing, and has no rule about normal forms.
    """
    return normalize("NFC", " ".join(text.split()))


def plain_decimal(text: str) -> str:
    """Return a number in the plain form that the canonical message takes.

    XML Schema allows ``+5``, ``007``, ``.5`` and ``5.``; anything else is left as it is, and the
    canonical message refuses it.

    >>> plain_decimal("+007.50")
    '7.5'
    """
    found = _DECIMAL.fullmatch(text)
    if not found or not (found[1] or found[2]):
        return text
    whole, fraction = found[1].lstrip("0") or "0", (found[2] or "").rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def whole_number(text: str) -> int:
    """Return a count; raises ValueFault when *text* is none."""
    found = _WHOLE.fullmatch(text)
    if not found:
        raise ValueFault("count-not-whole", "is not a whole number.", "Write it in at most 9 digits.")
    return int(found[1])


def _with_paths(root: Node) -> Iterator[tuple[Node, str]]:
    """Yield every element with its path, in the order of the message; each is counted once only."""
    waiting = [(root, root.path)]
    while waiting:
        node, path = waiting.pop()
        yield node, path
        if not node.children:
            continue
        seen: Counter[str] = Counter()
        inner: list[tuple[Node, str]] = []
        for child in node.children:
            seen[child.name] += 1
            position = f"[{seen[child.name]}]" if len(node.named(child.name)) > 1 else ""
            inner.append((child, f"{path}/{child.name}{position}"))
        waiting.extend(reversed(inner))


def _reason(row: Element | None) -> str:
    """Return why an element of the crosswalk's *row* was not taken, where nobody said it."""
    if row is None:
        return _NOT_KNOWN
    return NO_PLACE if row.field is None else f"{row.field} is made without it"


def _value_at(target: Mapping[str, Any], field: str) -> Any:
    value: Any = target
    for level in field.split("."):
        value = value.get(level) if isinstance(value, dict) else None
    return value


def _not_mapped(node: Node, path: str, value: str, element: str | None, reason: str) -> NotMapped:
    return NotMapped(path=path, line=node.line, value=shorten(value), element=element, reason=reason)
