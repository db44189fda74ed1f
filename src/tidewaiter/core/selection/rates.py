"""Random and expected rates of another selectivity system, put into a plan as far as a plan has them.

The random floor draws once for each declaration, for one lane in each stratum; the top-up has one lane.
So of several lanes with a rate for the same declarations, one can be taken over.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tidewaiter.core.quantities import QuantityError, amount
from tidewaiter.core.rules.tables.dialect import Dialect
from tidewaiter.core.rules.tables.named import NamedRow, Unmapped
from tidewaiter.core.selection.lanes import Lanes

__all__ = ["RATES", "map_rates"]

#: Columns of a table of rates; both rates are percentages.
RATES: Final = ("lane", "flow", "office", "minimum_random", "expected_rate")
_FLOOR_MIN: Final = Decimal("0.001")


def map_rates(
    rows: Sequence[NamedRow], dialect: Dialect, lanes: Lanes, plan: Mapping[str, Any], file: str
) -> tuple[dict[str, Any], list[Unmapped]]:
    """Return *plan* (plain data) with the rates of a table, and the rates that are left out.

    Where the table has a random rate, the strata are those of the table.  The strictest lane goes first.
    """
    mapping = _Rates(dialect, lanes, copy.deepcopy(dict(plan)), file)
    known = [row for row in rows if mapping.lane(row)]
    known.sort(key=lambda row: -lanes.order(dialect.lanes[row["lane"]]))
    for row in known:
        mapping.random(row)
        mapping.expected(row)
    mapping.close()
    return mapping.plan, mapping.unmapped


class _Rates:
    """One taking over of rates into a plan."""

    def __init__(self, dialect: Dialect, lanes: Lanes, plan: dict[str, Any], file: str) -> None:
        self.dialect = dialect
        self.lanes = lanes
        self.plan = plan
        self.file = file
        self.unmapped: list[Unmapped] = []
        #: By flows and offices.
        self.strata: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, Any]] = {}
        self.floor_lane = ""
        self.top_up_lane = ""

    def lane(self, row: NamedRow) -> str:
        """Return the control lane of a row here; "" when it is left out."""
        word = row["lane"]
        lane = self.dialect.lanes.get(word, "")
        if not lane:
            self.leave(row, "the mapping does not say what this lane is here")
        elif lane not in self.lanes:
            self.leave(row, f"the mapping names the lane {lane!r}, which is none")
            return ""
        elif not self.lanes[lane].control:
            self.leave(row, f"`{lane}` is no control, and only controls are drawn")
            return ""
        return lane

    def random(self, row: NamedRow) -> None:
        """Take over the minimum random rate of a row."""
        probability = self.rate(row, "minimum_random")
        if probability is None:
            return
        if not _FLOOR_MIN <= probability <= 1:
            self.leave(row, "a random rate is from 0.1 to 100 per cent: without one nothing can be estimated")
            return
        flows, offices = self.where(row)
        if flows is None:
            return
        lane = self.dialect.lanes[row["lane"]]
        if not flows and not offices:
            if self.floor_lane:
                self.leave(row, f"the random floor draws for one lane, which is `{self.floor_lane}`")
                return
            self.floor_lane = lane
            self.plan["random_floor"] |= {"lane": lane, "probability": float(probability)}
            return
        key = (tuple(flows), tuple(offices))
        if key in self.strata:
            taken = self.strata[key]["lane"]
            self.leave(row, f"the random floor draws for one lane here, which is `{taken}`")
            return
        code = "-".join(part for part in ("brought", *flows, *offices)).lower()
        stratum: dict[str, Any] = {"code": code, "lane": lane, "probability": float(probability)}
        if flows:
            stratum["flows"] = flows
        if offices:
            stratum["offices"] = offices
        self.strata[key] = stratum

    def expected(self, row: NamedRow) -> None:
        """Take over the expected rate of a row."""
        rate = self.rate(row, "expected_rate")
        if rate is None:
            return
        lane = self.dialect.lanes[row["lane"]]
        flows, offices = self.where(row)
        if flows is None:
            return
        if rate > 1:
            self.leave(row, "an expected rate is at most 100 per cent")
        elif flows:
            self.leave(row, "an expected rate is for every flow here")
        elif self.top_up_lane not in {"", lane}:
            self.leave(row, f"the top-up has one lane, which is `{self.top_up_lane}`")
        else:
            self.top_up_lane = lane
            top_up = self.plan["top_up"]
            top_up["lane"] = lane
            if offices:
                top_up["offices"] = {**top_up.get("offices", {}), **dict.fromkeys(offices, float(rate))}
            else:
                top_up["rate"] = float(rate)

    def close(self) -> None:
        """Put the strata into the plan, the more specific first: the first that matches counts."""
        if self.strata:
            ordered = sorted(self.strata.items(), key=lambda each: (not each[0][1], not each[0][0]))
            self.plan["random_floor"]["strata"] = [stratum for _, stratum in ordered]

    def rate(self, row: NamedRow, name: str) -> Decimal | None:
        """Return the share that a percentage is; None when there is none, or it is left out."""
        if not row[name]:
            return None
        try:
            return amount(row[name]) / 100
        except QuantityError as error:
            self.leave(row, f"`{name}` is no percentage: {error}")
            return None

    def where(self, row: NamedRow) -> tuple[list[str] | None, list[str]]:
        """Return the flows and offices of a row; None as flows: it is left out."""
        offices = [office.strip() for office in row["office"].split(";") if office.strip()]
        if not row["flow"]:
            return [], offices
        if row["flow"] not in self.dialect.flows:
            self.leave(row, f"the mapping does not say what the flow {row['flow'][:80]!r} is here")
            return None, offices
        return [flow.value for flow in self.dialect.flows[row["flow"]]], offices

    def leave(self, row: NamedRow, reason: str) -> None:
        """Record that a rate of a row is left out."""
        self.unmapped.append(Unmapped(table=self.file, line=row.line, what=row["lane"], reason=reason))
