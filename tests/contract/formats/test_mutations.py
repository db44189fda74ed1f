"""500 damaged messages and 500 damaged tables: read as they stand, or refused with place and reason.

Never another exception, never a value that was not there, never more than two seconds.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.formats.mutations import CSV_MUTATIONS, JSON_MUTATIONS, mutated
from tests.contract.formats.renew import FIXTURES
from tidewaiter.adapters.formats.json import parse as parse_module
from tidewaiter.adapters.formats.json import (
    read_control_result,
    read_declaration,
    write_control_result,
    write_declaration,
)
from tidewaiter.adapters.formats.tabular import BadRow, Row, read_table, resolve_mapping
from tidewaiter.adapters.formats.tabular import read as read_module
from tidewaiter.core.errors import InputError, UnreadableMessage

SECONDS_MAX = 2.0
MESSAGES = 500
TABLES = 500

GOOD_MESSAGES = [path.read_bytes() for path in sorted((FIXTURES / "json/good").glob("declaration-*.json"))]
GOOD_RESULTS = [path.read_bytes() for path in sorted((FIXTURES / "json/good").glob("control-result-*.json"))]
MAPPINGS = {name: resolve_mapping(name) for name in ("kcs", "plain")}
GOOD_TABLES = sorted((FIXTURES / "tabular/good").glob("*.csv"))


class MisreadError(AssertionError):
    """A damaged message was read as something that it does not say."""


def examine(body: bytes, read: Callable[[bytes], Any], write: Callable[[Any], bytes]) -> str:
    """Return how a damaged message ended: read or refused; raise when it ended otherwise."""
    started = time.process_time()
    try:
        found = read(body)
    except UnreadableMessage as error:
        if not error.faults or not all(
            fault.place and fault.message and fault.code for fault in error.faults
        ):
            raise MisreadError(f"refused without place or reason: {error!r}") from error
        json.dumps([str(fault) for fault in error.faults]).encode("utf-8")
        outcome = "refused"
    else:
        if read(write(found)) != found:
            raise MisreadError(f"reads differently a second time: {body[:200]!r}")
        complain_about_smuggling(body, write(found))
        outcome = "read"
    seconds = time.process_time() - started
    if seconds > SECONDS_MAX:
        raise MisreadError(f"took {seconds:.1f} s: {body[:200]!r}")
    return outcome


def complain_about_smuggling(body: bytes, canonical: bytes) -> None:
    """Raise when *canonical* holds a text that *body* does not, or *body* says something twice."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise MisreadError(f"a key occurs twice in what was read: {pairs!r:.200}")
        return dict(pairs)

    said = json.loads(body, object_pairs_hook=members)
    for place, value in leaves(json.loads(canonical)):
        if place not in {("version",), ("lodged_at",), ("ended_at",), ("started_at",)}:
            original = dict(leaves(said)).get(place)
            if type(original) is not type(value) or not same(original, value):
                raise MisreadError(f"{place}: {original!r} was read as {value!r}")


def same(original: Any, value: Any) -> bool:
    """Tell whether *value* is *original*, apart from zeros after a point and the way a time is written."""
    if original == value or not isinstance(original, str):
        return bool(original == value)
    if "T" in original and original[:2] == value[:2]:
        return True
    return "." in original and original.rstrip("0").rstrip(".") == value


