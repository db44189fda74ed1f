"""The one registry, and the vector of a declaration."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tidewaiter.core.declaration import Declaration
from tidewaiter.core.features import declaration as declaration_family
from tidewaiter.core.features import document, history, party, route, value, weight
from tidewaiter.core.features.context import HEADER_COUNTS, ITEM_COUNTS, Context
from tidewaiter.core.features.registry import FeatureVector, Registry
from tidewaiter.core.history.history import History

__all__ = ["REGISTRY", "compute"]

_FAMILIES: Final = (declaration_family, value, weight, party, route, document, history)

#: Every feature, in the order of the families.
REGISTRY: Final = Registry([feature for module in _FAMILIES for feature in module.FAMILY.features])

#: The counts per key and window stand at the end of the registry and are read as one block, which
#: saves as many calls as there are counts; the others are computed one by one.
_HEADER: Final = tuple(f.compute for f in REGISTRY.header[: len(REGISTRY.header) - HEADER_COUNTS])
_ITEMS: Final = tuple(f.compute for f in REGISTRY.items[: len(REGISTRY.items) - ITEM_COUNTS])


def compute(declaration: Declaration, known: History, at: datetime, *, source: str = "") -> FeatureVector:
    """Return all feature values of *declaration* from what *known* knew strictly before *at*.

    To be called before the same version is observed.  An earlier version of the same declaration is
    left out of the counts, so an amendment is compared with others, not with itself.
    """
    aside = known.set_aside(declaration.id, source=source)
    try:
        context = Context(declaration, known, at)
        header = tuple([feature(context) for feature in _HEADER]) + context.header_counts
        items = [
            tuple([feature(context, index) for feature in _ITEMS]) + counts
            for index, counts in enumerate(context.item_counts)
        ]
    finally:
        known.put_back(aside)
    return FeatureVector(header, tuple(items))
