"""The laws of the verifiable draw."""

from __future__ import annotations

import hashlib
import hmac
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.draw import Draw, DrawKey, Ticket, draw

KEY = DrawKey(id="epoch-1", secret=hashlib.sha256(b"made up").digest())
KEYS = {KEY.id: KEY}
probabilities = st.floats(min_value=0.0, max_value=1.0)
consignments = st.binary(min_size=32, max_size=32)


def consignment(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def drawn(*keys: bytes, probability: float, domain: str = "model", draws: str = "1") -> Draw:
    tickets = [Ticket(KEY.id, key) for key in keys]
    return draw(KEYS, tickets=tickets, plan_id="p", draws=draws, probability=probability, domain=domain)


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
            draw(
                KEYS,
                tickets=[Ticket(KEY.id, consignment(i))],
                plan_id=plan,
                draws=series,
                probability=0.5,
                domain=domain,
            ).hit
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
    assert union.tickets == len(keys)


def test_the_secret_is_never_shown_and_no_draw_tells_how_near_it_was() -> None:
    assert repr(KEY.secret) not in repr(KEY)
    shown = set(drawn(consignment(1), probability=0.4).__slots__)
    assert shown == {"domain", "single_probability", "tickets", "probability", "hit"}


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


@given(consignments, probabilities)
def test_each_ticket_is_drawn_with_the_key_that_it_names(key: bytes, probability: float) -> None:
    other = DrawKey(id="epoch-2", secret=hashlib.sha256(b"another").digest())

    def hit(*tickets: Ticket) -> bool:
        keys = {KEY.id: KEY, other.id: other}
        made = draw(keys, tickets=tickets, plan_id="p", draws="1", probability=probability, domain="model")
        return made.hit

    one, two = Ticket(KEY.id, key), Ticket(other.id, key)
    assert hit(one) is drawn(key, probability=probability).hit
    assert hit(one, two) is (hit(one) or hit(two))
