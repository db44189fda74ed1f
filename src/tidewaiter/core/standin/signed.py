"""The signed stand-in policy: what the service falls back on, and what the declaration system holds.

It is a signed note (C2SP) whose text is one line that names what it is, so that no checkpoint and no
receipt can be passed off as it, and one line of canonical JSON: the policy, the lanes that it names,
and until when it may be used, a day at most.  Whoever holds it verifies it with the public key alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError, InputError
from tidewaiter.core.ledger.checkpoint import PublicKey, parse_note
from tidewaiter.core.selection.lanes import Lanes, lanes_from_data
from tidewaiter.core.standin.policy import Policy
from tidewaiter.core.standin.reading import policy_from_data

__all__ = ["VALID_MAX", "SignedPolicy", "parse_signed", "is_valid", "signed_text"]

#: The longest that a signed policy may be used: what was published since is not in it.
VALID_MAX: Final = timedelta(hours=24)
_DOMAIN: Final = "tidewaiter-standin/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPolicy:
    """A policy whose signature holds, with the lanes that it names."""

    policy: Policy
    lanes: Lanes
    #: Aware, as is the next.
    signed_at: datetime
    #: From this instant on it is refused.
    expires_at: datetime


def signed_text(
    policy: Mapping[str, Any], lanes: Mapping[str, Any], signed_at: datetime, valid: timedelta = VALID_MAX
) -> str:
    """Return the text to be signed of the policy and the lanes, both plain data as published.

    Raises InputError when it would be valid for longer than a day, or for no time.
    """
    if not timedelta() < valid <= VALID_MAX:
        raise InputError(f"A stand-in policy is valid for at most {VALID_MAX}, not for {valid}.")
    content = {
        "policy": policy,
        "lanes": lanes,
        "signed_at": signed_at.isoformat(),
        "expires_at": (signed_at + valid).isoformat(),
    }
    # Numbers of the policy stay numbers: canonical JSON would make text of them.
    line = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return f"{_DOMAIN}\n{line}\n"


def parse_signed(
    note: str, key: PublicKey, signature_holds: Callable[[bytes, bytes, bytes], bool]
) -> SignedPolicy:
    """Read a signed policy and verify that *key* signed it; whether it is still valid is not asked here.

    Raises InputError when it is none, was altered, or was signed by somebody else.
    """
    parsed = parse_note(note)
    text = parsed.text.encode()
    if not any(signature_holds(key.key, text, made) for made in parsed.signatures_of(key)):
        raise InputError(f"The stand-in policy is not signed by {key.name!r}, or was altered; do not use it.")
    domain, _, line = parsed.text.partition("\n")
    if domain != _DOMAIN:
        raise InputError(f"This is not a stand-in policy: its first line is {domain[:80]!r}.")
    try:
        content = json.loads(line)
        lanes = lanes_from_data(content["lanes"])
        found = SignedPolicy(
            policy=policy_from_data(content["policy"], lanes),
            lanes=lanes,
            signed_at=datetime.fromisoformat(content["signed_at"]),
            expires_at=datetime.fromisoformat(content["expires_at"]),
        )
    except (ValueError, KeyError, TypeError, ConfigurationError) as error:
        raise InputError(f"The stand-in policy cannot be read: {error}.") from error
    if not timedelta() < found.expires_at - found.signed_at <= VALID_MAX:
        raise InputError(f"The stand-in policy is valid for longer than {VALID_MAX}; do not use it.")
    return found


def is_valid(signed: SignedPolicy, at: datetime) -> bool:
    """Tell whether *signed* may be used *at* that instant; when not, every declaration gets a control."""
    return signed.signed_at <= at < signed.expires_at
