"""Good fixtures give what is expected; each bad fixture names its fault, in words that people approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.formats.renew import EXPECTED, FIXTURES, cases
from tidewaiter.adapters.formats.json import (
    read_control_result,
    read_declaration,
    write_control_result,
    write_declaration,
)
from tidewaiter.adapters.formats.tabular import BadRow, load_mapping, read_table, resolve_mapping
from tidewaiter.core.errors import ConfigurationError, Fault, UnreadableMessage

CASES = [pytest.param(folder, path, id=f"{folder}/{path.name}") for folder, path in cases()]
JSON_BAD = sorted((FIXTURES / "json/bad").glob("*.json"))
TABLES_BAD = sorted((FIXTURES / "tabular/bad").glob("*.csv"))
MAPPINGS_BAD = sorted((FIXTURES / "mappings/bad").glob("*.yaml"))


def named_fault(path: Path) -> str:
    """Return the code of the fault that the name of a bad fixture promises."""
    return path.stem.split("--")[-1].split(".")[0]


def faults_of_json(path: Path) -> tuple[Fault, ...]:
    read = read_control_result if path.name.startswith("control-result") else read_declaration
    with pytest.raises(UnreadableMessage) as caught:
        read(path.read_bytes())
    return caught.value.faults


@pytest.mark.parametrize(("folder", "path"), CASES)
def test_a_fixture_gives_what_is_expected(folder: str, path: Path) -> None:
    ending, make = EXPECTED[folder]
    expected = path.with_suffix(ending)
    assert expected.is_file(), "run `python -m tests.contract.formats.renew` and read what it wrote"
    assert make(path) == expected.read_bytes(), (
        "if the change is wanted, run `python -m tests.contract.formats.renew` and read the difference"
    )


@pytest.mark.parametrize("path", JSON_BAD, ids=lambda path: path.stem)
def test_a_bad_message_names_its_fault(path: Path) -> None:
    faults = faults_of_json(path)
    assert named_fault(path) in {fault.code for fault in faults}
    assert all(fault.place and fault.message for fault in faults)


@pytest.mark.parametrize("path", TABLES_BAD, ids=lambda path: path.stem)
def test_a_bad_table_names_its_fault_and_loses_no_row(path: Path) -> None:
    mapping = resolve_mapping(path.name.split("--")[0])
    outcomes = list(read_table(path, mapping))
    bad = [outcome for outcome in outcomes if isinstance(outcome, BadRow)]
    special = {"several-faults": "field-missing", "formula": "identifier-wrong"}
    expected = special.get(named_fault(path), named_fault(path))
    assert expected in {fault.code for row in bad for fault in row.faults}
    assert all(fault.message for row in bad for fault in row.faults)
    lines = [line for outcome in outcomes for line in lines_of(outcome)]
    assert sorted(lines) == list(range(2, 2 + path.read_bytes().count(b"\n") - 1))


def lines_of(outcome: object) -> tuple[int, ...]:
    return (outcome.line,) if isinstance(outcome, BadRow) else outcome.lines  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", MAPPINGS_BAD, ids=lambda path: path.stem)
def test_a_bad_mapping_names_its_fault_with_its_line(path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_mapping(path)
    expected = {"several-faults": "field-missing"}.get(named_fault(path), named_fault(path))
    assert expected in {fault.code for fault in caught.value.faults}
    assert all(path.name in fault.place for fault in caught.value.faults)


@pytest.mark.parametrize("path", sorted((FIXTURES / "json/good").glob("*.json")), ids=lambda path: path.stem)
def test_the_canonical_form_is_stable(path: Path) -> None:
    body = path.with_suffix(".canonical").read_bytes().rstrip(b"\n")
    if path.name.startswith("control-result"):
        assert write_control_result(read_control_result(body)) == body
    else:
        assert write_declaration(read_declaration(body)) == body
