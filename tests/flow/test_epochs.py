"""The laws of epochs in use: a consignment keeps the epoch that saw it first, whatever becomes of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.epochs import APPEAL_DAYS, DAYS, Custody
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import DRAW_KEY, Site
from tests.fakes.trade import amended, declaration, item
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import DrawKey, Ticket, consignment_key, material_key
from tidewaiter.core.errors import ConfigurationError, Unavailable
from tidewaiter.flow.epochs import DrawKeys, tickets_of_decision


@pytest.fixture
def custody() -> Custody:
    return Custody(Site(model=None))


def tickets(custody: Custody, of: Declaration) -> tuple[Ticket, ...]:
    """Send a declaration and return with what it was drawn."""
    return tickets_of_decision(custody.site.decide(of))


def again(of: Declaration, number: int) -> Declaration:
    """Return the same consignment, lodged anew under another id."""
    return declaration(number, id=Identifier(f"AGAIN{number}"), transport=of.transport, parties=of.parties)


def test_a_key_draws_from_the_first_day_of_its_epoch(custody: Custody) -> None:
    first = declaration(1)
    assert tickets(custody, first) == (Ticket(DRAW_KEY.id, consignment_key(first)),)
    today = custody.site.clock.now().date()
    for custodian in ("it", "audit"):
        custody.commit(1, custodian, today + timedelta(days=1))
    custody.sealing.seal()
    key_id = custody.open(1).key_id
    assert tickets(custody, declaration(2))[0].key_id == DRAW_KEY.id
    custody.site.clock.advance(days=1)
    evidence = custody.site.decide(declaration(3))
    assert evidence["versions"]["draw_key"] == key_id
    assert "draw_keys" not in evidence


def test_lodging_again_in_the_next_epoch_draws_nothing_anew(custody: Custody) -> None:
    first = declaration(1)
    before = tickets(custody, first)
    custody.run(1)
    assert tickets(custody, again(first, 101)) == before
    assert tickets(custody, amended(first, delivery_terms_code=Identifier("CIF"))) == before
    assert tickets(custody, declaration(2))[0].key_id != DRAW_KEY.id


def test_a_planted_epoch_by_the_moment_would_draw_anew(
    custody: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DrawKeys, "seen", lambda *_: None)
    first = declaration(1)
    before = tickets(custody, first)
    custody.run(1)
    assert tickets(custody, again(first, 101)) != before


def test_a_material_amendment_in_a_later_epoch_adds_a_draw_with_its_key(custody: Custody) -> None:
    first = declaration(1)
    before = tickets(custody, first)
    key_id = custody.run(1)
    dearer = amended(first, items=(item(1, number=1, customs_value=Decimal(90)),))
    evidence = custody.site.decide(dearer)
    assert tickets_of_decision(evidence) == (*before, Ticket(key_id, material_key(dearer)))
    assert evidence["draw_keys"] == [DRAW_KEY.id, key_id]


def test_an_open_consignment_whose_seed_was_revealed_is_drawn_once_more(custody: Custody) -> None:
    one = custody.run(1)
    first = declaration(1)
    assert tickets(custody, first) == (Ticket(one, consignment_key(first)),)
    custody.site.clock.advance(days=DAYS + APPEAL_DAYS)
    two = custody.run(2)
    assert tickets(custody, amended(first)) == (Ticket(one, consignment_key(first)),)
    custody.reveal(1)
    more = (Ticket(one, consignment_key(first)), Ticket(two, consignment_key(first)))
    assert tickets(custody, amended(amended(first))) == more
    assert tickets(custody, again(first, 101)) == more
    custody.site.clock.advance(days=DAYS)
    custody.run(3)
    assert tickets(custody, amended(amended(amended(first)))) == more


def test_the_last_epoch_goes_on_when_the_next_is_late(custody: Custody) -> None:
    key_id = custody.run(1)
    custody.site.clock.advance(days=DAYS + 100)
    assert tickets(custody, declaration(1))[0].key_id == key_id


def test_decisions_of_all_epochs_can_be_made_again(custody: Custody) -> None:
    first = declaration(1)
    custody.site.decide(first)
    custody.run(1)
    custody.site.decide(amended(first, items=(item(1, number=1, customs_value=Decimal(90)),)))
    custody.site.decide(again(first, 101))
    custody.site.decide(declaration(2))
    custody.site.clock.advance(days=DAYS + APPEAL_DAYS)
    custody.run(2)
    custody.reveal(1)
    custody.site.decide(again(declaration(2), 102))
    replays = custody.site.replays()
    assert len(replays) == 5
    assert [replayed.differences for replayed in replays] == [()] * 5


def test_another_process_takes_over_a_new_epoch_and_keeps_first_sights(custody: Custody) -> None:
    first = declaration(1)
    before = tickets(custody, first)
    other = custody.site.restarted()
    other.decide(declaration(2))
    key_id = custody.run(1)
    assert tickets_of_decision(other.decide(declaration(3)))[0].key_id == key_id
    assert tickets_of_decision(other.decide(again(first, 101))) == before


def test_without_any_key_nothing_is_drawn(custody: Custody) -> None:
    keys = DrawKeys(load=custody.site.load_key, clock=custody.site.clock)
    with pytest.raises(Unavailable, match="No draw key"), MemoryStore().read() as uow:
        keys.in_force(uow)
    with custody.site.store.read() as uow:
        assert keys.in_force(uow) == DRAW_KEY


def test_without_the_key_of_its_epoch_a_consignment_is_not_decided(custody: Custody) -> None:
    """Nothing is recorded, and it is decided with its own key when the file is back."""
    first = declaration(1)
    one = custody.run(1)
    custody.site.decide(first)
    custody.site.clock.advance(days=DAYS)
    custody.run(2)
    there = custody.site.load_key

    def gone(key_id: str) -> DrawKey:
        if key_id == one:
            raise ConfigurationError("The draw key cannot be read.")
        return there(key_id)

    before = len(custody.site.decisions())
    broken = custody.site.restarted()
    broken.present.draw_keys = DrawKeys(load=gone, clock=broken.clock)
    with pytest.raises(Unavailable, match="cannot be read"):
        broken.decide(again(first, 101))
    assert len(custody.site.decisions()) == before
    assert tickets(custody, again(first, 101))[0].key_id == one
