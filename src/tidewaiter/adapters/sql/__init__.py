"""The operational store in SQL: tables, migrations, and the store port over them.

`tables` says what is kept, `migrations` how it came to be; `engine` opens SQLite so that what was
committed survives a power cut; `work` and the parts `declarations`, `decisions` and `content`
are one unit of work; `translate` is the edge at which driver exceptions become ours.
"""

from tidewaiter.adapters.sql.store import FILE_NAME, SqlStore, SqlUnitOfWork, store_url

__all__ = ["FILE_NAME", "SqlStore", "SqlUnitOfWork", "store_url"]
