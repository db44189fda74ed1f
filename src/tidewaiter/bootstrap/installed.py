"""One data folder, open: its parts, put together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tidewaiter.adapters.adversary import AdversaryTrees
from tidewaiter.adapters.backup import Places
from tidewaiter.adapters.channels import WebhookChannel
from tidewaiter.adapters.clock import SystemClock
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.adapters.formats.json.schema import PUBLISHED, schema_of
from tidewaiter.adapters.inbox import WatchedFolder
from tidewaiter.adapters.journal import JournalFolder, NoteFile
from tidewaiter.adapters.keys import (
    DrawKeyFolder,
    RotatingKeyFile,
    SigningKeyFile,
    WebhookKeyFile,
    signature_holds,
)
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.adapters.messages import XmlFormats
from tidewaiter.adapters.scorers import ModelStore
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.adapters.starter import load_standin, load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.starter.strict_yaml import read_yaml
from tidewaiter.adapters.starter.written import Written, read_written
from tidewaiter.bootstrap.people import people_parts, two_persons
from tidewaiter.core.errors import ConfigurationError, Unavailable
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.scoring.contract import Scorer
from tidewaiter.flow.accesses import Accesses
from tidewaiter.flow.account import Accounts
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.assess import AssessDeclarations
from tidewaiter.flow.audit_draws import AuditDraws
from tidewaiter.flow.author import Authoring
from tidewaiter.flow.ceremony import Ceremony
from tidewaiter.flow.deliver import Delivering
from tidewaiter.flow.enact import Enacting
from tidewaiter.flow.epochs import DrawKeys, begin_draws
from tidewaiter.flow.erase import Erasing
from tidewaiter.flow.exchange import Exchange
from tidewaiter.flow.find_decisions import FindDecisions
from tidewaiter.flow.impact import Judge
from tidewaiter.flow.import_history import ImportHistory
from tidewaiter.flow.inspect import Inspections
from tidewaiter.flow.learn import Learning
from tidewaiter.flow.lists import Lists
from tidewaiter.flow.look_up import LookUp
from tidewaiter.flow.measure import Measure
from tidewaiter.flow.override import Overrides
from tidewaiter.flow.ports import Clock, MessageFormat, Store
from tidewaiter.flow.ports.ledger import LedgerKey
from tidewaiter.flow.ports.readings import Envelope
from tidewaiter.flow.ports.tables import ListedRows
from tidewaiter.flow.predictability import MeasurePredictability
from tidewaiter.flow.present import Present
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.read_message import ReadMessages
from tidewaiter.flow.reassess import Reassess, Standing
from tidewaiter.flow.reassess_model import ReassessWithModel
from tidewaiter.flow.receipts import Receipts
from tidewaiter.flow.record_result import RecordResults
from tidewaiter.flow.replay import Replay
from tidewaiter.flow.rotate import Rotation
from tidewaiter.flow.seal import Sealing
from tidewaiter.flow.services import Services
from tidewaiter.flow.standin import StandIns
from tidewaiter.flow.standin_policy import StandInPolicy
from tidewaiter.flow.subscribe import Subscriptions
from tidewaiter.flow.take_in import TakeIn
from tidewaiter.flow.tally import TallyMatches, Trial
from tidewaiter.flow.two_persons import TwoPersons
from tidewaiter.settings import Settings

__all__ = [
    "Installation",
    "content_of",
    "installation",
    "message_schemas",
    "places_of",
    "profile_in",
    "written_rule",
]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One data folder, open."""

    settings: Settings
    store: Store
    services: Services
    import_history: ImportHistory
    present: Present
    deliver: Delivering
    tally: TallyMatches
    #: None when no folder is watched.
    take_in: TakeIn | None
    standing: Standing
    #: What assesses again, once the model is back, what was decided without a score.
    reassess_model: ReassessWithModel
    ceremony: Ceremony
    audit_draws: AuditDraws
    predictability: MeasurePredictability
    erasing: Erasing
    rotation: Rotation
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
    store = SqlStore(settings.store_url)
    with ExitStack() as closing:
        closing.callback(store.close)
        made = _put_together(settings, store, clock or SystemClock(), progress)
        closing.callback(made.standing.stand_ins.close)
        yield made


