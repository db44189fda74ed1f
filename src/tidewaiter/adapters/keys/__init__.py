"""Draw keys: one file each, outside the database, readable by the service's user alone."""

from tidewaiter.adapters.keys.folder import DrawKeyFolder

__all__ = ["DrawKeyFolder"]
