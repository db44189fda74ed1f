"""The roles of the how-to: the service works with few rights, and a copy of its database proves itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from tests.fakes import trade
from tests.fakes.postgresql import Server, server
from tidewaiter.bootstrap import Installation, installation
from tidewaiter.core.errors import Unavailable
from tidewaiter.core.ledger.erasures import Erased, spans_of
from tidewaiter.flow.messages import Incoming
from tidewaiter.flow.ports.erasures import Remains
from tidewaiter.flow.subscribe import Topic
from tidewaiter.settings import Settings

HOWTO = Path(__file__).parents[3] / "docs/howto/postgresql"
OWNER, SERVICE = "tidewaiter_owner", "tidewaiter"


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """Return a server with the database of the how-to, in which there is no table."""
    with server() as here:
        tool(here, "psql", "-v", "ON_ERROR_STOP=1", "-f", str(HOWTO / "database.sql"), "postgres")
        yield here


def tool(here: Server, program: str, *arguments: str, user: str = "postgres") -> None:
    """Run one of PostgreSQL's programs on the server."""
    environment = {**os.environ, "PGHOST": str(here.folder), "PGUSER": user}
    done = subprocess.run(
        [here.programs / program, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr


def settings(here: Server, data: Path, user: str, name: str = SERVICE) -> Settings:
    """Return the settings of an installation as which *user* works."""
    url = make_url(here.url(name)).set(username=user).render_as_string()
    return Settings(data=data, database_url=SecretStr(url), webhook_targets=frozenset({"http://127.0.0.1:9"}))


def work(at: Installation, first: int) -> None:
    """Let an installation do what a service does in a day."""
    write = at.services.messages
    for number in range(first, first + 3):
        declaration, result = trade.declaration(number), trade.result(number)
        control = Incoming(
            client="port", source="national", message_id=f"r{number}", content=result,
            body=write.write_control_result(result),
        )  # fmt: skip
        message = Incoming(
            client="port", source="national", message_id=f"m{number}", content=declaration,
            body=write.write_declaration(declaration),
        )  # fmt: skip
        at.services.record([control])[0].bytes_or_raise()  # waits for its declaration
        at.services.assess([message])[0].bytes_or_raise()
    at.services.subscriptions.add(
        "port", source="national", topics=list(Topic), url="http://127.0.0.1:9/events"
    )
    at.deliver.step()
    at.services.seal.seal()


def test_the_service_works_with_few_rights_and_its_copy_is_proved(database: Server, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with pytest.raises(Unavailable, match="may not"), installation(settings(database, data, SERVICE)):
        pass
    with installation(settings(database, data, OWNER)):
        pass
    tool(database, "psql", "-v", "ON_ERROR_STOP=1", "-f", str(HOWTO / "grants.sql"), SERVICE, user=OWNER)
    with installation(settings(database, data, SERVICE)) as here:
        work(here, 1)
        here.services.seal.seal()
        act = erase(here)
        entries = here.services.seal.seal().size
    refuse_changes(database)
    dump = tmp_path / "tidewaiter.dump"
    tool(database, "pg_dump", "--format=custom", f"--file={dump}", SERVICE, user=SERVICE)
    made = ["--template=template0", "--encoding=UTF8", "--locale=C", f"--owner={OWNER}", "restored"]
    tool(database, "createdb", *made)
    tool(database, "pg_restore", "--exit-on-error", "--dbname=restored", str(dump))
    with installation(settings(database, data, OWNER, "restored")) as here:
        report = here.services.prove.verify(here.ledger_key.public).report
        assert (report.holds, report.entries) == (True, entries)
        assert report.erased == (Erased(act=act, entries=2),)
        with psycopg.connect(database.url("restored")) as cheat:
            cheat.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER ALL")
            cheat.execute("DELETE FROM ledger_leaf WHERE seq = %s", [entries])
        assert not here.services.prove.verify(here.ledger_key.public).report.holds


def erase(at: Installation) -> int:
    """Erase a declaration by an act, and return that."""
    with at.store.write() as uow:
        trace, act = uow.trace("national", "D1"), uow.ledger_end() + 1
        assert trace is not None
        remains = Remains(
            trace=trace,
            versions={each.seq: b"{}" for each in trace.versions},
            results={each.seq: b"{}" for each in trace.results},
            decisions=dict.fromkeys(trace.decisions, (b"{}", b"{}")),
        )
        uow.add_leaf("erasure", str(act), {"entries": spans_of(trace.leaves)}, datetime.now(UTC))
        uow.erase([remains], [], act)
    return act


def refuse_changes(database: Server) -> None:
    """Check that the role of the service cannot touch what is recorded, nor what guards it."""
    url = make_url(database.url(SERVICE)).set(username=SERVICE).render_as_string()
    for command in (
        "UPDATE decision SET lane = 'release'",
        "DELETE FROM message",
        "UPDATE control_result SET known_at = 0",
        "TRUNCATE ledger_leaf",
        "DROP TRIGGER decision_refuse_update ON decision",
        "ALTER TABLE decision DISABLE TRIGGER ALL",
        "CREATE TABLE another (a int)",
        "UPDATE alembic_version SET version_num = '0001'",
    ):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(command)
    for command in ("UPDATE control_result SET body = ''", "UPDATE ledger_leaf SET body = NULL"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.IntegrityError):
            connection.execute(command)
