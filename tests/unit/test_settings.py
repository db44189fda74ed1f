"""Where the store is: a file in the data folder, or a database on a server whose password stays hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from tidewaiter.bootstrap import places_of
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.settings import Settings

URL = "postgresql://anna:secret@host/tides"


def test_the_store_is_a_file_in_the_data_folder() -> None:
    settings = Settings(data=Path("there"))
    assert settings.database_file == Path("there/tidewaiter.db")
    assert settings.store_url == "sqlite:///there/tidewaiter.db"
    assert places_of(settings).database == settings.database_file


def test_a_database_of_a_server_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_DATABASE_URL", URL)
    settings = Settings()
    assert settings.database_file is None
    assert settings.store_url == URL
    assert "secret" not in f"{settings!r} {settings}"


def test_files_of_a_store_on_a_server_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_DATABASE_URL", URL)
    with pytest.raises(ConfigurationError, match="pg_dump"):
        places_of(Settings())


@pytest.mark.parametrize(
    "url", ["sqlite:///there/tidewaiter.db", "postgres", "mysql://anna:secret@host/tides"]
)
def test_a_url_of_no_server_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TIDEWAITER_DATABASE_URL", url)
    with pytest.raises(ValidationError, match="not the URL of a PostgreSQL database") as refusal:
        Settings()
    assert "secret" not in str(refusal.value)
