"""Fixtures that make stores on disk; a suite imports them into its `conftest`."""

from tests.fakes.sql_files import empty_file, make_sql_store

__all__ = ["empty_file", "make_sql_store"]
