"""Mistakes that an author can make in one literal: one small function each.

Each looks at a literal at its place and yields faults; :func:`leaf_faults` runs them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.features.registry import Feature, Kind, Registry
from tidewaiter.core.history.measures import normalised
from tidewaiter.core.plain import at, meant, names
from tidewaiter.core.rules.forms import CodeForm, expected, fits, form_of, longest
from tidewaiter.core.rules.literals import LiteralError, literal_value
from tidewaiter.core.rules.nodes import (
    VALUES_MAX,
    Between,
    Compare,
    CompareFields,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Leaf,
    Literal,
    Prefix,
)
from tidewaiter.core.rules.profile import NamedList

__all__ = ["OPERATORS", "Known", "leaf_faults"]

_EQUALITY: Final = frozenset({"=", "!="})
_ORDER: Final = frozenset({"<", "<=", ">", ">="})

#: Operators that make sense for a kind.  A RATIO is never compared for equality: it is rounded.
OPERATORS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.CODE: _EQUALITY | {"in", "in_list", "prefix", "is_missing"},
    Kind.TEXT: _EQUALITY | {"in", "in_list", "contains_any", "is_missing"},
    Kind.AMOUNT: _EQUALITY | _ORDER | {"between", "in", "is_missing"},
    Kind.RATIO: _ORDER | {"between", "is_missing"},
    Kind.COUNT: _EQUALITY | _ORDER | {"between", "in", "is_missing"},
    Kind.FLAG: _EQUALITY | {"is_missing"},
    Kind.DAY: _EQUALITY | _ORDER | {"between", "in", "is_missing"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a condition may refer to."""

    registry: Registry
    lists: Mapping[str, NamedList]


_Check = Callable[[Leaf, str, Known], Iterator[Fault]]


def leaf_faults(leaf: Leaf, place: str, known: Known) -> list[Fault]:
    """Return the mistakes in one literal; without a known feature nothing else can be judged."""
    unknown = [*feature_known(leaf, place, known)]
    return unknown or [fault for check in _CHECKS for fault in check(leaf, place, known)]


_WORD: Final[Mapping[type, str]] = {
    Between: "between",
    In: "in",
    InList: "in_list",
    Prefix: "prefix",
    ContainsAny: "contains_any",
    IsMissing: "is_missing",
}


def _operator(leaf: Leaf) -> str:
    """Return the key under which the operator of *leaf* is written."""
    return leaf.operator.value if isinstance(leaf, Compare | CompareFields) else _WORD[type(leaf)]


def _literals(leaf: Leaf) -> tuple[Literal, ...]:
    """Return the literals of *leaf* that are compared as whole values."""
    match leaf:
        case Compare(_, _, value):
            return (value,)
        case Between(_, low, high):
            return (low, high)
        case In(_, values):
            return values
        case _:
            return ()


def _several(leaf: Leaf) -> tuple[Literal, ...]:
    """Return the alternatives of *leaf*."""
    match leaf:
        case In(_, values):
            return values
        case Prefix(_, prefixes):
            return prefixes
        case ContainsAny(_, texts):
            return texts
        case _:
            return ()


def _value_place(leaf: Leaf, place: str, index: int) -> str:
    """Return the place of the literal with *index*; a comparison has only one."""
    here = at(place, _operator(leaf))
    return here if isinstance(leaf, Compare) else at(here, index)


def _parsed(leaf: Leaf, literals: Sequence[Literal], known: Known) -> list[Any] | None:
    """Return the values of *literals*, or None when one of them is not valid (reported elsewhere)."""
    try:
        return [literal_value(known.registry[leaf.feature].kind, literal) for literal in literals]
    except LiteralError:
        return None


