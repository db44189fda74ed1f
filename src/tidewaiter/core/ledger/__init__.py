"""The evidence ledger: canonical bytes, the Merkle tree over them, signed checkpoints, bundles, proof.

Read in this order: ``canonical`` (one value, one sequence of bytes), ``tree`` (RFC 6962),
``checkpoint`` (what is signed), ``bundle`` (what an auditor is given), ``verify`` (what he checks).
"""

from tidewaiter.core.ledger.canonical import canonical_json
from tidewaiter.core.ledger.tree import leaf_hash

__all__ = ["canonical_json", "leaf_hash"]
