"""Seeded damage to good messages and tables: what lines, disks, exporters and attackers do to bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random  # noqa: TID251 - seeded by its caller, so that a mutation can be repeated

__all__ = ["CSV_MUTATIONS", "JSON_MUTATIONS", "mutated"]

Mutation = Callable[[bytes, Random], bytes]

#: Values that a lenient reader takes for something else.
STRANGE_VALUES = (
    b"null", b"true", b"0", b"-1", b"1.5", b"1e999", b"-1E-400", b"NaN", b"-Infinity", b"9" * 400,
    b'""', b'" "', b'"\\u0000"', b'"\\ud800"', b'"\xff"', b'"1e400000"', b'"0x10"', b'"1_000"',
    b'"\xd9\xa1"', b"[]", b"{}", b"[[]]", b'{"":{"":0}}', b'"=1+1"', b'"' + b"A" * 5000 + b'"',
    b'"2026-02-30"', b'"\xe2\x80\xae"',
)  # fmt: skip
#: Bytes that are no characters, no text, or structure.
STRANGE_BYTES = (
    b"\xff\xfe", b"\x00", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"\\", b"\r", b"\n", b",",
)  # fmt: skip


def mutated(good: bytes, mutations: tuple[Mutation, ...], seed: int) -> bytes:
    """Return *good* after one to three mutations; the same seed gives the same bytes."""
    random = Random(seed)
    body = good
    for _ in range(random.randint(1, 3)):
        body = random.choice(mutations)(body, random)
    return body


def flip(body: bytes, random: Random) -> bytes:
    """Flip bits of up to 8 bytes."""
    damaged = bytearray(body)
    for _ in range(random.randint(1, 8)):
        if damaged:
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def delete(body: bytes, random: Random) -> bytes:
    """Take a piece out."""
    start = random.randrange(len(body) + 1)
    return body[:start] + body[start + random.randint(1, 40) :]


def duplicate(body: bytes, random: Random) -> bytes:
    """Write a piece twice."""
    start = random.randrange(len(body) + 1)
    piece = body[start : start + random.randint(1, 60)]
    return body[:start] + piece * random.randint(2, 4) + body[start + len(piece) :]


def truncate(body: bytes, random: Random) -> bytes:
    """Cut the end off."""
    return body[: random.randrange(len(body) + 1)]


def insert(body: bytes, random: Random) -> bytes:
    """Put bytes in that are no text, no characters, or structure."""
    piece = random.choice(
        (b"\xff\xfe", b"\x00", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"\\", b"\r", b"\n", b",")
    )
    start = random.randrange(len(body) + 1)
    return body[:start] + piece * random.randint(1, 3) + body[start:]


def swap_value(body: bytes, random: Random) -> bytes:
    """Give a member a value of another type."""
    places = list(re.finditer(rb':\s*("(?:[^"\\]|\\.)*"|[0-9]+|true|false|null)', body))
    if not places:
        return body
    place = random.choice(places)
    return body[: place.start(1)] + random.choice(STRANGE_VALUES) + body[place.end(1) :]


def repeat_member(body: bytes, random: Random) -> bytes:
    """Write a member twice, so that a key occurs twice."""
    members = list(re.finditer(rb'"[a-z_]+":\s*"[^"]*",', body))
    if not members:
        return body
    member = random.choice(members)
    return body[: member.end()] + member[0] + body[member.end() :]


def nest(body: bytes, random: Random) -> bytes:
    """Nest a value deeply."""
    depth = random.choice((10, 63, 64, 65, 500, 20_000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    start = body.find(b":", random.randrange(len(body) + 1))
    if start < 0:
        return opening * depth + body + closing * depth
    return body[: start + 1] + opening * depth + b"1" + closing * depth + b"," + body[start + 1 :]


def inflate(body: bytes, random: Random) -> bytes:
    """Make a list, a text or a number very long."""
    piece = random.choice((b"[1,", b'{"number":1},', b'"a":1,', b"9", b'\\"', b" ", b'"\\u00e9'))
    start = random.randrange(len(body) + 1)
    return body[:start] + piece * random.choice((10, 1000, 60_000)) + body[start:]


def swap_cells(body: bytes, random: Random) -> bytes:
    """Exchange two cells of a table."""
    cells = body.split(b",")
    first, second = random.randrange(len(cells)), random.randrange(len(cells))
    cells[first], cells[second] = cells[second], cells[first]
    return b",".join(cells)


def strange_cell(body: bytes, random: Random) -> bytes:
    """Put a strange value into a cell below the header."""
    cells = body.split(b",")
    if len(cells) > 30:
        cells[random.randrange(25, len(cells))] = random.choice(STRANGE_VALUES).strip(b'"')
    return b",".join(cells)


def mix_lines(body: bytes, random: Random) -> bytes:
    """Repeat, drop, join or move lines below the header."""
    header, *lines = body.split(b"\n")
    if lines:
        index = random.randrange(len(lines))
        line = lines.pop(index)
        lines[index:index] = random.choice(
            ([line, line], [], [line + line], [b""], [line, b"", b",,,"], [line * 50])
        )
    return b"\n".join([header, *lines])


def long_cell(body: bytes, random: Random) -> bytes:
    """Make a cell longer than a cell or a line may be."""
    start = body.find(b",", random.randrange(len(body) + 1)) + 1
    return body[:start] + b"A" * random.choice((5_000, 40_000, 1_100_000)) + body[start:]


JSON_MUTATIONS: tuple[Mutation, ...] = (
    flip, delete, duplicate, truncate, insert, swap_value, swap_value, repeat_member, nest, inflate,
)  # fmt: skip
CSV_MUTATIONS: tuple[Mutation, ...] = (
    flip, delete, duplicate, truncate, insert, swap_cells, strange_cell, strange_cell, mix_lines, long_cell,
)  # fmt: skip
