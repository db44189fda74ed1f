"""The evidence ledger: canonical bytes, the Merkle tree over them, signed checkpoints, bundles, proof.

Read in this order: ``canonical`` (one value, one sequence of bytes), ``tree`` (RFC 6962),
``checkpoint`` (what is signed), ``receipt`` (what is promised with each answer), ``proof`` (what
shows that one entry is there), ``bundle`` (what an auditor is given), ``verify`` (what he checks) with
``signers`` and ``handover`` (who may sign), ``erasures`` (what is gone, and by which act) and
``promises`` (whether the receipts that somebody kept hold).
"""

from tidewaiter.core.ledger.canonical import SALT_BYTES, canonical_json, commitment, salted
from tidewaiter.core.ledger.tree import leaf_hash

__all__ = ["SALT_BYTES", "canonical_json", "commitment", "leaf_hash", "salted"]
