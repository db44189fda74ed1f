from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.contract.formats.renew import FIXTURES
from tidewaiter.adapters.formats.json import (
    read_control_result,
    read_declaration,
    write_control_result,
    write_declaration,
)
from tidewaiter.adapters.formats.json.reference import PAGES, TABLES, renewed
from tidewaiter.adapters.formats.json.schema import PUBLISHED, schema_bytes, schema_of

ROOT = Path(__file__).resolve().parents[5]
REFERENCE = ROOT / "docs/reference"
README = ROOT / "src/tidewaiter/adapters/formats/json/README.md"
RENEW = "run `python -m tidewaiter.adapters.formats.json.reference docs/reference`"

#: Faults that a schema has no words for.
NOT_IN_SCHEMA = {
    "key-duplicate", "json-not-valid", "not-utf-8", "byte-order-mark", "too-deep", "text-not-nfc",
    "time-not-possible", "time-out-of-range", "item-number-wrong", "party-twice", "rate-out-of-range",
}  # fmt: skip


def validator(path: Path) -> Any:
    kind = "control-result" if path.name.startswith("control-result") else "declaration"
    return jsonschema_rs.validator_for(schema_of(PUBLISHED[f"{kind}.json"]))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_schema_is_fresh(name: str) -> None:
    assert (REFERENCE / "schemas" / name).read_bytes() == schema_bytes(PUBLISHED[name]), RENEW


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_of_the_reference_are_fresh(name: str) -> None:
    page = (REFERENCE / name).read_text("utf-8")
    assert renewed(page) == page, RENEW


def test_every_message_has_its_table_in_the_reference() -> None:
    pages = "".join((REFERENCE / name).read_text("utf-8") for name in PAGES)
    missing = [mark for mark in [*TABLES, "forms"] if f"<!-- table: {mark} -->" not in pages]
    assert not missing


def test_a_stale_table_is_seen() -> None:
    page = (REFERENCE / PAGES[0]).read_text("utf-8")
    assert renewed(page.replace("| `hs_code` |", "| `hs` |")) == page


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_schema_is_valid_draft_2020_12(name: str) -> None:
    assert jsonschema_rs.meta.is_valid(schema_of(PUBLISHED[name]))


@pytest.mark.parametrize("path", sorted((FIXTURES / "json/good").glob("*.json")), ids=lambda path: path.stem)
def test_the_schema_accepts_what_the_reader_accepts(path: Path) -> None:
    assert not list(validator(path).iter_errors(json.loads(path.read_bytes())))


@pytest.mark.parametrize("path", sorted((FIXTURES / "json/bad").glob("*.json")), ids=lambda path: path.stem)
def test_the_schema_refuses_what_the_reader_refuses(path: Path) -> None:
    code = path.stem.split("--")[1]
    if code.split(".")[0] in NOT_IN_SCHEMA or code in {
        "identifier-wrong.bidi",
        "text-with-control-character.half",
    }:
        return
    assert not validator(path).is_valid(json.loads(path.read_bytes()))


def test_the_examples_of_the_readme_are_read() -> None:
    examples = [part.split("```")[0].encode() for part in README.read_text("utf-8").split("```json")[1:]]
    declaration, result = read_declaration(examples[0]), read_control_result(examples[1])
    assert result.declaration_id == declaration.id
    assert read_declaration(write_declaration(declaration)) == declaration
    assert read_control_result(write_control_result(result)) == result
