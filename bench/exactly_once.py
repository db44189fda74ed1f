"""Copies of messages, in any order, to several `tidewaiter serve` processes on one PostgreSQL database.

Each declaration has one to three versions, each version is a message, and each message is sent one to
`--copies` times: by any sender, to any process, versions and copies shuffled.  Every sender waits for its
answer before it sends again, so the load is bounded by `--senders`.

Wanted: one decision, one journal entry, one event and one ledger entry for each message, all answers
to it equal byte for byte, no refusal, and a ledger that verifies.

    python bench/exactly_once.py [--messages 50000] [--copies 20] [--servers 4] [--senders 8]
        [--seed 1] [--json]

PostgreSQL runs in a temporary folder and syncs to the disk, unless `--database` names one.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random  # noqa: TID251 - seeded
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from _table import command, machine, print_table
from pydantic import SecretStr

from tests.crash.serving import serving
from tests.fakes import trade
from tests.fakes.postgresql import server
from tests.fakes.postgresql_stores import fresh_database
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.bootstrap import Installation, installation
from tidewaiter.flow.administer import Scope
from tidewaiter.settings import Settings


@dataclass(frozen=True)
class Message:
    """One version of a declaration, and the key under which it is sent."""

    key: str
    body: bytes


@dataclass
class Tally:
    """What was sent, what was answered, and what is wrong."""

    servers: int
    messages: int
    sent: int = 0
    replayed: int = 0
    seconds: float = 0.0
    decisions: int = 0
    #: The message -> SHA-256 of each different answer to it.
    answers: dict[str, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def messages(count: int, rng: random.Random) -> Iterator[Message]:
    """Iterate over *count* messages: declarations of one to three versions each."""
    number = made = 0
    while made < count:
        number += 1
        declaration = trade.declaration(number)
        for version in range(1, rng.randint(1, min(3, count - made)) + 1):
            made += 1
            yield Message(f"m{number}-{version}", write_declaration(declaration))
            declaration = trade.amended(declaration)


def shuffled(sent: Sequence[Message], copies: int, rng: random.Random) -> list[Message]:
    """Return one to *copies* copies of each message, in any order."""
    copied = [message for message in sent for _ in range(rng.randint(1, copies))]
    rng.shuffle(copied)
    return copied


class Sender(threading.Thread):
    """Sends what is left of a list, each message to any of the processes."""

    def __init__(
        self, left: Iterator[Message], ports: Sequence[int], key: str, tally: Tally, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self._left, self._key, self._tally, self._rng = left, key, tally, random.Random(seed)
        self.sent = self.replayed = 0
        self._open = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for port in ports]

    def run(self) -> None:
        """Send until nothing is left; the first fault ends it."""
        for message in self._left:
            connection = self._rng.choice(self._open)
            headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": message.key}
            connection.request("POST", "/api/v1/declarations", message.body, headers)
            response = connection.getresponse()
            answer = response.read()
            self.sent += 1
            self.replayed += response.getheader("Idempotency-Replayed") is not None
            self._tally.answers.setdefault(message.key, set()).add(sha256(answer).hexdigest())
            if response.status != 200:
                self._tally.faults.append(f"{message.key}: {response.status} {answer[:300]!r}")
                break
        for connection in self._open:
            connection.close()


class Shared:
    """An iterator that several threads share."""

    def __init__(self, values: Sequence[Message]) -> None:
        self._values, self._lock = iter(values), threading.Lock()

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        """Return the next value that no other thread has got."""
        with self._lock:
            return next(self._values)


def measure(
    database: str, data: Path, *, count: int, copies: int, servers: int, senders: int, seed: int
) -> Tally:
    """Send the messages, and look at what the store then holds."""
    rng, tally = random.Random(seed), Tally(servers, count)
    settings = Settings(data=data, database_url=SecretStr(database))
    with installation(settings) as here:
        key = here.services.administration.add_key("port", settings.source, frozenset(Scope)).key
    sent = shuffled(list(messages(count, rng)), copies, rng)
    with serving(settings, servers) as served:
        ports = [each.port for each in served]
        left, began = Shared(sent), time.perf_counter()
        threads = [Sender(left, ports, key, tally, seed + n) for n in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tally.sent = sum(thread.sent for thread in threads)
        tally.replayed = sum(thread.replayed for thread in threads)
        tally.seconds = time.perf_counter() - began
    with installation(settings) as here:
        tally.faults += faults_in(here, tally)
    return tally


def faults_in(here: Installation, tally: Tally) -> Iterator[str]:
    """Iterate over what is wrong with what was answered and with what is kept."""
    if len(tally.answers) != tally.messages:
        yield f"{len(tally.answers)} of {tally.messages} messages were answered"
    with here.store.read() as work:
        (client,) = work.clients()
        found = {
            "decisions": len(work.decisions(limit=10_000_000)),
            "journal entries": work.journal_end(),
            "events": len(work.events(0, source=client.source, topics={"decision"}, limit=10_000_000)[0]),
            "ledger entries": sum(b'"inclusion_probability"' in (leaf.body or b"") for leaf in work.ledger()),
        }
        tally.decisions = found["decisions"]
        for what, count in found.items():
            if count != tally.messages:
                yield f"{count} {what} for {tally.messages} messages"
        for key, answers in tally.answers.items():
            kept = work.kept_answer(client.id, key)
            if kept is None or answers != {sha256(kept.answer).hexdigest()}:
                yield f"{key}: {len(answers)} different answers, and {'one' if kept else 'none'} is kept"
    here.services.seal.seal()
    report = here.services.prove.verify(here.ledger_key.public, []).report
    yield from (finding.message for finding in report.findings)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=2_000, help="messages that differ")
    parser.add_argument("--copies", type=int, default=20, help="most copies of one message")
    parser.add_argument("--servers", type=int, default=4, help="processes that serve")
    parser.add_argument("--senders", type=int, default=8, help="requests at a time")
    parser.add_argument("--seed", type=int, default=1, help="seed of copies and order")
    parser.add_argument("--database", help="URL on a server where databases may be made")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    given = parser.parse_args()
    with ExitStack() as stack:
        place = given.database or stack.enter_context(server(durable=True)).url()
        tally = measure(
            stack.enter_context(fresh_database(place)),
            Path(stack.enter_context(tempfile.TemporaryDirectory())),
            count=given.messages, copies=given.copies, servers=given.servers, senders=given.senders,
            seed=given.seed,
        )  # fmt: skip
    figures = {
        "messages": tally.messages, "sent": tally.sent, "decisions": tally.decisions,
        "answered_before": tally.replayed, "faults": tally.faults[:20], "seconds": tally.seconds,
        "servers": given.servers, "senders": given.senders, "machine": machine(),
    }  # fmt: skip
    if given.json:
        json.dump(figures, sys.stdout, indent=2)
    else:
        columns = ("processes", "messages", "sent", "decisions", "faults", "sent per second")
        row = (
            given.servers, tally.messages, tally.sent, tally.decisions, len(tally.faults),
            tally.sent / tally.seconds,
        )  # fmt: skip
        print_table("Copies of messages, shuffled, to processes on one PostgreSQL database", columns, [row])
        print("\n".join(["", *tally.faults[:20], f"Repeat: {command()}"]))
    if tally.faults:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
