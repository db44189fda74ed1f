"""Settings: where state lives and how many threads may run, from ``TIDEWAITER_*`` or the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


class Settings(BaseSettings):
    """All settings, each with a default that works on a laptop."""

    model_config = SettingsConfigDict(
        env_prefix="TIDEWAITER_", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    #: Folder that holds all state: database, models, draw keys.
    data: Path = Path("tidewaiter-data")
    #: A PostgreSQL database, as ``postgresql://user@host/name``; None: a SQLite file in the data folder.
    database_url: SecretStr | None = None
    #: Folder of checkpoints and sealed hashes; None: in the data folder.  Better on another machine's disk.
    ledger: Path | None = None
    #: File of the key that signs checkpoints; None: in the data folder.
    ledger_key: Path | None = None
    #: File of the key that signs receipts; None: in the data folder.
    receipt_key: Path | None = None
    #: Folder of the content that the administration owns; None: the starter content of the package.
    starter: Path | None = None
    #: Name of the declaration system whose declarations are assessed.
    source: str = Field(default="national", min_length=1, max_length=70)
    #: ISO 4217 code of the national currency; None: as the values of a message show it.
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    #: Whether dates such as 3/4/26 begin with the day; None: a message that leaves it open is refused.
    day_first: bool | None = None
    #: Days after the last day of an epoch in which its draws may be appealed against, before the reveal.
    appeal_days: int = Field(default=45, ge=0, le=3650)
    #: Threads for training; scoring one declaration always uses one.
    threads: int = Field(default=1, ge=1, le=64)
    #: Seed of training.
    seed: int = Field(default=20260101, ge=0)
    #: Folder in which declarations are laid down as files; None: none is watched.
    watch: Path | None = None
    #: Origins that events may be sent to, such as ``https://declarations.example``; none: nowhere.
    webhook_targets: frozenset[str] = frozenset()
    #: File of the key from which the secrets of subscribers are made; None: in the data folder.
    webhook_key: Path | None = None
    #: Whether what cannot be assessed in time is stood in for; False: it is refused.
    stand_in: bool = True
    #: How long a declaration may wait for its decision before it is stood in for, milliseconds.
    budget_ms: int = Field(default=700, ge=50, le=60_000)
    #: The identity provider people sign on through, such as ``https://id.example``; None: there is none.
    oidc_issuer: str | None = Field(
        default=None, pattern=r"^https://|^http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)"
    )
    #: By what name the provider knows this installation.
    oidc_client_id: str | None = None
    #: File of the secret that the provider gave this installation.
    oidc_key: Path | None = None
    #: Where the provider sends browsers back: the address of this installation, then the callback's path.
    oidc_redirect_uri: str | None = Field(default=None, pattern="^https?://.+/api/v1/session/oidc/callback$")
    #: Values of ``acr`` by which the provider says that it saw two factors, beside ``mfa`` in ``amr``.
    oidc_acr: frozenset[str] = frozenset()
    #: File of the secret with which a proxy vouches for the certificates of systems; None: none is believed.
    proxy_secret: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)

    @field_validator("database_url")
    @classmethod
    def _on_a_server(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is not on a server: a file has its place in the data folder, where backups find it."""
        if value is not None and not value.get_secret_value().startswith(
            ("postgresql://", "postgresql+psycopg://")
        ):
            raise ValueError("not the URL of a PostgreSQL database: write postgresql://user@host/name")
        return value

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        """Refuse half an identity provider."""
        parts = (self.oidc_issuer, self.oidc_client_id, self.oidc_key, self.oidc_redirect_uri)
        if any(part is None for part in parts) and any(part is not None for part in parts):
            raise ValueError("set all of oidc_issuer, oidc_client_id, oidc_key, oidc_redirect_uri, or none")
        return self

    @property
    def database_file(self) -> Path | None:
        """Return the file of the operational store; None when it is on a server."""
        return self.data / "tidewaiter.db" if self.database_url is None else None

    @property
    def store_url(self) -> str:
        """Return the URL of the operational store, with its password if it has one."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data / 'tidewaiter.db').as_posix()}"

    @property
    def ledger_folder(self) -> Path:
        """Return the folder of checkpoints and sealed hashes."""
        return self.ledger or self.data / "ledger"

    @property
    def ledger_key_file(self) -> Path:
        """Return the file of the key that signs checkpoints."""
        return self.ledger_key or self.data / "ledger-key" / "ed25519.pem"

    @property
    def receipt_key_file(self) -> Path:
        """Return the file of the key that signs receipts."""
        return self.receipt_key or self.data / "receipt-key" / "ed25519.pem"

    @property
    def standin_folder(self) -> Path:
        """Return the folder of the signed stand-in policy and of the journals of stand-ins."""
        return self.data / "standin"

    @property
    def standin_key_file(self) -> Path:
        """Return the file of the key that signs the stand-in policy."""
        return self.data / "standin-key" / "ed25519.pem"

    @property
    def webhook_key_file(self) -> Path:
        """Return the file of the key from which the secrets of subscribers are made."""
        return self.webhook_key or self.data / "webhook-key"
