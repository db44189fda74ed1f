"""Puts the parts together: the only module that sees everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tidewaiter.adapters.backup import PUBLIC_KEY, Places, back_up, put_back
from tidewaiter.adapters.canonical.reading import Amendment, Envelope, Reading
from tidewaiter.adapters.files import read_declarations, read_results
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.adapters.formats.json.schema import PUBLISHED, schema_of
from tidewaiter.adapters.formats.tabular import BadRow, Row, write_bad_rows
from tidewaiter.adapters.formats.tabular.bad_rows import safe_cell
from tidewaiter.adapters.keys import DrawKeyFolder, SigningKeyFile, signature_holds
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.adapters.messages import FORMATS, amended, read_message, write_declaration
from tidewaiter.adapters.scorers import ModelStore
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.errors import Unavailable
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.scoring.contract import Scorer
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.assess import AssessDeclarations
from tidewaiter.flow.import_history import ImportHistory
from tidewaiter.flow.learn import Learning
from tidewaiter.flow.look_up import LookUp
from tidewaiter.flow.ports import Clock, MessageFormat, Store
from tidewaiter.flow.ports.ledger import LedgerKey
from tidewaiter.flow.present import Present
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.record_result import RecordResults
from tidewaiter.flow.replay import Replay
from tidewaiter.flow.seal import Sealing
from tidewaiter.flow.services import Services
from tidewaiter.settings import Settings

__all__ = [
    "DRAW_KEY", "FORMATS", "PUBLIC_KEY", "Amendment", "BadRow", "Envelope", "Installation", "Reading", "Row",
    "SystemClock",
    "amended", "back_up", "content_of", "installation", "message_schemas", "places_of", "put_back",
    "read_declarations", "read_message", "read_results", "safe_cell", "signature_holds", "write_bad_rows",
    "write_declaration",
]  # fmt: skip

#: Kind of publication that names the draw key in force: its name commits to the secret.
DRAW_KEY = "draw_key"

Progress = Callable[[int, int], None]


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One data folder, open."""

    settings: Settings
    store: Store
    services: Services
    import_history: ImportHistory
    present: Present
    #: The key that signs checkpoints; made when it is first asked.
    ledger_key: LedgerKey


@contextmanager
def installation(
    settings: Settings, *, clock: Clock | None = None, progress: Progress | None = None
) -> Iterator[Installation]:
    """Open the data folder of *settings*, making what a first use needs, and close it at the end.

    The first use publishes the starter content and makes a draw key.  Raises Unavailable when the
    folder cannot be written, ConfigurationError when the content has faults.
    """
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The data folder {settings.data} cannot be made: {error.strerror}.") from error
    store = SqlStore(settings.database_url)
    try:
        yield _put_together(settings, store, clock or SystemClock(), progress)
    finally:
        store.close()


def _put_together(settings: Settings, store: Store, clock: Clock, progress: Progress | None) -> Installation:
    messages: MessageFormat = json_format
    keys = DrawKeyFolder(settings.data / "draw-keys")
    models = ModelStore(settings.data / "models")
    load_model: Callable[[str], Scorer] = lru_cache(maxsize=4)(models.load)
    administration = Administration(store=store, clock=clock)
    if not administration.published():
        administration.publish(content_of(settings), by="starter")
    _ensure_draw_key(store, keys, clock)
    present = Present(
        messages=messages,
        draw_key=lambda: _draw_key_in_force(store, keys),
        load_model=load_model,
        progress=progress,
    )
    files, signing = LedgerFolder(settings.ledger_folder), SigningKeyFile(settings.ledger_key_file)
    services = Services(
        clock=clock,
        messages=messages,
        assess=AssessDeclarations(store=store, present=present, clock=clock, messages=messages),
        record=RecordResults(store=store, present=present, clock=clock, messages=messages),
        look_up=LookUp(store=store, present=present),
        replay=Replay(store=store, messages=messages, draw_key=keys.load, load_model=load_model),
        learning=Learning(
            store=store, clock=clock, messages=messages, models=models, seed=settings.seed,
            threads=settings.threads, progress=progress,
        ),
        administration=administration,
        seal=Sealing(store=store, files=files, key=signing, signature_holds=signature_holds),
        prove=Proving(store=store, files=files, signature_holds=signature_holds),
    )  # fmt: skip
    return Installation(
        settings=settings,
        store=store,
        services=services,
        import_history=ImportHistory(store=store, clock=clock, messages=messages),
        present=present,
        ledger_key=signing,
    )


def _ensure_draw_key(store: Store, keys: DrawKeyFolder, clock: Clock) -> None:
    """Make and publish a draw key when there is none; the publication commits to it."""
    with store.read() as uow:
        if uow.published(DRAW_KEY) is not None:
            return
    key = keys.make()
    with store.write() as uow:
        if uow.published(DRAW_KEY) is None:
            uow.publish(DRAW_KEY, key.id, b"{}", clock.now(), "setup")


def _draw_key_in_force(store: Store, keys: DrawKeyFolder) -> DrawKey:
    with store.read() as uow:
        publication = uow.published(DRAW_KEY)
    if publication is None:
        raise Unavailable("No draw key is in force.")
    return keys.load(publication.version)


def message_schemas() -> dict[str, dict[str, Any]]:
    """Return the published JSON Schema of each message, by its name."""
    schemas = [schema_of(model) for model in PUBLISHED.values()]
    return {schema["title"]: schema for schema in schemas}


def places_of(settings: Settings) -> Places:
    """Return where the parts of the installation of *settings* lie."""
    return Places(
        database=settings.data / "tidewaiter.db",
        models=settings.data / "models",
        ledger=settings.ledger_folder,
        draw_keys=settings.data / "draw-keys",
        ledger_key=settings.ledger_key_file,
    )


def content_of(settings: Settings) -> Mapping[str, Any]:
    """Return the content of the starter folder as plain data per kind; raises ConfigurationError."""
    return load_starter(settings.starter or starter_folder(), REGISTRY).bodies
