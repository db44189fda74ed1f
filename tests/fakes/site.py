"""An installation for tests of the flow: real use cases and starter content, fakes at the rim.

A *site* is one process: its memory is its own, the store may be shared with others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final

from tests.fakes.ledgers import FakeKey, MemoryLedgerFiles, TurningKey
from tests.fakes.memory_store import MemoryStore
from tests.fakes.people import CREDENTIALS, NoLimit
from tests.fakes.scorer import FakeModels, FakeScorer
from tests.fakes.standin import MemoryJournal, MemoryNote
from tests.fakes.store_values import unsalted
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.adapters.formats.tabular.column import read_column
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.adapters.messages import XmlFormats
from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.accesses import Accesses
from tidewaiter.flow.account import Accounts
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.assess import AssessDeclarations
from tidewaiter.flow.author import Authoring
from tidewaiter.flow.enact import Enacting
from tidewaiter.flow.epochs import DRAW_KEY as DRAW_KEY_KIND
from tidewaiter.flow.epochs import DrawKeys
from tidewaiter.flow.erase import Erasing
from tidewaiter.flow.exchange import Exchange
from tidewaiter.flow.find_decisions import FindDecisions
from tidewaiter.flow.guarded import PromoteModel, PublishContent, PublishStandIn, SetRights
from tidewaiter.flow.guarded_content import ChangeLists, ChangeParameters
from tidewaiter.flow.guarded_ledger import Erase, ReleaseHold, RotateKey, SetRetention
from tidewaiter.flow.impact import Judge
from tidewaiter.flow.import_history import ImportHistory
from tidewaiter.flow.inspect import Inspections
from tidewaiter.flow.learn import Learning
from tidewaiter.flow.linking import Linking
from tidewaiter.flow.lists import Lists
from tidewaiter.flow.look_up import LookUp
from tidewaiter.flow.measure import Measure
from tidewaiter.flow.messages import Incoming, Reply, declaration_message, result_message
from tidewaiter.flow.override import LowerLane, Overrides
from tidewaiter.flow.people import People
from tidewaiter.flow.ports import Certificates, Store
from tidewaiter.flow.ports.readings import Envelope
from tidewaiter.flow.present import MODEL, Present
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.read_message import ReadMessages
from tidewaiter.flow.reassess import Reassess
from tidewaiter.flow.receipts import Receipts
from tidewaiter.flow.record_result import RecordResults
from tidewaiter.flow.replay import Replay, Replayed
from tidewaiter.flow.rotate import Rotation
from tidewaiter.flow.seal import Sealing
from tidewaiter.flow.services import Services
from tidewaiter.flow.sign_in import Sessions
from tidewaiter.flow.standin import StandIns
from tidewaiter.flow.standin_policy import StandInPolicy
from tidewaiter.flow.subscribe import Subscriptions
from tidewaiter.flow.tally import TallyMatches, Trial
from tidewaiter.flow.two_persons import TwoPersons

__all__ = [
    "DRAW_KEY",
    "ISSUER",
    "SOURCE",
    "START",
    "TARGET",
    "FakeClock",
    "FakeSecrets",
    "Site",
    "declared",
    "found",
    "in_groups",
    "starter_bodies",
]

SOURCE: Final = "national"
START: Final = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
#: Where events may be sent.
TARGET: Final = "https://port.example"
#: The identity provider that people may be linked to.
ISSUER: Final = "https://id.example"
DRAW_KEY: Final = DrawKey(id="test-key", secret=bytes(range(32)))


class FakeSecrets:
    """Secrets of subscribers that everybody can foretell."""

    def secret(self, subscriber: str, generation: int) -> bytes:
        """Return the secret of a subscriber."""
        return sha256(f"{subscriber} {generation}".encode()).digest()


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.at

    def advance(self, **by: float) -> None:
        """Move it on by a timedelta's arguments."""
        self.at += timedelta(**by)


@cache
def _starter_text() -> str:
    return json.dumps(load_starter(starter_folder(), REGISTRY).bodies)


def starter_bodies() -> dict[str, Any]:
    """Return the starter content as plain data of one's own."""
    bodies: dict[str, Any] = json.loads(_starter_text())
    return bodies


