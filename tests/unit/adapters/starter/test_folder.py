"""Content goes to a folder and comes back as it was; what a folder does not hold stays."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.site import starter_bodies
from tidewaiter.adapters.starter.folder import read_folder, write_folder
from tidewaiter.adapters.starter.load import load_starter
from tidewaiter.core.errors import ConfigurationError, Conflict
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.quantities import canonical


@pytest.fixture
def content() -> dict[str, Any]:
    return starter_bodies()


def test_content_goes_to_a_folder_and_comes_back_as_it_was(tmp_path: Path, content: dict[str, Any]) -> None:
    count = write_folder(tmp_path / "out", content, REGISTRY)
    rules = content["rules"]
    assert count == 4 + len(rules["profiles"]) + len(rules["lists"])
    assert load_starter(tmp_path / "out", REGISTRY).bodies == content
    assert read_folder(tmp_path / "out", REGISTRY, content) == content


TITLES = st.text(
    st.characters(exclude_categories=["C", "Z"]).filter(str.isprintable), min_size=1, max_size=30
)


@settings(max_examples=15)  # each example reads and judges a whole folder
@given(
    title=TITLES,
    share=st.integers(1, 10**6).map(lambda n: canonical(Decimal(n) / 10**6)),
    entries=st.frozensets(st.integers(0, 9999).map(lambda n: f"{n:04}"), min_size=1, max_size=300),
    probability=st.floats(0.001, 1),
)
def test_whatever_an_administration_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, title: str, share: str, entries: frozenset[str],
    probability: float,
) -> None:  # fmt: skip
    content = starter_bodies()
    (profile,) = [each for each in content["rules"]["profiles"] if each["code"] == "zero_price"]
    profile |= {"title": title, "share": share}
    (named,) = [each for each in content["rules"]["lists"] if each["code"] == "endangered_species"]
    named["entries"] = sorted(entries)
    content["rules"] |= {"profiles": [profile], "lists": [named]}
    content["plan"]["random_floor"]["probability"] = probability
    folder = tmp_path_factory.mktemp("content")
    write_folder(folder, content, REGISTRY)
    assert read_folder(folder, REGISTRY, starter_bodies(), whole=True) == content


def test_a_folder_that_holds_something_is_not_written_over(tmp_path: Path, content: dict[str, Any]) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "gone.yaml").write_text("code: gone\n")
    (tmp_path / "README.md").write_text("ours\n")
    with pytest.raises(Conflict, match="--replace"):
        write_folder(tmp_path, content, REGISTRY)
    assert not (tmp_path / "plan.yaml").exists()
    write_folder(tmp_path, content, REGISTRY, replace=True)
    assert not (tmp_path / "profiles" / "gone.yaml").exists()
    assert (tmp_path / "README.md").read_text() == "ours\n"
    assert load_starter(tmp_path, REGISTRY).bodies == content


def test_what_a_folder_does_not_hold_stays_or_goes(tmp_path: Path, content: dict[str, Any]) -> None:
    write_folder(tmp_path, content, REGISTRY)
    for path in (*tmp_path.glob("*.yaml"), *tmp_path.glob("profiles/*.yaml")):
        if path.stem != "zero_price":
            path.unlink()
    assert read_folder(tmp_path, REGISTRY, content) == content
    whole = read_folder(tmp_path, REGISTRY, content, whole=True)
    assert [profile["code"] for profile in whole["rules"]["profiles"]] == ["zero_price"]
    assert whole["plan"] == content["plan"]


def test_a_folder_without_content_is_told_from_an_empty_content(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    (tmp_path / "profile").mkdir()
    with pytest.raises(ConfigurationError, match="holds no content"):
        read_folder(tmp_path, REGISTRY, content, whole=True)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("profiles/zero_price.yml", b"code: zero_price\n", "profiles/zero_price.yml: a file of content ends"),
        ("lists/excise_goods.yaml", b"\xff\xfe", "lists/excise_goods.yaml:1: the file is not UTF-8"),
        ("lists/excise_goods.yaml", b"code: \x00\n", "lists/excise_goods.yaml: this is not YAML"),
        ("lists/excise_goods.yaml", b"a: &a [*a]\n", "anchors and aliases are not accepted"),
        ("lists/excise_goods.yaml", b"[" * 1000, "a file has at most 40 levels"),
        ("lists/excise_goods.yaml", b"#" * 8_000_001, "a file has at most 8,000,000 bytes"),
        ("plan.yaml", b"id: x\n", "plan.yaml:1 /draws: `draws` is missing"),
    ],
)  # fmt: skip
def test_a_fault_names_its_file_and_nothing_of_the_folder_is_used(
    tmp_path: Path, content: dict[str, Any], name: str, text: bytes, told: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(text)
    with pytest.raises(ConfigurationError) as caught:
        read_folder(tmp_path, REGISTRY, content)
    assert told in str(caught.value)
