"""The laws of drawing again."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.draw import DrawKey, Ticket, draw
from tidewaiter.core.draw.audit import domain_of, drawn_again, single_probability

KEYS = {name: DrawKey(id=name, secret=hashlib.sha256(name.encode()).digest()) for name in ("e1", "e2")}
tickets = st.lists(
    st.builds(Ticket, st.sampled_from(["e1", "e2"]), st.binary(min_size=32, max_size=32)),
    min_size=1,
    max_size=4,
    unique=True,
)


@given(tickets, st.floats(min_value=0.0, max_value=1.0))
def test_what_was_drawn_is_drawn_again(drawn: list[Ticket], probability: float) -> None:
    made = draw(KEYS, tickets=drawn, plan_id="p", draws="1", probability=probability, domain="model")
    again = drawn_again(KEYS, drawn, plan_id="p", draws="1", domain="model", union=made.probability)
    assert again is made.hit


@given(tickets, st.floats(min_value=0.0, max_value=1.0))
def test_with_one_key_alone_nothing_false_is_said(drawn: list[Ticket], probability: float) -> None:
    made = draw(KEYS, tickets=drawn, plan_id="p", draws="1", probability=probability, domain="model")
    known = {"e1": KEYS["e1"]}
    again = drawn_again(known, drawn, plan_id="p", draws="1", domain="model", union=made.probability)
    assert again in (made.hit, None)
    if {ticket.key_id for ticket in drawn} == {"e1"}:
        assert again is not None


@given(st.floats(min_value=0.0, max_value=1.0), st.integers(1, 17))
def test_the_single_probability_gives_the_union_again(single: float, count: int) -> None:
    union = 1.0 - (1.0 - single) ** count
    assert 1.0 - (1.0 - single_probability(union, count)) ** count == pytest.approx(union, abs=1e-12)


def test_domains_are_those_of_the_stages() -> None:
    assert domain_of("random", "default") == "random_floor"
    assert domain_of("share", "P1") == "share:P1"
    assert domain_of("shadow", "m2") == "shadow:m2"
    assert domain_of("degraded", "no model") == "degraded"
    assert domain_of("mandatory", "P1") is None
