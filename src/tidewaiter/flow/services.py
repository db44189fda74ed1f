"""The use cases that a way in may call, put together by ``bootstrap``."""

from __future__ import annotations

from dataclasses import dataclass

from tidewaiter.flow.accesses import Accesses
from tidewaiter.flow.account import Accounts
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.assess import AssessDeclarations
from tidewaiter.flow.author import Authoring
from tidewaiter.flow.enact import Enacting
from tidewaiter.flow.exchange import Exchange
from tidewaiter.flow.find_decisions import FindDecisions
from tidewaiter.flow.impact import Judge
from tidewaiter.flow.inspect import Inspections
from tidewaiter.flow.learn import Learning
from tidewaiter.flow.linking import Linking
from tidewaiter.flow.lists import Lists
from tidewaiter.flow.look_up import LookUp
from tidewaiter.flow.measure import Measure
from tidewaiter.flow.override import Overrides
from tidewaiter.flow.people import People
from tidewaiter.flow.ports import Certificates, Clock, MessageFormat
from tidewaiter.flow.ports.readings import ForeignFormats
from tidewaiter.flow.prove import Proving
from tidewaiter.flow.read_message import ReadMessages
from tidewaiter.flow.receipts import Receipts
from tidewaiter.flow.record_result import RecordResults
from tidewaiter.flow.replay import Replay
from tidewaiter.flow.seal import Sealing
from tidewaiter.flow.sign_in import Sessions
from tidewaiter.flow.sign_on import SignOn
from tidewaiter.flow.standin import StandIns
from tidewaiter.flow.subscribe import Subscriptions
from tidewaiter.flow.two_persons import TwoPersons

__all__ = ["Services"]


@dataclass(frozen=True, kw_only=True)
class Services:
    """All use cases of one installation."""

    clock: Clock
    #: The native JSON format.
    messages: MessageFormat
    #: The formats of others.
    formats: ForeignFormats
    read: ReadMessages
    assess: AssessDeclarations
    record: RecordResults
    look_up: LookUp
    inspections: Inspections
    find_decisions: FindDecisions
    accounts: Accounts
    replay: Replay
    learning: Learning
    administration: Administration
    subscriptions: Subscriptions
    people: People
    linking: Linking
    #: None: no certificate is believed.
    certificates: Certificates | None
    sessions: Sessions
    two_persons: TwoPersons
    overrides: Overrides
    authoring: Authoring
    enacting: Enacting
    exchange: Exchange
    lists: Lists
    judge: Judge
    seal: Sealing
    prove: Proving
    receipts: Receipts
    accesses: Accesses
    measure: Measure
    #: None: nothing stands in, and what cannot be assessed is refused.
    stand_ins: StandIns | None = None
    #: How long a declaration may wait for its decision before it is stood in for, seconds.
    budget_seconds: float = 0.7
    #: None when no identity provider is set.
    sign_on: SignOn | None = None