class Site:
    """One process of an installation."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        clock: FakeClock | None = None,
        models: Any = None,
        draw_key: DrawKey = DRAW_KEY,
        model: str | None = "fake-model",
        certificates: Certificates | None = None,
    ) -> None:
        """Begin on *store* (default: an empty one in memory), with *model* in force if none is.

        *models* is a port `ModelFolder`, by default one of fakes.
        """
        self.store: Store = store or MemoryStore()
        self.clock = clock or FakeClock()
        self.models: Any = models or FakeModels()
        self.draw_key = draw_key
        #: Keys of epochs, by name.
        self.seeds: dict[str, DrawKey] = {}
        administration = Administration(store=self.store, clock=self.clock)
        if not administration.published():
            administration.publish(starter_bodies(), by="starter")
            with self.store.write() as uow:
                uow.publish(DRAW_KEY_KIND, draw_key.id, b"{}", self.clock.now(), "setup")
            if model is not None:
                self.models.put(FakeScorer(model))
                self.put_in_force(model)
        self.present = Present(
            messages=json_format,
            draw_keys=DrawKeys(load=self.load_key, clock=self.clock),
            load_model=self.models.load,
        )
        self.ledger_files = MemoryLedgerFiles()
        parts: dict[str, Any] = {"store": self.store, "clock": self.clock, "messages": json_format}
        learning = Learning(models=self.models, seed=1, threads=1, **parts)
        self.journal = MemoryJournal()
        self.standin_policy = StandInPolicy(
            store=self.store, clock=self.clock, draw_keys=DrawKeys(load=self.load_key, clock=self.clock),
            file=MemoryNote(), key=FakeKey(seed=4, name="customs.example/standin"),
            signature_holds=signature_holds,
        )  # fmt: skip
        self.limit = NoLimit()
        self.certificates = certificates
        people = People(store=self.store, clock=self.clock, credentials=CREDENTIALS)
        self.space_bytes = 2**40
        ledger_key = TurningKey()
        prove = Proving(store=self.store, files=self.ledger_files, signature_holds=signature_holds)
        trial = Trial(json_format)
        self.tally = TallyMatches(store=self.store, trial=trial)
        self.erasing = Erasing(sealed=prove.sealed, **parts)
        together = TwoPersons(
            store=self.store,
            clock=self.clock,
            acts={
                Act.PUBLISH_CONTENT: PublishContent(administration),
                Act.CHANGE_LISTS: ChangeLists(administration, self.store),
                Act.CHANGE_PARAMETERS: ChangeParameters(administration, self.store),
                Act.PROMOTE_MODEL: PromoteModel(learning),
                Act.LOWER_LANE: LowerLane(self.store, self.clock),
                Act.SET_RETENTION: SetRetention(self.erasing),
                Act.ERASE: Erase(self.erasing),
                Act.RELEASE_HOLD: ReleaseHold(self.erasing),
                Act.ROTATE_KEY: RotateKey(Rotation(clock=self.clock, key=ledger_key)),
                Act.SET_RIGHTS: SetRights(people),
                Act.PUBLISH_STANDIN: PublishStandIn(self.standin_policy),
            },
        )
        authoring = Authoring(store=self.store, clock=self.clock, trial=trial)
        enacting = Enacting(store=self.store, clock=self.clock, administration=administration)
        self.services = Services(
            measure=Measure(store=self.store, clock=self.clock, space=lambda: self.space_bytes),
            clock=self.clock,
            messages=json_format,
            formats=XmlFormats(),
            read=ReadMessages(
                store=self.store, messages=json_format, formats=XmlFormats(), nation=Envelope()
            ),
            assess=AssessDeclarations(present=self.present, **parts),
            record=RecordResults(present=self.present, **parts),
            look_up=LookUp(store=self.store, present=self.present),
            inspections=Inspections(**parts),
            find_decisions=FindDecisions(store=self.store, messages=json_format),
            accounts=Accounts(store=self.store, messages=json_format, load_model=self.models.load),
            replay=Replay(
                store=self.store,
                messages=json_format,
                draw_key=self.load_key,
                load_model=self.models.load,
            ),
            learning=learning,
            administration=administration,
            subscriptions=Subscriptions(
                store=self.store, clock=self.clock, secrets=FakeSecrets(), targets={TARGET}
            ),
            people=people,
            linking=Linking(store=self.store, clock=self.clock, issuer=ISSUER),
            certificates=self.certificates,
            sessions=Sessions(store=self.store, clock=self.clock, credentials=CREDENTIALS, limit=self.limit),
            authoring=authoring,
            enacting=enacting,
            judge=Judge(store=self.store, messages=json_format),
            overrides=Overrides(store=self.store, clock=self.clock),
            exchange=Exchange(
                store=self.store,
                clock=self.clock,
                authoring=authoring,
                enacting=enacting,
                two_persons=together,
            ),
            lists=Lists(store=self.store, read_column=read_column),
            two_persons=together,
            seal=Sealing(
                store=self.store,
                files=self.ledger_files,
                key=ledger_key,
                signature_holds=signature_holds,
                clock=self.clock,
            ),
            prove=prove,
            accesses=Accesses(store=self.store, clock=self.clock),
            receipts=Receipts(
                store=self.store,
                clock=self.clock,
                key=FakeKey(seed=3, name="customs.example/receipts"),
                ledger_key=FakeKey(),
            ),
        )
        self.stand_ins = StandIns(policy=self.standin_policy, journal=self.journal, clock=self.clock,
                                  messages=json_format)  # fmt: skip
        self.reassess = Reassess(
            journal=self.journal, stand_ins=self.stand_ins, assess=self.services.assess, **parts
        )
        self.import_history = ImportHistory(**parts)

    def restarted(self) -> Site:
        """Return a new process on the same store, with the same clock and models."""
        site = Site(self.store, clock=self.clock, models=self.models, draw_key=self.draw_key)
        site.seeds = self.seeds
        return site

    def load_key(self, key_id: str) -> DrawKey:
        """Return the key of an epoch that a test opened, or the site's own."""
        return self.seeds.get(key_id, self.draw_key)

    def put_in_force(self, model: str) -> None:
        """Publish a model by its version, as a promotion does."""
        with self.store.write() as uow:
            uow.publish(MODEL, model, b"{}", self.clock.now(), "test")

    def publish(self, bodies: Mapping[str, Any]) -> dict[str, str]:
        """Put content in force."""
        return self.services.administration.publish(bodies, by="test")

    def assess(self, *declarations: Declaration, client: str = "port", source: str = SOURCE) -> list[Reply]:
        """Send declarations together; each counts from its lodging."""
        return self.services.assess([declared(d, client=client, source=source) for d in declarations])

    def lane(self, declaration: Declaration) -> str:
        """Send a declaration and return its lane."""
        lane: str = self.answer(declaration)["lane"]
        return lane

    def answer(self, declaration: Declaration) -> dict[str, Any]:
        """Send a declaration and return its answer; raises its refusal."""
        answer: dict[str, Any] = json.loads(self.assess(declaration)[0].bytes_or_raise())
        return answer

    def decide(self, declaration: Declaration) -> dict[str, Any]:
        """Send a declaration and return the evidence of its decision."""
        return self.evidence(self.answer(declaration)["decision_id"])

    def evidence(self, decision_id: str, *, source: str = SOURCE) -> dict[str, Any]:
        """Return the recorded evidence of a decision."""
        data: dict[str, Any] = json.loads(self.services.look_up.decision(source, decision_id).evidence)
        return data

    def record(self, *results: ControlResult, client: str = "port") -> list[Reply]:
        """Send control results together; each is known from its end."""
        return self.services.record([found(result, client=client) for result in results])

    def decisions(self) -> dict[str, tuple[bytes, bytes, bytes]]:
        """Return what is recorded of every decision: id -> (evidence without its salt, inputs, answer)."""
        with self.store.read() as uow:
            stored = [stored for _, stored in uow.decisions(limit=1_000_000)]
        return {json.loads(s.evidence)["id"]: (unsalted(s.evidence), s.inputs, s.answer) for s in stored}

    def replays(self, *, from_history: bool = False) -> list[Replayed]:
        """Replay every decision."""
        return [self.services.replay(each, from_history=from_history) for each in self.decisions()]


def declared(
    declaration: Declaration,
    *,
    client: str = "port",
    source: str = SOURCE,
    message_id: str | None = None,
    at: datetime | None = None,
) -> Incoming[Declaration]:
    """Return a declaration as a message that counts from its lodging, or from *at*."""
    return declaration_message(
        declaration, client=client, source=source, messages=json_format, message_id=message_id,
        at=at or declaration.lodged_at,
    )  # fmt: skip


def found(
    result: ControlResult, *, client: str = "port", source: str = SOURCE, message_id: str | None = None
) -> Incoming[ControlResult]:
    """Return a control result as a message that is known from its end."""
    return result_message(
        result, client=client, source=source, messages=json_format, message_id=message_id, at=result.ended_at
    )


def in_groups(declarations: Sequence[Declaration], size: int) -> list[Sequence[Declaration]]:
    """Return *declarations* in groups of *size*."""
    return [declarations[start : start + size] for start in range(0, len(declarations), size)]
