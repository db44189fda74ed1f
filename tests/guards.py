"""The house rules as functions: each takes text and returns a sentence for each breach.

`tests/unit/test_repository.py` runs them over the repository and proves, with a planted breach,
that each of them sees something.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = [
    "FILE_LINES_MAX",
    "FUNCTION_LINES_MAX",
    "broken_links",
    "forbidden_places",
    "impure_calls",
    "long_file",
    "long_functions",
    "missing_docstring",
    "open_ends",
    "unknown_commands",
]

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# One letter of each word stands in brackets, so that this file does not break its own rules.
_OPEN_ENDS = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")
_PLACES = re.compile(
    r"p[y]pi\.org|python[h]osted\.org|registry\.(n[p]mjs|y[a]rnpkg)|an[a]conda\.org|cr[a]tes\.io|proxy\.g[o]lang"
    r"|(?<![\w.~-])/(w[o]rk|r[o]ot|o[p]t/py)/|(?<![\w.])/(h[o]me|U[s]ers)/\w+|f[i]le://|\bsh[a]red/(data|design)\b"
)
_IMPURE_NAMES = frozenset({"open", "print", "input", "eval", "exec", "__import__", "breakpoint"})
_IMPURE_ATTRIBUTES = frozenset({"now", "today", "utcnow", "monotonic", "perf_counter", "urandom", "getenv"})
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (?:\S*/)?tidewaiter\b(.*)$", re.MULTILINE)


def long_file(path: str, text: str) -> list[str]:
    """A file is read in one sitting."""
    count = len(text.splitlines())
    if count <= FILE_LINES_MAX:
        return []
    return [f"{path}: {count} lines, at most {FILE_LINES_MAX}; split it by what it holds"]


def long_functions(path: str, text: str, excused: Collection[tuple[str, str]] = ()) -> list[str]:
    """A function fits a screen."""
    faults = []
    for node in _functions(ast.parse(text)):
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > FUNCTION_LINES_MAX and (path, node.name) not in excused:
            faults.append(
                f"{path}:{node.lineno}: {node.name} has {count} lines, at most {FUNCTION_LINES_MAX}"
            )
    return faults


def open_ends(path: str, text: str) -> list[str]:
    """What is not done is not there, or is an issue; never a note in the code."""
    return [
        f"{path}:{number}: {match[0]}: finish it or take it out"
        for number, line in enumerate(text.splitlines(), 1)
        for match in _OPEN_ENDS.finditer(line)
    ]


def forbidden_places(path: str, text: str) -> list[str]:
    """No file names a package registry or a place on the machine of whoever wrote it."""
    return [
        f"{path}:{number}: {match[0]}: no registry hosts, no paths of one machine"
        for number, line in enumerate(text.splitlines(), 1)
        for match in _PLACES.finditer(line)
    ]


def missing_docstring(path: str, text: str) -> list[str]:
    """A package opens with a chapter head."""
    if ast.get_docstring(ast.parse(text)):
        return []
    return [f"{path}: say in a docstring what this package is for"]


def impure_calls(path: str, text: str) -> list[str]:
    """The core reads no clock, opens no file and prints nothing."""
    faults = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = (
            called.id
            if isinstance(called, ast.Name)
            else called.attr
            if isinstance(called, ast.Attribute)
            else ""
        )
        known = _IMPURE_NAMES if isinstance(called, ast.Name) else _IMPURE_ATTRIBUTES
        if name in known:
            faults.append(f"{path}:{node.lineno}: {name}() in the core; take the value as an argument")
    return faults


def broken_links(path: str, text: str, root: Path) -> list[str]:
    """Every relative link of a page leads to a file, and to a heading of it when it names one."""
    faults = []
    for match in _LINK.finditer(_FENCE.sub("", text)):
        target, _, anchor = match[1].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (root / path).parent / target if target else root / path
        if not file.exists():
            faults.append(f"{path}: the link to {match[1]} leads nowhere")
        elif anchor and anchor not in _anchors(file.read_text(encoding="utf-8")):
            faults.append(f"{path}: {target or path} has no heading for #{anchor}")
    return faults


def unknown_commands(path: str, text: str, commands: dict[str, set[str]]) -> list[str]:
    """Every command that a page shows exists, with each of its options; *commands*: name to its options."""
    faults = []
    for fence in _CONSOLE.finditer(text):
        for match in _COMMAND.finditer(fence[1]):
            words = match[1].partition("#")[0].split()
            while words and words[0].startswith("-"):  # options before the command are of the whole program
                del words[: 1 if words[0] in {"--help", "--version", "--json"} else 2]
            if not words:
                continue
            if words[0] not in commands:
                faults.append(f"{path}: there is no command `tidewaiter {words[0]}`")
                continue
            faults.extend(
                f"{path}: `tidewaiter {words[0]}` has no option {option}"
                for option in (word.partition("=")[0] for word in words[1:] if word.startswith("--"))
                if option not in commands[words[0]]
            )
    return faults


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
