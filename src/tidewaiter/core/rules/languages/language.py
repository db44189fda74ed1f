"""What a language brings, so that conditions can be read in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Language", "Plural", "one_and_other"]

#: Gives the plural category (CLDR: zero, one, two, few, many, other) of a decimal without sign.
Plural = Callable[[str], str]

#: What stands around a value where the text runs from right to left (Unicode UAX 9: FSI, PDI), so that
#: codes and signs keep their order.
_ISOLATE: Final = ("\u2068", "\u2069")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The words of one language."""

    #: BCP 47.
    tag: str
    #: Its own name.
    name: str
    #: Messages by ``kind.operator``, ``fields.operator`` and the groups.
    messages: Mapping[str, str]
    #: Name of a feature in words; KeyError for one that it does not know.
    phrase: Callable[[str], str]
    #: Unit -> its form by plural category; ``other`` alone when it has one form only, "" when the
    #: name of the feature says it already.
    units: Mapping[str, Mapping[str, str]]
    plural: Plural
    #: Sign between whole and fraction.
    point: str = "."
    #: Whether it is written from right to left.
    leftward: bool = False
    #: Joining word -> what it becomes before words of a pattern, such as Spanish *o*, *u* before *o*.
    euphony: Mapping[str, tuple[re.Pattern[str], str]] = field(default_factory=dict)

    def value(self, text: str) -> str:
        """Return a value as it stands in a sentence: kept apart where the text runs the other way."""
        return text.join(_ISOLATE) if self.leftward else text

    def number(self, text: str) -> str:
        """Return a decimal with the point of the language."""
        return self.value(text.replace(".", self.point))

    def unit(self, unit: str, number: str) -> str:
        """Return what stands behind a number of *unit*, with a blank before it; nothing for no unit."""
        forms = self.units.get(unit, {"other": unit})
        form = forms.get(self.plural(number.lstrip("-")), forms["other"])
        return f" {form}" if form else ""

    def joined(self, word: str, left: str, right: str) -> str:
        """Return two parts joined by the message *word*, in the form that sounds right before *right*."""
        join = self.messages[word]
        before = self.euphony.get(word)
        if before is not None and before[0].match(right):
            join = before[1]
        return f"{left}{join}{right}"


def one_and_other(*, zero_is_one: bool) -> Plural:
    """Return the rule of languages with two forms: one for 1 (or for 0 to 1.99…), and one for the rest."""

    def plural(number: str) -> str:
        whole = number.partition(".")[0]
        if zero_is_one:
            return "one" if whole in {"0", "1"} else "other"
        return "one" if number == "1" else "other"

    return plural
