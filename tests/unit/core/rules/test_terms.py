"""Conditions as terms: the same three values, bounded in number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Compare, Comparison, Node, NoneOf, Not
from tidewaiter.core.rules.terms import TERMS_MAX, Part, bits, number_terms, terms_of


def compare(feature: str, literal: str | int) -> Node:
    return Compare(feature, Comparison.EQUAL, literal)


def as_node(node: Node) -> Node:
    """Return the terms of *node* as a condition."""
    alternatives = [[part.node if part.holds else Not(part.node) for part in term] for term in terms_of(node)]
    return AnyOf(tuple(AllOf(tuple(parts)) for parts in alternatives))


@given(kit.trees(), kit.rows())
def test_the_terms_have_the_value_of_the_condition(node: Node, row: dict[str, Value]) -> None:
    assert kit.twin(as_node(node), row) is kit.twin(node, row)


@given(kit.trees())
def test_the_terms_are_bounded_and_distinct(node: Node) -> None:
    terms = terms_of(node)
    assert len(terms) <= TERMS_MAX
    assert len(set(terms)) == len(terms)


def test_groups_without_members_are_always_or_never_true() -> None:
    assert terms_of(AllOf(())) == ((),)
    assert terms_of(NoneOf(())) == ((),)
    assert terms_of(AnyOf(())) == ()


def test_the_widest_group_is_kept_whole() -> None:
    wide = AnyOf(tuple(compare("package_count", n) for n in range(40)))
    narrow = AnyOf((compare("hs2", "22"), compare("hs2", "24")))
    terms = terms_of(AllOf((narrow, wide)))
    assert [term[1] for term in terms] == [Part(wide, True)] * 2


@given(st.lists(kit.trees(), max_size=6))
def test_every_term_has_a_number_and_an_owner(nodes: list[Node]) -> None:
    terms = number_terms(nodes, kit.REGISTRY)
    assert [mask.bit_count() for mask in terms.of_condition] == [len(terms_of(node)) for node in nodes]
    assert all(terms.owner[bit] == at for at, mask in enumerate(terms.of_condition) for bit in bits(mask))
    asked = [demand.terms for demands in terms.single.values() for demand in demands]
    assert all(mask and mask <= terms.every for mask in [*asked, *(demand.terms for demand in terms.late)])


@given(st.integers(0, 2**200))
def test_bits_are_the_bits(mask: int) -> None:
    assert sum(1 << bit for bit in bits(mask)) == mask
