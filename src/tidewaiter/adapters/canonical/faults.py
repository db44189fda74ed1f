"""What pydantic says about a message, as faults for people: place, value, sentence, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tidewaiter.adapters.canonical.plain import FAULTS_MAX, RefusedNumber, json_type, pointer
from tidewaiter.core.declaration import ITEMS_MAX
from tidewaiter.core.errors import Fault, shorten

__all__ = ["HINTS", "faults_of", "structure_faults"]

#: Longer lists are refused as a whole.
PARTIES_MAX: Final = 99

#: What to do about each fault; the code is stable, the sentence may be improved.
HINTS: Final[Mapping[str, str]] = {
    "field-missing": "Add the field.",
    "field-unknown": "Remove it or correct its name; the reference lists all names.",
    "type-wrong": "Write it in the JSON type of the schema; nothing is converted.",
    "number-wrong-type": 'Write quantities and codes as strings, such as "8.5", and counts as whole numbers.',
    "choice-unknown": "Use one of the words of the schema.",
    "count-wrong": "Send as many entries as the schema allows.",
    "hs-code-wrong": "Send 6 to 12 digits as text; a spreadsheet may have dropped a leading zero.",
    "country-wrong": "Use the ISO 3166-1 alpha-2 code in capitals; NA is Namibia.",
    "currency-wrong": "Use the ISO 4217 code in capitals.",
    "identifier-wrong": "Leave the field out when there is no value; remove blanks and line breaks.",
    "text-length-wrong": "Leave the field out when there is no text; shorten a longer one.",
    "text-with-control-character": "Replace line breaks and other control characters by a blank.",
    "text-not-nfc": "Normalise the text to NFC before sending.",
    "quantity-not-plain": 'Write it plainly, such as "1250.5".',
    "rate-out-of-range": "Send the rate in percent: 6.5 for 6.5 %.",
    "time-not-iso": "Write it as 2026-03-01T08:30:00Z, 2026-03-01T08:30:00+03:00 or 2026-03-01.",
    "time-not-possible": "Correct the date or the time.",
    "time-out-of-range": "Correct the year.",
    "count-out-of-range": "Correct the number.",
    "item-number-wrong": "Number the items 1, 2, 3 … in the order in which they come.",
    "party-twice": "Name the same person once in a role.",
}

#: pydantic's names of what only it can find, in our words.
_CODES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("field-missing", "is required."),
    "extra_forbidden": ("field-unknown", "is not known here."),
    "literal_error": ("choice-unknown", "is not one of {expected}."),
    "enum": ("choice-unknown", "is not one of {expected}."),
    "too_short": ("count-wrong", "has {actual_length} entries; at least {min_length}."),
    "too_long": ("count-wrong", "has too many entries; at most {max_length}."),
    "bool_type": ("type-wrong", "is a JSON {found}; this is true or false."),
    "string_type": ("type-wrong", "is a JSON {found}; this is a JSON string."),
    "string_unicode": ("text-with-control-character", "has half a character (a lone surrogate)."),
    "list_type": ("type-wrong", "is a JSON {found}; this is an array."),
    "dict_type": ("type-wrong", "is a JSON {found}; this is an object."),
    "int_type": ("type-wrong", "is a JSON {found}; this is a whole number."),
    "greater_than_equal": ("number-out-of-range", "is below {ge}."),
    "less_than_equal": ("number-out-of-range", "is above {le}."),
    "string_too_short": ("text-length-wrong", "has fewer than {min_length} characters."),
    "string_too_long": ("text-length-wrong", "has more than {max_length} characters."),
    "string_pattern_mismatch": ("text-form-wrong", "does not have the form {pattern}."),
    "model_type": ("type-wrong", "is a JSON {found}; this is an object."),
}


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Return the faults that *error* lists, at most :data:`FAULTS_MAX`."""
    names = sorted({name for part in _models(model) for name in part.model_fields})
    details = error.errors(include_url=False)[:FAULTS_MAX]
    return [_fault(detail, names) for detail in details]


def structure_faults(data: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong between the entries of *data*: item numbers, a person named twice in a role."""
    return [*_number_faults(data.get("items")), *_party_faults(data.get("parties"))][:FAULTS_MAX]


def _number_faults(items: object) -> list[Fault]:
    """Return a fault for each item whose number is not its position."""
    if not isinstance(items, list):
        return []
    return [
        Fault(
            code="item-number-wrong",
            place=pointer("items", index, "number"),
            message=f"is not {index + 1}, its position.",
            value=shorten(item["number"]),
            hint=HINTS["item-number-wrong"],
        )
        for index, item in enumerate(items[:ITEMS_MAX])
        if isinstance(item, dict) and type(item.get("number")) is int and item["number"] != index + 1
    ]


def _party_faults(parties: object) -> list[Fault]:
    """Return a fault for each person who is named a second time in the same role."""
    seen: set[tuple[str | None, ...]] = set()
    faults: list[Fault] = []
    for index, party in enumerate(parties[:PARTIES_MAX] if isinstance(parties, list) else ()):
        role, person, name = (_text(party, key) for key in ("role", "id", "name"))
        key = (role, person, None if person else name)
        if role and key in seen:
            fault = Fault(
                code="party-twice",
                place=pointer("parties", index),
                message=f"names the same person again as {shorten(role)}.",
                value=shorten(person or name or ""),
                hint=HINTS["party-twice"],
            )
            faults.append(fault)
        seen.add(key)
    return faults


def _text(thing: object, key: str) -> str | None:
    value = thing.get(key) if isinstance(thing, dict) else None
    return value if isinstance(value, str) else None


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return *model* and the models that its fields hold."""
    found = [model]
    for field in model.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found.extend(_models(part))
    return found


def _fault(detail: ErrorDetails, names: list[str]) -> Fault:
    """Return one of pydantic's errors as a fault."""
    kind, value = detail["type"], detail["input"]
    found = json_type(value)
    if isinstance(value, RefusedNumber) and kind != "extra_forbidden":
        code, message = "number-wrong-type", "is a number with a fraction, an exponent or too many digits."
    elif kind in _CODES:
        code, template = _CODES[kind]
        message = template.format(found=found, **{"expected": "", **detail.get("ctx", {})})
    else:
        code, message = kind, detail["msg"]
    return Fault(
        code=code,
        place=pointer(*detail["loc"]),
        message=message,
        value=None if kind == "missing" else _shown(value),
        hint=_hint(detail, code, names),
    )


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return f"{json_type(value)} of {len(value)}"
    return orjson.dumps(value).decode() if value is None or isinstance(value, bool) else shorten(value)


def _hint(detail: ErrorDetails, code: str, names: list[str]) -> str | None:
    """Return what to do: which field was probably meant, or what is always done about *code*."""
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(str(detail["loc"][-1])[:80], names, n=1, cutoff=0.75)
        if near:
            return f"Did you mean {near[0]!r}?"
    if detail["type"] == "string_type" and json_type(detail["input"]) == "number":
        return HINTS["number-wrong-type"]
    return HINTS.get(code)
