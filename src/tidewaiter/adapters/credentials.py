"""Passwords by Argon2id, second factors by TOTP: the port :class:`~tidewaiter.flow.ports.Credentials`.

Source: RFC 9106 (Argon2), RFC 6238 (TOTP); Wheeler, zxcvbn, USENIX Security 2016 (guesses).
"""

from __future__ import annotations

import threading
import unicodedata
from datetime import datetime
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp.exceptions import OTPVerificationError

from tidewaiter.core.errors import Unavailable

__all__ = ["Argon2Totp"]

#: Hashes computed at a time: each takes 64 MiB, so a flood of sign-ins must not take the machine.
_AT_ONCE: Final = 2
_TURN_SECONDS: Final = 10
#: Time steps (30 s) around now whose codes are good: clocks of phones differ.
_STEPS_AROUND: Final = 1
#: What who guesses at a stolen hash needs at least: days on one machine, at a fifth of a second each.
_GUESSES_MIN: Final = 10**8
#: Estimating takes longer than in proportion to the length; so much tells enough.
_ESTIMATED_LENGTH: Final = 64


class Argon2Totp:
    """Hashes with the second recommended option of RFC 9106 (64 MiB, 3 passes, 4 lanes), or as told.

    A hash names its own parameters, so raising them later leaves older hashes valid.
    """

    def __init__(self, *, passes: int = 3, memory_kib: int = 65_536, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        # A hash with today's parameters that no password has: 16 and 32 zero bytes as salt and digest.
        parameters = f"m={memory_kib},t={passes},p={lanes}"
        self._nobodys_hash = f"$argon2id$v=19${parameters}${'A' * 22}${'A' * 43}"
        self._nobodys_secret = pyotp.random_base32()

    def hash(self, password: str) -> str:
        """Return the hash of *password*; raises Unavailable when too many are computed at a time."""
        self._take_turn()
        try:
            return self._hasher.hash(_bytes(password))
        finally:
            self._turns.release()

    def holds(self, password_hash: str | None, password: str) -> bool:
        """Tell whether *password* is that of the hash; None costs as much, and never holds.

        Raises Unavailable when too many are computed at a time.
        """
        self._take_turn()
        try:
            self._hasher.verify(password_hash or self._nobodys_hash, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        finally:
            self._turns.release()
        return password_hash is not None

    def is_common(self, password: str, name: str) -> bool:
        """Tell whether an attacker needs fewer than 10^8 guesses, by lists of what people choose."""
        from zxcvbn import zxcvbn  # long lists, read for who chooses a password

        start = password[:_ESTIMATED_LENGTH]
        found = zxcvbn(start, user_inputs=[name, "tidewaiter"], max_length=_ESTIMATED_LENGTH)
        return int(found["guesses"]) < _GUESSES_MIN

    def new_secret(self) -> str:
        """Return 160 random bits, base32."""
        return pyotp.random_base32()

    def uri(self, secret: str, name: str) -> str:
        """Return the secret as an ``otpauth://`` address."""
        return pyotp.TOTP(secret, name=name, issuer="Tidewaiter").provisioning_uri()

    def step(self, secret: str | None, code: str, at: datetime) -> int | None:
        """Return the time step, at most one away from *at*, whose code this is, or None."""
        totp = pyotp.TOTP(secret or self._nobodys_secret)
        try:
            step = totp.verify_and_get_timecode(code, for_time=at, valid_window=_STEPS_AROUND)
        except OTPVerificationError:
            return None
        return step if secret else None

    def _take_turn(self) -> None:
        if not self._turns.acquire(timeout=_TURN_SECONDS):
            raise Unavailable("Too many people are signing in at this moment; try again.")


def _bytes(password: str) -> bytes:
    """Return the same bytes for what looks the same, however a keyboard composed it."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
