"""What the pages say is there: links, commands, options, mappings, decision records."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from tests import guards
from tidewaiter.api.app import BODY_MAX_BYTES
from tidewaiter.cli.commands import app
from tidewaiter.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = re.compile(r"(^|/)(\.[^/]+|node_modules)/")
PAGES = sorted(
    name
    for name in (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.md"))
    if not HIDDEN.search(name)
)
RECORDS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


def text_of(name: str) -> str:
    """Return the text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def commands() -> dict[str, set[str]]:
    """Return the commands of the command line, each with its options."""
    group = typer.main.get_command(app)
    return {name: options(command) | {"--help"} for name, command in vars(group)["commands"].items()}


def options(command: object) -> set[str]:
    """Return the options of a command, and of the commands in it."""
    own = {option for parameter in vars(command)["params"] for option in parameter.opts}
    return own.union(*(options(inner) for inner in vars(command).get("commands", {}).values()))


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    assert not guards.broken_links(name, text_of(name), ROOT)


def test_the_guard_of_links_sees_a_broken_one() -> None:
    assert not guards.broken_links(
        "README.md", "[a](ARCHITECTURE.md#three-rules) [b](https://x.example)", ROOT
    )
    assert guards.broken_links("README.md", "[a](ARCHITECTURE.md#four-rules)", ROOT)
    assert guards.broken_links("docs/index.md", "[a](ARCHITECTURE.md)", ROOT)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_on_a_page_exists_with_its_options(name: str) -> None:
    assert not guards.unknown_commands(name, text_of(name), commands())


def test_the_pages_show_commands_at_all() -> None:
    shown = {
        word for name in PAGES for word in re.findall(r"^\$ tidewaiter ([a-z]+)", text_of(name), re.MULTILINE)
    }
    assert {"import", "train", "assess"} <= shown


@pytest.mark.parametrize(
    "line", ["tidewaiter fly", "tidewaiter assess x --wings", ".venv/bin/tidewaiter fly"]
)
def test_the_guard_of_commands_sees_one_that_does_not_exist(line: str) -> None:
    known = {"assess": {"--out"}}
    good = "```console\n$ tidewaiter assess x.csv --out y.csv  # now\n```\n"
    assert not guards.unknown_commands("x.md", good, known)
    assert guards.unknown_commands("x.md", f"```console\n$ {line}\n```\n", known)


@pytest.mark.parametrize("name", PAGES)
def test_every_mapping_on_a_page_is_in_the_starter_content(name: str) -> None:
    named = set(re.findall(r"--mapping ([a-z][\w-]*)(?![\w.-])", text_of(name)))
    missing = [mapping for mapping in named if not (ROOT / f"starter/mappings/{mapping}.yaml").is_file()]
    assert not missing


def test_every_decision_record_is_numbered_and_listed_with_its_title() -> None:
    listed = text_of("docs/decisions/README.md")
    numbers = [int(path.name[:4]) for path in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1)), "number decision records without gaps"
    for path in RECORDS:
        title = path.read_text(encoding="utf-8").splitlines()[0]
        assert title.startswith(f"# {path.name[:4]} "), f"{path.name} must open with its number and its title"
        assert f"]({path.name}) | {title[7:]} |" in listed, f"list {path.name} with its title in the README"


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_decision_record_has_the_chapters_of_the_template(path: Path) -> None:
    chapters = re.findall(r"^## .+$", text_of("docs/decisions/template.md"), re.MULTILINE)
    assert re.findall(r"^## .+$", path.read_text(encoding="utf-8"), re.MULTILINE) == chapters


@pytest.mark.parametrize("folder", ["", "core", "adapters"])
def test_the_architecture_names_every_part_that_exists(folder: str) -> None:
    page = text_of("ARCHITECTURE.md")
    parts = [path for path in (ROOT / "src/tidewaiter" / folder).iterdir() if path.name[0] not in "_."]
    missing = [path.name for path in parts if path.stem not in re.findall(r"\w+", page)]
    assert parts
    assert not missing, f"say in ARCHITECTURE.md what these are for: {missing}"


def test_the_architecture_names_no_module_that_does_not_exist() -> None:
    named = set(re.findall(r"\b(\w+)\.py\b", text_of("ARCHITECTURE.md")))
    present = {path.stem for path in (ROOT / "src/tidewaiter").rglob("*.py")}
    assert named
    assert named <= present, f"ARCHITECTURE.md names modules that are not there: {sorted(named - present)}"


# -- files that an administration puts in place

UNITS = sorted((ROOT / "docs/howto/systemd").iterdir())


def started(unit: Path) -> list[list[str]]:
    """Return the commands that a unit starts, in words."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2].split() for line in lines if line.startswith("ExecStart=")]


def test_every_command_of_a_unit_exists_with_its_options() -> None:
    ours = [words for unit in UNITS for words in started(unit) if words[0].endswith("/tidewaiter")]
    assert ours
    for _, name, *rest in ours:
        assert {word for word in rest if word.startswith("-")} <= commands()[name]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_reads_every_unit(tmp_path: Path) -> None:
    program = shutil.which("true")
    for unit in UNITS:
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={program}", unit.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    told = subprocess.run(
        [str(shutil.which("systemd-analyze")), "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")


def test_the_environment_of_a_unit_holds_settings_only() -> None:
    (block,) = re.findall(
        r"^```ini\n(.*?)^```", text_of("docs/howto/run-on-postgresql.md"), re.DOTALL | re.MULTILINE
    )
    names = [line.partition("=")[0].removeprefix("TIDEWAITER_").lower() for line in block.splitlines()]
    assert names
    assert set(names) <= set(Settings.model_fields)


def test_the_proxy_takes_bodies_as_large_as_the_service_does() -> None:
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", text_of("docs/howto/proxy/nginx.conf"))
    assert int(limit) * 1024 * 1024 == BODY_MAX_BYTES
