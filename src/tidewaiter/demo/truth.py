"""The ledger of truth: what is irregular, how, and what it cost; and what was missed.

Only irregular items are kept, about 50 bytes each, so ten million items need some 30 MB.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tidewaiter.core.codes import Country as CountryCode
from tidewaiter.core.codes import HsCode
from tidewaiter.core.control import Irregularity
from tidewaiter.demo.country import PARTNERS, Country
from tidewaiter.demo.schemes import SCHEMES
from tidewaiter.demo.shipments import KINDS, Batch

__all__ = ["ItemTruth", "Missed", "Truth", "TruthLedger"]

#: Columns of the ledger and their type codes (``array``).
_COLUMNS: Final = {
    "number": "q", "item": "H", "kinds": "H", "scheme": "b", "goods": "h", "origin": "h", "claim": "b",
    "mass_g": "q", "value_cents": "q", "evaded_cents": "q", "day": "i",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTruth:
    """What an irregular item really is."""

    #: Item number, from 1.
    number: int
    kinds: frozenset[Irregularity]
    #: True duty less declared duty, national currency, from 0.
    evaded_duty: Decimal
    hs_code: HsCode
    origin: CountryCode
    #: A preference is due to the true origin, was claimed, and its proof of origin is there.
    preference: bool
    net_mass_kg: Decimal
    customs_value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a declaration really is."""

    declaration_id: str
    version: int
    irregular: bool
    #: Name of the scheme (``schemes.SCHEMES``); None: regular.
    scheme: str | None
    #: The irregular items, in order.
    items: tuple[ItemTruth, ...]

    @property
    def evaded_duty(self) -> Decimal:
        """Return the duty evaded in all items."""
        return sum((item.evaded_duty for item in self.items), Decimal(0))

    @property
    def kinds(self) -> frozenset[Irregularity]:
        """Return the kinds of irregularity of all items."""
        return frozenset(kind for item in self.items for kind in item.kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What became of the irregular declarations of one scheme."""

    scheme: str
    #: Irregular declarations, those that were controlled, and those in which a control found something.
    irregular: int
    controlled: int
    found: int
    #: Duty evaded by all of them, and by those in which nothing was found; national currency.
    evaded_duty: Decimal
    missed_duty: Decimal
    #: Weeks (from 0, of the run) -> (irregular, found).
    weeks: dict[int, tuple[int, int]]

    @property
    def missed(self) -> int:
        """Return the irregular declarations in which nothing was found."""
        return self.irregular - self.found


class TruthLedger:
    """Append-only columns of irregular items, in the order of declaration numbers."""

    def __init__(self, country: Country) -> None:
        self._country = country
        self._columns = {name: array(code) for name, code in _COLUMNS.items()}

    def __len__(self) -> int:
        """Return the number of irregular items."""
        return len(self._columns["number"])

    def add(self, batch: Batch, first_number: int, day: int) -> None:
        """Append the irregular items of *batch*, whose declarations are numbered from *first_number*."""
        rows = np.flatnonzero(batch.kinds)
        owner = batch.owner[rows]
        values: dict[str, NDArray[Any]] = {
            "number": owner + first_number,
            "item": rows - batch.first[owner] + 1,
            "kinds": batch.kinds[rows],
            "scheme": batch.scheme[owner],
            "goods": batch.true_goods[rows],
            "origin": batch.true_origin[rows],
            "claim": batch.true_claim[rows],
            "mass_g": batch.true_mass_g[rows],
            "value_cents": batch.true_value_cents[rows],
            "evaded_cents": np.maximum(0, batch.true_duty[rows] - batch.duty[rows]),
            "day": np.full(len(rows), day),
        }
        for name, column in self._columns.items():
            column.frombytes(values[name].astype(np.dtype(column.typecode)).tobytes())

    def items(self, number: int) -> tuple[str | None, tuple[ItemTruth, ...]]:
        """Return the scheme and the irregular items of declaration *number*."""
        numbers = self._columns["number"]
        low, high = bisect_left(numbers, number), bisect_right(numbers, number)
        if low == high:
            return None, ()
        return SCHEMES[self._columns["scheme"][low]].name, tuple(self._item(row) for row in range(low, high))

    def missed(
        self, last_number: int, controlled: Collection[int], found: Collection[int]
    ) -> tuple[Missed, ...]:
        """Return per scheme what was controlled, found and missed among declarations up to *last_number*."""
        return tuple(
            _account(scheme.name, list(self._declarations(position, last_number)), controlled, found)
            for position, scheme in enumerate(SCHEMES)
        )

    def _declarations(self, scheme: int, last_number: int) -> Iterator[tuple[int, int, int]]:
        """Yield number, day and evaded cents of the declarations of *scheme*."""
        columns = self._columns
        numbers, schemes, cents, days = (columns[n] for n in ("number", "scheme", "evaded_cents", "day"))
        row, end = 0, bisect_right(numbers, last_number)
        while row < end:
            first, evaded = row, 0
            while row < end and numbers[row] == numbers[first]:
                evaded += cents[row]
                row += 1
            if schemes[first] == scheme:
                yield numbers[first], days[first], evaded

    def _item(self, row: int) -> ItemTruth:
        value = {name: column[row] for name, column in self._columns.items()}
        return ItemTruth(
            number=value["item"],
            kinds=frozenset(kind for bit, kind in enumerate(KINDS) if value["kinds"] >> bit & 1),
            evaded_duty=Decimal(value["evaded_cents"]).scaleb(-2),
            hs_code=HsCode(self._country.tariff[value["goods"]].code),
            origin=CountryCode(PARTNERS[value["origin"]].code),
            preference=bool(value["claim"]),
            net_mass_kg=Decimal(value["mass_g"]).scaleb(-3),
            customs_value=Decimal(value["value_cents"]).scaleb(-2),
        )


def _account(
    scheme: str, declarations: list[tuple[int, int, int]], controlled: Collection[int], found: Collection[int]
) -> Missed:
    """Return the account of one scheme."""
    weeks: dict[int, tuple[int, int]] = {}
    for number, day, _ in declarations:
        irregular, caught = weeks.get(day // 7, (0, 0))
        weeks[day // 7] = (irregular + 1, caught + (number in found))
    evaded = sum(cents for _, _, cents in declarations)
    missed = sum(cents for number, _, cents in declarations if number not in found)
    return Missed(
        scheme=scheme,
        irregular=len(declarations),
        controlled=sum(number in controlled for number, _, _ in declarations),
        found=sum(number in found for number, _, _ in declarations),
        evaded_duty=Decimal(evaded).scaleb(-2),
        missed_duty=Decimal(missed).scaleb(-2),
        weeks=weeks,
    )
