"""Who may sign: the key that was given first, and those to whom it handed the ledger over."""

from __future__ import annotations

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.checkpoint import Checkpoint, PublicKey, parse_checkpoint, parse_note
from tidewaiter.core.ledger.finding import SignatureHolds
from tidewaiter.core.ledger.handover import Handover, handover_in

__all__ = ["Refused", "Signers", "opened_checkpoint"]


class Refused(Exception):
    """A checkpoint that proves nothing: code of the finding, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


class Signers:
    """Opens the checkpoints of a ledger while it is read, each with the key that was in force there."""

    def __init__(self, key: PublicKey, signature_holds: SignatureHolds) -> None:
        self._signature_holds = signature_holds
        #: The key in force; the name of the ledger is that of every key.
        self.current = key
        #: Every key that was in force, in order.
        self.chain = [key]
        self._retired: list[Handover] = []
        self._coming: Handover | None = None

    def meet(self, position: int, body: bytes) -> None:
        """Look at an entry; the first checkpoint over a handover is signed with both keys."""
        if self._coming is None:
            self._coming = handover_in(position, body, self.current)

    def opened(self, note: bytes) -> tuple[Checkpoint, int | None]:
        """Return the next checkpoint, and when it was signed (seconds since 1970) if it says so.

        From one that both keys of a handover signed on, the new key is in force.  Raises Refused.
        """
        try:
            opened = _opened(note, self.current, self._signature_holds)
        except Refused as refused:
            for retired in self._retired:
                self._require_not_signed(note, retired)
            raise refused from None
        if self._coming is not None and opened[0].size >= self._coming.position:
            self._turn(note, self._coming)
        return opened

    def opened_apart(self, note: bytes) -> tuple[Checkpoint, int | None]:
        """Return a checkpoint that somebody kept, as the key in force opens it.  Raises Refused."""
        return _opened(note, self.current, self._signature_holds)

    def _turn(self, note: bytes, handover: Handover) -> None:
        """Let the new key be in force from here; raises Refused when it did not sign this one."""
        try:
            _opened(note, handover.new, self._signature_holds)
        except Refused as refused:
            raise Refused(
                "handover",
                f"it is the first over the handover at entry {handover.position}, and the new key did not "
                f"sign it: {refused.message}",
            ) from None
        self.current, self._coming = handover.new, None
        self._retired.append(handover)
        self.chain.append(self.current)

    def _require_not_signed(self, note: bytes, retired: Handover) -> None:
        """Raise Refused, saying so, when a key signed that had handed over before."""
        try:
            _opened(note, retired.old, self._signature_holds)
        except Refused:
            return
        raise Refused(
            "checkpoint-key-retired",
            f"it is signed with a key that handed over at entry {retired.position}: somebody has that key.",
        ) from None


def opened_checkpoint(note: bytes, key: PublicKey, signature_holds: SignatureHolds) -> Checkpoint:
    """Return the checkpoint in a signed note; raises InputError when it is none, or not of *key*."""
    try:
        return _opened(note, key, signature_holds)[0]
    except Refused as refused:
        raise InputError(refused.message) from refused


def _opened(note: bytes, key: PublicKey, signature_holds: SignatureHolds) -> tuple[Checkpoint, int | None]:
    """Return the checkpoint in a signed note, and when it was signed, if it says so; raises Refused."""
    try:
        parsed = parse_note(note.decode())
        checkpoint = parse_checkpoint(parsed.text)
    except (InputError, UnicodeDecodeError) as error:
        raise Refused("checkpoint-unreadable", f"it cannot be read. {error}") from error
    if checkpoint.origin != key.name:
        raise Refused("checkpoint-origin", f"it is of the ledger {checkpoint.origin!r}, not of {key.name!r}.")
    signatures = parsed.signatures_of(key)
    if not signatures:
        raise Refused("checkpoint-key", "it is not signed with the key that was given.")
    times = parsed.times_of(key)
    signed = [(parsed.text.encode(), made) for made in signatures] + [entry[1:] for entry in times]
    if not all(signature_holds(key.key, text, made) for text, made in signed):
        raise Refused("checkpoint-signature", "its signature does not hold: text or signature was changed.")
    return checkpoint, min((time for time, *_ in times), default=None)
