"""The laws of tickets: what is drawn, under which key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.codes import Identifier, country, hs_code
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole, TradeFlow, Transport
from tidewaiter.core.draw import TICKETS_MAX, Ticket, consignment_key, material_key, tickets_of


def declared(**changes: object) -> Declaration:
    declaration = Declaration(
        id=Identifier("24AB0001"),
        flow=TradeFlow.IMPORT,
        office=Identifier("010"),
        lodged_at=datetime(2024, 5, 6, 9, 30, tzinfo=UTC),
        parties=(
            Party(role=PartyRole.DECLARANT, id=Identifier("D-1")),
            Party(role=PartyRole.CONSIGNEE, id=Identifier("C-1")),
        ),
        transport=Transport(
            document_id=Identifier("MSKU 001-77"), arrival_reference=Identifier("VOY 12"), container_ids=()
        ),
        items=(Item(number=1, hs_code=hs_code("010121"), origin=country("NA"), customs_value=Decimal(100)),),
    )
    return replace(declaration, **changes)


# --- the identity of a consignment ----------------------------------------------------------


def test_a_new_id_version_office_or_moment_is_the_same_consignment() -> None:
    again = declared(
        id=Identifier("24AB9999"),
        version=3,
        office=Identifier("999"),
        lodged_at=datetime(2024, 9, 9, tzinfo=UTC),
    )
    assert consignment_key(again) == consignment_key(declared())


def test_another_way_of_writing_the_transport_document_is_the_same_consignment() -> None:
    transport = replace(declared().transport, document_id=Identifier("msku００１/77"))
    assert consignment_key(declared(transport=transport)) == consignment_key(declared())


def test_the_order_of_containers_does_not_matter_but_the_containers_do() -> None:
    ids = (Identifier("MSKU1234565"), Identifier("TGHU7654321"))
    one = declared(transport=replace(declared().transport, container_ids=ids))
    other = declared(transport=replace(declared().transport, container_ids=ids[::-1]))
    assert consignment_key(one) == consignment_key(other) != consignment_key(declared())


def test_without_a_transport_document_the_goods_and_the_week_name_the_consignment() -> None:
    plain = declared(transport=Transport())
    later = declared(
        transport=Transport(), lodged_at=plain.lodged_at + timedelta(hours=8), id=Identifier("Z")
    )
    other_goods = declared(transport=Transport(), items=(replace(plain.items[0], hs_code=hs_code("870323")),))
    next_week = declared(transport=Transport(), lodged_at=plain.lodged_at + timedelta(days=7))
    assert consignment_key(plain) == consignment_key(later)
    assert len({consignment_key(d) for d in (plain, other_goods, next_week, declared())}) == 4


def worth(value: int, **changes: object) -> Declaration:
    """Return the declaration with another customs value: a material change."""
    return declared(items=(replace(declared().items[0], customs_value=Decimal(value)),), **changes)


def test_an_immaterial_amendment_adds_no_ticket_and_a_material_one_adds_one() -> None:
    first = declared()
    held = tickets_of(first, key_id="e1")
    assert held == (Ticket("e1", consignment_key(first)),)
    relabelled = declared(version=2, delivery_terms_code=Identifier("CIF"))
    assert tickets_of(relabelled, key_id="e1", amends=first, held=held) == held
    cheaper = worth(40, version=2)
    more = tickets_of(cheaper, key_id="e1", amends=first, held=held)
    assert more == (*held, Ticket("e1", material_key(cheaper)))


def test_the_epoch_of_first_sight_follows_the_consignment() -> None:
    first = declared()
    held = tickets_of(first, key_id="e1")
    relabelled = declared(version=2, delivery_terms_code=Identifier("CIF"))
    assert tickets_of(relabelled, key_id="e2", amends=first, held=held) == held
    assert tickets_of(declared(id=Identifier("NEW")), key_id="e2", seen="e1") == held


def test_what_is_changed_later_is_drawn_with_the_key_of_its_own_day() -> None:
    first, cheaper = declared(), worth(40, version=2)
    held = tickets_of(first, key_id="e1")
    more = tickets_of(cheaper, key_id="e2", amends=first, held=held)
    assert more == (*held, Ticket("e2", material_key(cheaper)))


def test_an_open_consignment_whose_seed_was_revealed_is_drawn_once_more() -> None:
    first = declared()
    held = tickets_of(first, key_id="e1")
    again = declared(version=2)
    more = tickets_of(again, key_id="e3", amends=first, held=held, revealed={"e1"})
    assert more == (*held, Ticket("e3", consignment_key(first)))
    assert tickets_of(again, key_id="e4", amends=again, held=more, revealed={"e1"}) == more
    anew = tickets_of(declared(id=Identifier("NEW")), key_id="e3", seen="e1", revealed={"e1"})
    assert anew == more


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5), st.booleans()), max_size=30))
def test_no_ticket_is_ever_lost_and_one_is_always_unknown(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever is amended, in whatever epoch, whatever was revealed: the union only grows."""
    held: tuple[Ticket, ...] = ()
    earlier, epoch, revealed = None, 0, set[str]()
    for value, ahead, reveal in steps:
        epoch += ahead
        if reveal:
            revealed = {f"e{number}" for number in range(epoch)}
        now = worth(value)
        more = tickets_of(now, key_id=f"e{epoch}", amends=earlier, held=held, revealed=revealed)
        assert more[: len(held)] == held
        assert any(ticket.key_id not in revealed for ticket in more)
        held, earlier = more, now


def test_an_amendment_of_the_identity_adds_a_ticket_with_its_own_first_sight() -> None:
    first = declared()
    held = tickets_of(first, key_id="e1")
    moved = declared(version=2, transport=replace(first.transport, document_id=Identifier("OTHER 1")))
    more = tickets_of(moved, key_id="e3", seen="e2", amends=first, held=held)
    assert more == (*held, Ticket("e2", consignment_key(moved)))


def test_the_number_of_tickets_is_bounded_and_the_earliest_stay() -> None:
    held: tuple[Ticket, ...] = ()
    earlier = None
    for value in range(100):
        now = worth(value)
        held = tickets_of(now, key_id="e1", amends=earlier, held=held)
        earlier = now
    assert len(held) == TICKETS_MAX
    assert held[0] == Ticket("e1", consignment_key(declared()))
