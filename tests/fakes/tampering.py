"""Fifteen ways to tamper with a bundle, each as a clever owner of the database would do it.

Each takes the parts of a bundle (header, entries, checkpoints as one part each, last line) and a
seeded generator, and returns the parts after tampering.  The last line is counted anew, so that it
gives nothing away, and where it helps the cheat, hashes are computed anew, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random  # noqa: TID251 - seeded: the same places in every run
from typing import Final

from tests.fakes.ledgers import FakeKey, make_bundle
from tidewaiter.core.ledger.bundle import CHECKPOINT, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.checkpoint import Checkpoint, parse_checkpoint, parse_note
from tidewaiter.core.ledger.tree import leaf_hash

__all__ = ["TAMPERINGS", "Parts", "bodies_of", "last_note"]

Parts = list[bytes]
Tampering = Callable[[Parts, Random, FakeKey], Parts]

OTHER_KEY: Final = FakeKey(seed=2)


def _entries(parts: Parts) -> list[int]:
    return [index for index, part in enumerate(parts) if part[:1].isdigit()]


def _checkpoints(parts: Parts) -> list[int]:
    return [index for index, part in enumerate(parts) if part.startswith(CHECKPOINT)]


def _counted(parts: Parts) -> Parts:
    """Return the parts with a last line that counts right."""
    kept = [part for part in parts if not part.startswith(b"end ")]
    return [*kept, end_line(len(_entries(kept)), len(_checkpoints(kept)))]


def _renumbered(parts: Parts) -> Parts:
    """Return the parts with entries numbered anew, so that no gap shows."""
    made, position = [], 0
    for part in parts:
        if part[:1].isdigit():
            position += 1
            made.append(b"%d %s" % (position, part.split(b" ", 1)[1]))
        else:
            made.append(part)
    return _counted(made)


def bodies_of(parts: Parts) -> list[bytes]:
    """Return the bodies of the entries."""
    return [parts[index].split(b" ", 2)[2][:-1] for index in _entries(parts)]


def last_note(parts: Parts) -> bytes:
    """Return the last signed note: what a witness would have kept."""
    return parts[_checkpoints(parts)[-1]][len(CHECKPOINT) : -1]


def _bent(body: bytes, random: Random) -> bytes:
    """Return *body* with one character replaced by another."""
    place = random.randrange(1, len(body) - 1)
    other = random.choice([c for c in b"0123456789abcxyz" if c != body[place]])
    return body[:place] + bytes([other]) + body[place + 1 :]


def changed_body(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Change a character of a body, and compute its hash anew every other time."""
    index = random.choice(_entries(parts))
    position, stated, body = parts[index].split(b" ", 2)
    new = _bent(body[:-1], random)
    hash_ = leaf_hash(new) if random.random() < 0.5 else bytes.fromhex(stated.decode())
    return [*parts[:index], entry_line(int(position), hash_, new), *parts[index + 1 :]]


