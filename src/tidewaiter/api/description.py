"""The OpenAPI document: the published schemas of the messages, what leaves, and an example of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tidewaiter.api.auth import action_of
from tidewaiter.api.messages import (
    Answer,
    BatchLine,
    Consistency,
    Events,
    Evidence,
    Inclusion,
    Problem,
    Recorded,
    SignedCheckpoint,
)
from tidewaiter.core.access import GRANTABLE, Role, Subject, may

__all__ = [
    "DECLARATION",
    "DECLARATION_LINES",
    "RESPONSE",
    "RESULT",
    "Schemas",
    "answers",
    "describing",
    "leads",
]

#: Name of a message (``Declaration``, ``ControlResult``) -> its published JSON Schema.
Schemas = Mapping[str, Mapping[str, Any]]

_COMPONENTS: Final = "#/components/schemas/"
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": f"{_COMPONENTS}Problem"}}}
_PROBLEMS: Final = {
    401: "No valid API key and no session came with the request",
    403: "The caller is not allowed to do this",
    404: "There is no such object",
    429: "Too many attempts; wait a minute",
    422: "The request cannot be read, or contradicts what is recorded; nothing was changed",
    503: "The store cannot be used now; nothing was changed, send it again",
}

_KEY: Final = "HTTPBearer"
_SESSION: Final = "Session"
_PREFIX: Final = "/api/v1"
_SECURITY: Final = {
    _KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "The API key that `tidewaiter key add` printed.",
    },
    _SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-tidewaiter",
        "description": "The cookie that `POST /api/v1/session` set; without prefix on this machine.",
    },
}

_DECLARATION_EXAMPLE: Final[dict[str, Any]] = {
    "id": "26TW0000123456",
    "version": 1,
    "flow": "import",
    "office": "PORT",
    "lodged_at": "2026-03-01T05:30:00Z",
    "procedure_code": "4000",
    "parties": [{"role": "importer", "id": "TIN0815"}, {"role": "declarant", "id": "BROKER7"}],
    "items": [
        {
            "number": 1,
            "hs_code": "010121",
            "origin": "NA",
            "net_mass_kg": "1250.5",
            "customs_value": "372254.40",
            "duty_rate_percent": "8",
        }
    ],
}
_RESULT_EXAMPLE: Final[dict[str, Any]] = {
    "id": "ACT-2026-77",
    "version": 1,
    "declaration_id": "26TW0000123456",
    "kind": "examination",
    "office": "PORT",
    "ended_at": "2026-03-02T14:00:00Z",
    "findings": [
        {
            "outcome": "irregular",
            "irregularity": "undervaluation",
            "item_number": 1,
            "declared": "372254.40",
            "found": "410000.00",
            "duty_effect": "3019.65",
        }
    ],
}
_LINES_EXAMPLE: Final = (
    '{"id":"26TW0000123457","flow":"export","office":"LAND","lodged_at":"2026-03-01T06:00:00Z",'
    '"items":[{"number":1,"hs_code":"090111"}]}\n'
    '{"id":"26TW0000123458","flow":"transit","office":"RAIL","lodged_at":"2026-03-01T06:05:00Z",'
    '"items":[{"number":1,"hs_code":"240220"}]}\n'
)
_WCO_EXAMPLE: Final = """<MetaData><WCOTypeName>DEC</WCOTypeName><Declaration>
  <IssueDateTime><DateTimeString formatCode="304">20260301053000Z</DateTimeString></IssueDateTime>
  <FunctionCode>9</FunctionCode><ID>26TW0000123459</ID><TypeCode>IMA</TypeCode>
  <DeclarationOfficeID>PORT</DeclarationOfficeID>
  <GoodsShipment><GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric>
    <Commodity><Classification><ID>01012100</ID></Classification></Commodity>
  </GovernmentAgencyGoodsItem></GoodsShipment>
</Declaration></MetaData>
"""


def _body(media_type: str, schema: Mapping[str, Any], example: Any) -> dict[str, Any]:
    content = {media_type: {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


#: Request bodies, for ``openapi_extra``.
DECLARATION: Final = _body("application/json", {"$ref": f"{_COMPONENTS}Declaration"}, _DECLARATION_EXAMPLE)
DECLARATION["requestBody"]["content"]["application/xml"] = {
    "schema": {"type": "string", "description": "A WCO declaration (3.6) or an ASYCUDA World SAD."},
    "example": _WCO_EXAMPLE,
}
#: The other form of the answer.
RESPONSE: Final = {
    "application/xml": {"schema": {"type": "string", "description": "A WCO response message (3.6)."}}
}
RESULT: Final = _body("application/json", {"$ref": f"{_COMPONENTS}ControlResult"}, _RESULT_EXAMPLE)
DECLARATION_LINES: Final = _body(
    "application/x-ndjson",
    {"type": "string", "description": "One Declaration a line, 1 to 500 lines."},
    _LINES_EXAMPLE,
)


def leads(told: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of an operation that sends a browser elsewhere; *told* is where to."""
    where = {"Location": {"schema": {"type": "string"}, "description": told}}
    found: dict[int | str, dict[str, Any]] = {303: {"description": told, "headers": where}}
    found |= {code: {"description": _PROBLEMS[code], "content": _PROBLEM} for code in (404, 422)}
    return found


