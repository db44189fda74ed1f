from __future__ import annotations

import time
from contextlib import suppress

import pytest

from tidewaiter.adapters.formats.json.parse import BODY_BYTES_MAX, parse
from tidewaiter.core.errors import UnreadableMessage


def refusal(body: bytes) -> tuple[str, str]:
    """Return code and place of the first fault of *body*."""
    with pytest.raises(UnreadableMessage) as caught:
        parse(body, "declaration")
    return caught.value.faults[0].code, caught.value.faults[0].place


def test_an_object_is_read() -> None:
    assert parse(b'{"a": [1, "x", null, true], "\xc3\xa9": {}}', "declaration") == {
        "a": [1, "x", None, True],
        "é": {},
    }


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b"", "json-not-valid", "line 1, column 1"),
        (b'{"a":\n 1,}', "json-not-valid", "line 2, column 4"),
        (b'{"a":1} {"b":2}', "json-not-valid", "line 1, column 9"),
        (b"{'a': 1}", "json-not-valid", "line 1, column 2"),
        (b'{"a": "\x01"}', "json-not-valid", "line 1, column 8"),
        (b'{"a": "\xff"}', "not-utf-8", "byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "not-utf-8", "byte 7"),
        (b"\xff\xfe{\x00}\x00", "not-utf-8", "byte 0"),
        (b"\xef\xbb\xbf{}", "byte-order-mark", "byte 0"),
        (b"[]", "not-an-object", "message"),
        (b"null", "not-an-object", "message"),
        (b'"text"', "not-an-object", "message"),
    ],
)
def test_what_is_no_json_object_is_refused_with_its_place(body: bytes, code: str, place: str) -> None:
    assert refusal(body)[0] == code
    assert refusal(body)[1].startswith(place[:8])


def test_size_is_limited_before_parsing() -> None:
    fits = b'{"a":"' + b"x" * (BODY_BYTES_MAX - 8) + b'"}'
    assert len(fits) == BODY_BYTES_MAX
    assert parse(fits, "declaration")
    assert refusal(fits + b" ")[0] == "too-large"


def test_depth_is_limited_before_parsing() -> None:
    assert parse(b'{"a":' + b"[" * 63 + b"]" * 63 + b"}", "declaration")
    assert refusal(b'{"a":' + b"[" * 64 + b"]" * 64 + b"}")[0] == "too-deep"
    assert refusal(b"[" * 1_000_000)[0] == "too-deep"


def test_brackets_inside_texts_are_not_depth() -> None:
    assert parse(b'{"a":"' + b"[{" * 5000 + b'\\"", "b": "' + b"[" * 99 + b'"}', "declaration")


def test_each_key_that_occurs_twice_is_named_with_its_place() -> None:
    body = b'{"a":1,"b":[{"c":1},{"c":1,"d":{"e":1,"e":2},"c":3}],"a":{"z":1,"z":2}}'
    with pytest.raises(UnreadableMessage) as caught:
        parse(body, "declaration")
    assert [(fault.place, fault.value) for fault in caught.value.faults] == [
        ("/a", "object"),
        ("/b/1/c", "3"),
        ("/b/1/d/e", "2"),
        ("/a/z", "2"),
    ]


def test_keys_that_are_equal_only_after_their_escapes_are_read_are_twice() -> None:
    assert refusal(b'{"office":1,"\\u006fffice":2}') == ("key-duplicate", "/office")


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1.0", "1e2", "1E999", "-0.0", "9" * 19, "9" * 5000]
)
def test_a_number_that_readers_take_differently_is_kept_as_text_that_no_field_accepts(number: str) -> None:
    value = parse(b'{"a":' + number.encode() + b"}", "declaration")["a"]
    assert str(value) == number
    assert not isinstance(value, str | int | float)


HOSTILE = {
    "a long list": b'{"items":[' + b"1," * 500_000 + b"1]}",
    "many objects": b'{"items":[' + b"{}," * 340_000 + b"{}]}",
    "one key often": b"{" + b'"k":1,' * 170_000 + b'"k":1}',
    "an escape that never ends": b"[" * 70 + b'"' + b'\\"' * 520_000,
    "a long number": b'{"version":' + b"9" * 1_000_000 + b"}",
    "a long exponent": b'{"version":1e' + b"9" * 1_000_000 + b"}",
    "many blanks": b" " * 1_000_000 + b"{}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_costs_less_than_a_second(name: str) -> None:
    started = time.process_time()
    with suppress(UnreadableMessage):
        parse(HOSTILE[name][:BODY_BYTES_MAX], "declaration")
    assert time.process_time() - started < 1.0


def test_at_most_fifty_faults_are_named() -> None:
    with pytest.raises(UnreadableMessage) as caught:
        parse(b"{" + b'"k":1,' * 1000 + b'"k":1}', "declaration")
    assert len(caught.value.faults) == 50
