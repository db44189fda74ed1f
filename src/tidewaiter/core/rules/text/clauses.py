"""The grammar of one literal: a feature, an operator, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from tidewaiter.core.features.registry import Kind, Registry
from tidewaiter.core.plain import meant
from tidewaiter.core.rules.nodes import (
    VALUES_MAX,
    Between,
    Compare,
    CompareFields,
    Comparison,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Leaf,
    Literal,
    Not,
    Prefix,
)
from tidewaiter.core.rules.text.parts import OPERATOR, Part
from tidewaiter.core.rules.text.places import Span
from tidewaiter.core.rules.text.stream import Stream
from tidewaiter.core.rules.text.tokens import Shape, Token

__all__ = ["Clauses"]

_Value = TypeVar("_Value")
_TEXT_MAX: Final = 200
_RANGE: Final = "A range is written `between 1 and 2`."
_BARE: Final = frozenset({Shape.TEXT, Shape.NUMBER, Shape.DAY, Shape.WHOLE})
_NAMES: Final = frozenset({Shape.NAME, Shape.QUOTED_NAME})
_OPERATORS: Final = (
    "`=`, `!=`, `<`, `<=`, `>`, `>=`, `between`, `in`, `in list`, `starts with`, `contains`, `is missing`"
)
#: What people write by habit, and how it is said here.
_SAID: Final = {
    "begins": "starts with",
    "contain": "contains",
    "empty": "is missing",
    "equal": "=",
    "equals": "=",
    "exists": "is not missing",
    "includes": "contains",
    "like": "contains",
    "matches": "contains",
    "missing": "is missing",
    "null": "is missing",
    "start": "starts with",
    "startswith": "starts with",
    "within": "between",
}
_VALUE_FORM: Final = {
    Kind.CODE: "a code is text in quotes",
    Kind.TEXT: "a text is written in quotes",
    Kind.AMOUNT: "an amount is a number",
    Kind.RATIO: "a ratio is a number",
    Kind.COUNT: "a count is a whole number",
    Kind.FLAG: "a truth is `true` or `false`",
    Kind.DAY: "a day is written 2026-12-31",
}


class Clauses:
    """Reads literals from a stream of words; a faulty one gives None, and its faults are in the stream."""

    def __init__(self, stream: Stream, registry: Registry) -> None:
        self.stream = stream
        self.registry = registry

    def literal(self) -> Part | None:
        """Read a literal; the name of its feature stands here."""
        name = self.stream.take()
        before = self.stream.met
        self._bounded(name)
        operator = self.stream.here.span
        part = self._operated(name)
        if part is not None and not part.inner:
            part = replace(part, marks={**part.marks, OPERATOR: operator})
        if self.stream.met > before:
            if part is None:
                self.stream.skip()
            return None
        return part

    def _operated(self, name: Token) -> Part | None:
        """Read the operator and what stands behind it."""
        stream, operator = self.stream, self.stream.here
        if operator.shape is Shape.SYMBOL and operator.value in set(Comparison):
            stream.take()
            return self._comparison(name, operator)
        read: dict[str, Callable[[Token], Part | None]] = {
            "between": self._between,
            "in": self._in,
            "starts": self._starts,
            "contains": self._contains,
            "is": self._is,
            "not": self._not_in,
        }
        if operator.shape is Shape.KEYWORD and operator.value in read:
            stream.take()
            return read[operator.value](name)
        said = _SAID.get(operator.value.lower()) if operator.shape in {Shape.NAME, Shape.KEYWORD} else None
        stream.expected("an operator", f"Write `{said}`." if said else f"Operators: {_OPERATORS}.")
        return None

    # -- one method an operator

    def _comparison(self, name: Token, operator: Token) -> Part | None:
        comparison, key = Comparison(operator.value), f"/{operator.value}"
        other = self.stream.here
        if other.shape in _NAMES:
            self.stream.take()
            if other.shape is Shape.NAME and other.value not in self.registry:
                close = meant(other.value, [feature.name for feature in self.registry])
                value_form = self._value_hint(name, other)
                hint = value_form if close is None else f"{close} {value_form}"
                self.stream.fault(other.span, "feature-unknown", "there is no feature of this name", hint)
                return self._part(name, Compare(name.value, comparison, other.value), {})
            self._bounded(other)
            leaf: Leaf = CompareFields(name.value, comparison, other.value)
            return self._part(name, leaf, {key: other.span, f"{key}/feature": other.span})
        value = self._value(name)
        if value is None:
            return None
        return self._part(name, Compare(name.value, comparison, value), {key: other.span})

    def _between(self, name: Token) -> Part | None:
        low_span = self.stream.here.span
        low = self._value(name)
        # After a faulty lower bound the `and` is still that of the range, and joins no condition.
        if low is None and not self.stream.at("and"):
            return None
        if not self.stream.demand("and", _RANGE):
            return None
        high_span = self.stream.here.span
        high = self._value(name)
        if low is None or high is None:
            return None
        whole = Span(low_span.start, high_span.end)
        marks = {"/between": whole, "/between/0": low_span, "/between/1": high_span}
        return self._part(name, Between(name.value, low, high), marks)

    def _in(self, name: Token) -> Part | None:
        stream = self.stream
        if stream.accept("list"):
            named = stream.here
            if named.shape not in _NAMES:
                hint = f"Write `in list {named.value}`." if named.shape is Shape.TEXT else None
                stream.expected("the name of a list", hint)
                return None
            self._bounded(stream.take())
            return self._part(name, InList(name.value, named.value), {"/in_list": named.span})
        if stream.here.shape in _NAMES:
            stream.expected("`(` or `list`", f"For a named list write `in list {stream.here.value}`.")
            return None
        start = stream.here.span.start
        values: list[Literal] = []
        marks: dict[str, Span] = {}
        if not self._several(lambda: self._value(name), values, marks, "/in"):
            return None
        marks["/in"] = stream.since(start)
        return self._part(name, In(name.value, tuple(values)), marks)

    def _not_in(self, name: Token) -> Part | None:
        if not self.stream.at("in"):
            hint = "Put `not` before the condition, or write `not in` or `is not missing`."
            self.stream.expected("`in`", hint)
            return None
        self.stream.take()
        inner = self._in(name)
        return None if inner is None else Part(Not(inner.node), inner.span, {}, (inner,))

    def _starts(self, name: Token) -> Part | None:
        if not self.stream.demand("with", "Write `starts with`."):
            return None
        texts, marks = self._texts("/prefix")
        return self._part(name, Prefix(name.value, tuple(texts)), marks) if texts else None

    def _contains(self, name: Token) -> Part | None:
        texts, marks = self._texts("/contains_any")
        return self._part(name, ContainsAny(name.value, tuple(texts)), marks) if texts else None

    def _is(self, name: Token) -> Part | None:
        stream = self.stream
        negated = stream.accept("not")
        if not stream.at("missing"):
            hint = f"To compare, write `{'!=' if negated else '='}`."
            stream.expected("`missing`" if negated else "`missing` or `not missing`", hint)
            return None
        here = stream.take().span
        part = self._part(name, IsMissing(name.value), {"/is_missing": here})
        return Part(Not(part.node), part.span, {}, (part,)) if negated else part

    # -- values

    def _texts(self, key: str) -> tuple[list[str], dict[str, Span]]:
        """Read one text, or `any of` with several; none when there is a fault."""
        stream = self.stream
        texts: list[str] = []
        marks: dict[str, Span] = {}
        start = stream.here.span.start
        if stream.at("any"):
            if not self._any_of() or not self._several(self._text, texts, marks, key):
                return [], {}
        elif stream.at("("):
            stream.expected("a text or `any of`", "For several texts write `any of (…)`.")
            return [], {}
        else:
            marks[f"{key}/0"] = stream.here.span
            text = self._text()
            texts += [] if text is None else [text]
        marks[key] = stream.since(start)
        return texts, marks

    def _several(
        self, read: Callable[[], _Value | None], found: list[_Value], marks: dict[str, Span], key: str
    ) -> bool:
        """Read values between brackets into *found*, with their places; False when there is a fault."""
        stream = self.stream
        before = stream.met
        if not stream.demand("(", 'Several values stand in brackets: ("22", "24").'):
            return False
        while True:
            index, span = len(found), stream.here.span
            before_value = stream.met
            value = read()
            if value is not None:
                found.append(value)
                marks[f"{key}/{index}"] = span
            if stream.accept(","):
                continue
            if stream.accept(")"):
                break
            if stream.at("and", "or") and stream.following.shape in _BARE:
                stream.expected("`,`", "Values are separated by commas.")
                stream.take()
                continue
            said = stream.met == before_value
            if said:
                stream.expected("`,` or `)`")
            stream.skip()
            if stream.accept(","):
                continue
            if not stream.accept(")") and not said:
                stream.expected("`,` or `)`")
            break
        if len(found) > VALUES_MAX:
            message = f"a condition has at most {VALUES_MAX} values in one literal, not {len(found)}"
            stream.fault(marks[f"{key}/{VALUES_MAX}"], "list-length", message, "Use a named list.")
        return stream.met == before

    def _any_of(self) -> bool:
        """Take `any of`."""
        self.stream.take()
        return self.stream.demand("of", "Write `any of (…)`.")

    def _text(self) -> str | None:
        """Read a text."""
        token = self.stream.here
        if token.shape is not Shape.TEXT:
            loose = token.shape in {*_NAMES, Shape.NUMBER, Shape.DAY}
            self.stream.expected("a text", f'Write "{token.value}".' if loose else None)
            if loose:
                self.stream.take()
            return None
        self._bounded(self.stream.take())
        return token.value

    def _value(self, name: Token) -> Literal | None:
        """Read a value that is compared with the feature called *name*."""
        token = self.stream.here
        if token.shape is Shape.KEYWORD and token.value in {"true", "false"}:
            return self.stream.take().value == "true"
        if token.shape in _NAMES:
            self.stream.expected("a value", self._value_hint(name, token))
            self.stream.take()
            return None
        if token.shape not in _BARE:
            bracket = "Brackets stand behind `in` only." if token.value == "(" else None
            self.stream.expected("a value", bracket)
            return None
        self._bounded(self.stream.take())
        if token.shape is Shape.TEXT:
            return token.value
        if token.shape is Shape.WHOLE:
            return int(token.value) if len(token.value) <= _TEXT_MAX else None
        kind = self.registry[name.value].kind if name.value in self.registry else None
        return self._bare(token, kind)

    def _bare(self, token: Token, kind: Kind | None) -> Literal | None:
        """Return what a number or a day without quotes stands for; *kind* None: of an unknown feature."""
        if token.shape is Shape.DAY:
            accepted = kind in {Kind.DAY, None}
        else:
            accepted = kind in {Kind.AMOUNT, Kind.RATIO, Kind.COUNT, None}
        if not accepted or (kind is Kind.COUNT and "." in token.value):
            quotes = kind in {Kind.CODE, Kind.TEXT}
            hint = f'Write "{token.value}".' if quotes else None
            self.stream.fault(token.span, "literal-form", f"{_VALUE_FORM[kind or Kind.CODE]}", hint)
            return None
        whole = kind is Kind.COUNT and len(token.value) <= _TEXT_MAX
        return int(token.value) if whole else token.value

    # -- help

    def _value_hint(self, name: Token, value: Token) -> str:
        """Return how a value is written that stands behind the feature called *name* without quotes."""
        kind = self.registry[name.value].kind if name.value in self.registry else Kind.CODE
        if kind in {Kind.CODE, Kind.TEXT}:
            return f'A value is written in quotes: "{value.value}".'
        return f"{_VALUE_FORM[kind][0].upper()}{_VALUE_FORM[kind][1:]}."

    def _part(self, name: Token, leaf: Leaf, marks: dict[str, Span]) -> Part:
        """Return a literal with the places of its words; the operator stands for what has no place."""
        return Part(leaf, self.stream.since(name.span.start), {"/feature": name.span, **marks})

    def _bounded(self, token: Token) -> None:
        """Record a fault when a text or a name is empty, too long or not printable, as in the YAML form."""
        if not 1 <= len(token.value) <= _TEXT_MAX or not token.value.isprintable():
            message = f"text has 1 to {_TEXT_MAX} printable characters"
            self.stream.fault(token.span, "text-form", message)
