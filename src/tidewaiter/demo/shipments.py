"""A batch of declarations as columns: what was shipped, then what the scheme makes of it.

The draws of a batch have a fixed shape, so what brokers learn changes the content of their own
declarations and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tidewaiter.core.control import Irregularity
from tidewaiter.demo.country import OFFICES, OTHER_OFFICE, Country, Floats, Ints, duty_cents
from tidewaiter.demo.schemes import Plot, scheme_number
from tidewaiter.demo.traders import Flags, Relations, item_counts

__all__ = ["KINDS", "NEW_TRADER_DAYS", "Batch", "Behaviour", "kind_bit", "make_batch"]

#: Kinds of irregularity by bit.
KINDS: Final = tuple(Irregularity)
#: For so long after its first declaration a trader errs more often, and how much more.
NEW_TRADER_DAYS: Final = 60
_NEW_TRADER_ERRORS: Final = 6.0
#: Honest errors: papers, code, mass (cumulative), of goods that need a licence or a proof of origin ...
_ERROR_PARTS_PAPERS: Final = (0.80, 0.92)
#: ... and of others, for which only the invoice can be missing.
_ERROR_PARTS: Final = (0.25, 0.65)


def kind_bit(kind: Irregularity) -> int:
    """Return the bit of *kind* in a column of kinds."""
    return 1 << KINDS.index(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What traders have learned up to the evening before."""

    #: Share of the value that an adaptive broker hides, by broker, 0 to 1.
    depth: Floats
    #: Whether an adaptive broker uses the other office, by broker.
    moved: Flags
    #: Present identity of each phoenix importer, from ``Plot.phoenix_first``.
    identity: Ints


@dataclass(slots=True, kw_only=True)
class Batch:
    """Declarations in time order, and their items, as columns."""

    #: Per declaration: relation, second of the day, office, broker, importer, scheme or -1.
    relation: Ints
    second: Ints
    office: Ints
    declarant: Ints
    importer: Ints
    scheme: Ints
    #: Items of declaration d are rows ``first[d]`` to ``first[d + 1]``.
    first: Ints
    #: Per item: its declaration; then as declared.
    owner: Ints
    goods: Ints
    origin: Ints
    claim: Flags
    mass_g: Ints
    value_cents: Ints
    rate: Ints
    duty: Ints
    packages: Ints
    gross_g: Ints
    #: Goods whose words are used; -1: none, the trader wrote nothing.
    wording: Ints
    #: Per item: as it is.
    true_goods: Ints
    true_origin: Ints
    true_claim: Flags
    true_mass_g: Ints
    true_value_cents: Ints
    true_duty: Ints
    #: Bits of KINDS.
    kinds: Ints


def make_batch(
    country: Country, relations: Relations, plot: Plot, behaviour: Behaviour, generator: np.random.Generator,
    chosen: Ints, second: Ints, day: int, price_level: float,
) -> Batch:  # fmt: skip
    """Return the declarations of the *chosen* relations at the given seconds of *day*."""
    batch = _ship(country, relations, generator, chosen, second, price_level)
    _cheat(country, relations, plot, behaviour, generator, batch)
    _price(country, relations, batch)
    _undo_what_does_not_pay(batch)
    _err(country, relations, plot, generator, batch, day)
    _price(country, relations, batch)
    irregular = np.bincount(batch.owner[batch.kinds > 0], minlength=len(chosen)) > 0
    batch.scheme[~irregular] = -1
    return batch


