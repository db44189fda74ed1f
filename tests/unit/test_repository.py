"""The house rules hold in this repository, and each guard would see a breach."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import lock_check
from tests import guards

ROOT = Path(__file__).resolve().parents[2]

#: Functions that may be longer than a screen: (file, function) -> why.
LONG_FUNCTIONS: dict[tuple[str, str], str] = {}

#: Folders of tests -> what their tests touch.
SUITES = {
    "unit": "one module, in memory",
    "contract": "every implementation of a port, format or scorer against the same laws",
    "flow": "use cases over a real store",
    "api": "the HTTP interface in process",
    "golden": "texts and files, compared byte for byte",
    "crash": "processes that are killed",
    "oidc": "sign-on through a real identity provider",
    "e2e": "the built pages on the real server in a real browser",
}


def tracked() -> list[str]:
    """Return the files of the repository, those about to be added included; pictures hold no text."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is where it is
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
    else:  # an unpacked release has no git
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
    hidden = re.compile(r"(^|/)(\.venv|\.[a-z]+_cache|__pycache__|\.hypothesis|node_modules|_web)/")
    return sorted(
        name
        for name in names
        if name and not hidden.search(name) and not name.endswith(".png") and (ROOT / name).is_file()
    )


FILES = tracked()
SOURCES = [name for name in FILES if name.startswith("src/") and name.endswith(".py")]
PAGES = [name for name in FILES if name.endswith(".md")]
EXAMPLE = "src/example.py"
#: Made by a program, held fresh by `npm run check`; nobody writes in it.
GENERATED = "web/src/api/generated/"


def text_of(name: str) -> str:
    """Return the text of a file; bytes that are no UTF-8 (fixtures) as replacement characters."""
    return (ROOT / name).read_bytes().decode("utf-8", "replace")


def planted(text: str) -> str:
    """Return *text* without its at signs: so a breach can be planted and this file stays clean."""
    return text.replace("@", "")


def show(faults: list[str]) -> str:
    """Return *faults* as lines, for the message of an assertion."""
    return "\n" + "\n".join(faults)


# -- size and shape


def test_a_source_file_can_be_read_in_one_sitting() -> None:
    faults = [fault for name in SOURCES for fault in guards.long_file(name, text_of(name))]
    assert not faults, show(faults)


def test_the_file_guard_sees_one_line_too_many() -> None:
    allowed = "x = 1\n" * guards.FILE_LINES_MAX
    assert not guards.long_file(EXAMPLE, allowed)
    assert guards.long_file(EXAMPLE, allowed + "x = 1\n")


def test_a_function_fits_a_screen() -> None:
    faults = [
        fault for name in SOURCES for fault in guards.long_functions(name, text_of(name), LONG_FUNCTIONS)
    ]
    assert not faults, show(faults)


def test_no_excuse_for_a_long_function_is_stale() -> None:
    stale = [key for key in LONG_FUNCTIONS if not guards.long_functions(key[0], text_of(key[0]))]
    assert not stale, f"these functions are short now; take their excuse away: {stale}"


def test_the_function_guard_sees_one_line_too_many() -> None:
    body = "    x = 1\n" * (guards.FUNCTION_LINES_MAX - 1)
    assert not guards.long_functions(EXAMPLE, "def f():\n" + body)
    body_of_method = "        x = 1\n" * guards.FUNCTION_LINES_MAX
    breach = "class C:\n    async def f(self):\n" + body_of_method
    assert guards.long_functions(EXAMPLE, breach)
    assert not guards.long_functions(EXAMPLE, breach, {(EXAMPLE, "f")})


def test_every_package_opens_with_a_chapter_head() -> None:
    packages = [name for name in SOURCES if name.endswith("/__init__.py")]
    faults = [fault for name in packages for fault in guards.missing_docstring(name, text_of(name))]
    assert packages
    assert not faults, show(faults)


def test_the_docstring_guard_sees_a_bare_package() -> None:
    assert guards.missing_docstring(EXAMPLE, "__all__ = []\n")
    assert not guards.missing_docstring(EXAMPLE, '"""A chapter."""\n')


# -- what may not be written


def test_nothing_is_left_for_later() -> None:
    written = [name for name in FILES if not name.startswith(GENERATED)]
    faults = [fault for name in written for fault in guards.open_ends(name, text_of(name))]
    assert not faults, show(faults)


def test_the_guard_of_open_ends_sees_a_note() -> None:
    note = planted("TO@DO")
    assert guards.open_ends(EXAMPLE, f"x = 1  # {note} later\n") == [
        f"{EXAMPLE}:1: {note}: finish it or take it out"
    ]
    assert not guards.open_ends(EXAMPLE, "todo = methodology  # lower case is a word\n")


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    faults = [fault for name in FILES for fault in guards.forbidden_places(name, text_of(name))]
    assert not faults, show(faults)


@pytest.mark.parametrize(
    "text",
    [
        "https://py@pi.org/simple",
        "see /ro@ot/x",
        "'/wo@rk/main'",
        "/ho@me/anna/x",
        "/Us@ers/anna",
        "fi@le:///x",
    ],
)
def test_the_guard_of_places_sees_a_planted_one(text: str) -> None:
    assert guards.forbidden_places(EXAMPLE, planted(text))


