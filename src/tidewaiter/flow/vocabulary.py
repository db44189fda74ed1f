"""What conditions and profiles can be written of: the features in words, and what the content defines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.checks import Check
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Kind, Scope
from tidewaiter.core.rules.checks.known import OPERATORS
from tidewaiter.core.rules.forms import CodeForm, expected, form_of
from tidewaiter.core.rules.languages.known import LANGUAGES
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.core.selection.lanes import Lane
from tidewaiter.flow.content import Content

__all__ = ["Vocabulary", "Word", "vocabulary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A feature as authors of conditions see it."""

    name: str
    #: Group that it is shown in.
    family: str
    kind: Kind
    scope: Scope
    #: Form of its codes; None: it has no codes.
    form: CodeForm | None
    #: What such a code looks like, in English; empty: it has no codes.
    expected: str
    #: Unit of its values; ``-``: none.
    unit: str
    #: Operators that make sense for it, sorted.
    operators: Sequence[str]
    #: Its name in words, by language tag.
    words: Mapping[str, str]
    #: What it says about a declaration, in English.
    sentence: str
    #: What it means that it is missing, in English.
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything that a profile can refer to."""

    features: Sequence[Word]
    #: From the most lenient to the strictest.
    lanes: Sequence[Lane]
    checks: Sequence[Check]
    lists: Sequence[NamedList]


def vocabulary(content: Content) -> Vocabulary:
    """Return what a profile beside *content* can refer to."""
    return Vocabulary(
        features=_WORDS,
        lanes=list(content.lanes),
        checks=[content.checks[code] for code in sorted(content.checks)],
        lists=[content.rules.lists[code] for code in sorted(content.rules.lists)],
    )


def _words() -> tuple[Word, ...]:
    found = []
    for feature in REGISTRY:
        form = {Kind.CODE: form_of(feature.name), Kind.TEXT: CodeForm.TEXT}.get(feature.kind)
        word = Word(
            name=feature.name,
            family=feature.family,
            kind=feature.kind,
            scope=feature.scope,
            form=form,
            expected="" if form is None or form is CodeForm.TEXT else expected(form),
            unit=feature.unit,
            operators=sorted(OPERATORS[feature.kind]),
            words={tag: language.phrase(feature.name) for tag, language in LANGUAGES.items()},
            sentence=feature.sentence,
            missing=feature.missing,
        )
        found.append(word)
    return tuple(found)


_WORDS: Final = _words()