def _ship(
    country: Country, relations: Relations, generator: np.random.Generator, chosen: Ints, second: Ints,
    price_level: float,
) -> Batch:  # fmt: skip
    """Return honest declarations of true shipments."""
    count = len(chosen)
    items = item_counts(relations.broad[chosen], generator.random(count), generator.normal(size=count))
    first = np.concatenate([[0], np.cumsum(items)])
    rows = int(first[-1])
    owner = np.repeat(np.arange(count), items)
    relation = chosen[owner]
    slot = (generator.random(rows) * relations.pool_size[relation]).astype(np.int64)
    goods = relations.pool[relation, slot]
    origin = relations.origin[relation]
    usual = country.price[goods, origin]
    consignment = np.array([office.consignment_kg for office in OFFICES])[relations.office[chosen]]
    size = consignment * np.exp(generator.normal(0, 0.8, count))
    # Dear goods come in smaller lots; many items share one consignment.
    lot = size[owner] * np.clip(25 / usual, 0.02, 3) ** 0.45 / items[owner] ** 0.8
    mass = np.maximum(1, np.rint(lot * np.exp(generator.normal(0, 0.5, rows)) * 10)).astype(np.int64) * 100
    unit = usual * np.exp(
        relations.quality[relation] + generator.normal(size=rows) * country.spread[goods] * 0.5
    )
    value = np.maximum(100, np.rint(mass / 1000 * unit * price_level * 100)).astype(np.int64)
    packages = np.rint(mass / country.package_g[goods] * np.exp(generator.normal(0, 0.12, rows)))
    claim = relations.claim[relation] & (country.agreement[origin] > 0)
    words = np.where(generator.random(rows) < 0.05, -1, goods)
    gross = np.rint(mass * (1.03 + 0.1 * generator.random(rows)) / 100).astype(np.int64) * 100
    zero = np.zeros(rows, dtype=np.int64)
    return Batch(
        relation=chosen,
        second=second,
        office=relations.office[chosen].copy(),
        declarant=relations.declarant[chosen].copy(),
        importer=relations.importer[chosen].copy(),
        scheme=np.full(count, -1),
        first=first,
        owner=owner,
        goods=goods,
        origin=origin,
        claim=claim,
        mass_g=mass,
        value_cents=value,
        rate=zero,
        duty=zero,
        packages=np.maximum(1, packages).astype(np.int64),
        gross_g=gross,
        wording=words,
        true_goods=goods.copy(),
        true_origin=origin.copy(),
        true_claim=claim.copy(),
        true_mass_g=mass.copy(),
        true_value_cents=value.copy(),
        true_duty=zero,
        kinds=zero.copy(),
    )


def _cheat(
    country: Country, relations: Relations, plot: Plot, behaviour: Behaviour, generator: np.random.Generator,
    batch: Batch,
) -> None:  # fmt: skip
    """Change what is declared where a relation follows its scheme this time."""
    count, rows = len(batch.relation), len(batch.owner)
    draw, ring_draw = generator.random(count), generator.random(count)
    item_draw, noise = generator.random(rows), generator.normal(size=rows)
    scheme = np.where(draw < relations.propensity[batch.relation], relations.scheme[batch.relation], -1)
    batch.scheme[:] = scheme
    _people(relations, plot, behaviour, batch, ring_draw)
    touched = (scheme[batch.owner] > 0) & (item_draw < 0.8)
    touched[batch.first[:-1]] |= scheme > 0
    style = relations.style[batch.relation]
    adaptive = scheme == scheme_number("adaptive")
    style = np.where(adaptive, 1 - behaviour.depth[batch.declarant], style)
    share = np.minimum(style[batch.owner] * np.exp(0.06 * noise), 0.98)
    kind_of = scheme[batch.owner]

    def of(*names: str) -> Flags:
        return touched & np.isin(kind_of, [scheme_number(name) for name in names])

    low = of("undervaluation", "ring", "phoenix", "adaptive")
    batch.value_cents[low] = np.maximum(100, np.rint(batch.value_cents[low] * share[low])).astype(np.int64)
    batch.kinds[low] |= kind_bit(Irregularity.UNDERVALUATION)
    ring = of("ring")
    # The ring's invoices are made at one desk: prices per kg are whole numbers.
    price = np.maximum(1, np.rint(batch.value_cents[ring] / batch.mass_g[ring] * 10))
    batch.value_cents[ring] = np.maximum(100, price * batch.mass_g[ring] / 10).astype(np.int64)
    wrong = of("misclassification", "corridor") & (country.lower[batch.goods] >= 0)
    batch.goods[wrong] = country.lower[batch.goods[wrong]]
    # The corridor uses all three subheadings of the parts, so that none of them swells.
    parts = np.flatnonzero(wrong & of("corridor"))
    batch.goods[parts] += parts % 3
    batch.kinds[wrong] |= kind_bit(Irregularity.MISCLASSIFICATION)
    # One in three leaves the true goods in the words.
    rewritten = wrong & (item_draw < 0.55) & (batch.wording >= 0)
    batch.wording[rewritten] = batch.goods[rewritten]
    false = of("false_origin")
    batch.origin[false] = relations.claimed_origin[batch.relation[batch.owner[false]]]
    batch.claim[false] = True
    batch.kinds[false] |= kind_bit(Irregularity.FALSE_ORIGIN)
    less = of("quantity")
    batch.mass_g[less] = np.maximum(100, np.rint(batch.mass_g[less] * share[less] / 100) * 100).astype(
        np.int64
    )
    batch.gross_g[less] = np.maximum(100, np.rint(batch.gross_g[less] * share[less] / 100) * 100).astype(
        np.int64
    )
    batch.value_cents[less] = np.maximum(100, np.rint(batch.value_cents[less] * share[less])).astype(np.int64)
    batch.kinds[less] |= kind_bit(Irregularity.QUANTITY)


