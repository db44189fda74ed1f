"""How the words of another selectivity system are written here: fields, comparisons, lanes, flows, lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import Reader
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.tables.cells import Operator

__all__ = ["BEGINS", "NOT_IN_LIST", "ListHead", "Dialect", "read_dialect"]

#: Comparisons of other systems besides the operators of decision tables.
BEGINS: Final = "begins"
NOT_IN_LIST: Final = "not in list"
_COMPARISONS: Final = (*(operator.value for operator in Operator), BEGINS, NOT_IN_LIST)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """What a list of the other system is here, but for its entries."""

    code: str
    kind: CodeForm
    source: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The words of another system, each with what it is here."""

    #: Members of profiles that all criteria share; the form of a profile judges them.
    papers: Mapping[str, Any]
    lanes: Mapping[str, str]
    #: Code of a lane here -> the checks that a profile of it asks for.
    checks: Mapping[str, tuple[str, ...]]
    flows: Mapping[str, tuple[TradeFlow, ...]]
    #: Field of a condition -> name of a feature.
    fields: Mapping[str, str]
    comparisons: Mapping[str, str]
    lists: Mapping[str, ListHead]


def read_dialect(data: object, faults: list[Fault]) -> Dialect | None:
    """Return the mapping that *data* writes; record all faults and return None when there are any."""
    before = len(faults)
    top = Reader(data, "", faults)
    papers = top.raw("papers")
    if papers is not None and not isinstance(papers, Mapping):
        top.fault("not-a-mapping", "papers", "the members that all profiles share are expected here")
    checks, flows = top.child("checks"), top.child("flows")
    found = Dialect(
        papers=dict(papers) if isinstance(papers, Mapping) else {},
        lanes=_words(top.child("lanes")),
        checks={lane: checks.texts(lane, at_most=20) for lane in checks.own_keys()},
        flows={word: flows.choices(word, TradeFlow) for word in flows.own_keys()},
        fields=_words(top.child("fields")),
        comparisons=_comparisons(top.child("comparisons")),
        lists=_lists(top.child("lists")),
    )
    top.close()
    return found if len(faults) == before else None


def _words(reader: Reader) -> dict[str, str]:
    return {word: reader.text(word, at_most=70) for word in reader.own_keys()}


def _comparisons(reader: Reader) -> dict[str, str]:
    return {word: reader.one_of(word, _COMPARISONS, "a comparison") for word in reader.own_keys()}


def _lists(reader: Reader) -> dict[str, ListHead]:
    found = {}
    for word in reader.own_keys():
        inner = reader.child(word)
        found[word] = ListHead(
            code=inner.code("code"), kind=inner.choice("kind", CodeForm),
            source=inner.text("source", at_most=400), expires=inner.day("expires"),
        )  # fmt: skip
        inner.close()
    return found
