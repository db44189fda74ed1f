"""The laws of the verifiable draw."""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core import draw as draw_module
from tidewaiter.core.codes import Identifier, country, hs_code
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole, TradeFlow, Transport
from tidewaiter.core.draw import KEYS_MAX, Draw, DrawKey, consignment_key, draw, draw_keys, material_key

KEY = DrawKey(id="epoch-1", secret=hashlib.sha256(b"made up").digest())
probabilities = st.floats(min_value=0.0, max_value=1.0)
consignments = st.binary(min_size=32, max_size=32)


def consignment(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def drawn(*keys: bytes, probability: float, domain: str = "model", draws: str = "1") -> Draw:
    return draw(KEY, plan_id="p", draws=draws, keys=keys, probability=probability, domain=domain)


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


def test_the_draw_can_be_recomputed_from_its_published_formula() -> None:
    fields = [b"tidewaiter/draw/v1", b"p", b"1", b"model"]
    encoded = b"".join(len(part).to_bytes(4, "big") + part for part in fields)
    for number in range(500):
        message = hashlib.sha256(encoded + consignment(number)).digest()
        u = int.from_bytes(hmac.new(KEY.secret, message, hashlib.sha256).digest()[:8], "big")
        assert drawn(consignment(number), probability=0.3).hit is (u < math.floor(0.3 * 2**64))


def test_hits_are_uniform_over_consignments() -> None:
    tries = 20_000
    for probability in (0.01, 0.1, 0.5):
        hits = sum(drawn(consignment(i), probability=probability).hit for i in range(tries))
        # Five standard deviations: a fair draw fails this once in two million runs.
        assert abs(hits - tries * probability) < 5 * math.sqrt(tries * probability * (1 - probability))


@given(consignments, probabilities, probabilities)
def test_raising_the_probability_never_removes_a_hit(key: bytes, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert not drawn(key, probability=low).hit or drawn(key, probability=high).hit


@given(consignments)
def test_probability_0_never_hits_and_1_always_does(key: bytes) -> None:
    assert not drawn(key, probability=0.0).hit
    assert drawn(key, probability=1.0).hit


def test_domains_series_and_keys_are_independent() -> None:
    tries = 20_000
    for other in ({"domain": "exploration"}, {"draws": "2"}):
        both = sum(
            drawn(consignment(i), probability=0.3).hit and drawn(consignment(i), probability=0.3, **other).hit
            for i in range(tries)
        )
        assert abs(both / tries - 0.09) < 5 * math.sqrt(0.09 * 0.91 / tries)


def test_parts_of_the_message_cannot_run_into_each_other() -> None:
    hits = {
        (plan, series, domain): [
            draw(KEY, plan_id=plan, draws=series, keys=[consignment(i)], probability=0.5, domain=domain).hit
            for i in range(64)
        ]
        for plan, series, domain in (("ab", "c", "d"), ("a", "bc", "d"), ("a", "b", "cd"))
    }
    assert len({tuple(row) for row in hits.values()}) == 3


@given(st.lists(consignments, min_size=1, max_size=5, unique=True), probabilities)
def test_the_draw_over_several_keys_is_their_union(keys: list[bytes], probability: float) -> None:
    union = drawn(*keys, probability=probability)
    assert union.hit is any(drawn(key, probability=probability).hit for key in keys)
    assert union.probability == pytest.approx(1 - (1 - probability) ** len(keys), abs=1e-12)
    assert union.keys == len(keys)


def test_the_secret_is_never_shown_and_no_draw_tells_how_near_it_was() -> None:
    assert repr(KEY.secret) not in repr(KEY)
    shown = set(drawn(consignment(1), probability=0.4).__slots__)
    assert shown == {"domain", "key_id", "single_probability", "keys", "probability", "hit"}


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan])
def test_a_probability_outside_its_range_is_a_programmers_fault(probability: float) -> None:
    with pytest.raises(ValueError, match="BUG"):
        drawn(consignment(1), probability=probability)


def test_a_draw_without_a_key_is_a_programmers_fault() -> None:
    with pytest.raises(ValueError, match="BUG"):
        drawn(probability=0.5)


def test_a_secret_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 secret bytes"):
        DrawKey(id="short", secret=b"short")


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


def test_an_immaterial_amendment_adds_no_draw_and_a_material_one_adds_one() -> None:
    first = declared()
    keys = draw_keys(first)
    assert keys == (consignment_key(first),)
    relabelled = declared(version=2, delivery_terms_code=Identifier("CIF"))
    assert draw_keys(relabelled, amends=first, keys=keys) == keys
    cheaper = declared(version=2, items=(replace(first.items[0], customs_value=Decimal(40)),))
    more = draw_keys(cheaper, amends=first, keys=keys)
    assert more == (*keys, material_key(cheaper))


def test_an_amendment_never_loses_a_draw() -> None:
    first = declared()
    moved = declared(version=2, transport=replace(first.transport, document_id=Identifier("OTHER 1")))
    keys = draw_keys(moved, amends=first, keys=draw_keys(first))
    assert set(draw_keys(first)) < set(keys)


def test_the_number_of_draws_is_bounded_and_the_earliest_stay() -> None:
    keys: tuple[bytes, ...] = ()
    earlier = None
    for value in range(100):
        item = replace(declared().items[0], customs_value=Decimal(value))
        now = declared(items=(item,))
        keys = draw_keys(now, amends=earlier, keys=keys)
        earlier = now
    assert len(keys) == KEYS_MAX
    assert keys[0] == consignment_key(declared())


# --- re-roll bots ---------------------------------------------------------------------------


def inspected_share(bots: int, probability: float) -> float:
    """Return the share of consignments still inspected when each trader lodges up to four times.

    A bot looks at the outcome, and when it is drawn, cancels and lodges the same consignment again
    under a new id; it goes on with the first declaration that is not drawn.
    """
    inspected = 0
    for bot in range(bots):
        transport = Transport(document_id=Identifier(f"BL{bot}"))
        tries = (declared(id=Identifier(f"ID{bot}-{i}"), transport=transport) for i in range(4))
        inspected += all(
            draw(
                KEY,
                plan_id="p",
                draws="1",
                keys=draw_module.draw_keys(d),
                probability=probability,
                domain="random_floor",
            ).hit
            for d in tries
        )
    return inspected / bots


def test_lodging_again_does_not_escape_the_draw() -> None:
    share = inspected_share(4000, 0.25)
    # Nothing is lost to three resubmissions; what differs from 0.25 is the chance of 4,000 draws.
    assert (
        share
        >= 0.98
        * sum(
            drawn(
                consignment_key(declared(transport=Transport(document_id=Identifier(f"BL{bot}")))),
                probability=0.25,
                domain="random_floor",
            ).hit
            for bot in range(4000)
        )
        / 4000
    )
    assert share == pytest.approx(0.25, abs=0.035)


def test_an_identity_made_of_the_declaration_id_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_module, "consignment_key", lambda d: hashlib.sha256(d.id.encode()).digest())
    assert inspected_share(2000, 0.25) < 0.98 * 0.25