def answers(
    told: str,
    *problems: int,
    name: str,
    media_type: str = "application/json",
    replayed: bool = False,
    more: Mapping[str, Any] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """Return the responses of an operation: *name* is what a success holds, *problems* its errors.

    *more* are other media types of the success.
    """
    schema: dict[str, Any] = {"$ref": f"{_COMPONENTS}{name}"}
    if media_type != "application/json":
        schema = {"type": "string", "description": f"One {name} a line."}
    content = {media_type: {"schema": schema}, **(more or {})}
    success: dict[str, Any] = {"description": told, "content": content}
    if replayed:
        success["headers"] = {
            "Ledger-Checkpoint": {
                "description": "The newest signed checkpoint of the ledger, in base64: keep it. "
                "Missing until something was sealed.",
                "schema": {"type": "string", "contentEncoding": "base64"},
            },
            "Ledger-Receipt": {
                "description": "The signed promise that this answer is in the ledger within seconds, in "
                "base64: keep it with the answer.",
                "schema": {"type": "string", "contentEncoding": "base64"},
            },
            "Idempotency-Replayed": {
                "description": "`true` when the message had been answered before.",
                "schema": {"type": "string", "enum": ["true"]},
            },
        }
    found: dict[int | str, dict[str, Any]] = {200: success}
    found |= {code: {"description": _PROBLEMS[code], "content": _PROBLEM} for code in problems}
    return found


def describing(
    app: FastAPI, schemas: Callable[[], Schemas], operations: Callable[[], Sequence[APIRoute]]
) -> Callable[[], dict[str, Any]]:
    """Return a function that gives the OpenAPI document of *app*, made once."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            for route in operations():
                if route.include_in_schema:
                    _say_who_may(document, route)
            parts = document.setdefault("components", {})
            parts["securitySchemes"] = _SECURITY
            components = parts.setdefault("schemas", {})
            components |= _models(
                Answer,
                BatchLine,
                Consistency,
                Events,
                Evidence,
                Inclusion,
                Problem,
                Recorded,
                SignedCheckpoint,
            )
            for name, schema in schemas().items():
                components |= _message(name, schema)
            document["components"]["schemas"] = dict(sorted(components.items()))
            app.openapi_schema = document
        return app.openapi_schema

    return describe


def _say_who_may(document: Mapping[str, Any], route: APIRoute) -> None:
    """Write the action of an operation and how its callers show who they are, from the policy."""
    action = action_of(route)
    permitted = {role for role in Role if may(Subject(roles=frozenset({role})), action).allowed}
    security: list[dict[str, list[str]]] = [{_KEY: []}] if Role.SYSTEM in permitted else []
    if permitted & GRANTABLE:
        security.append({_SESSION: []})
    for method in route.methods or ():
        operation = document["paths"][f"{_PREFIX}{route.path}"][method.lower()]
        operation["x-action"] = action.value
        if Role.ANYBODY not in permitted:
            operation["security"] = security


def _models(*models: type[BaseModel]) -> dict[str, Any]:
    """Return the schemas of what leaves."""
    _, document = models_json_schema(
        [(model, "serialization") for model in models], ref_template=f"{_COMPONENTS}{{model}}"
    )
    found: dict[str, Any] = document["$defs"]
    return found


def _message(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a published schema and its definitions as components, each under its own name."""
    own = {key: value for key, value in schema.items() if key not in {"$schema", "$id", "$defs"}}
    parts = {name: own, **schema.get("$defs", {})}
    return {part: _relocated(content) for part, content in parts.items()}


def _relocated(part: Any) -> Any:
    """Return *part* with its references leading to the components."""
    if isinstance(part, list):
        return [_relocated(entry) for entry in part]
    if not isinstance(part, Mapping):
        return part
    return {
        key: value.replace("#/$defs/", _COMPONENTS) if key == "$ref" else _relocated(value)
        for key, value in part.items()
    }
