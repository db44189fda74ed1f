"""The reference page of the tables is what the tables say."""

from __future__ import annotations

from pathlib import Path

from tidewaiter.adapters.sql.describe import data_model
from tidewaiter.adapters.sql.tables import metadata

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "data-model.md"


def test_the_page_of_the_data_model_is_fresh() -> None:
    advice = "python -m tidewaiter.adapters.sql.describe > docs/reference/data-model.md"
    assert PAGE.read_text(encoding="utf-8") == data_model(), f"run: {advice}"


def test_every_table_and_column_says_what_it_holds() -> None:
    for table in metadata.tables.values():
        assert table.comment, table.name
        for column in table.columns:
            assert column.comment, f"{table.name}.{column.name}"
            assert column.comment.endswith("."), f"{table.name}.{column.name}"


def test_a_page_that_lags_behind_differs() -> None:
    assert "`parked`" in data_model()
    table = metadata.tables["outbox"]
    kept, table.comment = table.comment, "Another sentence."
    try:
        assert PAGE.read_text(encoding="utf-8") != data_model()
    finally:
        table.comment = kept
