"""The stand-in policy: which lane a declaration gets while it cannot be assessed.

It reads the message alone: no history, no model, no store.  Of all rules that match, the strictest
lane counts, so the order of rules means nothing and no privilege outweighs a prohibition.  A rule
that releases has caps per trader and day; what is beyond them, what lacks the fields that a cap
counts, and every amendment gets a control.  A random floor is drawn for all, with the draw key,
ticket and domain of the normal random floor: an outage gives nobody a second draw.

Caps by number and amount follow the stand-in processing of card schemes (Visa STIP).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from tidewaiter.core.declaration import Declaration, PartyRole, TradeFlow
from tidewaiter.core.draw import DrawKey, Ticket, draw
from tidewaiter.core.selection.lanes import Lanes

__all__ = ["Cap", "Floor", "Policy", "Rule", "StandIn", "Usage", "stand_in", "trader_of"]

#: The domain of the random floor of a normal assessment, and so of this one.
_FLOOR_DOMAIN: Final = "random_floor"
#: Who answers for the goods, by flow: whom a cap counts.
_TRADER: Final = {
    TradeFlow.IMPORT: PartyRole.IMPORTER,
    TradeFlow.EXPORT: PartyRole.EXPORTER,
    TradeFlow.TRANSIT: PartyRole.DECLARANT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """How much of one trader a rule releases on one day (UTC)."""

    declarations: int
    #: Customs value, national currency.
    amount: Decimal
    #: The lane of what is beyond; it ends in a control.
    beyond: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A kind of declarations and its lane; what is not stated excludes nothing."""

    code: str
    lane: str
    #: Why, for the officer.
    reason: str
    flows: frozenset[TradeFlow] = frozenset()
    #: Whether the trader (:func:`trader_of`) is an authorised economic operator; None: either.
    aeo: bool | None = None
    #: Beginnings of the procedure code, of the header or of any item.
    procedures: tuple[str, ...] = ()
    #: Beginnings of HS codes, of which at least one item has one.
    goods: tuple[str, ...] = ()
    #: Beginnings of HS codes, of which every item has one: a list of what is allowed.
    goods_only: tuple[str, ...] = ()
    #: Highest customs value of the whole declaration, national currency; None: any.
    value_max: Decimal | None = None
    #: Whether a guarantee must cover the duty that is declared.
    guaranteed: bool = False
    #: Required of a rule that releases.
    cap: Cap | None = None

    def matches(self, declaration: Declaration) -> bool:
        """Tell whether *declaration* is of this kind; a field that is not declared meets no condition."""
        codes = [item.hs_code for item in declaration.items]
        value = _value(declaration)
        return (
            (not self.flows or declaration.flow in self.flows)
            and (self.aeo is None or _aeo(declaration) is self.aeo)
            and (not self.procedures or _begins(_procedures(declaration), self.procedures))
            and (not self.goods or _begins(codes, self.goods))
            and (not self.goods_only or all(code.startswith(self.goods_only) for code in codes))
            and (self.value_max is None or (value is not None and value <= self.value_max))
            and (not self.guaranteed or _covered(declaration))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The random floor: every declaration is drawn, whatever the rules say."""

    lane: str
    #: Probability of the single draw, above 0.
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What two persons approved; every lane it names exists, and every release has caps."""

    #: Hash of the content.
    version: str
    #: Lane of a declaration that no rule is about; it ends in a control.
    otherwise: str
    floor: Floor
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """The lane that was stated instead of a decision."""

    lane: str
    #: Code of the rule, ``otherwise``, ``amendment``, ``beyond:<rule>`` or ``random``.
    rule: str
    #: For the officer; says nothing of what is drawn.
    reason: str
    #: Codes of the rules whose caps it counts against.
    counted: tuple[str, ...] = ()


class Usage:
    """What the caps have counted today, by rule and trader."""

    def __init__(self) -> None:
        self._day = date.min
        self._used: dict[tuple[str, str], tuple[int, Decimal]] = {}

    def fits(self, rule: Rule, declaration: Declaration, day: date) -> bool:
        """Tell whether *declaration* is within the cap of *rule*; a trader or value not known never is."""
        trader, value = trader_of(declaration), _value(declaration)
        if rule.cap is None or trader is None or value is None:
            return False
        count, amount = (
            self._used.get((rule.code, trader), (0, Decimal(0))) if day == self._day else (0, Decimal(0))
        )
        return count < rule.cap.declarations and amount + value <= rule.cap.amount

    def count(self, codes: Sequence[str], declaration: Declaration, day: date) -> None:
        """Count *declaration* against the caps of the rules with these codes."""
        if day != self._day:
            self._day, self._used = day, {}
        trader, value = trader_of(declaration), _value(declaration)
        for code in codes:
            if trader is not None and value is not None:
                count, amount = self._used.get((code, trader), (0, Decimal(0)))
                self._used[code, trader] = (count + 1, amount + value)


def stand_in(
    policy: Policy,
    declaration: Declaration,
    *,
    lanes: Lanes,
    usage: Usage,
    day: date,
    keys: Mapping[str, DrawKey],
    tickets: Sequence[Ticket],
    plan_id: str,
    draws: str,
) -> StandIn:
    """Return the lane of *declaration* under *policy*; changes nothing, also not *usage*.

    Args:
        policy: in force.
        declaration: a version of it, as its message says.
        lanes: those that the policy names.
        usage: what the caps have counted so far.
        day: of the stand-in, UTC.
        keys: the draw keys that the tickets name.
        tickets: of the consignment, distinct, one or more.
        plan_id: identity of the plan of selection.
        draws: the plan's name of its series of draws.

    """
    stated = _by_rules(policy, declaration, lanes, usage, day)
    drawn = draw(
        keys, tickets=tickets, plan_id=plan_id, draws=draws,
        probability=policy.floor.probability, domain=_FLOOR_DOMAIN,
    )  # fmt: skip
    if drawn.hit and lanes.order(policy.floor.lane) > lanes.order(stated.lane):
        return StandIn(lane=policy.floor.lane, rule="random", reason="Selected for control.")
    return stated


def _by_rules(policy: Policy, declaration: Declaration, lanes: Lanes, usage: Usage, day: date) -> StandIn:
    """Return what the rules say, before the random floor."""
    matching = [rule for rule in policy.rules if rule.matches(declaration)]
    if not matching:
        return StandIn(lane=policy.otherwise, rule="otherwise", reason="It could not be assessed in time.")
    strictest = max(matching, key=lambda rule: lanes.order(rule.lane))
    if lanes[strictest.lane].control:
        return StandIn(lane=strictest.lane, rule=strictest.code, reason=strictest.reason)
    if declaration.version > 1:  # what was decided before cannot be read, and may be stricter
        return StandIn(
            lane=policy.otherwise, rule="amendment", reason="An amendment could not be assessed in time."
        )
    for rule in matching:
        if rule.cap is None or not usage.fits(rule, declaration, day):
            beyond = policy.otherwise if rule.cap is None else rule.cap.beyond
            return StandIn(
                lane=beyond, rule=f"beyond:{rule.code}", reason="It is beyond what is released unassessed."
            )
    return StandIn(
        lane=strictest.lane, rule=strictest.code, reason=strictest.reason,
        counted=tuple(rule.code for rule in matching),
    )  # fmt: skip


def trader_of(declaration: Declaration) -> str | None:
    """Return who answers for the goods: importer, exporter or, in transit, declarant; None: not declared."""
    return declaration.party_id(_TRADER[declaration.flow])


def _aeo(declaration: Declaration) -> bool:
    party = declaration.party(_TRADER[declaration.flow])
    return party is not None and party.aeo is True


def _value(declaration: Declaration) -> Decimal | None:
    """Return the customs value of all items; None when that of one is not declared."""
    values = [item.customs_value for item in declaration.items]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _procedures(declaration: Declaration) -> list[str]:
    codes = [declaration.procedure_code, *(item.procedure_code for item in declaration.items)]
    return [code for code in codes if code is not None]


def _covered(declaration: Declaration) -> bool:
    """Tell whether guarantees of known amount cover the duty, which every item declares."""
    duties = [item.duty_amount for item in declaration.items]
    known = [duty for duty in duties if duty is not None]
    covered = sum((each.amount or Decimal(0) for each in declaration.guarantees), Decimal(0))
    return bool(declaration.guarantees) and len(known) == len(duties) and covered >= sum(known, Decimal(0))


def _begins(codes: Sequence[str], beginnings: tuple[str, ...]) -> bool:
    return any(code.startswith(beginnings) for code in codes)
