"""English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tidewaiter.core.rules.languages.language import Language, one_and_other
from tidewaiter.core.rules.languages.messages import messages

__all__ = ["ENGLISH"]

#: Parts of feature names that are not words of their own.
_PARTS: Final[Mapping[str, str]] = {
    "hs2": "HS chapter",
    "hs4": "HS heading",
    "hs6": "HS subheading",
    "hs": "HS",
    "aeo": "AEO",
    "id": "identity",
    "7": "in 7 days",
    "30": "in 30 days",
    "90": "in 90 days",
    "365": "in 365 days",
    "all": "ever",
}


def _phrase(feature: str) -> str:
    """Return the name of a feature in words: names are English already."""
    return " ".join(_PARTS.get(part, part) for part in feature.split("_"))


def _forms(one: str, other: str) -> dict[str, str]:
    return {"one": one, "other": other}


ENGLISH: Final = Language(
    tag="en",
    name="English",
    phrase=_phrase,
    plural=one_and_other(zero_is_one=False),
    units={
        "-": {"other": ""},
        "ratio": {"other": ""},
        "controls": _forms("control", "controls"),
        "declarations": _forms("declaration", "declarations"),
        "items": _forms("item", "items"),
        "days": _forms("day", "days"),
        "packages": _forms("package", "packages"),
        "countries": _forms("country", "countries"),
        "versions": _forms("version", "versions"),
        "containers": _forms("container", "containers"),
        "parties": _forms("party", "parties"),
        "documents": _forms("document", "documents"),
        "robust standard deviations": _forms("robust standard deviation", "robust standard deviations"),
    },
    messages=messages(
        sized={
            "=": "{feature} is exactly {value}",
            "!=": "{feature} is not {value}",
            "<": "{feature} is below {value}",
            "<=": "{feature} is at most {value}",
            ">": "{feature} is above {value}",
            ">=": "{feature} is at least {value}",
            "between": "{feature} is from {low} to {high}",
            "in": "{feature} is one of {values}",
        },
        dated={
            "=": "{feature} is {value}",
            "!=": "{feature} is not {value}",
            "<": "{feature} is before {value}",
            "<=": "{feature} is on or before {value}",
            ">": "{feature} is after {value}",
            ">=": "{feature} is on or after {value}",
            "between": "{feature} is from {low} to {high}",
            "in": "{feature} is one of {values}",
        },
        named={
            "=": "{feature} is {value}",
            "!=": "{feature} is not {value}",
            "in": "{feature} is one of {values}",
            "in_list": "{feature} is in the list {value}",
            "prefix": "{feature} begins with {values}",
            "contains_any": "{feature} contains {values}",
        },
        flag={"=": "{feature} is {value}", "!=": "{feature} is not {value}"},
        fields={
            "=": "{feature} is the same as {other}",
            "!=": "{feature} differs from {other}",
            "<": "{feature} is below {other}",
            "<=": "{feature} is at most {other}",
            ">": "{feature} is above {other}",
            ">=": "{feature} is at least {other}",
        },
        rest={
            "is_missing": "{feature} is missing",
            "is_present": "{feature} is not missing",
            "none_of": "none of these holds: {members}",
            "not": "it is not so that {member}",
            "and": " and ",
            "or": " or ",
            "comma": ", ",
            "true": "true",
            "false": "false",
            "quoted": "“{value}”",
            "more.other": "{values} and {count} more",
        },
    ),
)
