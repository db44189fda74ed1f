"""WCO Data Model declarations (3.6) in XML, new and amended.

:mod:`crosswalk` says as data which element becomes which field, :mod:`header` and :mod:`items` do
what one line of data cannot say, :mod:`times` reads the model's times, and :mod:`amendment` the
messages that state only what changes.  Namespaces and national extensions are passed over by
local name; what they say is told as not mapped.
"""

from tidewaiter.adapters.formats.wco.crosswalk import CROSSWALK
from tidewaiter.adapters.formats.wco.read import is_wco, read_wco

__all__ = ["CROSSWALK", "is_wco", "read_wco"]
