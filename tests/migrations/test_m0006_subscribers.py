"""What waited in the outbox before it knew its declarations knows them after the migration."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from sqlalchemy import text

from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tidewaiter.adapters.sql import SqlStore, engine, upgrade

ROWS = (
    (
        "INSERT INTO declaration_version (seq, source, declaration_id, version, body, body_sha256, at, "
        "received_at, office, flow) VALUES (1, 'port', 'D 1', 1, :bytes, 'h', 0, 0, '040', 'import')"
    ),
    (
        "INSERT INTO control_result (seq, source, control_id, version, declaration_id, body, body_sha256, "
        "known_at, recorded_at, irregular, parked) "
        "VALUES (1, 'port', 'C 1', 2, 'D 1', :bytes, 'h', 0, 0, TRUE, FALSE)"
    ),
    "INSERT INTO outbox (topic, key, payload, created_at) VALUES ('result', 'port C 1 2', :bytes, 5)",
    "INSERT INTO outbox (topic, key, payload, created_at) VALUES ('publication', 'rules r', :bytes, 6)",
)


def test_events_of_an_older_store_know_what_they_concern(new_store_url: Callable[[], str]) -> None:
    place = new_store_url()
    database, url = engine.database(place)
    writer, reader = database.open_engine(url, writing=True), database.open_engine(url, writing=False)
    upgrade.upgrade(writer, reader, "0001")
    with writer.connect() as connection, connection.begin():
        for statement in ROWS:
            connection.execute(text(statement), {"bytes": b"\x01"})
    reader.dispose()
    writer.dispose()
    with closing(SqlStore(place)) as store, store.read() as work:
        found, _ = work.events(0, source="port", topics={"result", "publication"}, limit=10)
    assert [(e.topic, e.source, e.declaration_id, e.payload) for e in found] == [
        ("result", "port", "D 1", b"\x01"),
        ("publication", None, None, b"\x01"),
    ]
