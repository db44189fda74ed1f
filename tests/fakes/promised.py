"""A ledger with receipts: what a declaration system kept of it, and ways to break the promises."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from random import Random  # noqa: TID251 - seeded: the same places in every run
from typing import Any, Final

from tests.fakes.ledgers import FakeKey
from tidewaiter.core.ledger import canonical_json, leaf_hash
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.receipt import PROMISE_SECONDS, Receipt, receipt_word
from tidewaiter.core.ledger.tree import Frontier
from tidewaiter.flow.messages import body_digest

__all__ = ["BROKEN", "bundle_of", "decisions", "kept_of", "lines_of", "receipt", "start_entry"]

#: Signs receipts; the first entry of a ledger names it.
RECEIPT_KEY: Final = FakeKey(seed=3, name="customs.example/receipts")
OTHER_KEY: Final = FakeKey(seed=4, name="customs.example/receipts")
#: When the first answer left, seconds since 1970; the others follow, one a second.
BEGIN: Final = 1_772_000_000

Kept = list[dict[str, Any]]


def start_entry(key: FakeKey = RECEIPT_KEY) -> bytes:
    """Return the entry of a service that starts."""
    return canonical_json({"kind": "start", "receipt_key": key.public.text()})


def decisions(count: int) -> tuple[list[bytes], list[dict[str, Any]]]:
    """Return entries (the first names the key) and the answers that the others are about."""
    answers = [{"decision_id": f"D{number:024x}", "lane": "green"} for number in range(count)]
    bodies = [
        canonical_json(
            {
                "id": answer["decision_id"],
                "lane": "green",
                "answer_sha256": body_digest(canonical_json(answer)),
            }
        )
        for answer in answers
    ]
    return [start_entry(), *bodies], answers


def bundle_of(key: FakeKey, bodies: Sequence[bytes], every: int, late: int = 1) -> bytes:
    """Return a bundle: a checkpoint after so many entries, signed *late* seconds after the last of them."""
    lines, tree, checkpoints = [HEADER], Frontier(), 0
    for position, body in enumerate(bodies, 1):
        tree.extend([leaf_hash(body)])
        lines.append(entry_line(position, leaf_hash(body), body))
        if position % every == 0 or position == len(bodies):
            note = key.note(tree.size, tree.root(), time=BEGIN + position + late)
            lines += checkpoint_lines(note)
            checkpoints += 1
    return b"".join([*lines, end_line(len(bodies), checkpoints)])


def receipt(key: FakeKey, leaf: bytes, second: int, origin: str) -> str:
    """Return the receipt of an entry, signed so many seconds after the begin."""
    made = Receipt(origin=origin, leaf=leaf, time_ms=1000 * (BEGIN + second))
    return receipt_word(made, key.public, key.sign(made.text().encode()))


def kept_of(key: FakeKey, bodies: Sequence[bytes], answers: Sequence[dict[str, Any]]) -> Kept:
    """Return what was kept: the receipt of each decision, with its answer."""
    return [
        {"receipt": receipt(RECEIPT_KEY, leaf_hash(body), second, key.public.name), "answer": answer}
        for second, (body, answer) in enumerate(zip(bodies[1:], answers, strict=True), 2)
    ]


def lines_of(kept: Kept) -> list[bytes]:
    """Return the lines of the file in which it was kept."""
    return [json.dumps(each).encode() + b"\n" for each in kept]


def _without_entry(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Write the ledger anew without an answered entry; many seconds pass since."""
    del bodies[random.randrange(1, len(bodies))]
    return [*bodies, *(b'{"filler":%d}' % number for number in range(PROMISE_SECONDS + 3))], kept


def _other_leaf(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Give two answers each other's receipt."""
    one, other = random.sample(range(len(kept)), 2)
    kept[one]["receipt"], kept[other]["receipt"] = kept[other]["receipt"], kept[one]["receipt"]
    return bodies, kept


def _other_key(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Sign a receipt with a key that the ledger does not name."""
    place = random.randrange(len(kept))
    kept[place]["receipt"] = receipt(OTHER_KEY, leaf_hash(bodies[place + 1]), place, key.public.name)
    return bodies, kept


def _bent(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Put a receipt's time back under its old signature."""
    place = random.randrange(len(kept))
    note = base64.b64decode(kept[place]["receipt"])
    kept[place]["receipt"] = base64.b64encode(note.replace(b"\n17", b"\n16", 1)).decode()
    return bodies, kept


def _other_ledger(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Give a receipt of another ledger."""
    place = random.randrange(len(kept))
    kept[place]["receipt"] = receipt(RECEIPT_KEY, leaf_hash(bodies[place + 1]), place, "customs.example/2")
    return bodies, kept


def _none(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Answer without a receipt."""
    del kept[random.randrange(len(kept))]["receipt"]
    return bodies, kept


def _other_answer(key: FakeKey, bodies: list[bytes], kept: Kept, random: Random) -> tuple[list[bytes], Kept]:
    """Answer otherwise than was recorded."""
    place = random.randrange(len(kept))
    kept[place]["answer"] = {**kept[place]["answer"], "lane": "red"}
    return bodies, kept


Breaking = Callable[[FakeKey, list[bytes], Kept, Random], tuple[list[bytes], Kept]]

#: What was done -> how, and the code of what must be found.
BROKEN: Final[dict[str, tuple[Breaking, str]]] = {
    "receipt without entry": (_without_entry, "receipt-not-included"),
    "receipt of another entry": (_other_leaf, "receipt-answer"),
    "receipt by another key": (_other_key, "receipt-key"),
    "receipt with another time": (_bent, "receipt-signature"),
    "receipt of another ledger": (_other_ledger, "receipt-origin"),
    "answer without receipt": (_none, "receipt-unreadable"),
    "another answer": (_other_answer, "receipt-answer"),
}
