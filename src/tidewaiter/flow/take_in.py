"""Take in: assess the declarations that were laid down as files, and lay the answers beside them.

A message leaves the inbox only after its answer is durable, so one that was being worked off when
the process ended is worked off again, and gets the same answer.
"""

from __future__ import annotations

from typing import Final

from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import TidewaiterError, Unavailable
from tidewaiter.flow.assess import AssessDeclarations
from tidewaiter.flow.messages import Incoming, declaration_message
from tidewaiter.flow.ports import MessageFormat
from tidewaiter.flow.ports.inbox import Inbox, Laid
from tidewaiter.flow.read_message import ReadMessages

__all__ = ["TakeIn"]

#: Messages that share a commit.
_TOGETHER: Final = 100
_CLIENT: Final = "folder"


class TakeIn:
    """The use case of one folder."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        assess: AssessDeclarations,
        read: ReadMessages,
        messages: MessageFormat,
        source: str,
    ) -> None:
        self._inbox = inbox
        self._assess = assess
        self._read = read
        self._messages = messages
        self._source = source

    def step(self) -> bool:
        """Work off what is there, up to a bound; return whether there was something.

        Raises Unavailable when the store cannot be written, or another process takes: then all that
        was claimed waits.
        """
        with self._inbox.alone():
            laid = self._inbox.claim(_TOGETHER)
            good: list[tuple[Laid, Incoming[Declaration]]] = []
            for each in laid:
                try:
                    good.append((each, self._message(each)))
                except Unavailable:
                    raise
                except TidewaiterError as error:
                    self._inbox.put_aside(each, str(error))
            replies = self._assess([message for _, message in good]) if good else []
            for (each, _), reply in zip(good, replies, strict=True):
                if reply.refusal is not None:
                    self._inbox.put_aside(each, str(reply.refusal))
                else:
                    self._inbox.answer(each, reply.bytes_or_raise())
            return bool(laid)

    def _message(self, laid: Laid) -> Incoming[Declaration]:
        """Read a file; raises UnreadableMessage."""
        if laid.body[:4096].lstrip()[:1] in {b"{", b"["}:
            return declaration_message(
                self._messages.read_declaration(laid.body),
                client=_CLIENT, source=self._source, messages=self._messages,
            )  # fmt: skip
        read = self._read(
            laid.body, client=_CLIENT, source=self._source, message_id=None, received_at=laid.at, office=None
        )
        return declaration_message(
            read.declaration,
            client=_CLIENT, source=self._source, messages=self._messages, message_id=read.message_id,
        )  # fmt: skip
