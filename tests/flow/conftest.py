"""Stores on disk for tests of the flow."""

from tests.fakes.sql_stores import empty_file, make_sql_store

__all__ = ["empty_file", "make_sql_store"]
