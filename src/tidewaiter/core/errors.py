"""Every error of Tidewaiter: a code, a sentence, a hint and the caller's duty.

The class names the duty: correct the input (:class:`InputError`), correct the configuration
(:class:`ConfigurationError`), look elsewhere (:class:`NotFound`), stop (:class:`Conflict`), say who
you are (:class:`Unauthenticated`), ask whoever has the right (:class:`Forbidden`), wait
(:class:`TooManyAttempts`), or try again later (:class:`Unavailable`).
The docstring of a class is its default sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ConfigurationError",
    "Conflict",
    "Fault",
    "Forbidden",
    "InputError",
    "NotFound",
    "StandInNotKept",
    "StepUpNeeded",
    "TidewaiterError",
    "TooManyAttempts",
    "Unauthenticated",
    "Unavailable",
    "UnreadableMessage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in an input: what, where, which value, what to do."""

    #: Stable machine name, such as ``hs-code-not-digits``.
    code: str
    #: Where: a JSON pointer (``/items/0/hs_code``) or a column name.
    place: str
    #: A sentence that says what is wrong.
    message: str
    #: The value that was read, shortened to 80 characters, or None when nothing was there.
    value: str | None = None
    #: What to do about it.
    hint: str | None = None

    def __str__(self) -> str:
        """Return the fault as one line for people."""
        shown = "" if self.value is None else f" (value: {self.value!r})"
        hint = "" if self.hint is None else f" {self.hint}"
        return f"{self.place}: {self.message.rstrip('.')}{shown}.{hint}"


def shorten(value: object, limit: int = 80) -> str:
    """Return *value* as text of at most *limit* characters, with control characters made visible."""
    text = str(value)[: limit + 1]
    visible = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"


class TidewaiterError(Exception):
    """Tidewaiter could not do this."""

    code = "error"

    def __init__(self, message: str | None = None, *, faults: tuple[Fault, ...] = ()) -> None:
        self.message = message or (self.__doc__ or "").strip().splitlines()[0]
        self.faults = faults
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return the sentence, then each fault on its own line."""
        return "\n".join([self.message, *(f"  {fault}" for fault in self.faults)])


class InputError(TidewaiterError):
    """The input is not valid; correct it and send it again."""

    code = "input-not-valid"


class UnreadableMessage(InputError):
    """The message cannot be read as a declaration or a control result."""

    code = "message-unreadable"


class ConfigurationError(TidewaiterError):
    """A profile, list, mapping or parameter is not valid; correct the file named here."""

    code = "configuration-not-valid"


class NotFound(TidewaiterError):
    """There is no such object."""

    code = "not-found"


class Conflict(TidewaiterError):
    """The request contradicts what is already recorded; nothing was changed."""

    code = "conflict"


class Unavailable(TidewaiterError):
    """A part of the system is not available now; try again later."""

    code = "unavailable"


class StandInNotKept(Unavailable):
    """It can be neither assessed nor kept; apply your copy of the stand-in policy, and send it again."""

    code = "apply-own-standin"


class Unauthenticated(TidewaiterError):
    """Nobody is signed in, and no valid API key (`Authorization: Bearer KEY`) or certificate came with it."""

    code = "unauthenticated"


class Forbidden(TidewaiterError):
    """You are not allowed to do this; ask whoever has the right."""

    code = "forbidden"


class StepUpNeeded(Forbidden):
    """Show both factors again (PUT /api/v1/session), then do this within five minutes."""

    code = "step-up-needed"


class TooManyAttempts(TidewaiterError):
    """Too many attempts; wait a minute, then try again."""

    code = "too-many-attempts"
