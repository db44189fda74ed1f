"""Content in force, models, clients and capacity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Table, bindparam, select, update

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.ports import Client, ModelRecord, Publication
from tidewaiter.flow.ports.leaves import client_leaf, model_leaf

__all__ = ["Content"]

_p, _m, _c, _s = t.publication.c, t.model.c, t.client.c, t.capacity_state.c

_PUBLICATIONS: Final = select(_p.seq, _p.kind, _p.version, _p.body, _p.at, _p.published_by).where(
    _p.kind == bindparam("kind")
)
_OLDEST_FIRST: Final = _PUBLICATIONS.order_by(_p.seq)
_NEWEST: Final = _PUBLICATIONS.order_by(_p.seq.desc()).limit(1)
_NEWEST_OF_VERSION: Final = (
    _PUBLICATIONS.where(_p.version == bindparam("version")).order_by(_p.seq.desc()).limit(1)
)
_MODELS: Final = select(t.model).order_by(_m.trained_at, _m.version)
_MODEL: Final = select(t.model).where(_m.version == bindparam("version"))
_CLIENTS: Final = select(t.client).order_by(_c.created_at, _c.id)
_CAPACITY: Final = select(_s.office, _s.state).order_by(_s.office)

#: Table -> the update of the row whose key is bound as ``row_key``.
_UPDATES: Final = {
    table: update(table).where(next(iter(table.primary_key)) == bindparam("row_key"))
    for table in (t.model, t.client, t.capacity_state)
}


class Content(Work):
    """The part of a unit of work that the administration owns."""

    # -- content in force
    def publish(self, kind: str, version: str, body: bytes, at: datetime, by: str) -> None:
        """Put a version of content in force, with its outbox row and ledger leaf."""
        row = {"kind": kind, "version": version, "body": body, "at": at, "published_by": by}
        content = {
            "content_kind": kind,
            "version": version,
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "at": at.isoformat(),
            "by": by,
        }
        subject = f"{kind} {version}"
        self._insert(t.publication, {"seq": self._next_seq(t.publication), **row})
        self._add_outbox("publication", subject, canonical_json(content), at)
        self._add_leaf_of("publication", subject, content, at)

    def published(self, kind: str, version: str | None = None) -> Publication | None:
        """Return what is in force of a kind (or the named version), or None."""
        if version is None:
            row = self._first(_NEWEST, {"kind": kind})
        else:
            row = self._first(_NEWEST_OF_VERSION, {"kind": kind, "version": version})
        return None if row is None else _publication(row)

    def publications(self, kind: str) -> Sequence[Publication]:
        """Return all publications of a kind, oldest first."""
        return [_publication(row) for row in self._rows(_OLDEST_FIRST, {"kind": kind})]

    def publications_end(self) -> int:
        """Return the number of the last publication of any kind, 0 when there is none."""
        return self._last_seq(t.publication)

    # -- models
    def put_model(self, model: ModelRecord) -> None:
        """Record a model, or its new state, with its ledger leaf."""
        row = {
            "state": model.state,
            "card": dict(model.card),
            "comparison": dict(model.comparison),
            "trained_at": model.trained_at,
        }
        self._put(t.model, model.version, row)
        self._add_leaf_told(model_leaf(model))

    def model(self, version: str) -> ModelRecord | None:
        """Return a model record, or None."""
        row = self._first(_MODEL, {"version": version})
        return None if row is None else ModelRecord(**row._asdict())

    def models(self) -> Sequence[ModelRecord]:
        """Return all models, oldest first."""
        return [ModelRecord(**row._asdict()) for row in self._rows(_MODELS)]

    # -- clients
    def put_client(self, client: Client) -> None:
        """Record a client, or its revocation, with its ledger leaf."""
        row = {
            "name": client.name,
            "source": client.source,
            "scopes": sorted(client.scopes),
            "key_sha256": client.key_sha256,
            "created_at": client.created_at,
            "revoked_at": client.revoked_at,
        }
        self._put(t.client, client.id, row)
        self._add_leaf_told(client_leaf(client))

    def clients(self) -> Sequence[Client]:
        """Return all clients, oldest first."""
        return [Client(**{**row._asdict(), "scopes": frozenset(row.scopes)}) for row in self._rows(_CLIENTS)]

    # -- capacity
    def capacity_states(self) -> Mapping[str, bytes]:
        """Return the pacing state per office, as it was written."""
        return {row.office: row.state for row in self._rows(_CAPACITY)}

    def put_capacity_states(self, states: Mapping[str, bytes]) -> None:
        """Write the pacing state of the offices that changed."""
        for office, state in states.items():
            self._put(t.capacity_state, office, {"state": state})

    def _put(self, table: Table, key: str, row: Mapping[str, Any]) -> None:
        """Update the row with this primary key, or insert it."""
        if self._change(_UPDATES[table], {"row_key": key, **row}, tuple(row)) == 0:
            self._insert(table, {next(iter(table.primary_key)).name: key, **row})


def _publication(row: Row[Any]) -> Publication:
    """Return a row as a publication."""
    return Publication(
        seq=row.seq, kind=row.kind, version=row.version, body=row.body, at=row.at, by=row.published_by
    )
