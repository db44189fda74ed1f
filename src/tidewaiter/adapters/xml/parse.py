"""Bytes to a bounded tree: no document type, no entity of one's own, nothing fetched, nothing huge.

The text is decoded here and handed to expat in one piece, because expat before 2.6 reads a long
token again for each piece that it is given (CVE-2023-52425).  A document type is refused before
expat sees a byte, and so are expansion, external entities and default attributes: without one
there are only the five entities of XML itself.  Names are local names; a prefix must be bound.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from tidewaiter.core.errors import Fault, UnreadableMessage, shorten

__all__ = [
    "ATTRIBUTES_MAX", "ATTRIBUTE_LENGTH_MAX", "BODY_BYTES_MAX", "DEPTH_MAX", "ELEMENTS_MAX", "NAMESPACES_MAX",
    "NAME_LENGTH_MAX", "TEXT_LENGTH_MAX", "Node", "parse_xml",
]  # fmt: skip

#: A declaration of 500 items with annotations takes about 4 MB.
BODY_BYTES_MAX: Final = 5 * 1024 * 1024
#: Declarations nest 9 deep.
DEPTH_MAX: Final = 64
#: 500 items of 200 elements.
ELEMENTS_MAX: Final = 100_000
#: Declarations have at most 3, the schema locations of the root included.
ATTRIBUTES_MAX: Final = 16
ATTRIBUTE_LENGTH_MAX: Final = 2048
#: Characters of one element; the longest field of the canonical form has 1,024.
TEXT_LENGTH_MAX: Final = 8192
#: The longest name of the WCO Data Model has 36.
NAME_LENGTH_MAX: Final = 128
#: Namespaces that one message declares; real ones declare 12.
NAMESPACES_MAX: Final = 256

_DOCTYPE: Final = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
#: What a message may be written in; each is decoded strictly.
_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16"})
_BYTE_ORDER_MARKS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_HINT: Final = "Send one well-formed XML document without a document type."


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """One element: its local name, where it stands, what it holds."""

    name: str
    #: Line of its start tag, from 1.
    line: int
    parent: Node | None
    #: By local name.
    attributes: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)
    #: The children by name, made when first asked for; a message does not change once it is parsed.
    _named: dict[str, list[Node]] | None = None

    @property
    def path(self) -> str:
        """Its place from the root, with a position where names repeat: ``/A/B[2]/C``."""
        steps: list[str] = []
        node: Node | None = self
        while node is not None:
            twins = [] if node.parent is None else node.parent.named(node.name)
            position = f"[{twins.index(node) + 1}]" if len(twins) > 1 else ""
            steps.append(node.name + position)
            node = node.parent
        return "/" + "/".join(reversed(steps))

    @property
    def place(self) -> str:
        """Its line and path, for a fault."""
        return shorten(f"line {self.line}, {self.path}", 300)

    def all(self, path: str) -> list[Node]:
        """Return the elements at *path* below this one, such as ``Commodity/Classification``."""
        first, *rest = path.split("/")
        found = self.named(first)
        for step in rest:
            if not found:
                return []
            found = [child for node in found for child in node.named(step)]
        return found

    def named(self, name: str) -> list[Node]:
        """Return the children of this *name*."""
        if self._named is None:
            self._named = {}
            for child in self.children:
                self._named.setdefault(child.name, []).append(child)
        return self._named.get(name, [])

    def first(self, path: str) -> Node | None:
        """Return the first element at *path*, or None."""
        return next(iter(self.all(path)), None)

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below it, in the order of the message."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def parse_xml(body: bytes) -> Node:
    """Return the root element of *body*.

    Raises :class:`UnreadableMessage` with the one reason why it is not read, and its line.
    """
    if len(body) > BODY_BYTES_MAX:
        raise _refusal("too-large", "message", f"has more than {BODY_BYTES_MAX} bytes.")
    text = _text(body)
    if found := _DOCTYPE.search(text):
        line = f"line {text.count(chr(10), 0, found.start()) + 1}"
        sentence = "declares a document type or an entity, which no customs message needs."
        raise _refusal("document-type", line, sentence, text[found.start() : found.start() + 60])
    tree = _Tree()
    try:
        tree.parser.Parse(text.encode(), True)  # noqa: FBT003 - expat has no name for it: the last piece
    except expat.ExpatError as error:
        place = f"line {error.lineno}, column {error.offset + 1}"
        said = expat.ErrorString(error.code)
        raise _refusal("xml-not-valid", place, f"is not well-formed XML: {said}.") from error
    if tree.root is None:
        raise AssertionError("BUG: expat accepted a document without a root")
    return tree.root


def _text(body: bytes) -> str:
    """Return *body* decoded as it says it is written."""
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf").lstrip())
    named = declared[1].decode("ascii").lower() if declared else None
    named = {"utf8": "utf-8", "ascii": "us-ascii", "latin1": "iso-8859-1"}.get(named or "", named)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if body.startswith(mark)), None)
    if named is not None and named not in _ENCODINGS:
        known = ", ".join(sorted(_ENCODINGS))
        raise _refusal("encoding-unknown", "line 1", f"is in an encoding that is not read ({known}).", named)
    if named == "utf-16" and marked != "utf-16":
        raise _refusal("encoding-wrong", "byte 0", "says UTF-16, but has no byte order mark.", named)
    if marked == "utf-8-sig" and named not in {None, "utf-8"}:
        raise _refusal("encoding-wrong", "byte 0", "begins with a mark of UTF-8, but says otherwise.", named)
    encoding = marked or named or "utf-8"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        wrong = body[error.start : error.start + 4].hex(" ")
        raise _refusal("encoding-wrong", f"byte {error.start}", f"is not {encoding} text.", wrong) from error
    if found := re.search("[\ud800-\udfff]", text):
        raise _refusal("encoding-wrong", f"character {found.start()}", "is half a character.")
    return text


class _Tree:
    """Builds the tree from expat's events, and stops at the first limit that is passed."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._texts: list[list[str]] = []
        self._lengths: list[int] = []
        self._elements = 0
        self._namespaces = 0
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartNamespaceDeclHandler = self._namespace

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        self._elements += 1
        if self._elements > ELEMENTS_MAX:
            raise _refusal("too-many-elements", f"line {line}", f"has more than {ELEMENTS_MAX} elements.")
        if len(self._open) >= DEPTH_MAX:
            raise _refusal("too-deep", f"line {line}", f"is nested deeper than {DEPTH_MAX} levels.")
        if len(local := _local(name)) > NAME_LENGTH_MAX:
            sentence = f"has a name of {len(local)} characters; at most {NAME_LENGTH_MAX} are read."
            raise _refusal("name-too-long", f"line {line}", sentence, local)
        if len(attributes) > ATTRIBUTES_MAX:
            sentence = f"has {len(attributes)} attributes; at most {ATTRIBUTES_MAX} are read."
            raise _refusal("too-many-attributes", f"line {line}", sentence, name)
        for attribute, value in attributes.items():
            if len(attribute) + len(value) > ATTRIBUTE_LENGTH_MAX:
                sentence = f"has an attribute of {len(value)} characters; {ATTRIBUTE_LENGTH_MAX} are read."
                raise _refusal("attribute-too-long", f"line {line}", sentence, attribute)
        parent = self._open[-1] if self._open else None
        node = Node(name=local, line=line, parent=parent, attributes=_by_local_name(attributes))
        if parent is None:
            self.root = node
        else:
            parent.children.append(node)
        self._open.append(node)
        self._texts.append([])
        self._lengths.append(0)

    def _characters(self, text: str) -> None:
        self._lengths[-1] += len(text)
        if self._lengths[-1] > TEXT_LENGTH_MAX:
            # Blanks between elements are layout, not content, and a message may be laid out widely.
            if not text.strip() and not any(part.strip() for part in self._texts[-1]):
                self._lengths[-1] = 0
                self._texts[-1] = []
                return
            line, name = self.parser.CurrentLineNumber, self._open[-1].name
            sentence = f"holds more than {TEXT_LENGTH_MAX} characters in one element."
            raise _refusal("text-too-long", f"line {line}", sentence, name)
        self._texts[-1].append(text)

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        node.text = "".join(self._texts.pop()).strip()
        self._lengths.pop()

    def _namespace(self, _prefix: str | None, _uri: str) -> None:
        self._namespaces += 1
        if self._namespaces > NAMESPACES_MAX:
            line = self.parser.CurrentLineNumber
            raise _refusal(
                "too-many-namespaces", f"line {line}", f"declares over {NAMESPACES_MAX} namespaces."
            )


def _local(name: str) -> str:
    """Return the local part of a name that expat gives as ``namespace local``."""
    return name.rpartition(" ")[2]


def _by_local_name(attributes: dict[str, str]) -> dict[str, str]:
    """Return *attributes* by local name; where several share it, those of a namespace keep that too."""
    if not attributes:
        return attributes
    locals_ = Counter(_local(attribute) for attribute in attributes)
    return {
        _local(attribute) if locals_[_local(attribute)] == 1 else attribute: value
        for attribute, value in attributes.items()
    }


def _refusal(code: str, place: str, message: str, value: str | None = None) -> UnreadableMessage:
    shown = None if value is None else shorten(value)
    fault = Fault(code=code, place=place, message=message, value=shown, hint=_HINT)
    return UnreadableMessage("The message cannot be read.", faults=(fault,))
