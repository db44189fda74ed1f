from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from tests.contract.formats.renew import FIXTURES
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.formats.tabular import (
    BadRow,
    Row,
    RowOutcome,
    load_mapping,
    read_table,
    resolve_mapping,
)
from tidewaiter.adapters.formats.tabular.csv_source import csv_header, csv_rows
from tidewaiter.core.control import Outcome
from tidewaiter.core.declaration import PartyRole
from tidewaiter.core.errors import InputError

USUAL = FIXTURES / "tabular/good/kcs--usual.csv"
SEVERAL = FIXTURES / "tabular/good/plain--several-items.csv"

SHORT = """\
name: short
description: Rows of items.
rows_per_declaration: several
declaration:
  id: {column: id}
  version: {column: version, optional: true}
  flow: {constant: import}
  office: {column: office}
  lodged_at: {column: day}
item:
  hs_code: {column: hs}
results:
  control:
    id: {column: id}
    kind: {constant: scan}
    office: {constant: A}
    ended_at: {column: day}
  delay_days: 10
  findings:
    - outcome: {column: label, values: {"ok": compliant, "bad": irregular, "?": null}}
"""


def read(folder: Path, table: str, *, mapping: str = SHORT) -> list[RowOutcome]:
    (folder / "short.yaml").write_text(mapping, "utf-8")
    (folder / "table.csv").write_text(table, "utf-8")
    return list(read_table(folder / "table.csv", load_mapping(folder / "short.yaml")))


def shape(outcomes: list[RowOutcome]) -> list[object]:
    """Return lines of declarations as tuples, and (line, code) of bad rows."""
    return [
        outcome.lines if isinstance(outcome, Row) else (outcome.line, outcome.faults[0].code)
        for outcome in outcomes
    ]


def cells(path: Path) -> list[list[str]]:
    mapping = resolve_mapping(path.name.split("--")[0])
    header = csv_header(path, mapping.format)
    return [header, *(row.cells for row in csv_rows(path, mapping.format, len(header)))]


@pytest.mark.parametrize("path", [USUAL, SEVERAL], ids=["kcs", "plain"])
@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_parquet_and_excel_give_the_declarations_that_csv_gives(
    tmp_path: Path, path: Path, kind: str
) -> None:
    header, *rows = cells(path)
    target = tmp_path / f"table.{kind}"
    if kind == "parquet":
        columns = {name: [row[index] or None for row in rows] for index, name in enumerate(header)}
        pl.DataFrame(columns, schema=dict.fromkeys(header, pl.String)).write_parquet(target)
    else:
        with xlsxwriter.Workbook(target, {"strings_to_numbers": False}) as book:
            page = book.add_worksheet()
            for number, row in enumerate([header, *rows]):
                page.write_row(number, 0, row)
    mapping = resolve_mapping(path.name.split("--")[0])
    from_csv = [o for o in read_table(path, mapping) if isinstance(o, Row)]
    found = [o for o in read_table(target, mapping) if isinstance(o, Row)]
    assert [(o.declaration, o.results) for o in found] == [(o.declaration, o.results) for o in from_csv]
    assert found


def test_typed_parquet_columns_give_the_same_declaration_as_texts(tmp_path: Path) -> None:
    header, *rows = cells(USUAL)
    columns: dict[str, list[object]] = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    columns["Declaration ID"] = [int(row[0]) for row in rows]
    columns["HS6 Code"] = [int(row[header.index("HS6 Code")]) for row in rows]
    columns["Date"] = [datetime(2020, 1, 2, tzinfo=UTC).date()] * len(rows)
    for name in ("Net Mass", "Item Price", "Tax Rate"):
        columns[name] = [float(row[header.index(name)]) for row in rows]
    for name in ("Fraud", "Critical Fraud"):
        columns[name] = [int(row[header.index(name)]) if row[header.index(name)] else None for row in rows]
    pl.DataFrame(columns).write_parquet(tmp_path / "typed.parquet")
    found = [o for o in read_table(tmp_path / "typed.parquet", resolve_mapping("kcs")) if isinstance(o, Row)]
    expected = [o for o in read_table(USUAL, resolve_mapping("kcs")) if isinstance(o, Row)]
    assert [write_declaration(o.declaration) for o in found] == [
        write_declaration(o.declaration) for o in expected
    ]
    assert [o.results for o in found] == [o.results for o in expected]


def test_the_public_data_keeps_namibia_and_leading_zeros() -> None:
    first = next(iter(read_table(USUAL, resolve_mapping("kcs"))))
    assert isinstance(first, Row)
    declaration = first.declaration
    assert declaration.departure_country == "NA"
    assert declaration.items[0].hs_code == "010121"
    assert declaration.lodged_on_date_only
    assert declaration.party_id(PartyRole.COURIER) is None
    assert first.results[0].ended_on_date_only
    assert first.results[0].findings[0].outcome is Outcome.COMPLIANT


