"""The messages of a language by their codes, from the few tables that a translator fills."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["messages"]


def messages(
    *,
    sized: Mapping[str, str],
    dated: Mapping[str, str],
    named: Mapping[str, str],
    flag: Mapping[str, str],
    fields: Mapping[str, str],
    rest: Mapping[str, str],
) -> dict[str, str]:
    """Return messages by ``kind.operator``, ``fields.operator``, and the groups and small words of *rest*.

    *sized*: of amounts, ratios and counts; *dated*: of days; *named*: of codes and texts.
    """
    found = dict(rest)
    for kinds, words in ((("amount", "ratio", "count"), sized), (("day",), dated), (("code", "text"), named)):
        found |= {f"{kind}.{operator}": message for kind in kinds for operator, message in words.items()}
    found |= {f"flag.{operator}": message for operator, message in flag.items()}
    return found | {f"fields.{operator}": message for operator, message in fields.items()}