def feature_known(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A literal reads a registered feature."""
    read = [(leaf.feature, at(place, "feature"))]
    if isinstance(leaf, CompareFields):
        read.append((leaf.other, at(at(place, leaf.operator.value), "feature")))
    for feature, here in read:
        if feature not in known.registry:
            hint = meant(feature, [entry.name for entry in known.registry])
            message = "there is no feature of this name"
            yield Fault(
                code="feature-unknown", place=here, message=message, value=shorten(feature), hint=hint
            )


def operator_fits(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """An operator makes sense for the kind of its feature."""
    kind = known.registry[leaf.feature].kind
    if _operator(leaf) not in OPERATORS[kind]:
        yield Fault(
            code="operator-not-for-kind",
            place=at(place, _operator(leaf)),
            message=f"`{_operator(leaf)}` makes no sense for `{leaf.feature}`, which is of kind {kind}",
            hint=f"Use one of {names(sorted(OPERATORS[kind]))}.",
        )


def literal_form(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A literal has the form of the kind of its feature; nothing is converted."""
    kind = known.registry[leaf.feature].kind
    for index, literal in enumerate(_literals(leaf)):
        try:
            literal_value(kind, literal)
        except LiteralError as error:
            message = f"`{leaf.feature}` is of kind {kind}: {error}"
            here = _value_place(leaf, place, index)
            yield Fault(code="literal-form", place=here, message=message, value=shorten(literal))


def code_can_occur(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A code that a feature can never have is a mistake, such as four digits for a chapter."""
    form = form_of(leaf.feature)
    if known.registry[leaf.feature].kind is not Kind.CODE:
        return
    for index, literal in enumerate(_literals(leaf)):
        if isinstance(literal, str) and not fits(form, literal):
            message = f"`{leaf.feature}` never has this value: it is {expected(form)}"
            here = _value_place(leaf, place, index)
            yield Fault(code="code-never-occurs", place=here, message=message, value=shorten(literal))


def bounds_in_order(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """The lower bound of a range is not above the upper one."""
    if isinstance(leaf, Between):
        bounds = _parsed(leaf, (leaf.low, leaf.high), known)
        if bounds is not None and type(bounds[0]) is type(bounds[1]) and bounds[0] > bounds[1]:
            message = "the lower bound is above the upper bound; nothing lies between"
            shown = f"{leaf.low} .. {leaf.high}"
            yield Fault(code="range-reversed", place=at(place, "between"), message=message, value=shown)


def alternatives_distinct(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """Alternatives are distinct, at least one, at most a thousand."""
    alternatives = _several(leaf)
    if isinstance(leaf, In | Prefix | ContainsAny) and not 1 <= len(alternatives) <= VALUES_MAX:
        message = f"1 to {VALUES_MAX} values are expected, not {len(alternatives)}"
        yield Fault(code="list-length", place=at(place, _operator(leaf)), message=message)
    values = _parsed(leaf, alternatives, known) if isinstance(leaf, In) else list(alternatives)
    for value, times in Counter(values or ()).items():
        if times > 1:
            index = (values or []).index(value, (values or []).index(value) + 1)
            here = _value_place(leaf, place, index)
            shown = shorten(alternatives[index])
            yield Fault(code="value-twice", place=here, message="the value is there twice", value=shown)


def list_exists(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A named list that is used exists."""
    if isinstance(leaf, InList) and leaf.list not in known.lists:
        hint = meant(leaf.list, known.lists) or "Add the list, or correct its name."
        message = "there is no list of this name"
        yield Fault(
            code="list-unknown", place=at(place, "in_list"), message=message, value=leaf.list, hint=hint
        )


def list_of_right_kind(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A named list holds codes of the form that the feature has."""
    feature = known.registry[leaf.feature]
    if (
        not isinstance(leaf, InList)
        or leaf.list not in known.lists
        or feature.kind not in {Kind.CODE, Kind.TEXT}
    ):
        return
    form = CodeForm.TEXT if feature.kind is Kind.TEXT else form_of(leaf.feature)
    kind = known.lists[leaf.list].kind
    if kind is not form:
        message = f"the list holds codes of kind `{kind}`, but `{leaf.feature}` is of kind `{form}`"
        yield Fault(code="list-kind", place=at(place, "in_list"), message=message, value=leaf.list)


def prefix_possible(leaf: Leaf, place: str, _known: Known) -> Iterator[Fault]:
    """A prefix is no longer than the code, has its characters, and is not covered by a shorter one."""
    if not isinstance(leaf, Prefix):
        return
    form = form_of(leaf.feature)
    numeric = form in {CodeForm.HS2, CodeForm.HS4, CodeForm.HS6, CodeForm.HS_CODE}
    for index, prefix in enumerate(leaf.prefixes):
        here, shown = at(at(place, "prefix"), index), shorten(prefix)
        if len(prefix) > longest(form):
            message = (
                f"the prefix is longer than `{leaf.feature}`, which has at most {longest(form)} characters"
            )
            yield Fault(code="prefix-too-long", place=here, message=message, value=shown)
        elif numeric and not (prefix.isascii() and prefix.isdigit()):
            yield Fault(code="prefix-form", place=here, message="an HS prefix has digits only", value=shown)
        for other in leaf.prefixes:
            if other and prefix != other and prefix.startswith(other):
                message = f"the prefix is already covered by `{other}`"
                yield Fault(code="prefix-covered", place=here, message=message, value=shown)


def text_normal(leaf: Leaf, place: str, _known: Known) -> Iterator[Fault]:
    """A text that is looked for is in normal form, else it would never be found."""
    for index, text in enumerate(leaf.texts if isinstance(leaf, ContainsAny) else ()):
        # A blank at an end is meant: it marks the edge of a word.
        if normalised(f"X{text}X") != f"X{text}X":
            message = "texts are compared in capitals with single blanks"
            hint = f"Write {normalised(text)!r}."
            here = _value_place(leaf, place, index)
            yield Fault(code="text-form", place=here, message=message, value=shorten(text), hint=hint)


def fields_comparable(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """Two features that are compared are different, and of the same kind, form and unit."""
    if not isinstance(leaf, CompareFields):
        return
    here = at(at(place, leaf.operator.value), "feature")
    one, two = known.registry[leaf.feature], known.registry[leaf.other]
    if one.name == two.name:
        yield Fault(
            code="same-feature", place=here, message="a feature is compared with itself", value=one.name
        )
    elif one.kind is not two.kind or form_of(one.name) is not form_of(two.name):
        first, second = (f"`{f.name}` ({_kind_in_words(f)})" for f in (one, two))
        message = f"{first} and {second} cannot be compared"
        yield Fault(code="kinds-differ", place=here, message=message, value=two.name)
    elif one.unit != two.unit:
        message = f"`{one.name}` is in {one.unit}, `{two.name}` in {two.unit}: they cannot be compared"
        yield Fault(code="units-differ", place=here, message=message, value=two.name)


def _kind_in_words(feature: Feature) -> str:
    """Return the kind of *feature*, and for a code its form."""
    return f"{feature.kind} of {form_of(feature.name)}" if feature.kind is Kind.CODE else str(feature.kind)


_CHECKS: Final[Sequence[_Check]] = (
    operator_fits,
    literal_form,
    code_can_occur,
    bounds_in_order,
    alternatives_distinct,
    list_exists,
    list_of_right_kind,
    prefix_possible,
    text_normal,
    fields_comparable,
)