def _put_together(settings: Settings, store: Store, clock: Clock, progress: Progress | None) -> Installation:
    messages: MessageFormat = json_format
    keys, models = DrawKeyFolder(settings.data / "draw-keys"), ModelStore(settings.data / "models")
    load_model: Callable[[str], Scorer] = lru_cache(maxsize=4)(models.load)
    administration = _administration(settings, store, clock)
    begin_draws(store, keys.make, clock)
    draw_keys = DrawKeys(load=keys.load, clock=clock)
    present = Present(messages=messages, draw_keys=draw_keys, load_model=load_model, progress=progress)
    formats = XmlFormats()
    files, signing = LedgerFolder(settings.ledger_folder), RotatingKeyFile(settings.ledger_key_file)
    prove = Proving(store=store, files=files, signature_holds=signature_holds)
    secrets = WebhookKeyFile(settings.webhook_key_file)
    learning = _learning(settings, store, clock, models, progress)
    assess = AssessDeclarations(store=store, present=present, clock=clock, messages=messages)
    standing = _standing(settings, store, clock, draw_keys, assess)
    of_people = people_parts(settings, store, clock)
    rotation = Rotation(clock=clock, key=signing)
    erasing = Erasing(store=store, clock=clock, messages=messages, sealed=prove.sealed)
    together = two_persons(
        store, clock, administration, learning, of_people["people"], erasing, rotation, standing.policy
    )
    services = Services(
        clock=clock,
        messages=messages,
        formats=formats,
        read=ReadMessages(store=store, messages=messages, formats=formats, nation=_nation(settings)),
        assess=assess,
        record=RecordResults(store=store, present=present, clock=clock, messages=messages),
        look_up=LookUp(store=store, present=present),
        **_about_decisions(store, clock, messages, load_model),
        **_about_content(store, clock, messages, administration, together),
        replay=Replay(store=store, messages=messages, draw_key=keys.load, load_model=load_model),
        learning=learning,
        administration=administration,
        subscriptions=_subscriptions(settings, store, clock, secrets),
        seal=Sealing(store=store, files=files, key=signing, signature_holds=signature_holds, clock=clock),
        prove=prove,
        receipts=_receipts(settings, store, clock, signing),
        accesses=Accesses(store=store, clock=clock),
        measure=_measure(settings, store, clock),
        **of_people,
        two_persons=together,
        stand_ins=standing.stand_ins if settings.stand_in else None,
        budget_seconds=settings.budget_ms / 1000,
    )  # fmt: skip
    return Installation(
        settings=settings, store=store, services=services,
        import_history=ImportHistory(store=store, clock=clock, messages=messages),
        present=present,
        reassess_model=_reassess_model(store, clock, services, present, load_model),
        deliver=_deliver(settings, store, clock, secrets),
        tally=TallyMatches(store=store, trial=Trial(messages)),
        take_in=_take_in(settings, services),
        standing=standing,
        ceremony=_ceremony(settings, store, clock, keys, prove),
        audit_draws=_audit_draws(store, messages, keys, prove),
        predictability=_predictability(settings, store),
        erasing=erasing,
        rotation=rotation, ledger_key=signing,
    )  # fmt: skip


def _administration(settings: Settings, store: Store, clock: Clock) -> Administration:
    """Return what changes content and keys; the first use publishes the starter content."""
    administration = Administration(store=store, clock=clock)
    if not administration.published():
        administration.publish(content_of(settings), by="starter")
    return administration


def _learning(
    settings: Settings, store: Store, clock: Clock, models: ModelStore, progress: Progress | None
) -> Learning:
    return Learning(
        store=store, clock=clock, messages=json_format, models=models, seed=settings.seed,
        threads=settings.threads, progress=progress,
    )  # fmt: skip


def _about_decisions(
    store: Store, clock: Clock, messages: MessageFormat, load_model: Callable[[str], Scorer]
) -> dict[str, Any]:
    """Return what people do with decisions: inspect, override, find, and read how one came about."""
    return {
        "overrides": Overrides(store=store, clock=clock),
        "inspections": Inspections(store=store, clock=clock, messages=messages),
        "find_decisions": FindDecisions(store=store, messages=messages),
        "accounts": Accounts(store=store, messages=messages, load_model=load_model),
    }


def _about_content(
    store: Store, clock: Clock, messages: MessageFormat, administration: Administration, together: TwoPersons
) -> dict[str, Any]:
    """Return what people do with content: write, judge and enact profiles, change lists, move it as text."""
    authoring = Authoring(store=store, clock=clock, trial=Trial(messages))
    enacting = Enacting(store=store, clock=clock, administration=administration)
    return {
        "authoring": authoring,
        "enacting": enacting,
        "judge": Judge(store=store, messages=messages),
        "exchange": Exchange(
            store=store, clock=clock, authoring=authoring, enacting=enacting, two_persons=together
        ),
        "lists": Lists(store=store, read_column=_read_column),
    }


def _read_column(content: bytes, column: str, *, rows_max: int) -> ListedRows:
    from tidewaiter.adapters.formats.tabular.column import read_column  # when the first table comes

    return read_column(content, column, rows_max=rows_max)


def _subscriptions(settings: Settings, store: Store, clock: Clock, secrets: WebhookKeyFile) -> Subscriptions:
    return Subscriptions(store=store, clock=clock, secrets=secrets, targets=settings.webhook_targets)


def _deliver(settings: Settings, store: Store, clock: Clock, secrets: WebhookKeyFile) -> Delivering:
    channel = WebhookChannel(settings.webhook_targets)
    return Delivering(store=store, clock=clock, channel=channel, secrets=secrets)


def _audit_draws(store: Store, messages: MessageFormat, keys: DrawKeyFolder, prove: Proving) -> AuditDraws:
    return AuditDraws(
        store=store, messages=messages, load_key=keys.load, checkpoint_sizes=prove.checkpoint_sizes
    )


