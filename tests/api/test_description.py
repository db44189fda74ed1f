"""The OpenAPI document is valid, its examples work, and what is served keeps to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Service
from tests.fakes.site import SOURCE, Site
from tidewaiter.api.app import create_app
from tidewaiter.bootstrap import message_schemas
from tidewaiter.flow.administer import Scope

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip


KEY: dict[str, list[str]] = {"HTTPBearer": []}
SESSION: dict[str, list[str]] = {"Session": []}
METHODS = [("POST", "declarations"), ("POST", "declarations/batch"), ("POST", "control-results")]

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
schemathesis.openapi.media_type(
    "application/x-ndjson",
    st.lists(st.sampled_from([b"{}", b"[", b"\xff", b""]), min_size=1, max_size=5).map(b"\n".join),
)


@pytest.fixture(scope="module")
def served() -> tuple[Any, str]:
    """Return the application and a key."""
    site = Site()
    key = site.services.administration.add_key("tests", SOURCE, frozenset(Scope)).key
    return create_app(site.services, message_schemas), key


@pytest.fixture(scope="module")
def document(served: tuple[Any, str]) -> Any:
    """Return the document as it is served."""
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", served[0])


def references(part: Any) -> Iterator[str]:
    """Yield every reference in *part*."""
    if isinstance(part, list):
        for entry in part:
            yield from references(entry)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)


def test_the_document_is_valid_and_every_reference_leads_somewhere(document: Any) -> None:
    document.validate()
    raw = document.raw_schema
    found = set(references(raw))
    assert len(found) > 20
    for reference in found:
        place = raw
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_a_document_that_is_not_valid_would_be_seen(document: Any) -> None:
    broken = json.loads(json.dumps(document.raw_schema))
    broken["paths"]["/api/v1/declarations"]["post"]["responses"] = []
    with pytest.raises(ValueError, match="is not of type"):
        schemathesis.openapi.from_dict(broken).validate()


def test_every_operation_says_what_it_takes_and_what_can_go_wrong(document: Any) -> None:
    paths = document.raw_schema["paths"]
    assert len(paths) == 52
    for methods in paths.values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]
            for status, response in operation["responses"].items():
                if status == "303":
                    assert response["headers"]["Location"]["description"]
                    continue
                media = "application/json" if status == "200" else "application/problem+json"
                assert {media, "application/x-ndjson", "text/plain"} & set(response["content"])
            if operation["x-action"] in {"public:read", "session:open"}:
                assert "security" not in operation
            else:
                assert operation["security"] in ([KEY], [SESSION], [KEY, SESSION])
                assert {"401", "403", "503"} <= set(operation["responses"])


@pytest.mark.parametrize(
    ("method", "path", "security"),
    [("post", "declarations", [KEY]), ("get", "decisions/{decision_id}", [KEY, SESSION]),
     ("post", "proposals", [SESSION])],
)  # fmt: skip
def test_an_operation_says_who_may_call_it_as_the_policy_has_it(
    document: Any, method: str, path: str, security: list[dict[str, list[str]]]
) -> None:
    assert document.raw_schema["paths"][f"/api/v1/{path}"][method]["security"] == security


@pytest.mark.parametrize("name", ["Declaration", "ControlResult"])
def test_bodies_are_described_by_the_published_schemas(document: Any, name: str) -> None:
    published = message_schemas()[name]
    told = document.raw_schema["components"]["schemas"]
    assert set(published["$defs"]) <= set(told)
    assert told[name]["required"] == published["required"]
    assert set(told[name]["properties"]) == set(published["properties"])
    assert told[name]["additionalProperties"] is False


@pytest.mark.parametrize(("method", "path"), METHODS)
def test_every_example_works(method: str, path: str, document: Any, service: Service) -> None:
    operation = document.raw_schema["paths"][f"/api/v1/{path}"][method.lower()]
    for media_type, content in operation["requestBody"]["content"].items():
        example = content["example"]
        body = example if isinstance(example, str) else json.dumps(example)
        response = service.post(path, body.encode(), **{"Content-Type": media_type})
        assert response.status_code == 200, response.text
        assert "problem" not in response.text


MODES = [(*method, mode) for method in METHODS for mode in GenerationMode] + [
    ("GET", "decisions", GenerationMode.POSITIVE),
    ("GET", "decisions", GenerationMode.NEGATIVE),
    ("GET", "decisions/{decision_id}", GenerationMode.POSITIVE),
    ("GET", "decisions/{decision_id}", GenerationMode.NEGATIVE),
    ("GET", "decisions/{decision_id}/proof", GenerationMode.POSITIVE),
    ("GET", "ledger/checkpoint", GenerationMode.POSITIVE),
    ("GET", "ledger/consistency", GenerationMode.POSITIVE),
    ("GET", "ledger/consistency", GenerationMode.NEGATIVE),
    ("GET", "events", GenerationMode.POSITIVE),
    ("GET", "events", GenerationMode.NEGATIVE),
    ("GET", "health/live", GenerationMode.POSITIVE),
    ("GET", "health/ready", GenerationMode.POSITIVE),
]


@pytest.mark.parametrize(("method", "path", "mode"), MODES)
def test_whatever_is_sent_the_answer_is_one_that_is_described(
    method: str, path: str, mode: GenerationMode, document: Any, served: tuple[Any, str]
) -> None:
    cases = document[f"/api/v1/{path}"][method].as_strategy(generation_mode=mode)
    statuses: set[int] = set()

    @given(case=cases)
    # Few of the declarations that fit the schema are possible ones: many have times that never were.
    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    def law(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {served[1]}"})
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    law()
    assert statuses <= {200, 401, 404, 422}
    if mode is GenerationMode.POSITIVE and method == "POST":
        assert 200 in statuses  # what is sent reaches the use cases


def test_an_answer_that_is_not_described_would_be_seen(document: Any, served: tuple[Any, str]) -> None:
    case = document["/api/v1/declarations"]["POST"].Case(body={}, media_type="application/json")
    told = case.call(headers={"Authorization": f"Bearer {served[1]}"})
    assert told.status_code == 422
    case.validate_response(told, checks=CHECKS)
    for change in ({"status_code": 500}, {"status_code": 418}, {"content": b'{"title":"x"}'}):
        other = case.call(headers={"Authorization": f"Bearer {served[1]}"})
        for name, value in change.items():
            setattr(other, name, value)
        with pytest.raises(FailureGroup):
            case.validate_response(other, checks=CHECKS)
