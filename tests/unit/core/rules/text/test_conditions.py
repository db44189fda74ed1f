"""A profile may write its condition as text: it means the same, and faults keep their places."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tidewaiter.adapters.starter import load_starter, read_yaml
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.starter.written import read_written
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.text.conditions import in_data_form
from tidewaiter.core.rules.text.printing import print_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the starter content."""
    return Path(shutil.copytree(starter_folder(), tmp_path / "content"))


def as_text(path: Path, change: tuple[str, str] = ("", "")) -> str:
    """Return the file of a profile with its condition as a block of text."""
    source = path.read_text(encoding="utf-8")
    node = from_data(read_yaml(source.encode(), path.name).data["when"])
    text = print_text(node, REGISTRY).replace(*change, 1) if change[0] else print_text(node, REGISTRY)
    head = source.partition("\nwhen:")[0]
    return f"{head}\nwhen: |\n" + "".join(f"  {line}\n" for line in text.splitlines())


def test_a_profile_with_text_is_the_same_profile(folder: Path) -> None:
    before = load_starter(folder, REGISTRY).rules.version
    for path in (folder / "profiles").glob("*.yaml"):
        path.write_text(as_text(path), encoding="utf-8")
    assert load_starter(folder, REGISTRY).rules.version == before


def test_a_text_that_cannot_be_read_names_file_line_and_column_and_hides_no_other_fault(folder: Path) -> None:
    path = folder / "profiles" / "licence_missing.yaml"
    broken = as_text(path, ("has_licence = false", "has_licence == false")).replace("owner: ", "ownr: ", 1)
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_starter(folder, REGISTRY)
    line = 1 + broken[: broken.index("when: |")].count("\n")
    told = {fault.code: str(fault) for fault in caught.value.faults}
    assert set(told) == {"sign", "missing-key", "unknown-key"}
    assert told["sign"].startswith(f"profiles/licence_missing.yaml:{line} /when: line ")
    assert "of the text: `==` is not a sign of this language" in told["sign"]


def test_the_meaning_of_a_text_is_judged_too(folder: Path) -> None:
    path = folder / "profiles" / "licence_missing.yaml"
    path.write_text(as_text(path, ("in list licensed_goods", "in list licensed_good")), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_starter(folder, REGISTRY)
    (fault,) = caught.value.faults
    assert (fault.code, fault.hint) == ("list-unknown", "Did you mean `licensed_goods`?")


def test_a_single_file_is_read_alike() -> None:
    around = load_starter(starter_folder(), REGISTRY)
    path = starter_folder() / "profiles" / "licence_missing.yaml"
    good = read_written(as_text(path).encode(), "mine.yaml", REGISTRY, around)
    assert (good.faults, good.node) == ((), from_data(read_yaml(path.read_bytes(), "x").data["when"]))
    bad = read_written(as_text(path, (" = ", " = = ")).encode(), "mine.yaml", REGISTRY, around)
    assert bad.node is None
    assert bad.faults[0].fault.place.startswith("mine.yaml:")


@pytest.mark.parametrize("data", [None, [], {}, {"when": None}, {"when": {"feature": "hs2", "=": "22"}}])
def test_what_holds_no_text_is_left_as_it_is(data: object) -> None:
    faults: list[Fault] = []
    assert in_data_form(data, REGISTRY, faults) is data
    assert not faults
