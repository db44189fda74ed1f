"""A key that another process revoked is refused by the next request."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.fakes.site import FakeClock
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.adapters.sql.watching import NotifiedClients
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.administer import Administration, Scope

OTHER_PROCESS = """
import sys
from tests.fakes.site import FakeClock
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.flow.administer import Administration
store = SqlStore(sys.argv[1])
Administration(store=store, clock=FakeClock()).revoke_key("port")
store.close()
"""


def revoke_elsewhere(store: SqlStore) -> None:
    url = store.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, url], check=True, timeout=60)


def test_a_key_that_another_process_revoked_is_refused_by_the_next_request(
    make_sql_store: Callable[..., SqlStore],
) -> None:
    store = make_sql_store()
    # The clock stands still: nothing is read again because time has passed.
    here = Administration(store=store, clock=FakeClock())
    made = here.add_key("port", "single-window", frozenset(Scope))
    assert here.client_of(made.key) == made.client
    revoke_elsewhere(store)
    assert here.client_of(made.key) is None


def test_without_the_word_of_the_store_it_is_taken_until_a_second_has_passed(
    make_sql_store: Callable[..., SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = make_sql_store(), FakeClock()
    monkeypatch.setattr(store, "clients_version", lambda: (0,))
    here = Administration(store=store, clock=clock)
    made = here.add_key("port", "single-window", frozenset(Scope))
    assert here.client_of(made.key) == made.client
    revoke_elsewhere(store)
    assert here.client_of(made.key) == made.client, "so the test above shows what the word is good for"
    clock.advance(seconds=1)
    assert here.client_of(made.key) is None


def test_clients_are_not_read_again_while_nothing_changed(
    make_sql_store: Callable[..., SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_sql_store()
    here = Administration(store=store, clock=FakeClock())
    made = here.add_key("port", "single-window", frozenset(Scope))
    assert here.client_of(made.key) == made.client
    monkeypatch.setattr(store, "read", None)
    assert here.client_of(made.key) == made.client
    assert here.client_of("tw_guess") is None


def asked_often(store: SqlStore) -> None:
    """Ask until the end of the connection has arrived."""
    for _ in range(10_000):
        store.clients_version()


def test_a_connection_that_was_lost_counts_as_a_change(
    make_postgresql_store: Callable[..., SqlStore],
) -> None:
    store = make_postgresql_store()
    before = store.clients_version()
    assert store.clients_version() == before
    with store.write() as uow:
        uow._connection.exec_driver_sql(  # type: ignore[attr-defined]
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE strpos(query, 'LISTEN') = 1 AND datname = current_database()"
        )
    with pytest.raises(Unavailable):
        asked_often(store)
    assert store.clients_version() != before


def test_a_store_that_is_closed_has_no_connection_left(
    make_postgresql_store: Callable[..., SqlStore],
) -> None:
    store = make_postgresql_store()
    store.clients_version()
    watch = store._clients
    assert isinstance(watch, NotifiedClients)
    connection = watch._connection
    store.close()
    assert connection.closed
