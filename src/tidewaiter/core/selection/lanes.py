"""Lanes: the ordered answers that a declaration can get, as the administration wrote them.

A higher order is a stricter lane.  A *control* lane ends in a control result (documents, scan,
examination); the others release the goods, at once or to be audited later.  Words, colour, shape
and glyph are data too, so that no lane is told by its colour alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tidewaiter.core.errors import Fault
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.plain import Reader, distinct, refuse

__all__ = ["Lane", "Lanes", "lanes_from_data"]

_LANES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One lane."""

    #: Stable code, such as ``documents``.
    code: str
    #: Strictness: the higher of two lanes wins.  Unique.
    order: int
    #: Whether the lane ends in a control result.
    control: bool
    #: What it occupies, such as ``officers`` or ``scanner``; None: nothing.
    resource: str | None = None
    #: Working time per declaration, hours.
    hours_per_declaration: float = 0.0
    #: Further working time per item, hours.
    hours_per_item: float = 0.0
    #: Colour on screen, ``#rrggbb`` or a name of the design system.
    colour: str | None = None
    shape: str | None = None
    glyph: str | None = None
    #: Name of the lane per language tag.
    words: Mapping[str, str] = field(default_factory=dict)
    #: Status code of the WCO response message that tells this lane.
    wco_response: str | None = None


class Lanes:
    """The ordered, closed set of lanes, from the most lenient to the strictest."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._ordered = tuple(sorted(lanes, key=lambda lane: lane.order))
        self._by_code = {lane.code: lane for lane in self._ordered}
        orders = {lane.order for lane in lanes}
        if not lanes or len(self._by_code) != len(lanes) or len(orders) != len(lanes):
            raise ValueError("BUG: lanes have distinct codes and orders, and there is at least one")
        described = canonical_json([asdict(lane) for lane in self._ordered])
        #: Hash of the content: a stored decision names the lanes it was given from.
        self.version = hashlib.sha256(described).hexdigest()[:16]

    def __getitem__(self, code: str) -> Lane:
        """Return the lane called *code*; KeyError when there is none."""
        return self._by_code[code]

    def __contains__(self, code: object) -> bool:
        """Tell whether there is a lane called *code*."""
        return code in self._by_code

    def __iter__(self) -> Iterator[Lane]:
        """Iterate from the most lenient lane to the strictest."""
        return iter(self._ordered)

    def __len__(self) -> int:
        """Return the number of lanes."""
        return len(self._ordered)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes, most lenient first."""
        return tuple(self._by_code)

    def highest(self, *codes: str) -> str:
        """Return the strictest of *codes* (at least one).

        >>> Lanes([Lane(code="release", order=1, control=False),
        ...        Lane(code="scan", order=4, control=True)]).highest("scan", "release")
        'scan'
        """
        return max(codes, key=self.order)

    def order(self, code: str) -> int:
        """Return the strictness of the lane called *code*."""
        return self._by_code[code].order

    def hours(self, code: str, item_count: int) -> float:
        """Return the working time, in hours, that a declaration of *item_count* items costs in a lane."""
        lane = self._by_code[code]
        return lane.hours_per_declaration + lane.hours_per_item * item_count


def lanes_from_data(data: object) -> Lanes:
    """Return the lanes written in *data*: ``{"lanes": [{"code": …, "order": …, "control": …}, …]}``.

    Raises:
        ConfigurationError: with every fault and its place.

    """
    faults: list[Fault] = []
    top = Reader(data, "", faults)
    hint = "Write at least one lane that releases and one that controls."
    readers = top.children("lanes", at_most=_LANES_MAX, hint=hint)
    top.close()
    lanes = [_lane(reader) for reader in readers]
    distinct(readers, "code", "lanes")
    distinct(readers, "order", "lanes")
    if lanes and not any(lane.control for lane in lanes):
        top.fault("no-control-lane", "lanes", "no lane ends in a control", hint="Set `control: true` on one.")
    refuse("lanes", faults)
    return Lanes(lanes)


def _lane(reader: Reader) -> Lane:
    lane = Lane(
        code=reader.code("code"),
        order=reader.integer("order", at_least=-1000, at_most=1000),
        control=reader.truth("control"),
        resource=reader.text("resource", required=False, at_most=60) or None,
        hours_per_declaration=reader.number("hours_per_declaration", at_least=0, at_most=1000, default=0.0),
        hours_per_item=reader.number("hours_per_item", at_least=0, at_most=100, default=0.0),
        colour=reader.text("colour", required=False, at_most=60) or None,
        shape=reader.text("shape", required=False, at_most=60) or None,
        glyph=reader.text("glyph", required=False, at_most=60) or None,
        words=reader.words("words", example="Check of documents", required=False),
        wco_response=reader.text("wco_response", required=False, at_most=60) or None,
    )
    reader.close()
    return lane
