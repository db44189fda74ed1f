"""A model on disk: what was cut, altered, exchanged or made of other features is refused by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.scorers.models import examples, model
from tidewaiter.adapters.scorers.files import (
    GENERAL,
    KINDS,
    MANIFEST,
    MODEL,
    json_bytes,
    read_files,
    save_files,
    version_of,
)
from tidewaiter.adapters.scorers.stack import load
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features.registry import Registry

NAMES = ("card.json", "card.md", "general.txt", "kinds.txt", "model.json", "manifest.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    saved = tmp_path_factory.mktemp("models") / model().version
    model().save(saved)
    return saved


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def rewritten(files: dict[str, bytes], target: Path) -> Path:
    """Write *files* with a manifest that fits them: what a careless hand, or an attacker, could make."""
    save_files(target, files, version_of(files))
    return target


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """Return the files with model.json *change*\\ d; infinite numbers are written as Python does."""
    data = json.loads(model().files[MODEL])
    change(data)
    return {**model().files, MODEL: json.dumps(data).encode()}


def test_only_data_is_written(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert all(path.read_bytes().decode() for path in folder.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ConfigurationError, match=name.replace(".", r"\.")):
        load(copy)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_file_that_was_cut_is_named(copy: Path, name: str, kept: float) -> None:
    body = (copy / name).read_bytes()
    (copy / name).write_bytes(body[: int(kept * len(body))])
    with pytest.raises(ConfigurationError, match=name.replace(".", r"\.")):
        load(copy)


@given(st.sampled_from(NAMES), st.floats(0.0, 1.0, exclude_max=True), st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(folder: Path, name: str, place: float, bit: int) -> None:
    path = folder / name
    body = path.read_bytes()
    at = int(place * len(body))
    try:
        path.write_bytes(body[:at] + bytes([body[at] ^ (1 << bit)]) + body[at + 1 :])
        with pytest.raises(ConfigurationError):
            load(folder)
    finally:
        path.write_bytes(body)
    assert read_files(folder)[1] == model().version


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused_even_under_a_fitting_hash(
    tmp_path: Path, number: str
) -> None:
    files = changed(lambda data: data["stack"].update(usual_rate="HERE"))
    files[MODEL] = files[MODEL].replace(b'"HERE"', number.encode())
    with pytest.raises(ConfigurationError, match="finite"):
        load(rewritten(files, tmp_path / "model"))


def test_a_leaf_that_is_not_finite_is_refused_even_under_a_fitting_hash(tmp_path: Path) -> None:
    text = model().files[GENERAL].decode()
    first = text.index("leaf_value=") + len("leaf_value=")
    files = {**model().files, GENERAL: (text[:first] + "nan" + text[text.index(" ", first) :]).encode()}
    with pytest.raises(ConfigurationError, match="not finite"):
        load(rewritten(files, tmp_path / "model"))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("stack"),
        lambda data: data["general"].pop("linear"),
        lambda data: data.update(numbers=["no_such_feature"]),
        lambda data: data.update(item_calibration={"slope": 1.0}),
        lambda data: data.update(vocabularies=3),
        lambda data: data.update(kinds=["quantity"] * 3),
    ],
)
def test_files_that_do_not_fit_together_are_refused(tmp_path: Path, change: Callable[[Any], None]) -> None:
    files = changed(change)
    if json.loads(files[MODEL])["kinds"] == ["quantity"] * 3:
        files.pop(KINDS)
    with pytest.raises(ConfigurationError, match="do not fit together"):
        load(rewritten(files, tmp_path / "model"))


def test_another_feature_set_is_refused(folder: Path) -> None:
    fewer = Registry([*model().encoder.registry][:-1])
    with pytest.raises(ConfigurationError, match=f"feature set {model().feature_set}.*{fewer.version}"):
        load(folder, registry=fewer)


def test_a_file_from_elsewhere_is_not_read(copy: Path) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["files"]["../secret"] = manifest["files"][MODEL]
    (copy / MANIFEST).write_bytes(json_bytes(manifest))
    with pytest.raises(ConfigurationError, match="manifest"):
        load(copy)


def test_no_model_at_all_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no model in"):
        load(tmp_path / "nowhere")


def test_saving_twice_leaves_the_model_as_it_is(copy: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in copy.iterdir()}
    model().save(copy)
    assert {path.name: path.stat().st_mtime_ns for path in copy.iterdir()} == before


def test_saving_over_an_altered_model_repairs_it(copy: Path) -> None:
    (copy / GENERAL).write_bytes(b"cut")
    model().save(copy)
    assert load(copy).score([examples()[0].vector]) == model().score([examples()[0].vector])
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_the_version_is_the_hash_of_the_content() -> None:
    assert version_of(model().files) == model().version
    assert len(model().version) == 16
    for name in model().files:
        assert version_of({**model().files, name: b"other"}) != model().version
