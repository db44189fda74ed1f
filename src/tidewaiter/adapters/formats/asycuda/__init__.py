"""ASYCUDA World declarations (SAD) in XML, as the declarant's screen exports them.

:mod:`crosswalk` says as data which element becomes which field, :mod:`times` settles the order of
day and month, :mod:`read` does what one line of data cannot say.  The spelling of the format is
part of it (``Suppplementary_unit_code``, ``Rate_of_adjustement``).
"""

from tidewaiter.adapters.formats.asycuda.crosswalk import CROSSWALK
from tidewaiter.adapters.formats.asycuda.read import is_asycuda, read_asycuda

__all__ = ["CROSSWALK", "is_asycuda", "read_asycuda"]
