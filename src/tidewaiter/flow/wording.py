"""Conditions of profiles as sentences, for whoever reads what is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.form import from_data, to_data
from tidewaiter.core.rules.languages.known import LANGUAGES
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.text.printing import print_text
from tidewaiter.core.rules.words import sentence

__all__ = ["Changed", "Reworded", "Told", "changes", "reworded", "told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A condition as people read it."""

    #: As plain data.
    tree: Mapping[str, Any]
    #: In the language of conditions; reading it gives the same condition.
    text: str
    #: As a sentence, by language tag.
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """The condition of a profile that is proposed to change, by language; None: there is none."""

    #: Code of the profile.
    profile: str
    in_force: Mapping[str, str] | None
    proposed: Mapping[str, str] | None


def reworded(in_force: Mapping[str, Any], proposed: Mapping[str, Any]) -> list[Reworded]:
    """Return the conditions that differ between two contents (kind -> plain data), in the order of the codes.

    Both contents are ones that could be published; what holds no profiles has no conditions.
    """
    before, after = _conditions(in_force), _conditions(proposed)
    return [
        Reworded(profile=code, in_force=_told(before.get(code)), proposed=_told(after.get(code)))
        for code in sorted({*before, *after})
        if before.get(code) != after.get(code)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A member of a profile that is proposed to change."""

    #: Name of the member, such as ``lane``.
    member: str
    #: Its value as plain data; None: it is new.
    in_force: object
    proposed: object
    #: Of the condition: the sentences, by language.
    in_force_words: Mapping[str, str] | None = None
    proposed_words: Mapping[str, str] | None = None


def changes(in_force: Mapping[str, Any], proposed: Mapping[str, Any]) -> list[Changed]:
    """Return the members in which two profiles (plain data; empty: none) differ, in the order of the form.

    The number of the version is no change.
    """
    return [
        Changed(
            member=member,
            in_force=in_force.get(member),
            proposed=proposed.get(member),
            in_force_words=_told(in_force.get(member)) if member == "when" else None,
            proposed_words=_told(proposed.get(member)) if member == "when" else None,
        )
        for member in dict.fromkeys((*proposed, *in_force))
        if member != "version" and in_force.get(member) != proposed.get(member)
    ]


def told(condition: Node) -> Told:
    """Return *condition* as text, and as a sentence in each language."""
    return Told(tree=to_data(condition), text=print_text(condition, REGISTRY), words=_sentences(condition))


def _conditions(content: Mapping[str, Any]) -> dict[str, Any]:
    profiles = content.get("rules", {}).get("profiles", [])
    return {profile["code"]: profile["when"] for profile in profiles}


def _told(condition: object) -> Mapping[str, str] | None:
    if condition is None:
        return None
    return _sentences(from_data(condition))


def _sentences(node: Node) -> Mapping[str, str]:
    return {tag: sentence(node, REGISTRY, language) for tag, language in LANGUAGES.items()}
