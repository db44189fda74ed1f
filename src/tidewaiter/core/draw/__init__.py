"""Random selection that can be verified later.

Read in this order: :mod:`keyed` (the draw itself), :mod:`tickets` (what is drawn, under which key),
:mod:`epoch` (where a key comes from, and when everybody may know it), :mod:`audit` (all draws again).
"""

from tidewaiter.core.draw.keyed import Draw, DrawKey, Ticket, draw
from tidewaiter.core.draw.tickets import TICKETS_MAX, consignment_key, material_key, tickets_of

__all__ = [
    "TICKETS_MAX",
    "Draw",
    "DrawKey",
    "Ticket",
    "consignment_key",
    "draw",
    "material_key",
    "tickets_of",
]
