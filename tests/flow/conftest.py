"""Stores on disk for tests of the flow."""

from tests.fakes.sql_files import empty_file, make_sql_store

__all__ = ["empty_file", "make_sql_store"]