def changed_hash(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Change a digit of a leaf hash."""
    index = random.choice(_entries(parts))
    position, stated, body = parts[index].split(b" ", 2)
    place = random.randrange(64)
    digit = random.choice([c for c in b"0123456789abcdef" if c != stated[place]])
    stated = stated[:place] + bytes([digit]) + stated[place + 1 :]
    return [*parts[:index], b" ".join([position, stated, body]), *parts[index + 1 :]]


def removed_leaf(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Take an entry out; number the rest anew every other time."""
    index = random.choice(_entries(parts))
    rest = [*parts[:index], *parts[index + 1 :]]
    return _renumbered(rest) if random.random() < 0.5 else _counted(rest)


def inserted_leaf(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Put an entry of one's own in, numbering the rest anew."""
    index = random.choice(_entries(parts))
    body = _bent(bodies_of(parts)[0], random)
    return _renumbered([*parts[:index], entry_line(1, leaf_hash(body), body), *parts[index:]])


def swapped(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Let two entries change places; they take each other's number every other time."""
    one, other = random.sample(_entries(parts), 2)
    made = list(parts)
    made[one], made[other] = parts[other], parts[one]
    return _renumbered(made) if random.random() < 0.5 else made


def truncated_tail(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Cut the end off at any byte, or neatly behind an earlier checkpoint."""
    earlier = _checkpoints(parts)[:-1]
    if random.random() < 0.5 and earlier:
        return _counted(parts[: random.choice(earlier) + 1])
    text = b"".join(parts)
    return [text[: random.randrange(len(text))]]


def duplicated(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Repeat an entry; number the rest anew every other time."""
    index = random.choice(_entries(parts))
    made = [*parts[: index + 1], parts[index], *parts[index + 1 :]]
    return _renumbered(made) if random.random() < 0.5 else _counted(made)


def _with_checkpoint(parts: Parts, random: Random, change: Callable[[Checkpoint], Checkpoint]) -> Parts:
    """Return the parts with one checkpoint changed under its old signature lines."""
    index = random.choice(_checkpoints(parts))
    note = parts[index][len(CHECKPOINT) : -1].decode()
    checkpoint = change(parse_checkpoint(parse_note(note).text))
    made = f"{checkpoint.text()}\n{note.split(chr(10) * 2, 1)[1]}"
    return [*parts[:index], b"".join(checkpoint_lines(made)), *parts[index + 1 :]]


def checkpoint_size(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Change the size in a checkpoint."""
    by = random.choice([-1, 1, 10])
    return _with_checkpoint(
        parts, random, lambda c: Checkpoint(origin=c.origin, size=abs(c.size + by), root=c.root)
    )


def checkpoint_root(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Change a bit of the root in a checkpoint."""
    place, bit = random.randrange(32), 1 << random.randrange(8)

    def bend(c: Checkpoint) -> Checkpoint:
        root = c.root[:place] + bytes([c.root[place] ^ bit]) + c.root[place + 1 :]
        return Checkpoint(origin=c.origin, size=c.size, root=root)

    return _with_checkpoint(parts, random, bend)


def checkpoint_signature(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Change a character of a signature."""
    index = random.choice(_checkpoints(parts))
    match = re.search(rb"[\w+/]{90,}", parts[index])
    assert match is not None
    place = random.randrange(match.start(), match.end() - 1)
    letter = random.choice([c for c in b"ABCDwxyz0189" if c != parts[index][place]])
    bent = parts[index][:place] + bytes([letter]) + parts[index][place + 1 :]
    return [*parts[:index], bent, *parts[index + 1 :]]


def checkpoint_origin(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Change the origin in a checkpoint."""
    return _with_checkpoint(
        parts, random, lambda c: Checkpoint(origin=c.origin + "2", size=c.size, root=c.root)
    )


def rolled_back(parts: Parts, random: Random, key: FakeKey) -> Parts:
    """Go back to an earlier state and write another history from there, signed with the true key."""
    bodies = bodies_of(parts)
    kept = random.randrange(len(bodies))
    return make_bundle(
        key, [*bodies[:kept], *(_bent(body, random) for body in bodies[kept:])], every=len(bodies)
    )


def other_key(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Write everything anew with a key of one's own, of the same name."""
    return make_bundle(OTHER_KEY, bodies_of(parts), every=random.randrange(1, 40))


def replayed_checkpoint(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Put a checkpoint of an earlier size where the last one stands, or repeat one further on."""
    places = _checkpoints(parts)
    if len(places) == 1:
        return _counted([*parts[: places[0]], *parts[places[0] + 1 :]])
    earlier = random.choice(places[:-1])
    if random.random() < 0.5:
        return _counted([*parts[: places[-1]], parts[earlier], *parts[places[-1] + 1 :]])
    return _counted([*parts[: places[-1] + 1], parts[earlier], *parts[places[-1] + 1 :]])


def erased_body(parts: Parts, random: Random, _: FakeKey) -> Parts:
    """Take the body of an entry away, and leave its hash."""
    index = random.choice(_entries(parts))
    position, stated, _body = parts[index].split(b" ", 2)
    gone = entry_line(int(position), bytes.fromhex(stated.decode()), None)
    return [*parts[:index], gone, *parts[index + 1 :]]


#: What is done, by its name.
TAMPERINGS: Final[dict[str, Tampering]] = {
    "changed body": changed_body,
    "changed hash": changed_hash,
    "removed leaf": removed_leaf,
    "inserted leaf": inserted_leaf,
    "swapped leaves": swapped,
    "truncated tail": truncated_tail,
    "duplicated leaf": duplicated,
    "checkpoint size": checkpoint_size,
    "checkpoint root": checkpoint_root,
    "checkpoint signature": checkpoint_signature,
    "checkpoint origin": checkpoint_origin,
    "replayed checkpoint": replayed_checkpoint,
    "erased body": erased_body,
    "rolled back": rolled_back,
    "other key": other_key,
}
