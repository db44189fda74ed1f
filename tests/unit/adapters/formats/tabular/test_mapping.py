from __future__ import annotations

from pathlib import Path

import pytest

from tidewaiter.adapters.canonical.messages import (
    ControlResultMessage,
    DeclarationMessage,
    ItemMessage,
    PartyMessage,
    TransportMessage,
)
from tidewaiter.adapters.formats.tabular.cells import FieldKind
from tidewaiter.adapters.formats.tabular.mapping import (
    field_kinds,
    load_mapping,
    mapping_names,
    resolve_mapping,
    sections,
)
from tidewaiter.core.declaration import PartyRole
from tidewaiter.core.errors import ConfigurationError

MINIMAL = """\
name: minimal
description: The least that a table needs.
declaration:
  id: {column: ID}
  flow: {constant: import}
  office: {constant: "040"}
  lodged_at: {column: Date}
item:
  hs_code: {column: HS}
"""


def load(folder: Path, text: str) -> object:
    path = folder / "mapping.yaml"
    path.write_text(text, "utf-8")
    return load_mapping(path)


def test_the_kind_of_each_field_is_known() -> None:
    assert field_kinds(DeclarationMessage)["lodged_at"] is FieldKind.MOMENT
    assert field_kinds(DeclarationMessage)["invoice_amount"] is FieldKind.QUANTITY
    assert field_kinds(DeclarationMessage)["version"] is FieldKind.COUNT
    assert field_kinds(DeclarationMessage)["flow"] is FieldKind.TEXT
    assert field_kinds(TransportMessage)["routing"] is FieldKind.LIST
    assert field_kinds(PartyMessage)["aeo"] is FieldKind.FLAG
    assert field_kinds(ItemMessage)["duty_rate_percent"] is FieldKind.QUANTITY
    assert field_kinds(ControlResultMessage)["started_at"] is FieldKind.MOMENT
    assert not {"items", "parties", "transport", "documents"} & set(field_kinds(DeclarationMessage))


def test_the_starter_has_the_public_data_and_a_table_of_ones_own() -> None:
    assert {"kcs", "plain"} <= set(mapping_names())


@pytest.mark.parametrize("name", mapping_names())
def test_a_starter_mapping_loads_under_its_own_name(name: str) -> None:
    mapping = resolve_mapping(name)
    assert mapping.name == name
    assert mapping.description.endswith(".")


def test_the_plain_mapping_has_every_field_and_every_role() -> None:
    mapping = resolve_mapping("plain")
    for section in sections(mapping):
        if section.place[0] in {"declaration", "transport", "item", "documents", "item_documents", "results"}:
            filled = {"findings", "declaration_id", "declaration_version", "item_number"}
            expected = set(field_kinds(section.model)) - filled
            if section.place[0] != "documents":
                assert set(section.rules) == expected, section.place
    assert set(mapping.parties) == set(PartyRole)


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL, "utf-8")
    assert resolve_mapping(str(path)).name == "minimal"


@pytest.mark.parametrize("name", ["kc", "", "../kcs", "/etc/passwd2", "kcs.yml"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve_mapping(name)
    assert "kcs, plain" in caught.value.message or "cannot be read" in caught.value.message


def test_a_code_in_quotes_keeps_its_zero(tmp_path: Path) -> None:
    mapping = load(tmp_path, MINIMAL)
    assert mapping.declaration["office"].constant == "040"  # type: ignore[attr-defined]


def test_no_text_is_a_truth_value(tmp_path: Path) -> None:
    mapping = load(tmp_path, MINIMAL.replace("hs_code: {column: HS}", "hs_code: {column: NO}"))
    assert mapping.item["hs_code"].column == "NO"  # type: ignore[attr-defined]


def test_a_mapping_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="more than 262144 bytes"):
        load(tmp_path, MINIMAL + "#" * 300_000)


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml cannot be read"):
        load_mapping(tmp_path / "none.yaml")


def test_a_constant_that_the_rule_would_change_is_checked_as_changed(tmp_path: Path) -> None:
    text = MINIMAL.replace("hs_code: {column: HS}", 'hs_code: {constant: "10121", pad_zeros: 6}')
    assert load(tmp_path, text)
    with pytest.raises(ConfigurationError, match="6 to 12 digits"):
        load(tmp_path, text.replace(", pad_zeros: 6", ""))
