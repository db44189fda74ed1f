"""The demo country: a synthetic customs administration whose truth is known.

It is a test instrument and a living demonstration.  :class:`World` streams declarations in time
order, any number of them in bounded memory: traders buy again and again from the same sellers,
about one declaration in twenty-five is irregular, and the schemes behind them are known by name.
Inspectors find part of it, late.  Brokers that are told the lanes of their declarations learn
from them.  What nobody found can be asked for: :meth:`World.missed`.

The chapters, in the order of reading: ``catalogue`` (the tariff), ``country`` (the market and the
offices), ``traders`` (who buys what from whom), ``schemes`` (who cheats how), ``shipments`` (what
is shipped and what is declared), ``paper`` (declarations), ``amendments``, ``adaptation`` (what
cheats learn), ``truth`` (the ledger), ``inspectors``, ``world`` and ``export``.
"""

from tidewaiter.demo.schemes import SCHEMES, Scheme
from tidewaiter.demo.truth import ItemTruth, Missed, Truth
from tidewaiter.demo.world import World

__all__ = ["SCHEMES", "ItemTruth", "Missed", "Scheme", "Truth", "World"]
