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


PROVIDER = {
    "oidc_issuer": "https://id.example", "oidc_client_id": "tidewaiter", "oidc_key": "key",
    "oidc_redirect_uri": "https://risk.example/api/v1/session/oidc/callback",
}  # fmt: skip


@pytest.mark.parametrize("missing", [None, *PROVIDER])
def test_an_identity_provider_is_whole_or_not_there(missing: str | None) -> None:
    given = {name: value for name, value in PROVIDER.items() if name != missing}
    if missing is None:
        assert Settings.model_validate(given).oidc_issuer == "https://id.example"
    else:
        with pytest.raises(ValidationError, match="or none"):
            Settings.model_validate(given)


@pytest.mark.parametrize(
    "wrong",
    [{"oidc_issuer": "http://id.example"}, {"oidc_issuer": "http://127.0.0.1.evil.example"},
     {"oidc_redirect_uri": "https://risk.example/elsewhere"}],
)  # fmt: skip
def test_an_identity_provider_is_reached_safely(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        Settings.model_validate(PROVIDER | wrong)
