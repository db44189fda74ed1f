"""What the starter profiles ask, as sentences: a change of meaning is seen here by whoever reviews it."""

from __future__ import annotations

from tests.golden.texts import golden
from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.words import sentence


def test_the_profiles_ask_what_is_kept() -> None:
    rules = load_starter(starter_folder(), REGISTRY).rules
    text = "\n".join(
        f"{profile.code}: {profile.title}\n"
        f"  {profile.lane}, share {profile.share}, {', '.join(sorted(profile.flows))}\n"
        f"  missing data: {profile.unknown}\n"
        f"  {sentence(profile.when, REGISTRY)}\n"
        for profile in sorted(rules.profiles, key=lambda profile: profile.code)
    )
    assert text == golden("starter/profiles.txt", text), "if the new text is better, run with WRITE_GOLDEN=1"
