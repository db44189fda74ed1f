from __future__ import annotations

import json
import re
from pathlib import Path

from tidewaiter.adapters.formats.json import write_control_result, write_declaration
from tidewaiter.adapters.formats.tabular import Row, load_mapping, read_table
from tidewaiter.adapters.formats.tabular.reference import TABLES, renewed

PAGE = Path(__file__).resolve().parents[5] / "docs/howto/bring-your-own-table.md"
TEXT = PAGE.read_text("utf-8")


def test_the_tables_of_settings_are_fresh() -> None:
    assert renewed(TEXT) == TEXT, f"run `python -m tidewaiter.adapters.formats.tabular.reference {PAGE}`"


def test_every_setting_is_in_the_guide_with_its_meaning() -> None:
    for model in TABLES.values():
        for name, field in model.model_fields.items():
            assert field.description, name
            assert f"| `{name}` |" in TEXT


def test_the_example_of_the_guide_reads_as_it_says(tmp_path: Path) -> None:
    for kind, name in (("csv", "entries.csv"), ("yaml", "entries.yaml")):
        (example,) = re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)
        (tmp_path / name).write_text(example, "utf-8")
    rows = list(read_table(tmp_path / "entries.csv", load_mapping(tmp_path / "entries.yaml")))
    assert all(isinstance(row, Row) for row in rows), rows
    first, second = (row for row in rows if isinstance(row, Row))
    declaration = json.loads(write_declaration(first.declaration))
    assert declaration["lodged_at"] == "2026-03-14"
    assert [item["hs_code"] for item in declaration["items"]] == ["010121", "420100"]
    assert [item["origin"] for item in declaration["items"]] == ["NA", "DE"]
    assert declaration["items"][0]["customs_value"] == "372254.4"
    result = json.loads(write_control_result(first.results[0]))
    assert result["ended_at"] == "2026-03-17"
    assert [finding["outcome"] for finding in result["findings"]] == ["irregular", "compliant"]
    assert result["findings"][0]["duty_effect"] == "2453.46"
    assert second.results == ()
