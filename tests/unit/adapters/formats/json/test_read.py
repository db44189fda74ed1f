from __future__ import annotations

import time

import pytest

from tidewaiter.adapters.formats.json import read_control_result, read_declaration
from tidewaiter.core.errors import UnreadableMessage

HEAD = b'{"id":"1","flow":"import","office":"A","lodged_at":"2026-01-01",'


@pytest.mark.parametrize("read", [read_declaration, read_control_result])
def test_the_refusal_names_the_message_that_was_expected(read: object) -> None:
    what = "declaration" if read is read_declaration else "control result"
    with pytest.raises(UnreadableMessage, match=what):
        read(b"[]")  # type: ignore[operator]


HOSTILE = {
    "items without content": b'"items":[' + b"{}," * 340_000 + b"{}]}",
    "unknown fields": b",".join(b'"k%d":1' % number for number in range(80_000)) + b"}",
    "parties without content": b'"parties":[' + b"{}," * 340_000 + b'{}],"items":[]}',
    "a long route": b'"transport":{"routing":[' + b"1," * 500_000 + b'1]},"items":[]}',
    "a huge quantity": b'"items":[{"number":1,"hs_code":"010121","customs_value":"'
    + b"9" * 1_000_000
    + b'"}]}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_declaration_is_refused_within_two_seconds(name: str) -> None:
    started = time.process_time()
    with pytest.raises(UnreadableMessage) as caught:
        read_declaration(HEAD + HOSTILE[name])
    assert 0 < len(caught.value.faults) <= 50
    assert time.process_time() - started < 2.0  # the most that any input may take
