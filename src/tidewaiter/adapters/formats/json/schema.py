"""The published JSON Schemas (draft 2020-12) of the messages, made from what reads them.

A message that the schema refuses is refused by the reader.  The reader also checks what a schema
cannot say: no key twice, items numbered in order, Unicode NFC, possible dates, 1 MiB.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from pydantic import BaseModel

from tidewaiter.adapters.canonical.fields import FORMS
from tidewaiter.adapters.canonical.messages import ControlResultMessage, DeclarationMessage

__all__ = ["PUBLISHED", "schema_bytes", "schema_of"]

#: File name -> message.
PUBLISHED: Final[dict[str, type[BaseModel]]] = {
    "declaration.json": DeclarationMessage,
    "control-result.json": ControlResultMessage,
}
#: Words about a value, which do not change which values are accepted.
_ABOUT: Final = ("title", "description", "default")
_SUFFIX: Final = "Message"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of *model*, its forms of values named once in ``$defs``."""
    used: set[str] = set()
    schema = _named(model.model_json_schema(), used)
    definitions = {
        name.removesuffix(_SUFFIX): {"title": name.removesuffix(_SUFFIX), **part}
        for name, part in schema.pop("$defs", {}).items()
    }
    definitions |= {name: {"description": FORMS[name][0], **FORMS[name][1]} for name in used}
    name = model.__name__.removesuffix(_SUFFIX)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tidewaiter:{name}:1",
        "title": name,
        **schema,
        "$defs": definitions,
    }


def schema_bytes(model: type[BaseModel]) -> bytes:
    """Return the schema of *model* as it is published: indented, keys sorted."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(schema_of(model), option=options)


def _named(part: Any, used: set[str]) -> Any:
    """Return *part* with each known form replaced by a reference, its name noted in *used*."""
    if isinstance(part, list):
        return [_named(entry, used) for entry in part]
    if not isinstance(part, dict):
        return part
    core = {key: value for key, value in part.items() if key not in _ABOUT}
    for name, (_, form) in FORMS.items():
        if core == form:
            used.add(name)
            kept = {key: part[key] for key in ("description", "default") if part.get(key) is not None}
            return {"$ref": f"#/$defs/{name}", **kept}
    return {
        key: _reference(value) if key == "$ref" else _named(value, used)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }


def _reference(target: str) -> str:
    return target.removesuffix(_SUFFIX)