def test_consecutive_rows_are_one_declaration(tmp_path: Path) -> None:
    table = "id,office,day,hs,label\n1,A,2026-01-01,010121,\n1,,,020130,\n2,A,2026-01-01,010121,\n"
    outcomes = read(tmp_path, table)
    assert shape(outcomes) == [(2, 3), (4,)]
    assert isinstance(outcomes[0], Row)
    assert [item.number for item in outcomes[0].declaration.items] == [1, 2]


def test_a_declaration_whose_rows_are_scattered_is_set_aside_where_it_comes_again(tmp_path: Path) -> None:
    row = "{},A,2026-01-01,010121,\n"
    table = "id,office,day,hs,label\n" + "".join(row.format(number) for number in (1, 2, 1, 1, 3))
    again = "declaration-again"
    assert shape(read(tmp_path, table)) == [(2,), (3,), (4, again), (5, again), (6,)]


def test_an_amendment_is_another_version_of_the_same_declaration(tmp_path: Path) -> None:
    rows = "1,,A,2026-01-01,010121,\n1,2,A,2026-01-02,010121,\n1,1,A,2026-01-01,010121,\n"
    assert shape(read(tmp_path, "id,version,office,day,hs,label\n" + rows)) == [
        (2,),
        (3,),
        (4, "declaration-again"),
    ]


def test_a_declaration_of_more_than_500_rows_is_set_aside_whole(tmp_path: Path) -> None:
    rows = "1,A,2026-01-01,010121,\n" * 1200 + "2,A,2026-01-01,010121,\n"
    outcomes = read(tmp_path, "id,office,day,hs,label\n" + rows)
    assert [o.declaration.id for o in outcomes if isinstance(o, Row)] == ["2"]
    assert sum(isinstance(o, BadRow) for o in outcomes) == 1200


def test_a_broken_row_takes_the_rest_of_its_declaration_with_it(tmp_path: Path) -> None:
    rows = "1,A,2026-01-01,010121,\n1,A,2026-01-01\n2,A,2026-01-01,010121,\n1,A,2026-01-01,010121,\n"
    assert shape(read(tmp_path, "id,office,day,hs,label\n" + rows)) == [
        (2, "declaration-not-whole"),
        (3, "cell-count-wrong"),
        (4,),
        (5, "declaration-again"),
    ]


def test_labels_become_findings_about_the_item_of_their_row(tmp_path: Path) -> None:
    rows = "1,A,2026-01-01,010121,ok\n1,,,010121,bad\n1,,,010121,?\n2,A,2026-01-01,010121,\n"
    first, second = read(tmp_path, "id,office,day,hs,label\n" + rows)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    result = first.results[0]
    assert [(finding.item_number, finding.outcome) for finding in result.findings] == [
        (1, Outcome.COMPLIANT),
        (2, Outcome.IRREGULAR),
    ]
    assert result.ended_at == datetime(2026, 1, 11, tzinfo=UTC)
    assert result.ended_on_date_only
    assert second.results == ()


def test_a_wrong_label_sets_the_row_aside_rather_than_losing_the_result(tmp_path: Path) -> None:
    assert shape(read(tmp_path, "id,office,day,hs,label\n1,A,2026-01-01,010121,maybe\n")) == [
        (2, "value-unknown")
    ]


def test_delays_work_on_times_with_a_time_of_day(tmp_path: Path) -> None:
    outcomes = read(tmp_path, "id,office,day,hs,label\n1,A,2026-01-01T23:00:00-03:00,010121,ok\n")
    assert isinstance(outcomes[0], Row)
    assert outcomes[0].results[0].ended_at == datetime(2026, 1, 12, 2, tzinfo=UTC)


def test_a_missing_column_is_one_error_before_any_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="office: is not in the header"):
        read(tmp_path, "id,day,hs\n1,2026-01-01,010121\n")


@pytest.mark.parametrize("name", ["table.doc", "table", "missing.csv", "folder.csv"])
def test_a_file_that_is_no_table_is_refused_before_any_row(tmp_path: Path, name: str) -> None:
    (tmp_path / "table.doc").write_text("x", "utf-8")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=name.split(".", maxsplit=1)[0]):
        read_table(tmp_path / name, resolve_mapping("kcs"))


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    header, row = USUAL.read_text("utf-8").splitlines()[:2]
    target = tmp_path / "long.csv"
    with target.open("w", encoding="utf-8") as file:
        file.write(header + "\n")
        file.writelines(row.replace("1,", f"{number},", 1) + "\n" for number in range(20_000))
    outcomes = read_table(target, resolve_mapping("kcs"))
    assert [next(outcomes) for _ in range(3)]
    outcomes.close()  # type: ignore[attr-defined]


def test_trimmed_ids_are_the_same_declaration(tmp_path: Path) -> None:
    mapping = SHORT.replace("rows_per_declaration", "format: {trim: true}\nrows_per_declaration")
    rows = "1 ,A,2026-01-01, 010121,\n 1,A,2026-01-01 ,010121,\n"
    assert shape(read(tmp_path, "id,office,day,hs,label\n" + rows, mapping=mapping)) == [(2, 3)]
