"""Keys of draw, ledger and webhooks, in files outside the database that only their owner reads."""

from tidewaiter.adapters.keys.custody import custodian_secret
from tidewaiter.adapters.keys.folder import DrawKeyFolder
from tidewaiter.adapters.keys.signing import RotatingKeyFile, SigningKeyFile, signature_holds
from tidewaiter.adapters.keys.webhooks import WebhookKeyFile

__all__ = [
    "DrawKeyFolder", "RotatingKeyFile", "SigningKeyFile", "WebhookKeyFile", "custodian_secret",
    "signature_holds",
]  # fmt: skip
