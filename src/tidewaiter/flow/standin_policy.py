"""The stand-in policy in force: published by two persons, signed for a day, held in memory.

What a stand-in needs is read from the store while that answers, and held: the policy as signed, the
lanes, the plan's series of draws and the draw key.  The signed file is made anew when the policy
changed and every hour, so what the declaration system copies is never old.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from tidewaiter.core.draw import DrawKey
from tidewaiter.core.errors import ConfigurationError, InputError, NotFound, Unavailable
from tidewaiter.core.ledger.checkpoint import signed_note
from tidewaiter.core.selection.lanes import Lanes, lanes_from_data
from tidewaiter.core.standin import VALID_MAX, SignedPolicy, parse_signed, policy_from_data, signed_text
from tidewaiter.flow.epochs import DrawKeys
from tidewaiter.flow.ports import Clock, LedgerKey, Store, UnitOfWork
from tidewaiter.flow.ports.standin import PolicyFile

__all__ = ["STANDIN", "Held", "StandInPolicy"]

_log = structlog.get_logger(__name__)

#: Kind of publication that holds the policy.
STANDIN: Final = "standin"
#: The signed file is made anew when it is older.
_SIGN_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is known without the store."""

    lanes: Lanes
    #: Identity of the plan of selection, and its name of its series of draws.
    plan_id: str
    draws: str
    draw_key: DrawKey
    #: None: none was published, or it cannot be used.
    signed: SignedPolicy | None


class StandInPolicy:
    """Publishes, signs and holds the policy."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        draw_keys: DrawKeys,
        file: PolicyFile,
        key: LedgerKey,
        signature_holds: Callable[[bytes, bytes, bytes], bool],
    ) -> None:
        self._store, self._clock, self._draw_keys = store, clock, draw_keys
        self._file, self._key, self._signature_holds = file, key, signature_holds
        #: As of the last :meth:`refresh` that reached the store; None: none did.
        self.held: Held | None = None

    def check(self, policy: Mapping[str, Any]) -> None:
        """Raise ConfigurationError with every fault of *policy*."""
        with self._store.read() as uow:
            self._require_sound(uow, policy)

    def in_force(self, uow: UnitOfWork) -> Mapping[str, Any] | None:
        """Return the policy in force as plain data; None when none was published."""
        published = uow.published(STANDIN)
        return None if published is None else _mapping(published.body)

    def publish_in(self, uow: UnitOfWork, policy: Mapping[str, Any], by: str) -> str:
        """Put *policy* in force, unless it is; return its version.  Raises ConfigurationError."""
        version = self._require_sound(uow, policy)
        published = uow.published(STANDIN)
        if published is None or published.version != version:
            body = json.dumps(policy, ensure_ascii=False, sort_keys=True).encode()
            uow.publish(STANDIN, version, body, self._clock.now(), by)
        return version

    def begin_with(self, starter: Mapping[str, Any] | None) -> None:
        """Publish the starter policy, where there is one; one that does not fit the lanes is left out.

        Without a policy every declaration that is stood in for gets the mildest control.
        """
        try:
            if starter is not None:
                with self._store.write() as uow:
                    self.publish_in(uow, starter, "starter")
        except ConfigurationError as fault:
            _log.warning("No stand-in policy is in force.", action="standin_missing", why=str(fault))

    def published(self) -> bool:
        """Tell whether a policy is in force."""
        with self._store.read() as uow:
            return uow.published(STANDIN) is not None

    def sign(self, valid: timedelta = VALID_MAX) -> tuple[str, SignedPolicy]:
        """Sign the policy in force from now on, and put it in its file; return the note, and what it says.

        Raises NotFound when no policy is in force, ConfigurationError when it cannot be used.
        """
        with self._store.read() as uow:
            policy, lanes = self.in_force(uow), uow.published("lanes")
        if policy is None or lanes is None:
            raise NotFound("No stand-in policy is in force: propose the act publish-standin.")
        policy_from_data(policy, lanes_from_data(json.loads(lanes.body)))
        text = signed_text(policy, _mapping(lanes.body), self._clock.now(), valid)
        note = signed_note(text, self._key.public, self._key.sign(text.encode()))
        self._file.write(note)
        return note, parse_signed(note, self._key.public, self._signature_holds)

    def signed(self) -> tuple[str, SignedPolicy]:
        """Return the signed file and what it says.

        Raises NotFound when there is none, InputError when it cannot be trusted.
        """
        note = self._file.read()
        if note is None:
            raise NotFound("There is no signed stand-in policy yet: run `tidewaiter standin sign`.")
        return note, parse_signed(note, self._key.public, self._signature_holds)

    def public_key(self) -> str:
        """Return the key with which the file is verified, as one word."""
        return self._key.public.text()

    def refresh(self) -> bool:
        """Read what a stand-in needs, and sign anew when that is due; there is never more to do.

        Raises Unavailable when the store does not answer: then what is held stays.
        """
        with self._store.read() as uow:
            lanes, plan = uow.published("lanes"), uow.published("plan")
            policy, draw_key = uow.published(STANDIN), self._draw_keys.in_force(uow)
        if lanes is None or plan is None:
            raise Unavailable("No lanes are published; nothing can stand in.")
        planned = _mapping(plan.body)
        self.held = Held(
            lanes=lanes_from_data(_mapping(lanes.body)),
            plan_id=str(planned["id"]),
            draws=str(planned["draws"]),
            draw_key=draw_key,
            signed=None if policy is None else self._fresh(policy.version),
        )
        return False

    def _fresh(self, version: str) -> SignedPolicy | None:
        """Return the signed policy of this version, an hour old at most; None when it cannot be used."""
        now = self._clock.now()
        try:
            _, signed = self.signed()
            if signed.policy.version == version and signed.signed_at <= now < signed.signed_at + _SIGN_EVERY:
                return signed
        except NotFound:
            pass
        except InputError as fault:
            _log.warning("The signed stand-in policy is made anew.", action="standin_signed", why=str(fault))
        try:
            return self.sign()[1]
        except ConfigurationError as fault:  # a lane that it names no longer ends in a control
            _log.error("The stand-in policy cannot be used.", action="standin_unusable", why=str(fault))
            return None

    @staticmethod
    def _require_sound(uow: UnitOfWork, policy: Mapping[str, Any]) -> str:
        """Return the version of *policy*; raises ConfigurationError with every fault."""
        lanes = uow.published("lanes")
        if lanes is None:
            raise ConfigurationError("The stand-in policy names lanes, and none are published yet.")
        return policy_from_data(policy, lanes_from_data(_mapping(lanes.body))).version


def _mapping(body: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(body)
    return found
