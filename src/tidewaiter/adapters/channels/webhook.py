"""Webhooks: an event is a signed HTTP POST to a target that the settings allow (standardwebhooks.com)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tidewaiter.flow.ports.events import Undelivered

if TYPE_CHECKING:
    import httpx2

__all__ = ["WebhookChannel"]

_TIMEOUT_SECONDS: Final = 10.0
_CONNECT_SECONDS: Final = 3.0
#: Answers by which a target says that it is not well, whatever it is sent.
_NOT_WELL: Final = frozenset({408, 425, 429})


class WebhookChannel:
    """Posts to targets; one connection pool for all.

    Redirects are not followed and proxies of the environment not used: an event goes to the origin
    that was allowed, or nowhere.
    """

    def __init__(self, targets: Collection[str]) -> None:
        self._targets = frozenset(targets)
        self._client: httpx2.Client | None = None

    def send(self, url: str, *, event_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> None:
        """Post *body*, signed by Standard Webhooks; any answer from 200 to 299 takes it.

        Raises Undelivered.
        """
        import httpx2
        from standardwebhooks import Webhook

        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" not in self._targets:
            raise Undelivered("The settings do not allow this target any more.", reached=False)
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Webhook(s).sign(event_id, at, body.decode()) for s in secrets),
        }
        try:
            # The answer's body says nothing to us and may be endless, so it is not read.
            with self._pool().stream("POST", url, headers=headers, content=body) as response:
                status = response.status_code
        except httpx2.HTTPError as error:
            raise Undelivered(
                f"The target cannot be reached ({type(error).__name__}).", reached=False
            ) from error
        if not 200 <= status < 300:
            reached = status < 500 and status not in _NOT_WELL
            raise Undelivered(f"The target answered {status}.", reached=reached)

    def _pool(self) -> httpx2.Client:
        """Return the connections, made at the first delivery: a tenth of a second, for what they trust."""
        import httpx2

        if self._client is None:
            timeout = httpx2.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
            self._client = httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=False)
        return self._client

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