def leaves(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """Return the single values of *value* with their places."""
    if isinstance(value, dict):
        return [leaf for name, part in value.items() for leaf in leaves(part, (*place, name))]
    if isinstance(value, list):
        return [leaf for index, part in enumerate(value) for leaf in leaves(part, (*place, index))]
    return [(place, value)]


def test_damaged_messages_are_read_as_they_stand_or_refused() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(MESSAGES):
        if seed % 5 == 0:
            good, read, write = GOOD_RESULTS, read_control_result, write_control_result
        else:
            good, read, write = GOOD_MESSAGES, read_declaration, write_declaration  # type: ignore[assignment]
        body = mutated(good[seed % len(good)], JSON_MUTATIONS, seed)
        outcomes[examine(body, read, write)] += 1
    assert outcomes["refused"] > MESSAGES / 2, outcomes
    assert outcomes["read"] > 0, "no damage was harmless: the mutations never reach the fields"


def examine_table(path: Path, body: bytes) -> str:
    """Return how a damaged table ended; raise when it ended otherwise."""
    started = time.process_time()
    path.write_bytes(body)
    mapping = MAPPINGS[path.stem.split("--")[0]]
    try:
        outcomes = list(read_table(path, mapping))
    except InputError as error:
        if not error.message:
            raise MisreadError("refused without reason") from error
        return "refused"
    lines = [
        line
        for outcome in outcomes
        for line in ((outcome.line,) if isinstance(outcome, BadRow) else outcome.lines)
    ]
    if len(lines) != len(set(lines)):
        raise MisreadError(f"a line is in two outcomes: {lines}")
    if b'"' not in body and set(lines) != lines_with_text(body):
        raise MisreadError(f"lost lines: {sorted(lines_with_text(body) - set(lines))}")
    for outcome in outcomes:
        if isinstance(outcome, Row):
            if read_declaration(write_declaration(outcome.declaration)) != outcome.declaration:
                raise MisreadError(f"line {outcome.lines[0]} reads differently a second time")
        elif not outcome.reason:
            raise MisreadError(f"line {outcome.line} was set aside without reason")
    if (seconds := time.process_time() - started) > SECONDS_MAX:
        raise MisreadError(f"took {seconds:.1f} s")
    return "bad rows" if any(isinstance(outcome, BadRow) for outcome in outcomes) else "read"


def lines_with_text(body: bytes) -> set[int]:
    """Return the numbers of the lines below the header that are not blank."""
    return {number for number, line in enumerate(body.split(b"\n"), 1) if number > 1 and line.strip(b"\r")}


def damaged_table(good: bytes, seed: int) -> bytes:
    """Return *good* with damage; four times of five the header stays as it is."""
    header, _, rows = good.partition(b"\n")
    return (
        mutated(good, CSV_MUTATIONS, seed)
        if seed % 5 == 0
        else header + b"\n" + mutated(rows, CSV_MUTATIONS, seed)
    )


def test_damaged_tables_give_declarations_and_bad_rows(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(TABLES):
        good = GOOD_TABLES[seed % len(GOOD_TABLES)]
        outcomes[examine_table(tmp_path / good.name, damaged_table(good.read_bytes(), seed))] += 1
    assert outcomes["bad rows"] > TABLES / 4, outcomes
    assert outcomes["refused"] > 0, "no damage reached the header"


def test_an_undamaged_line_is_read_whatever_happens_to_the_line_before(tmp_path: Path) -> None:
    header, *lines = (FIXTURES / "tabular/good/kcs--usual.csv").read_bytes().splitlines(keepends=True)
    path = tmp_path / "kcs.csv"
    for seed in range(200):
        damaged = mutated(lines[1], CSV_MUTATIONS[:5], seed)
        path.write_bytes(b"".join([header, lines[0], damaged.rstrip(b"\n") + b"\n", *lines[2:]]))
        found = {o.declaration.id for o in read_table(path, MAPPINGS["kcs"]) if isinstance(o, Row)}
        assert {"1", "3", "4", "5"} <= found, f"seed {seed}: {damaged!r}"


def test_the_examination_catches_a_reader_that_takes_the_last_of_two_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parse_module, "_decoder", lambda _duplicates: json.JSONDecoder())
    body = GOOD_MESSAGES[0].replace(b'"flow": "', b'"office": "OTHER", "flow": "', 1)
    with pytest.raises(MisreadError, match="twice"):
        examine(body, read_declaration, write_declaration)


def test_the_examination_catches_a_reader_that_converts() -> None:
    def converting(body: bytes) -> Any:
        data = json.loads(body)
        data["office"] = str(data["office"])
        return read_declaration(json.dumps(data).encode())

    body = GOOD_MESSAGES[0].replace(b'"HARBOUR"', b"40").replace(b'"A"', b"40")
    with pytest.raises(MisreadError, match="office"):
        examine(body, converting, write_declaration)


def test_the_examination_catches_a_reader_that_drops_broken_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = next(path for path in GOOD_TABLES if path.name == "kcs--usual.csv")
    body = good.read_bytes() + b"a,broken,line\n"
    assert examine_table(tmp_path / good.name, body) == "bad rows"
    whole = read_module.csv_rows
    monkeypatch.setattr(
        read_module, "csv_rows", lambda *given: (row for row in whole(*given) if row.fault is None)
    )
    with pytest.raises(MisreadError, match="lost lines"):
        examine_table(tmp_path / good.name, body)


def test_the_examination_catches_a_foreign_exception() -> None:
    with pytest.raises(RecursionError):
        examine(b"[" * 100_000, json.loads, write_declaration)
