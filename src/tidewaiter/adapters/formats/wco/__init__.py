"""WCO Data Model declarations (3.6) in XML, new and amended.

:mod:`crosswalk` says as data which element becomes which field, :mod:`header` and :mod:`items` do
what one line of data cannot say, :mod:`times` reads the model's times, and :mod:`amendment` the
messages that state only what changes; :mod:`respond` writes the answer.  Namespaces and national
extensions are passed over by local name; what they say is told as not mapped.
"""

from tidewaiter.adapters.formats.wco.crosswalk import CROSSWALK
from tidewaiter.adapters.formats.wco.read import is_wco, read_wco
from tidewaiter.adapters.formats.wco.respond import write_response

__all__ = ["CROSSWALK", "is_wco", "read_wco", "write_response"]