def _people(relations: Relations, plot: Plot, behaviour: Behaviour, batch: Batch, draw: Floats) -> None:
    """Let rings spread over their brokers, burnt importers use new names, adaptive brokers move."""
    ring = relations.ring[batch.relation]
    member = plot.ring_brokers[ring, (draw * plot.ring_brokers.shape[1]).astype(np.int64)]
    batch.declarant[:] = np.where(ring >= 0, member, batch.declarant)
    phoenix = (batch.importer >= plot.phoenix_first) & (batch.importer < plot.phoenix_end)
    batch.importer[phoenix] = behaviour.identity[batch.importer[phoenix] - plot.phoenix_first]
    moved = (batch.scheme == scheme_number("adaptive")) & behaviour.moved[batch.declarant]
    batch.office[moved] = np.array(OTHER_OFFICE)[batch.office[moved]]


def _err(
    country: Country, relations: Relations, plot: Plot, generator: np.random.Generator, batch: Batch, day: int
) -> None:
    """Add honest errors: missing papers, a wrong code, a mass that is off; new traders err most."""
    count = len(batch.relation)
    draw, part, where = generator.random(count), generator.random(count), generator.random(count)
    factor = 1 + generator.choice(np.array([-0.2, -0.1, 0.1, 0.2]), count)
    begun = relations.first_day[batch.relation]
    new = (begun > 0) & (day - begun < NEW_TRADER_DAYS)
    chance = plot.error_rate * np.where(new, _NEW_TRADER_ERRORS, 1.0)
    # A broad declaration has more places to err, but its declarant has done it often.
    errs = (draw < chance) & (batch.scheme < 0)
    item = batch.first[:-1] + (where * np.diff(batch.first)).astype(np.int64)
    first = batch.first[:-1]
    needs = country.licensed[batch.goods[first]] | batch.claim[first]
    to_papers = np.where(needs, _ERROR_PARTS_PAPERS[0], _ERROR_PARTS[0])
    to_code = np.where(needs, _ERROR_PARTS_PAPERS[1], _ERROR_PARTS[1])
    papers = errs & (part < to_papers)
    code = errs & ~papers & (part < to_code) & (country.neighbour[batch.goods[item]] >= 0)
    mass = errs & ~papers & ~code
    batch.kinds[first[papers]] |= kind_bit(Irregularity.DOCUMENTS)
    # A preference without its proof of origin is refused: the full rate is due.
    batch.true_claim[first[papers & ~country.licensed[batch.goods[first]]]] = False
    rows = item[code]
    batch.goods[rows] = country.neighbour[batch.goods[rows]]
    batch.kinds[rows] |= kind_bit(Irregularity.MISCLASSIFICATION)
    rows = item[mass]
    # At least one step of the scale, so that the error is one.
    changed = np.maximum(100, np.rint(batch.mass_g[rows] * factor[mass] / 100) * 100).astype(np.int64)
    batch.mass_g[rows] = np.where(changed == batch.mass_g[rows], changed + 100, changed)
    batch.gross_g[rows] = np.maximum(batch.gross_g[rows], batch.mass_g[rows])
    batch.kinds[rows] |= kind_bit(Irregularity.QUANTITY)
    batch.scheme[errs] = scheme_number("error")


def _price(country: Country, relations: Relations, batch: Batch) -> None:
    """Compute declared and true rates and duty; only imports pay."""
    dutiable = (relations.flow[batch.relation] == 0)[batch.owner]
    batch.rate = np.where(dutiable, country.rate_of(batch.goods, batch.origin, batch.claim), 0)
    true_rate = np.where(dutiable, country.rate_of(batch.true_goods, batch.true_origin, batch.true_claim), 0)
    batch.duty = duty_cents(batch.value_cents, batch.rate)
    batch.true_duty = duty_cents(batch.true_value_cents, true_rate)


def _undo_what_does_not_pay(batch: Batch) -> None:
    """Declare truthfully the items on which the scheme would save nothing."""
    # A mass below the step of the scale cannot be under-declared.
    unmoved = (batch.kinds & kind_bit(Irregularity.QUANTITY) > 0) & (batch.mass_g == batch.true_mass_g)
    vain = (batch.kinds > 0) & ((batch.duty >= batch.true_duty) | unmoved)
    batch.goods[vain] = batch.true_goods[vain]
    batch.origin[vain] = batch.true_origin[vain]
    batch.claim[vain] = batch.true_claim[vain]
    batch.mass_g[vain] = batch.true_mass_g[vain]
    batch.gross_g[vain] = np.maximum(batch.gross_g[vain], batch.true_mass_g[vain])
    batch.value_cents[vain] = batch.true_value_cents[vain]
    batch.kinds[vain] = 0
    regular = np.bincount(batch.owner[batch.kinds > 0], minlength=len(batch.relation)) == 0
    batch.scheme[regular] = -1
