"""Which database a URL names, and what names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidewaiter.adapters.sql import engine, postgresql, sqlite, store_url
from tidewaiter.core.errors import ConfigurationError


def test_a_url_names_a_file_or_a_database_of_a_server(tmp_path: Path) -> None:
    assert engine.database(store_url(tmp_path))[0] is sqlite
    for name in ("postgresql", "postgresql+psycopg"):
        kind, url = engine.database(f"{name}://anna@host/tides")
        assert kind is postgresql
        assert (url.drivername, url.host, url.database) == ("postgresql+psycopg", "host", "tides")


@pytest.mark.parametrize(
    "url",
    ["tidewaiter.db", "", "sqlite:/x", "mysql://host/name", "postgresql://host", "postgresql+asyncpg://h/d"],
)
def test_what_names_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="store"):
        engine.database(url)


@pytest.mark.parametrize("url", ["mysql://anna:secret@host/name", "postgresql://anna:secret@host"])
def test_a_password_in_a_refused_url_is_not_shown(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        engine.database(url)
    assert "secret" not in str(refusal.value)
