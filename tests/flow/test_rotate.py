"""Rotation of the key: whatever stops in between, the next sealing ends it, and no stale process goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.ledgers import FakeKey
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import START, FakeClock
from tidewaiter.adapters.keys import RotatingKeyFile, signature_holds
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger.checkpoint import PublicKey
from tidewaiter.core.ledger.signers import opened_checkpoint
from tidewaiter.core.ledger.verify import Report, verify
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.rotate import Rotation
from tidewaiter.flow.seal import Sealing


class House:
    """An installation on disk, but for its store; each process has its own objects."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store, self.clock = folder, MemoryStore(), FakeClock()
        self.prove = Proving(
            store=self.store, files=LedgerFolder(folder / "ledger"), signature_holds=signature_holds
        )

    def key(self) -> RotatingKeyFile:
        return RotatingKeyFile(self.folder / "key.pem")

    def process(self, key: RotatingKeyFile | None = None) -> Sealing:
        return Sealing(
            store=self.store, files=LedgerFolder(self.folder / "ledger"), key=key or self.key(),
            signature_holds=signature_holds, clock=self.clock,
        )  # fmt: skip

    def record(self, count: int = 3) -> None:
        with self.store.write() as uow:
            for _ in range(count):
                uow.add_leaf("access", "test", {}, START)

    def hand_over(self) -> PublicKey:
        with self.store.write() as uow:
            return Rotation(clock=self.clock, key=self.key()).hand_over_in(uow, "anna")

    def verified(self, key: PublicKey) -> Report:
        return verify(self.prove.bundle(), key=key, signature_holds=signature_holds)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.record()
    made.process().seal()
    yield made
    assert made.prove.verify(made.key().public).report.findings == ()


def test_the_ledger_goes_on_under_the_new_key_and_its_old_name(house: House) -> None:
    old = house.key().public
    house.record()
    new = house.hand_over()
    house.record()
    sealed = house.process().seal()
    assert house.key().public == new == sealed.key
    assert new.name == old.name
    assert new != old
    assert not (house.folder / "key.pem.next").exists()
    report = house.verified(old)
    assert report.holds
    assert report.key == new
    assert list(house.prove.checkpoint_sizes()) == [3, 7, 10], "one of its own for the handover"


def test_a_process_with_the_old_key_in_its_memory_goes_on_with_the_new_one(house: House) -> None:
    stale = house.process(house.key())
    stale.seal()
    house.hand_over()
    house.process().seal()
    house.record()
    assert stale.seal().key == house.key().public
    assert house.verified(house.key().public).findings_count > 0, "the first key is the one to pin"


@pytest.mark.parametrize("when", ["add_checkpoint", "add_hashes", "turn"])
def test_a_rotation_that_was_cut_off_is_ended_by_the_next_sealing(
    house: House, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    old = house.key().public
    new = house.hand_over()
    with monkeypatch.context() as patched:
        place = RotatingKeyFile if when == "turn" else LedgerFolder
        patched.setattr(place, when, _cut_off)
        with pytest.raises(OSError, match="cut off"):
            house.process().seal()
    house.record()
    assert house.process().seal().key == new
    assert house.verified(old).findings == ()


def _cut_off(*_: object) -> None:
    raise OSError("cut off")


def test_a_handover_to_a_key_that_is_not_here_is_not_sealed(house: House) -> None:
    old = house.key().public
    words = {"old_key": old.text(), "new_key": FakeKey(9, old.name).public.text()}
    with house.store.write() as uow:
        uow.add_leaf("handover", old.name, words, START)
    for make in (lambda: None, house.key().make_coming):
        make()
        with pytest.raises(Conflict, match="not here"):
            house.process().seal()
    assert house.key().public == old


def test_a_second_handover_before_the_first_is_sealed_changes_nothing(house: House) -> None:
    new = house.hand_over()
    assert house.hand_over() == new
    house.process().seal()
    assert house.key().public == new
    assert house.process().seal().new == 0


def test_an_old_key_that_was_put_back_signs_nothing(house: House) -> None:
    secret = (house.folder / "key.pem").read_bytes()
    house.hand_over()
    house.process().seal()
    kept = (house.folder / "key.pem").read_bytes()
    house.record()
    house.process().seal()
    (house.folder / "key.pem").write_bytes(secret)
    house.record()
    with pytest.raises(Conflict, match="not signed with the key"):
        house.process().seal()
    (house.folder / "key.pem").write_bytes(kept)
    house.process().seal()


def test_the_checkpoint_over_the_handover_has_both_signatures(house: House) -> None:
    old = house.key().public
    new = house.hand_over()
    house.process().seal()
    note = (house.prove.last_checkpoint() or "").encode()
    assert opened_checkpoint(note, old, signature_holds) == opened_checkpoint(note, new, signature_holds)


def test_whoever_pinned_a_later_key_verifies_in_place_and_another_key_never(house: House) -> None:
    house.hand_over()
    house.process().seal()
    middle = house.key().public
    house.hand_over()
    house.process().seal()
    assert house.prove.verify(middle).report.holds
    stranger = FakeKey(9, middle.name).public
    assert "key" in {each.code for each in house.prove.verify(stranger).report.findings}
