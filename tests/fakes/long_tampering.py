"""Ways to cheat with erasures and handovers, as the owner of the database or a thief of a key would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random  # noqa: TID251 - seeded: the same places in every run
from typing import Final

from tests.fakes.ledgers import FakeKey, act_body, body_of, handover_body, make_long_bundle
from tests.fakes.tampering import Parts
from tidewaiter.core.ledger.bundle import entry_line
from tidewaiter.core.ledger.handover import MARK
from tidewaiter.core.ledger.tree import leaf_hash

__all__ = ["LONG_TAMPERINGS", "THIEF", "History", "random_history"]

THIEF: Final = FakeKey(seed=99)


@dataclass(frozen=True, kw_only=True)
class History:
    """A ledger with erasures and handovers."""

    keys: Sequence[FakeKey]
    bodies: Sequence[bytes]
    every: int
    #: Position of an act -> what it erased.
    acts: dict[int, list[int]] = field(default_factory=dict)

    @property
    def erased(self) -> set[int]:
        """Return all positions that were erased."""
        return {position for gone in self.acts.values() for position in gone}

    @property
    def handovers(self) -> list[int]:
        """Return the positions of the handovers."""
        return [place for place, body in enumerate(self.bodies, 1) if MARK in body]

    def signers(self, size: int) -> list[FakeKey]:
        """Return who signs the checkpoint of so many entries: over a handover, both keys."""
        number = sum(position < size for position in self.handovers)
        return list(self.keys[number : number + 1 + (size in self.handovers)])

    def parts(self, instead: Callable[[int], Sequence[FakeKey]] | None = None) -> Parts:
        """Return the parts of its bundle; *instead*: who signs."""
        return make_long_bundle(self.bodies, self.every, instead or self.signers, self.erased)

    def place_of(self, position: int) -> int:
        """Return where the entry at *position* stands among the parts."""
        parts = self.parts()
        return next(place for place, part in enumerate(parts) if part.startswith(b"%d " % position))


def random_history(random: Random, steps: int = 30) -> History:
    """Return a ledger with entries, at least one erasure and one handover, in any order."""
    keys, bodies, acts, gone = [FakeKey(1)], [body_of(place) for place in range(6)], {}, set[int]()
    kinds = ["erase", "rotate", *random.choices(["add", "add", "erase", "rotate"], k=steps)]
    random.shuffle(kinds)
    for number, kind in enumerate(kinds, 2):
        there = [place for place, body in enumerate(bodies, 1) if b'"decision"' in body and place not in gone]
        if kind == "erase" and there:
            chosen = sorted(random.sample(there, random.randint(1, min(4, len(there)))))
            bodies.append(act_body(chosen))
            acts[len(bodies)] = chosen
            gone |= set(chosen)
        elif kind == "rotate":
            keys.append(FakeKey(len(keys) + 1))
            bodies.append(handover_body(keys[-2], keys[-1]))
        else:
            bodies.append(body_of(number))
    bodies += [body_of(1000 + number) for number in range(random.randint(1, 9))]
    return History(keys=keys, bodies=bodies, every=random.randint(1, 9), acts=acts)


def _with_body(history: History, position: int, body: bytes | None) -> Parts:
    """Return the parts with other bytes in one entry, under the hash that was sealed."""
    parts, place = history.parts(), history.place_of(position)
    parts[place] = entry_line(position, leaf_hash(history.bodies[position - 1]), body)
    return parts


def erased_without_act(history: History, random: Random) -> Parts:
    """Take the bytes of one more entry away."""
    there = [place for place in range(1, len(history.bodies) + 1) if place not in history.erased]
    return _with_body(history, random.choice(there), None)


def put_back(history: History, random: Random) -> Parts:
    """Put the bytes back that an act erased."""
    position = random.choice(sorted(history.erased))
    return _with_body(history, position, history.bodies[position - 1])


def other_bytes(history: History, random: Random) -> Parts:
    """Put other bytes where an act erased some."""
    return _with_body(history, random.choice(sorted(history.erased)), body_of(777))


def act_widened(history: History, random: Random) -> Parts:
    """Let an act name one more entry, and take that away."""
    act, more = random.choice([
        (act, place) for act in history.acts for place in range(1, act) if place not in history.erased
    ])  # fmt: skip
    parts, place = _with_body(history, more, None), history.place_of(act)
    parts[place] = entry_line(act, leaf_hash(history.bodies[act - 1]), act_body([*history.acts[act], more]))
    return parts


def act_erased(history: History, random: Random) -> Parts:
    """Take the bytes of an act away."""
    return _with_body(history, random.choice(sorted(history.acts)), None)


def forged_act(history: History, random: Random) -> Parts:
    """Write an act of another's making in the place of an entry, hash and all, and erase by it."""
    there = [
        place for place, body in enumerate(history.bodies, 1)
        if place > 1 and b'"decision"' in body and place not in history.erased
    ]  # fmt: skip
    act = random.choice(there)
    victims = [
        place for place in range(1, act) if place not in history.erased and place not in history.handovers
    ]
    if not victims:
        return erased_without_act(history, random)
    victim = random.choice(victims)
    parts, place = _with_body(history, victim, None), history.place_of(act)
    body = act_body([victim])
    parts[place] = entry_line(act, leaf_hash(body), body)
    return parts


def licence_beforehand(history: History, random: Random) -> Parts:
    """Record an act over an entry that is not there yet, and take that away later."""
    bodies = list(history.bodies)
    victim = random.choice([place for place in range(2, len(bodies) + 1) if place not in history.erased])
    act = random.choice([place for place in range(1, victim) if place not in history.handovers])
    bodies[act - 1] = act_body([victim])
    bodies[victim - 1] = body_of(55)
    return replace(history, bodies=bodies, acts={act: [victim]}).parts()


def old_key_goes_on(history: History, random: Random) -> Parts:
    """Sign a checkpoint with a key that handed over: whoever stole it goes on with the ledger."""
    last = max(history.handovers)
    size = random.randint(last + 1, len(history.bodies))
    one = replace(history, every=1)
    return one.parts(lambda at: [history.keys[-2]] if at >= size else history.signers(at))


def handover_to_a_thief(history: History, random: Random) -> Parts:
    """Name the thief's key in a handover, and go on with that alone."""
    position = random.choice(history.handovers)
    old = history.signers(position)[0]
    bodies = list(history.bodies)
    bodies[position - 1] = handover_body(old, THIEF)
    forged = replace(history, bodies=bodies)
    return forged.parts(lambda at: [THIEF] if at >= position else history.signers(at))


def new_key_did_not_sign(history: History, random: Random) -> Parts:
    """Leave the signature of the new key away: the old one alone says who comes."""
    position = random.choice(history.handovers)
    return history.parts(lambda at: history.signers(at)[: 1 if at == position else 2])


def handover_erased(history: History, random: Random) -> Parts:
    """Take the bytes of a handover away."""
    return _with_body(history, random.choice(history.handovers), None)


LONG_TAMPERINGS: Final[dict[str, Callable[[History, Random], Parts]]] = {
    "erased without act": erased_without_act,
    "put back": put_back,
    "other bytes": other_bytes,
    "act widened": act_widened,
    "act erased": act_erased,
    "forged act": forged_act,
    "licence beforehand": licence_beforehand,
    "old key goes on": old_key_goes_on,
    "handover to a thief": handover_to_a_thief,
    "handover erased": handover_erased,
    "new key did not sign": new_key_did_not_sign,
}
