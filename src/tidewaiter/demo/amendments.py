"""Amendments and resubmissions: second versions of what was lodged, and the same lodged again.

Neither changes whether a declaration is irregular: an amendment corrects an item that is in
order, or the packages when there is none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Declaration

__all__ = ["AMENDED", "RESUBMITTED", "amend", "resubmit"]

#: Share of declarations that are amended, and lodged again under a new number.
AMENDED: Final = 0.015
RESUBMITTED: Final = 0.003
_CENT: Final = Decimal("0.01")


def amend(
    declaration: Declaration, irregular_items: Collection[int], draw: float, at: datetime
) -> Declaration:
    """Return the next version: the value of an item in order moves by up to 4 %, or a package is added.

    *draw* is uniform in [0, 1); *irregular_items* are item numbers, from 1.
    """
    items = list(declaration.items)
    sound = next((item for item in items if item.number not in irregular_items), None)
    if sound is None or sound.customs_value is None:
        packages = (declaration.package_count or 0) + 1
        return replace(declaration, version=declaration.version + 1, lodged_at=at, package_count=packages)
    value = (sound.customs_value * Decimal(f"{0.96 + 0.08 * draw:.4f}")).quantize(_CENT) + _CENT
    duty = None
    if sound.duty_rate_percent is not None:
        duty = (value * sound.duty_rate_percent / 100).quantize(_CENT)
    items[sound.number - 1] = replace(sound, customs_value=value, duty_amount=duty)
    return replace(declaration, version=declaration.version + 1, lodged_at=at, items=tuple(items))


def resubmit(declaration: Declaration, new_id: Identifier, at: datetime) -> Declaration:
    """Return the same declaration lodged again under *new_id*; the consignment is the same."""
    return replace(declaration, id=new_id, lodged_at=at)
