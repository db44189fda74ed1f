"""XML that was made to hurt is refused at once, with its reason."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tidewaiter.adapters.xml import parse as module
from tidewaiter.adapters.xml.parse import (
    ATTRIBUTE_LENGTH_MAX,
    ATTRIBUTES_MAX,
    BODY_BYTES_MAX,
    DEPTH_MAX,
    ELEMENTS_MAX,
    NAMESPACES_MAX,
    TEXT_LENGTH_MAX,
    Node,
    parse_xml,
)
from tidewaiter.core.errors import UnreadableMessage

LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
BILLION_LAUGHS = f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l12;</a>'.encode()
QUADRATIC = f'<!DOCTYPE a [<!ENTITY x "{"x" * 100_000}">]><a>{"&x;" * 30_000}</a>'.encode()


def code_of(body: bytes) -> str:
    """Return the code of the one fault for which *body* is refused."""
    with pytest.raises(UnreadableMessage) as caught:
        parse_xml(body)
    (fault,) = caught.value.faults
    assert fault.place
    assert fault.message
    assert fault.hint
    return fault.code


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


HOSTILE = {
    "billion laughs": (BILLION_LAUGHS, "document-type"),
    "quadratic blow-up": (QUADRATIC, "document-type"),
    "external entity": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file.txt">]><a>&x;</a>', "document-type"),
    "external subset": (b'<!DOCTYPE a SYSTEM "http://x.example/a.dtd"><a/>', "document-type"),
    "parameter entity": (b'<!DOCTYPE a [<!ENTITY % p "x"> %p;]><a/>', "document-type"),
    "document type in UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
                                "document-type"),
    "unknown entity": (b"<a>&x;</a>", "xml-not-valid"),
    "deep nesting": (nested(200_000), "too-deep"),
    "deep nesting that never ends": (b"<a>" * 200_000, "too-deep"),
    "wide": (b"<a>" + b"<b/>" * 500_000 + b"</a>", "too-many-elements"),
    "huge attribute": (b'<a x="' + b"y" * 4_000_000 + b'"/>', "attribute-too-long"),
    "many attributes": (b"<a " + b" ".join(b'x%d=""' % n for n in range(100_000)) + b"/>",
                        "too-many-attributes"),
    "many namespaces": (b"<a " + b" ".join(b'xmlns:n%d="u"' % n for n in range(50_000)) + b"/>",
                        "too-many-namespaces"),
    "huge text": (b"<a>" + b"y" * 4_000_000 + b"</a>", "text-too-long"),
    "huge text in character references": (b"<a>" + b"&#65;" * 500_000 + b"</a>", "text-too-long"),
    "huge name": (b"<a><" + b"n" * 4_000_000 + b"/></a>", "name-too-long"),
    "too many bytes": (b"<a>" + b" " * BODY_BYTES_MAX + b"</a>", "too-large"),
    "attribute twice": (b'<a x="1" x="2"/>', "xml-not-valid"),
    "prefix that is not bound": (b"<p:a/>", "xml-not-valid"),
    "two roots": (b"<a/><b/>", "xml-not-valid"),
    "nothing": (b"", "xml-not-valid"),
    "text only": (b"1e400000", "xml-not-valid"),
    "cut short": (b"<a><b>", "xml-not-valid"),
    "no character": (b"<a>&#0;</a>", "xml-not-valid"),
    "NUL": (b"<a>\x00</a>", "xml-not-valid"),
    "wrong encoding": (b'<?xml version="1.0" encoding="UTF-8"?><a>\xe9</a>', "encoding-wrong"),
    "encoding without a name": (b"<a>\xe9</a>", "encoding-wrong"),
    "encoding that contradicts its mark": (b'\xef\xbb\xbf<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
                                           "encoding-wrong"),
    "UTF-16 without a mark": (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "encoding-wrong"),
    "UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-b/+AD4-</a>', "encoding-unknown"),
    "EBCDIC": (b'<?xml version="1.0" encoding="cp037"?><a/>', "encoding-unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused_by_name_and_within_two_seconds(body: bytes, code: str) -> None:
    started = time.process_time()
    assert code_of(body) == code
    assert time.process_time() - started < 2  # the most that any input may take


def test_the_limits_themselves_are_accepted() -> None:
    assert sum(1 for _ in parse_xml(nested(DEPTH_MAX)).walk()) == DEPTH_MAX
    assert code_of(nested(DEPTH_MAX + 1)) == "too-deep"
    assert len(parse_xml(b"<a>" + b"<b/>" * (ELEMENTS_MAX - 1) + b"</a>").children) == ELEMENTS_MAX - 1
    assert code_of(b"<a>" + b"<b/>" * ELEMENTS_MAX + b"</a>") == "too-many-elements"
    attributes = " ".join(f'x{n}=""' for n in range(ATTRIBUTES_MAX))
    assert len(parse_xml(f"<a {attributes}/>".encode()).attributes) == ATTRIBUTES_MAX
    assert len(parse_xml(f'<a x="{"y" * (ATTRIBUTE_LENGTH_MAX - 1)}"/>'.encode()).attributes["x"]) > 2000
    assert len(parse_xml(f"<a>{'y' * TEXT_LENGTH_MAX}</a>".encode()).text) == TEXT_LENGTH_MAX
    assert code_of(f"<a>{'y' * (TEXT_LENGTH_MAX + 1)}</a>".encode()) == "text-too-long"
    namespaces = " ".join(f'xmlns:n{n}="u{n}"' for n in range(NAMESPACES_MAX))
    assert parse_xml(f"<a {namespaces}/>".encode()).name == "a"


def test_nothing_outside_of_the_message_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret}">]><a>&x;</a>'.encode()
    with pytest.raises(UnreadableMessage) as caught:
        parse_xml(body)
    assert "the secret" not in str(caught.value)


def test_without_the_guard_of_document_types_the_laughs_would_get_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The planted fault: were the guard away, this suite would see it."""
    monkeypatch.setattr(module, "_DOCTYPE", module.re.compile("(?!)"))
    assert code_of(BILLION_LAUGHS) != "document-type"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "utf-8"), ("iso-8859-1", "ISO-8859-1"), ("cp1252", "windows-1252"),
     ("utf-16", "UTF-16"), ("utf-8", None)],
)  # fmt: skip
def test_every_encoding_that_is_known_gives_the_same_text(encoding: str, declared: str | None) -> None:
    head = "" if declared is None else f'<?xml version="1.0" encoding="{declared}"?>'
    assert parse_xml(f"{head}<a>Lübeck</a>".encode(encoding)).text == "Lübeck"


def test_names_are_local_and_no_attribute_is_lost() -> None:
    root = parse_xml(b'<p:a xmlns:p="u" xmlns:q="v" p:x="1" q:x="2" x="3"><b xmlns="w"/></p:a>')
    assert root.name == "a"
    assert root.children[0].name == "b"
    assert sorted(root.attributes.values()) == ["1", "2", "3"]


def test_an_element_knows_its_line_and_its_path() -> None:
    root = parse_xml(b"<a>\n<b/>\n<c/><b>\n<d>x</d></b></a>")
    node = root.first("b/d")
    assert isinstance(node, Node)
    assert node.place == "line 4, /a/b[2]/d"
    assert [found.name for found in root.walk()] == ["a", "b", "c", "b", "d"]


def test_wide_layout_is_not_long_text() -> None:
    blank = " " * (TEXT_LENGTH_MAX // 2)
    root = parse_xml(f"<a>{blank}<b/>{blank}<b/>{blank}<b/></a>".encode())
    assert root.text == ""
    assert len(root.children) == 3


def test_comments_and_instructions_are_no_content() -> None:
    assert parse_xml(b"<a>x<!-- no --><?no no?>y</a>").text == "xy"
