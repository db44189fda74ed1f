"""Profiles and named lists: what an administration looks for, why, until when, and what to do.

They are defined beside the language in which their conditions are written (`core/rules/profile.py`),
because the rule set needs both; the rest of the system takes them from here.
"""

from tidewaiter.core.rules.profile import (
    ENTRIES_MAX,
    Level,
    MissingMeans,
    NamedList,
    Profile,
    RiskArea,
    list_data,
    profile_data,
    read_list,
    read_profile,
)

__all__ = [
    "ENTRIES_MAX", "Level", "MissingMeans", "NamedList", "Profile", "RiskArea", "list_data", "profile_data",
    "read_list", "read_profile",
]  # fmt: skip
