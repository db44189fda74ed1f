"""Loading a folder of content: everything fits together, or every fault is named with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.golden.texts import faults_in_words, golden
from tidewaiter.adapters.starter import load_starter
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.ruleset import ruleset_from_data
from tidewaiter.core.selection.lanes import lanes_from_data
from tidewaiter.core.selection.plan_reading import plan_from_data

STARTER = Path(__file__).parents[4] / "starter"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the starter content with two profiles."""
    copy = tmp_path / "content"
    shutil.copytree(STARTER, copy)
    for path in (copy / "profiles").glob("*.yaml"):
        if path.stem not in {"zero_price", "licence_missing"}:
            path.unlink()
    return copy


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_starter(folder, REGISTRY)
    return caught.value.faults


def test_sound_content_is_loaded_with_bodies_that_read_again(folder: Path) -> None:
    starter = load_starter(folder, REGISTRY)
    assert {profile.code for profile in starter.rules.profiles} == {"zero_price", "licence_missing"}
    bodies = starter.bodies
    lanes = lanes_from_data(bodies["lanes"])
    assert lanes.codes == starter.lanes.codes
    assert ruleset_from_data(bodies["rules"], REGISTRY, lanes=lanes.codes).version == starter.rules.version
    assert plan_from_data(bodies["plan"], lanes).version == starter.plan.version
    assert [entry["code"] for entry in bodies["checks"]["checks"]] == [check.code for check in starter.checks]


def test_the_offices_are_the_capacity_of_the_plan(folder: Path) -> None:
    change(folder / "offices.yaml", "share: 0.10", "share: 0.07")
    starter = load_starter(folder, REGISTRY)
    assert starter.plan.capacity.default.share == 0.07
    assert starter.bodies["plan"]["capacity"]["default"]["share"] == 0.07


def test_the_order_of_files_does_not_change_the_version(folder: Path) -> None:
    before = load_starter(folder, REGISTRY).rules.version
    (folder / "profiles/zero_price.yaml").touch()
    change(folder / "profiles/zero_price.yaml", "code: zero_price", "# a comment\ncode: zero_price")
    assert load_starter(folder, REGISTRY).rules.version == before


def test_norway_stays_norway_and_a_code_that_lost_its_quotes_is_refused(folder: Path) -> None:
    path = folder / "profiles/zero_price.yaml"
    change(
        path,
        "when: {feature: price_is_zero",
        "when: {feature: origin, in: [NO, NA]}\n# {feature: price_is_zero",
    )
    (hit,) = [one for one in load_starter(folder, REGISTRY).rules.profiles if one.code == "zero_price"]
    assert hit.when.values == ("NO", "NA")  # type: ignore[union-attr]
    change(path, "in: [NO, NA]", "in: [NO, 0101]")
    (fault,) = faults_of(folder)
    assert fault.place.startswith("profiles/zero_price.yaml:")
    assert fault.hint == 'Codes are text: write "0101".'


ZERO, LICENCE, GOODS = (
    "profiles/zero_price.yaml",
    "profiles/licence_missing.yaml",
    "lists/licensed_goods.yaml",
)

#: File, what is written in it, what stands there instead; file, text of the line, and pointer of the fault.
BREAKS = [
    (ZERO, 'share: "1"', "share: 1", ZERO, "share: 1", " /share"),
    (ZERO, 'share: "1"', 'share: "1"\nshare: "0.5"', ZERO, 'share: "0.5"', ""),
    (ZERO, "lane: documents", "lane: document", ZERO, "lane: document", " /lane"),
    (ZERO, "ask_for_contract", "ask_contract", ZERO, "checks:", " /checks"),
    (ZERO, "code: zero_price", "code: no_price", ZERO, "code:", " /code"),
    (ZERO, "price_is_zero", "price_zero", ZERO, "when:", " /when/feature"),
    (ZERO, "level: national", "level: office\noffices: [PORTO]", ZERO, "offices:", " /offices"),
    (
        LICENCE,
        "in_list: licensed_goods",
        "in_list: licenced",
        LICENCE,
        "in_list: licenced",
        " /when/all_of/0/in_list",
    ),
    (LICENCE, '"2027-12-31"', '"2028-12-31"', LICENCE, "valid_until", " /valid_until"),
    (GOODS, "kind: hs4", "kind: hs6", GOODS, '"0102"', " /entries/0"),
    (GOODS, '"2027-12-31"', '"2027-06-30"', LICENCE, "valid_until", " /valid_until"),
    (
        "lanes.yaml",
        "true\n    resource",
        "yes\n    resource",
        "lanes.yaml",
        "control: yes",
        " /lanes/3/control",
    ),
    (
        "checks.yaml",
        "code: weigh\n",
        "code: weigh\n    word: x\n",
        "checks.yaml",
        "word: x",
        " /checks/10/word",
    ),
    (
        "offices.yaml",
        "officers: 120",
        "oficers: 120",
        "offices.yaml",
        "oficers",
        " /offices/PORT/hours/oficers",
    ),
    (
        "plan.yaml",
        "release_lane: release",
        "release_lane: scan",
        "plan.yaml",
        "release_lane",
        " /release_lane",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "line", "pointer"), BREAKS)
def test_a_fault_is_named_with_its_file_and_line(
    folder: Path, file: str, old: str, new: str, where: str, line: str, pointer: str
) -> None:
    change(folder / file, old, new)
    lines = (folder / where).read_text(encoding="utf-8").splitlines()
    number = next(number for number, text in enumerate(lines, 1) if line in text)
    assert f"{where}:{number}{pointer}" in [fault.place for fault in faults_of(folder)]


def test_all_faults_of_all_files_are_found_in_one_loading_and_read_as_kept(folder: Path) -> None:
    for file, old, new, *_ in (BREAKS[0], BREAKS[9]):
        change(folder / file, old, new)
    (folder / "profiles/empty.yaml").write_text("", encoding="utf-8")
    (folder / "plan.yaml").unlink()
    text = faults_in_words(faults_of(folder))
    assert text == golden("starter/load-faults.txt", text), (
        "if the new text is better, run with WRITE_GOLDEN=1"
    )


def test_a_folder_that_is_not_there_names_every_file_it_should_hold(tmp_path: Path) -> None:
    faults = faults_of(tmp_path / "nowhere")
    assert [fault.place for fault in faults] == ["lanes.yaml", "checks.yaml", "offices.yaml", "plan.yaml"]
    assert {fault.code for fault in faults} == {"file-missing"}
