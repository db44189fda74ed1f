"""What the demo country writes can be read by the ways in that everybody has."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tidewaiter.adapters.formats.json import read_declaration
from tidewaiter.adapters.formats.tabular import Row, read_table, resolve_mapping
from tidewaiter.core.control import ControlResult, Outcome
from tidewaiter.core.declaration import Declaration
from tidewaiter.demo import World
from tidewaiter.demo.export import COLUMNS, LABELS, write_csv, write_json_lines


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=51, size=20_000, days=200)


def test_the_table_is_read_back_to_equal_declarations(world: World, tmp_path: Path) -> None:
    written = list(islice(world.declarations(), 1_500))
    path = tmp_path / "demo.csv"
    assert write_csv(path, written) == sum(len(declaration.items) for declaration in written)
    outcomes = list(read_table(path, resolve_mapping("demo")))
    assert [outcome for outcome in outcomes if not isinstance(outcome, Row)] == []
    read = [outcome.declaration for outcome in outcomes if isinstance(outcome, Row)]
    assert read == written
    assert {declaration.flow.value for declaration in read} == {"import", "export", "transit"}
    assert any(declaration.version == 2 for declaration in read)


def test_labels_keep_what_was_found_in_each_item(world: World, tmp_path: Path) -> None:
    results: dict[tuple[str, int], ControlResult] = {}

    def inspect(declaration: Declaration) -> ControlResult | None:
        if int(declaration.id[-1]) % 2:
            return None
        result, _ = world.inspect(declaration, "examination", declaration.lodged_at)
        results[declaration.id, declaration.version] = result
        return result

    path = tmp_path / "history.csv"
    write_csv(path, islice(world.declarations(), 1_500), inspect)
    irregular = 0
    for outcome in read_table(path, resolve_mapping("demo")):
        assert isinstance(outcome, Row)
        key = (outcome.declaration.id, outcome.declaration.version)
        if key not in results:
            assert outcome.results == ()
            continue
        (read,), expected = outcome.results, results[key]
        assert (read.id, read.kind, read.officer, read.ended_at) == (
            expected.id, expected.kind, expected.officer, expected.ended_at,
        )  # fmt: skip
        assert read.irregular == expected.irregular
        assert read.duty_effect == expected.duty_effect
        assert read.conclusive == expected.conclusive
        found = {(f.item_number, f.irregularity) for f in read.findings if f.outcome is Outcome.IRREGULAR}
        assert found == {
            (f.item_number, f.irregularity) for f in expected.findings if f.outcome is Outcome.IRREGULAR
        }
        irregular += read.irregular
    assert irregular > 10


def test_json_lines_are_read_back_to_equal_declarations(world: World, tmp_path: Path) -> None:
    written = list(islice(world.declarations(), 200))
    path = tmp_path / "demo.jsonl"
    assert write_json_lines(path, written) == len(written)
    assert [read_declaration(line) for line in path.read_bytes().splitlines()] == written


def test_every_column_has_its_own_name_and_is_mapped() -> None:
    columns = (*COLUMNS, *LABELS)
    assert len(set(columns)) == len(columns)
    mapping = resolve_mapping("demo")
    text = mapping.model_dump_json()
    assert [column for column in columns if f'"{column}"' not in text] == []
