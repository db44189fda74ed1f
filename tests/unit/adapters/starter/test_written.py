"""A file that somebody is writing: the starter's own profiles are sound, and each form says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tidewaiter.adapters.starter import Starter, load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.starter.strict_yaml import BYTES_MAX
from tidewaiter.adapters.starter.written import Written, read_written
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.form import to_data
from tidewaiter.core.rules.text.printing import print_text

PROFILES = sorted((starter_folder() / "profiles").glob("*.yaml"))


@pytest.fixture(scope="module")
def around() -> Starter:
    return load_starter(starter_folder(), REGISTRY)


def codes(written: Written) -> list[str]:
    return [finding.fault.code for finding in (*written.faults, *written.remarks)]


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_starter_profile_is_sound_and_each_form_says_the_same(path: Path, around: Starter) -> None:
    profile = read_written(path.read_bytes(), path.name, REGISTRY, around)
    assert codes(profile) == []
    assert profile.node is not None
    text = print_text(profile.node, REGISTRY)
    data = json.dumps(to_data(profile.node))
    for content, name in [(text, "a.rule"), (text, "a"), (data, "a.json"), (data, "a.yaml")]:
        assert read_written(content.encode(), name, REGISTRY, around).node == profile.node


def test_faults_of_a_profile_have_the_line_of_the_file(around: Starter) -> None:
    text = (starter_folder() / "profiles" / "drug_precursors.yaml").read_text()
    line = 1 + text[: text.index("in_list:")].count("\n")
    broken = text.replace("in_list: drug_precursors", "in_list: nowhere", 1)
    written = read_written(broken.encode(), "mine.yaml", REGISTRY, around)
    assert codes(written) == ["list-unknown"]
    assert written.faults[0].fault.place.startswith(f"mine.yaml:{line} ")
    lane = read_written(text.replace("lane: ", "lane: x", 1).encode(), "mine.yaml", REGISTRY, around)
    assert codes(lane) == ["not-defined"]


def test_remarks_have_their_line_too_and_leave_the_condition(around: Starter) -> None:
    data = b'all_of:\n  - {feature: hs2, "=": "22"}\n  - {feature: hs4, "=": "2204"}\n'
    written = read_written(data, "mine.yaml", REGISTRY, around)
    assert codes(written) == ["narrows-nothing"]
    assert written.node is not None
    assert written.remarks[0].words.startswith("mine.yaml:2 /all_of/0: this part narrows nothing")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"\xff", "a.rule", "not-utf-8"),
        (b"x" * (BYTES_MAX + 1), "a.rule", "too-large"),
        (b"", "a.rule", "expected"),
        (b"", "a.yaml", "empty-file"),
        (b"{}", "a.json", "condition-form"),
        (b"when: 5", "a.yaml", "not-a-mapping"),
        (b"\xef\xbb\xbfhs2 = 22", "a.rule", "literal-form"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_fault_with_the_name_of_the_file(
    around: Starter, content: bytes, name: str, code: str
) -> None:
    written = read_written(content, name, REGISTRY, around)
    assert written.node is None
    assert codes(written)[0] == code
    assert name in written.faults[0].fault.place
