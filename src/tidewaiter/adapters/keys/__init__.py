"""Keys of draw, ledger, webhooks and proxy, in files outside the database that only their owner reads."""

from tidewaiter.adapters.keys.certificates import ProxiedCertificates, certificate_fingerprint
from tidewaiter.adapters.keys.custody import custodian_secret
from tidewaiter.adapters.keys.folder import DrawKeyFolder
from tidewaiter.adapters.keys.signing import RotatingKeyFile, SigningKeyFile, signature_holds
from tidewaiter.adapters.keys.webhooks import WebhookKeyFile

__all__ = [
    "DrawKeyFolder", "ProxiedCertificates", "RotatingKeyFile", "SigningKeyFile", "WebhookKeyFile",
    "certificate_fingerprint", "custodian_secret", "signature_holds",
]  # fmt: skip