@pytest.mark.parametrize(
    "innocent", ["/api/v1/work/x", "tests/root/", "~/work/", "the work/rest balance", "a/home/b"]
)
def test_the_guard_of_places_leaves_innocent_text_alone(innocent: str) -> None:
    assert not guards.forbidden_places(EXAMPLE, innocent)


def test_the_core_reads_no_clock_and_opens_no_file() -> None:
    core = [name for name in SOURCES if name.startswith("src/tidewaiter/core/")]
    faults = [fault for name in core for fault in guards.impure_calls(name, text_of(name))]
    assert core
    assert not faults, show(faults)


@pytest.mark.parametrize(
    "call",
    ["open('x')", "datetime.now(UTC)", "date.today()", "print(1)", "time.monotonic()"],
)
def test_the_guard_of_purity_sees_a_planted_call(call: str) -> None:
    assert guards.impure_calls(EXAMPLE, call)


# -- tests and their places


def test_every_suite_has_tests() -> None:
    empty = [name for name in SUITES if not list((ROOT / "tests" / name).rglob("test_*.py"))]
    assert not empty, f"these folders of tests are missing or empty: {empty}"


def test_unit_tests_lie_where_their_source_lies() -> None:
    folders = {
        path.parent.relative_to(ROOT / "tests/unit") for path in (ROOT / "tests/unit").rglob("test_*.py")
    }
    strays = [str(folder) for folder in folders if not (ROOT / "src/tidewaiter" / folder).is_dir()]
    assert not strays, f"tests/unit mirrors src/tidewaiter, which has no {strays}"


def test_every_test_asserts_something() -> None:
    faults = [
        f"{name}:{node.lineno}: {node.name} cannot fail"
        for name in FILES
        if name.startswith("tests/") and Path(name).name.startswith("test_")
        for node in ast.walk(ast.parse(text_of(name)))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not can_fail(node)
    ]
    assert not faults, show(faults)


def can_fail(node: ast.FunctionDef) -> bool:
    """Tell whether the test has an assertion, expects an error, or hands over to a check or a law."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert | ast.Raise):
            return True
        if isinstance(inner, ast.Call):
            called = ast.unparse(inner.func)
            if called in {"pytest.raises", "pytest.fail", "pytest.warns"} or re.search(
                r"(^|[._])(check|assert|expect|run_state)", called
            ):
                return True
    return False


def test_the_guard_of_tests_sees_one_that_cannot_fail() -> None:
    idle = ast.parse("def test_x():\n    compute()\n").body[0]
    live = ast.parse("def test_x():\n    assert compute()\n").body[0]
    assert isinstance(idle, ast.FunctionDef)
    assert isinstance(live, ast.FunctionDef)
    assert not can_fail(idle)
    assert can_fail(live)


# -- locks and the package


def test_the_locks_name_no_host_and_fit_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert lock_check.main(ROOT) == 0, capsys.readouterr().out


PIN = "numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.invalid/simple\n",
        "--extra-index-url x\n",
        "--find-links wheels\n",
        "numpy @ git+https://example.invalid/numpy\n",
        "# from mirror.example.org\n",
    ],
)
def test_the_lock_check_sees_a_host(line: str) -> None:
    assert not lock_check.host_faults("dev.txt", PIN)
    assert lock_check.host_faults("dev.txt", PIN + line)


@pytest.mark.parametrize("line", ["numpy>=2 \\\n", "numpy==2.4.6\n", "-e .\n", "    --hash=md5:00\n"])
def test_the_lock_check_sees_a_pin_that_is_not_exact_or_has_no_hash(line: str) -> None:
    assert not lock_check.pin_faults("dev.txt", PIN)
    assert lock_check.pin_faults("dev.txt", PIN + line)


def test_the_lock_check_sees_a_lock_that_lags_behind() -> None:
    assert not lock_check.range_faults("dev.txt", PIN, ["numpy>=2.4,<3"])
    assert lock_check.range_faults("dev.txt", PIN, ["numpy>=2.5,<3"])
    assert lock_check.range_faults("dev.txt", PIN, ["polars>=2"])


def test_every_dependency_has_an_upper_bound() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    open_ended = [requirement for requirement in wanted if "<" not in requirement]
    assert not open_ended, f"give these an upper major: {open_ended}"


@pytest.mark.slow
def test_the_wheel_carries_the_starter_content_and_the_command(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert b"tidewaiter = tidewaiter.cli:main" in wheel.read(entry)
    starter = [name for name in FILES if name.startswith("starter/")]
    missing = [name for name in starter if name.replace("starter/", "tidewaiter/_starter/", 1) not in names]
    assert starter
    assert not missing, f"the wheel lacks {missing}"
    assert "tidewaiter/py.typed" in names
    pages = [
        path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src/tidewaiter/_web").rglob("*.*")
    ]
    assert not set(pages) - set(names), "the wheel lacks built pages"
    assert not [name for name in names if name.startswith("tests/")]
