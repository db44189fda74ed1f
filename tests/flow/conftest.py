"""Stores on disk for tests of the flow."""

from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
