"""The stand-in: which lane a declaration gets while it cannot be assessed, by a policy signed beforehand."""

from tidewaiter.core.standin.policy import Cap, Floor, Policy, Rule, StandIn, Usage, stand_in, trader_of
from tidewaiter.core.standin.reading import policy_from_data
from tidewaiter.core.standin.signed import VALID_MAX, SignedPolicy, is_valid, parse_signed, signed_text

__all__ = [
    "VALID_MAX", "Cap", "Floor", "Policy", "Rule", "SignedPolicy", "StandIn", "Usage", "parse_signed",
    "policy_from_data", "is_valid", "signed_text", "stand_in", "trader_of",
]  # fmt: skip
