"""How a feature is added: a function in its family, with kind, unit, source and meaning of missing.

The name of the function is the name of the feature, its docstring the sentence that people read.
A feature that lacks any of them does not load.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from tidewaiter.core.features.registry import Feature, Kind, Scope, Value

if TYPE_CHECKING:
    from tidewaiter.core.features.context import Context

__all__ = ["Family", "FeatureNotDescribed"]

HeaderFeature: TypeAlias = "Callable[[Context], Value]"
ItemFeature: TypeAlias = "Callable[[Context, int], Value]"

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class FeatureNotDescribed(TypeError):
    """A feature lacks its name, unit, source, meaning of missing or sentence."""


class Family:
    """The features of one file, in their order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.features: list[Feature] = []

    def header(
        self, kind: Kind, *, unit: str, source: str, missing: str
    ) -> Callable[[HeaderFeature], HeaderFeature]:
        """Register the decorated function as a feature with one value per declaration."""

        def register(function: HeaderFeature) -> HeaderFeature:
            sentence = _first_sentence(function)
            self.add(function.__name__, Scope.HEADER, kind, unit, source, missing, sentence, function)
            return function

        return register

    def item(
        self, kind: Kind, *, unit: str, source: str, missing: str
    ) -> Callable[[ItemFeature], ItemFeature]:
        """Register the decorated function as a feature with one value per item."""

        def register(function: ItemFeature) -> ItemFeature:
            sentence = _first_sentence(function)
            self.add(function.__name__, Scope.ITEM, kind, unit, source, missing, sentence, function)
            return function

        return register

    def add(
        self,
        name: str,
        scope: Scope,
        kind: Kind,
        unit: str,
        source: str,
        missing: str,
        sentence: str,
        function: HeaderFeature | ItemFeature,
    ) -> None:
        """Register one feature of a table; raises FeatureNotDescribed when a part is missing."""
        described = {"unit": unit, "source": source, "meaning of missing": missing, "docstring": sentence}
        lacking = [part for part, text in described.items() if not text.strip()]
        if not _NAME.fullmatch(name):
            raise FeatureNotDescribed(
                f"BUG: a feature is called {name!r}; use lower case, digits and underscores"
            )
        if lacking:
            raise FeatureNotDescribed(
                f"BUG: feature {name} of family {self.name} has no {', no '.join(lacking)}"
            )
        if not sentence.endswith("."):
            raise FeatureNotDescribed(f"BUG: the docstring of feature {name} does not begin with a sentence")
        feature = Feature(
            name=name,
            family=self.name,
            kind=kind,
            scope=scope,
            unit=unit,
            source=source,
            missing=missing,
            sentence=sentence,
            compute=function,
        )
        self.features.append(feature)


def _first_sentence(function: Callable[..., Value]) -> str:
    """Return the first paragraph of the docstring on one line, or nothing."""
    paragraph = (function.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(paragraph.split())
