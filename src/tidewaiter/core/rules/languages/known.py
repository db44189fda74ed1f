"""The languages in which conditions can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tidewaiter.core.rules.languages.arabic import ARABIC
from tidewaiter.core.rules.languages.english import ENGLISH
from tidewaiter.core.rules.languages.french import FRENCH
from tidewaiter.core.rules.languages.language import Language
from tidewaiter.core.rules.languages.portuguese import PORTUGUESE
from tidewaiter.core.rules.languages.spanish import SPANISH

__all__ = ["LANGUAGES"]

#: By tag (BCP 47).
LANGUAGES: Final[Mapping[str, Language]] = {
    language.tag: language for language in (ENGLISH, FRENCH, SPANISH, PORTUGUESE, ARABIC)
}
