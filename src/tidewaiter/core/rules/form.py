"""The written form of a condition: plain data, as in YAML and JSON, to the tree and back without loss.

A literal is a mapping with ``feature`` and one operator; a group is a mapping with one key:

    all_of:
      - {feature: hs2, in: ["22", "24"]}
      - {feature: unit_value_ratio, "<": "0.5"}
      - {feature: origin, "!=": {feature: departure_country}}
      - not: {feature: origin_proof_code, is_missing: true}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.plain import at, kind_of, meant, names, quoted, record, sequence
from tidewaiter.core.rules.nodes import (
    DEPTH_MAX,
    NODES_MAX,
    VALUES_MAX,
    AllOf,
    AnyOf,
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
    Node,
    NoneOf,
    Not,
    Prefix,
)

__all__ = ["from_data", "read_node", "to_data"]

_GROUPS: Final[dict[str, Callable[[tuple[Node, ...]], Node]]] = {
    "all_of": AllOf,
    "any_of": AnyOf,
    "none_of": NoneOf,
}
_COMPARISONS: Final = frozenset(comparison.value for comparison in Comparison)
_OPERATORS: Final = (
    *(comparison.value for comparison in Comparison),
    *("between", "in", "in_list", "prefix", "contains_any", "is_missing"),
)
_TEXT_MAX: Final = 200


def to_data(node: Node) -> dict[str, Any]:
    """Return *node* as plain data; ``from_data`` gives the same tree again."""
    match node:
        case AllOf(nodes):
            return {"all_of": [to_data(inner) for inner in nodes]}
        case AnyOf(nodes):
            return {"any_of": [to_data(inner) for inner in nodes]}
        case NoneOf(nodes):
            return {"none_of": [to_data(inner) for inner in nodes]}
        case Not(inner):
            return {"not": to_data(inner)}
        case _:
            return _leaf_data(node)


def _leaf_data(leaf: Leaf) -> dict[str, Any]:
    """Return a literal as plain data."""
    match leaf:
        case Compare(feature, operator, value):
            return {"feature": feature, operator.value: value}
        case CompareFields(feature, operator, other):
            return {"feature": feature, operator.value: {"feature": other}}
        case Between(feature, low, high):
            return {"feature": feature, "between": [low, high]}
        case In(feature, values):
            return {"feature": feature, "in": list(values)}
        case InList(feature, name):
            return {"feature": feature, "in_list": name}
        case Prefix(feature, prefixes):
            return {"feature": feature, "prefix": list(prefixes)}
        case ContainsAny(feature, texts):
            return {"feature": feature, "contains_any": list(texts)}
        case IsMissing(feature):
            return {"feature": feature, "is_missing": True}


def from_data(data: object) -> Node:
    """Return the tree that *data* writes.

    Raises :class:`ConfigurationError` with every fault and its place (a JSON pointer).
    """
    faults: list[Fault] = []
    node = read_node(data, "", faults)
    if faults or node is None:
        message = "The condition cannot be read; correct the places named here."
        raise ConfigurationError(message, faults=tuple(faults))
    return node


def read_node(data: object, place: str, faults: list[Fault]) -> Node | None:
    """Return the tree that *data* writes at *place*; record the faults and return None when there are any."""
    return _Reading(faults).node(data, place, 1)


class _Reading:
    """One reading of a condition: counts its nodes, so that a hostile one costs no more than its bound."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.nodes = 0

    def fault(
        self, code: str, place: str, message: str, value: object = None, hint: str | None = None
    ) -> None:
        """Record a fault."""
        record(self.faults, code, place, message, value, hint)

    def node(self, data: object, place: str, level: int) -> Node | None:
        """Read a literal or a group."""
        self.nodes += 1
        if level > DEPTH_MAX:
            message = f"a condition has at most {DEPTH_MAX} levels"
            self.fault("condition-too-deep", place, message, hint="Flatten the groups.")
            return None
        if self.nodes > NODES_MAX:
            if self.nodes == NODES_MAX + 1:
                hint = "Split the profile, or use a named list."
                message = f"a condition has at most {NODES_MAX} nodes"
                self.fault("condition-too-large", place, message, hint=hint)
            return None
        if not isinstance(data, Mapping):
            self.fault("not-a-mapping", place, f"a condition is a mapping, not {kind_of(data)}", data)
            return None
        if "feature" in data:
            return self.leaf(data, place)
        return self.group(data, place, level)

    def group(self, data: Mapping[object, object], place: str, level: int) -> Node | None:
        """Read ``all_of``, ``any_of``, ``none_of`` or ``not``."""
        known = [*_GROUPS, "not"]
        if len(data) != 1:
            message = f"a condition has `feature` and one operator, or one of {names(known)}"
            self.fault("condition-form", place, message, names(str(key) for key in data) or "{}")
            return None
        ((key, value),) = data.items()
        if key == "not":
            inner = self.node(value, at(place, "not"), level + 1)
            return None if inner is None else Not(inner)
        make = _GROUPS.get(key) if isinstance(key, str) else None
        if make is None:
            hint = meant(str(key), known) or f"Known here: {names(known)}, or `feature` with an operator."
            self.fault("unknown-key", at(place, str(key)), "the group is not known", key, hint)
            return None
        here = at(place, str(key))
        entries = sequence(value, here, self.faults, at_most=NODES_MAX)
        nodes = [self.node(entry, at(here, index), level + 1) for index, entry in enumerate(entries)]
        complete = tuple(node for node in nodes if node is not None)
        return make(complete) if complete and len(complete) == len(nodes) else None

    def leaf(self, data: Mapping[object, object], place: str) -> Leaf | None:
        """Read a literal: ``feature`` and one operator."""
        feature = self.text(data["feature"], at(place, "feature"))
        operators = [key for key in data if key != "feature"]
        if len(operators) != 1:
            self.fault(
                "condition-form",
                place,
                "a literal has `feature` and exactly one operator",
                names(str(key) for key in operators) or None,
                f"Operators: {names(_OPERATORS)}.",
            )
            return None
        (operator,) = operators
        if operator not in _OPERATORS:
            hint = meant(str(operator), _OPERATORS) or f"Operators: {names(_OPERATORS)}."
            message = "the operator is not known"
            self.fault("unknown-operator", at(place, str(operator)), message, operator, hint)
            return None
        before = len(self.faults)
        leaf = self.operated(feature, str(operator), data[operator], at(place, str(operator)))
        return None if len(self.faults) > before or not feature else leaf

    def operated(self, feature: str, operator: str, value: object, place: str) -> Leaf | None:
        """Read what stands behind the operator; the leaf is void when a fault was recorded."""
        if operator in _COMPARISONS:
            return self.comparison(feature, Comparison(operator), value, place)
        read: dict[str, Callable[[], Leaf | None]] = {
            "between": lambda: self.between(feature, value, place),
            "in": lambda: In(feature, self.literals(value, place)),
            "in_list": lambda: InList(feature, self.text(value, place)),
            "prefix": lambda: Prefix(feature, self.texts(value, place)),
            "contains_any": lambda: ContainsAny(feature, self.texts(value, place)),
            "is_missing": lambda: self.is_missing(feature, value, place),
        }
        return read[operator]()

    def comparison(self, feature: str, operator: Comparison, value: object, place: str) -> Leaf | None:
        """Read a comparison with a literal, or with another feature."""
        if not isinstance(value, Mapping):
            return Compare(feature, operator, self.literal(value, place))
        if set(value) != {"feature"}:
            message = "the other side is a literal, or a mapping with `feature` alone"
            self.fault("condition-form", place, message, names(str(key) for key in value) or "{}")
            return None
        return CompareFields(feature, operator, self.text(value["feature"], at(place, "feature")))

    def between(self, feature: str, value: object, place: str) -> Leaf | None:
        """Read the two bounds of a range."""
        bounds = sequence(value, place, self.faults, at_least=2, at_most=2)
        if not bounds:
            return None
        return Between(feature, self.literal(bounds[0], at(place, 0)), self.literal(bounds[1], at(place, 1)))

    def is_missing(self, feature: str, value: object, place: str) -> Leaf | None:
        """Read ``is_missing: true``; its contrary is written with ``not``."""
        if value is not True:
            hint = "For the contrary, put the literal under `not`."
            self.fault("condition-form", place, "`is_missing` is always `true`", value, hint)
            return None
        return IsMissing(feature)

    def literals(self, value: object, place: str) -> tuple[Literal, ...]:
        """Read a list of literals."""
        entries: Sequence[object] = sequence(value, place, self.faults, at_most=VALUES_MAX)
        return tuple(self.literal(entry, at(place, index)) for index, entry in enumerate(entries))

    def texts(self, value: object, place: str) -> tuple[str, ...]:
        """Read a list of texts."""
        entries = sequence(value, place, self.faults, at_most=VALUES_MAX)
        return tuple(self.text(entry, at(place, index)) for index, entry in enumerate(entries))

    def literal(self, value: object, place: str) -> Literal:
        """Read a literal: text, a whole number or a truth; never a fraction, which is written as text."""
        if isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            self.fault("not-a-literal", place, "a number with a fraction is not exact", value, quoted(value))
            return ""
        return self.text(value, place)

    def text(self, value: object, place: str) -> str:
        """Read text of 1 to 200 printable characters; blanks at its ends count, as in ``" USED "``."""
        if not isinstance(value, str):
            message = f"text is expected here, not {kind_of(value)}"
            self.fault("not-text", place, message, value, quoted(value))
            return ""
        if not 1 <= len(value) <= _TEXT_MAX or not value.isprintable():
            self.fault("text-form", place, f"text has 1 to {_TEXT_MAX} printable characters", value)
            return ""
        return value
