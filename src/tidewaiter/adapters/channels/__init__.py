"""Ways out: how an event reaches those who subscribed."""

from tidewaiter.adapters.channels.webhook import WebhookChannel

__all__ = ["WebhookChannel"]