def _predictability(settings: Settings, store: Store) -> MeasurePredictability:
    """Return what measures how well agents can foretell controls."""
    adversary = AdversaryTrees(seed=settings.seed, threads=settings.threads)
    return MeasurePredictability(store=store, adversary=adversary)


def _measure(settings: Settings, store: Store, clock: Clock) -> Measure:
    """Return what measures how far everything is, and how much space is left."""
    return Measure(store=store, clock=clock, space=lambda: shutil.disk_usage(settings.data).free)


def _ceremony(
    settings: Settings, store: Store, clock: Clock, keys: DrawKeyFolder, prove: Proving
) -> Ceremony:
    """Return what makes the key of an epoch out of two custodians' keys and a beacon."""
    return Ceremony(
        store=store,
        clock=clock,
        keep_seed=keys.keep,
        last_checkpoint=prove.last_checkpoint,
        appeal_days=settings.appeal_days,
    )


def _receipts(settings: Settings, store: Store, clock: Clock, ledger_key: LedgerKey) -> Receipts:
    """Return what signs receipts, with a key of its own."""
    key = SigningKeyFile(settings.receipt_key_file, of="tidewaiter-receipts")
    return Receipts(store=store, clock=clock, key=key, ledger_key=ledger_key)


def _nation(settings: Settings) -> Envelope:
    """Return what messages leave open because everybody in the country knows it."""
    return Envelope(currency=settings.currency, day_first=settings.day_first)


def _standing(
    settings: Settings, store: Store, clock: Clock, draw_keys: DrawKeys, assess: AssessDeclarations
) -> Standing:
    """Return what stands in; the first use publishes the starter policy."""
    policy = StandInPolicy(
        store=store, clock=clock, draw_keys=draw_keys, signature_holds=signature_holds,
        file=NoteFile(settings.standin_folder / "policy.note"),
        key=SigningKeyFile(settings.standin_key_file, of="tidewaiter-standin"),
    )  # fmt: skip
    if not policy.published():
        policy.begin_with(load_standin(settings.starter or starter_folder()))
    journal = JournalFolder(settings.standin_folder)
    stand_ins = StandIns(policy=policy, journal=journal, clock=clock, messages=json_format)
    reassess = Reassess(
        store=store, clock=clock, messages=json_format, assess=assess, journal=journal, stand_ins=stand_ins
    )
    return Standing(policy=policy, stand_ins=stand_ins, reassess=reassess)


def _reassess_model(
    store: Store, clock: Clock, services: Services, present: Present, load_model: Callable[[str], Scorer]
) -> ReassessWithModel:
    """Return what assesses again, once the model is back, what was decided without a score."""
    return ReassessWithModel(
        store=store, clock=clock, replay=services.replay, load_model=load_model, back=present.look_again
    )


def _take_in(settings: Settings, services: Services) -> TakeIn | None:
    """Return what takes in the files of the watched folder, if one is watched."""
    if settings.watch is None:
        return None
    return TakeIn(
        inbox=WatchedFolder(settings.watch),
        assess=services.assess,
        read=services.read,
        messages=services.messages,
        source=settings.source,
    )


def message_schemas() -> dict[str, dict[str, Any]]:
    """Return the published JSON Schema of each message, by its name."""
    schemas = [schema_of(model) for model in PUBLISHED.values()]
    return {schema["title"]: schema for schema in schemas}


def places_of(settings: Settings) -> Places:
    """Return where the parts of the installation of *settings* lie.

    Raises ConfigurationError when its store is on a server.
    """
    if settings.database_file is None:
        raise ConfigurationError(
            "The store is on a PostgreSQL server, and only files are copied here: copy the database with "
            "pg_dump or the server's own backups, and the data folder beside it."
        )
    return Places(
        database=settings.database_file,
        models=settings.data / "models",
        ledger=settings.ledger_folder,
        draw_keys=settings.data / "draw-keys",
        ledger_key=settings.ledger_key_file,
    )


def content_of(settings: Settings) -> Mapping[str, Any]:
    """Return the content of the starter folder as plain data per kind; raises ConfigurationError."""
    return load_starter(settings.starter or starter_folder(), REGISTRY).bodies


def written_rule(settings: Settings, file: Path) -> Written:
    """Return what *file* says, a profile or condition beside the content of the starter folder."""
    around = load_starter(settings.starter or starter_folder(), REGISTRY)
    return read_written(file.read_bytes(), file.name, REGISTRY, around)


def profile_in(file: Path) -> Mapping[str, Any]:
    """Return the profile that *file* writes as YAML or JSON, as plain data that nobody has judged yet.

    Raises ConfigurationError when it is neither, or no profile.
    """
    data = read_yaml(file.read_bytes(), file.name).data
    if not isinstance(data, dict) or "when" not in data:
        raise ConfigurationError(
            f"`{file.name}` is no profile: it has no member `when`. "
            "Write a mapping with `when`, `lane` and the rest of a profile."
        )
    return data
