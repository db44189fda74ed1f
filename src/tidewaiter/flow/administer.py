"""Administer: publish content, give and revoke keys of systems."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from tidewaiter.core.draw.epoch import in_force
from tidewaiter.core.errors import ConfigurationError, Conflict, Fault, NotFound
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.rules.check import check_vocabulary
from tidewaiter.core.selection.lanes import lanes_from_data
from tidewaiter.flow.content import KINDS, Content, parse
from tidewaiter.flow.epochs import epochs_of
from tidewaiter.flow.known_clients import KnownClients, valid_client
from tidewaiter.flow.lives import follow
from tidewaiter.flow.next_epoch import WAITING, wait
from tidewaiter.flow.ports import Client, Clock, Publication, Store, UnitOfWork

__all__ = ["Administration", "NewKey", "Scope"]

_KEY_PREFIX: Final = "tw"


class Scope(StrEnum):
    """What an API key allows."""

    DECLARATIONS_WRITE = "declarations:write"
    RESULTS_WRITE = "results:write"
    DECISIONS_READ = "decisions:read"
    EVENTS_READ = "events:read"
    LEDGER_READ = "ledger:read"
    METRICS_READ = "metrics:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was just made: shown once, kept nowhere."""

    client: Client
    key: str


class Administration:
    """The use cases of the administrator."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known = KnownClients(self.keys, store.clients_version, clock)

    def publish(self, bodies: Mapping[str, Any], by: str) -> dict[str, str]:
        """Put content in force where it differs from what is; return the versions in force.

        *bodies* are plain data per kind.  All kinds are checked together first, so that a fault in
        one publishes none; raises ConfigurationError with every fault.  A lane that was in force stays:
        declarations were given it, and their amendments must not get a milder one.  Where epochs are in
        use, changed probabilities of draws wait for the next one (:mod:`~tidewaiter.flow.next_epoch`).
        """
        with self._store.write() as uow:
            return self.publish_in(uow, bodies, by)

    def publish_in(self, uow: UnitOfWork, bodies: Mapping[str, Any], by: str) -> dict[str, str]:
        """Publish as :meth:`publish` does, within a transaction that has more to do."""
        content = parse(bodies, {})
        now = self._clock.now()
        _require_defined(content, uow.published("lanes"))
        follow(uow, content, by=by, at=now)
        epoch = in_force(epochs_of(uow), now.date())
        at_once = dict(bodies) if epoch is None else wait(uow, bodies, epoch, now, by)
        canonical = {
            kind: json.dumps(at_once[kind], ensure_ascii=False, sort_keys=True).encode() for kind in KINDS
        }
        versions = _versions(parse(at_once, {}), canonical)
        for kind in KINDS:
            current = uow.published(kind)
            if current is None or current.version != versions[kind]:
                uow.publish(kind, versions[kind], canonical[kind], now, by)
        return versions

    def check(self, bodies: Mapping[str, Any]) -> None:
        """Raise ConfigurationError with every fault for which *bodies* could not be published now."""
        content = parse(bodies, {})
        with self._store.read() as uow:
            _require_defined(content, uow.published("lanes"))

    def waits(self) -> bool:
        """Tell whether published probabilities wait for the next epoch."""
        with self._store.read() as uow:
            waiting = uow.published(WAITING)
        return waiting is not None and bool(waiting.version)

    def published(self) -> dict[str, str]:
        """Return the version in force of each kind that has one."""
        with self._store.read() as uow:
            found = {kind: uow.published(kind) for kind in KINDS}
        return {kind: publication.version for kind, publication in found.items() if publication is not None}

    def add_key(self, name: str, source: str, scopes: frozenset[Scope]) -> NewKey:
        """Make an API key for a system; raises Conflict when a key of this name is in use."""
        with self._store.write() as uow:
            _require_free(uow, name)
            identity = secrets.token_hex(6)
            key = f"{_KEY_PREFIX}_{identity}_{secrets.token_urlsafe(32)}"
            client = self._client(identity, name, source, scopes, _digest(key))
            uow.put_client(client)
        self._known.forget()
        return NewKey(client=client, key=key)

    def add_certificate(self, name: str, source: str, scopes: frozenset[Scope], sha256: str) -> Client:
        """Let a system be known by its certificate, whose SHA-256 this is, hex.

        Raises Conflict when the name, or the certificate, is in use.
        """
        digest = _digest_of_certificate(sha256)
        with self._store.write() as uow:
            _require_free(uow, name)
            if (other := valid_client(uow.clients(), digest)) is not None:
                raise Conflict(f"This certificate is that of {other.name!r} already.")
            client = self._client(secrets.token_hex(6), name, source, scopes, digest)
            uow.put_client(client)
        self._known.forget()
        return client

    def revoke_key(self, name: str) -> Client:
        """Revoke the valid key of this name; raises NotFound.

        Effective for the next request, in whichever process.
        """
        with self._store.write() as uow:
            client = next((c for c in uow.clients() if c.name == name and c.revoked_at is None), None)
            if client is None:
                raise NotFound(f"There is no valid key named {name!r}.")
            revoked = replace(client, revoked_at=self._clock.now())
            uow.put_client(revoked)
        self._known.forget()
        return revoked

    def keys(self) -> list[Client]:
        """Return all clients, revoked ones too."""
        with self._store.read() as uow:
            return list(uow.clients())

    def client_of(self, key: str) -> Client | None:
        """Return the client whose valid key this is, or None."""
        # What is no key is not looked up: a certificate is no secret, so it must not do as one.
        return self._client_with(_digest(key)) if key.startswith(f"{_KEY_PREFIX}_") else None

    def client_of_certificate(self, sha256: str) -> Client | None:
        """Return the client that is known by the certificate with this SHA-256, hex, or None."""
        return self._client_with(_digest_of_certificate(sha256))

    def _client(self, identity: str, name: str, source: str, scopes: frozenset[Scope], digest: str) -> Client:
        return Client(
            id=identity,
            name=name,
            source=source,
            scopes=frozenset(scope.value for scope in scopes),
            key_sha256=digest,
            created_at=self._clock.now(),
        )

    def _client_with(self, digest: str) -> Client | None:
        """Return the client that is valid and has this digest.

        Raises Unavailable when the store does not answer and what was read before does not tell.
        """
        return self._known.with_key(digest)


def _versions(content: Content, canonical: Mapping[str, bytes]) -> dict[str, str]:
    """Return the version of each kind: the hash of what it says."""
    return {
        "lanes": _short_hash(canonical["lanes"]),
        "checks": _short_hash(canonical["checks"]),
        "rules": content.rules.version,
        "plan": content.plan.version,
    }


def _require_defined(content: Content, lanes_in_force: Publication | None) -> None:
    """Raise ConfigurationError when a profile names what nobody defined, or a lane in force is missing."""
    faults = list(
        check_vocabulary(content.rules.profiles, lanes=content.lanes.codes, checks=tuple(content.checks))
    )
    known = () if lanes_in_force is None else lanes_from_data(json.loads(lanes_in_force.body)).codes
    faults += [
        Fault(
            code="lane-missing",
            place="/lanes",
            message="a lane that is in force is missing",
            value=code,
            hint="Keep it, and let no profile and no plan name it any more.",
        )
        for code in known
        if code not in content.lanes
    ]
    if faults:
        raise ConfigurationError("The content cannot be published.", faults=tuple(faults))


def _digest(key: str) -> str:
    """Return the digest of a key; 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def _digest_of_certificate(sha256: str) -> str:
    """Return what stands for a certificate where a key has its digest; no key has this one."""
    return _digest(f"certificate {sha256}")


def _require_free(uow: UnitOfWork, name: str) -> None:
    if any(client.name == name and client.revoked_at is None for client in uow.clients()):
        raise Conflict(
            f"There is a valid key named {name!r} already; revoke it first, or choose another name."
        )


def _short_hash(body: bytes) -> str:
    return hashlib.sha256(canonical_json({"body": body.decode()})).hexdigest()[:16]
