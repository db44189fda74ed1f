"""A checkpoint is read as it was written, and any other spelling of it is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import (
    Checkpoint,
    PublicKey,
    parse_checkpoint,
    parse_note,
    parse_public_key,
)

KEY = PublicKey(name="customs.example/ledger", key=bytes(range(32)))
CHECKPOINT = Checkpoint(origin=KEY.name, size=12, root=bytes(32))
NOTE = CHECKPOINT.signed(KEY, bytes(64))
#: A key that other makers of signed notes publish with their tests.
PUBLISHED = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_a_key_of_another_maker_has_the_hash_that_he_publishes() -> None:
    key = parse_public_key(PUBLISHED + "\n")
    assert (key.name, key.hash.hex(), key.text()) == ("example.com/foo", "530d903a", PUBLISHED)


def test_the_text_has_three_lines_and_the_note_a_signature_line() -> None:
    root = base64.b64encode(bytes(32)).decode()
    assert CHECKPOINT.text() == f"customs.example/ledger\n12\n{root}\n"
    signature = base64.b64encode(KEY.hash + bytes(64)).decode()
    assert f"{CHECKPOINT.text()}\n— customs.example/ledger {signature}\n" == NOTE


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_what_is_written_can_be_read_back(size: int, root: bytes, signature: bytes) -> None:
    checkpoint = Checkpoint(origin=KEY.name, size=size, root=root)
    note = parse_note(checkpoint.signed(KEY, signature))
    assert parse_checkpoint(note.text) == checkpoint
    assert note.signatures_of(KEY) == [signature]


def test_signatures_of_other_keys_are_left_aside() -> None:
    witness = base64.b64encode(b"wxyz" + bytes(64)).decode()
    note = parse_note(NOTE + f"— witness.example/w {witness}\n")
    assert len(note.signatures) == 2
    assert note.signatures_of(KEY) == [bytes(64)]
    assert note.signatures_of(PublicKey(name=KEY.name, key=bytes(32))) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "a\n01\n{root}\n", "a\n-1\n{root}\n", "a\n1\n{root}\nmore\n", "a b\n1\n{root}\n",
        "a\n1\nAAAA\n", "a\n1\n{root}", "a\n1\n{bent}\n", "a\n9999999999999999999\n{root}\n", "a\n1\né\n",
    ],
)  # fmt: skip
def test_another_spelling_of_a_checkpoint_is_refused(text: str) -> None:
    root = base64.b64encode(bytes(32)).decode()
    with pytest.raises(InputError):
        parse_checkpoint(text.format(root=root, bent=root[:-2] + "B="))


@pytest.mark.parametrize(
    "text", ["", NOTE[:-1], NOTE.replace("\n\n", "\n"), NOTE.replace("—", "-"), NOTE + "x\n", "x" * 200_001]
)
def test_text_that_is_no_signed_note_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", PUBLISHED.replace("530d", "531d"), PUBLISHED.replace("/foo", "/fob"), PUBLISHED[:-4],
     PUBLISHED.replace("+A", "+B"), "a+00000000+é"],
)  # fmt: skip
def test_a_key_that_was_altered_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_public_key(text)
