"""Writes what the fixtures are expected to give: `python -m tests.contract.formats.renew`.

Read the difference before it is kept: it is what people will read when their message is refused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tidewaiter.adapters.formats.json import (
    read_control_result,
    read_declaration,
    write_control_result,
    write_declaration,
)
from tidewaiter.adapters.formats.tabular import (
    BadRow,
    load_mapping,
    read_table,
    resolve_mapping,
    write_bad_rows,
)
from tidewaiter.core.errors import ConfigurationError, TidewaiterError, UnreadableMessage

FIXTURES = Path(__file__).parent / "fixtures"


def canonical_of(path: Path) -> bytes:
    """Return the canonical form of a good JSON fixture."""
    body = path.read_bytes()
    if path.name.startswith("control-result"):
        return write_control_result(read_control_result(body)) + b"\n"
    return write_declaration(read_declaration(body)) + b"\n"


def words_of(error: TidewaiterError) -> bytes:
    """Return *error* with every part of every fault, one part a line."""
    lines = [error.message]
    for fault in error.faults:
        lines += ["", f"code:    {fault.code}", f"place:   {fault.place}", f"message: {fault.message}"]
        lines += [f"value:   {fault.value!r}"] if fault.value is not None else []
        lines += [f"hint:    {fault.hint}"] if fault.hint is not None else []
    return "\n".join([*lines, ""]).encode()


def refusal_of(path: Path) -> bytes:
    """Return the text of the error of a bad JSON fixture."""
    read = read_control_result if path.name.startswith("control-result") else read_declaration
    try:
        read(path.read_bytes())
    except UnreadableMessage as error:
        return words_of(error)
    raise AssertionError(f"{path.name} was read, although it is a bad fixture")


def declarations_of(path: Path) -> bytes:
    """Return what a good table gives, one line of JSON a declaration."""
    lines: list[str] = []
    for outcome in read_table(path, resolve_mapping(path.name.split("--")[0])):
        assert not isinstance(outcome, BadRow), outcome
        entry = {
            "lines": outcome.lines,
            "declaration": json.loads(write_declaration(outcome.declaration)),
            "results": [json.loads(write_control_result(result)) for result in outcome.results],
        }
        lines.append(json.dumps(entry, sort_keys=True) + "\n")
    return "".join(lines).encode()


def bad_rows_of(path: Path) -> bytes:
    """Return the file of bad rows of a bad table."""
    outcomes = read_table(path, resolve_mapping(path.name.split("--")[0]))
    with TemporaryDirectory() as folder:
        target = Path(folder) / "bad.csv"
        write_bad_rows(target, (outcome for outcome in outcomes if isinstance(outcome, BadRow)))
        # Long cells are tested by their size; here they would only make the file long.
        return target.read_bytes().replace(b"X" * 32000, b"X (32000 times)")


def mapping_refusal_of(path: Path) -> bytes:
    """Return the text of the error of a bad mapping."""
    try:
        load_mapping(path)
    except ConfigurationError as error:
        return words_of(error)
    raise AssertionError(f"{path.name} was loaded, although it is a bad mapping")


#: Folder -> ending of what is expected, and how it is made.
EXPECTED: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "json/good": (".canonical", canonical_of),
    "json/bad": (".txt", refusal_of),
    "tabular/good": (".jsonl", declarations_of),
    "tabular/bad": (".expected", bad_rows_of),
    "mappings/bad": (".txt", mapping_refusal_of),
}


def cases() -> Iterator[tuple[str, Path]]:
    """Yield the folder and the path of every fixture."""
    for folder, (ending, _) in EXPECTED.items():
        for path in sorted((FIXTURES / folder).iterdir()):
            if path.suffix != ending:
                yield folder, path


if __name__ == "__main__":
    for name, fixture in cases():
        suffix, make = EXPECTED[name]
        fixture.with_suffix(suffix).write_bytes(make(fixture))
        sys.stdout.write(f"{fixture}\n")
