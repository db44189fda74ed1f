"""Keys: of the draw and of the ledger, in files outside the database that the service's user alone reads."""

from tidewaiter.adapters.keys.custody import custodian_secret
from tidewaiter.adapters.keys.folder import DrawKeyFolder
from tidewaiter.adapters.keys.signing import SigningKeyFile, signature_holds

__all__ = ["DrawKeyFolder", "SigningKeyFile", "custodian_secret", "signature_holds"]
