"""A receipt survives being one word, and nothing else is taken for one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.ledgers import FakeKey
from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import parse_checkpoint, signed_note
from tidewaiter.core.ledger.receipt import Receipt, parse_receipt, receipt_word

KEY = FakeKey(name="customs.example/receipts")


def word(text: str) -> str:
    """Return any text as a receipt is written."""
    note = signed_note(text, KEY.public, KEY.sign(text.encode()))
    return base64.b64encode(note.encode()).decode()


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10**15), st.integers(0, 10**6))
def test_what_is_written_can_be_read_back(leaf: bytes, time_ms: int, seconds: int) -> None:
    made = Receipt(origin="customs.example/ledger", leaf=leaf, time_ms=time_ms, promise_seconds=seconds)
    read, note = parse_receipt(receipt_word(made, KEY.public, KEY.sign(made.text().encode())))
    assert read == made
    assert read.due_ms == time_ms + 1000 * seconds
    assert note.text == made.text()
    assert note.signatures_of(KEY.public) == [KEY.sign(made.text().encode())]


def test_neither_a_checkpoint_nor_a_receipt_is_taken_for_the_other() -> None:
    note = KEY.note(3, bytes(32))
    with pytest.raises(InputError, match="five lines"):
        parse_receipt(base64.b64encode(note.encode()).decode())
    with pytest.raises(InputError, match="three lines"):
        parse_checkpoint(Receipt(origin="a", leaf=bytes(32), time_ms=1).text())


SOUND = Receipt(origin="customs.example/ledger", leaf=bytes(32), time_ms=1, promise_seconds=5).text()


@pytest.mark.parametrize(
    "bad",
    [
        "", "no base64", base64.b64encode(b"\xff\xfe").decode(), "A" * 5_000,
        word(SOUND.replace("receipt/1", "receipt/2")), word(SOUND + "more\n"),
        word(SOUND.replace("\n1\n", "\n01\n")),
        word(SOUND.replace("\n5\n", "\n-5\n")), word(SOUND.replace("customs.example/ledger", "two words")),
        word(SOUND.replace("AAAA", "AAA", 1)),
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(bad: str) -> None:
    assert parse_receipt(word(SOUND))
    with pytest.raises(InputError):
        parse_receipt(bad)
