"""How fast the store is: decisions per second, alone and together, import, journal, opening.

Decisions are written as the flow writes them (message key, declaration, decision, evidence, inputs,
outbox row, ledger leaf, pacing state) with bodies of a usual size.  Beside the store's own setting
(`synchronous=FULL`) runs NORMAL, which would lose answers in a power cut: what durability costs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tidewaiter.adapters.sql import SqlStore, store_url
from tidewaiter.core.codes import HsCode, Identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Outcome
from tidewaiter.core.decision import Decision, Versions, decision_id
from tidewaiter.core.declaration import Declaration, Item, TradeFlow
from tidewaiter.flow.ports import NewDeclaration, NewResult, StoredDecision, UnitOfWork

START = datetime(2026, 1, 1, tzinfo=UTC)
EVIDENCE = json.dumps({"evidence": "e" * 3_000}).encode()
INPUTS = json.dumps([[number * 0.37, "010121", None] for number in range(300)]).encode()
ANSWER = json.dumps({"answer": "a" * 1_000}).encode()
VERSIONS = Versions(lanes="l", checks="c", rules="r", plan="p", features="f", model=None, draw_key="k")


def declaration(number: int) -> NewDeclaration:
    """Return a declaration of about 1.4 kB."""
    content = Declaration(
        id=Identifier(f"D{number}"),
        flow=TradeFlow.IMPORT,
        office=Identifier("040"),
        lodged_at=START,
        items=(Item(number=1, hs_code=HsCode("010121")),),
    )
    body = json.dumps({"id": content.id, "text": "d" * 1_400}).encode()
    at = START + timedelta(seconds=number)
    return NewDeclaration(
        source="port",
        declaration=content,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        at=at,
        received_at=at,
    )


def result(number: int) -> NewResult:
    """Return the result of the control of a declaration."""
    content = ControlResult(
        id=Identifier(f"C{number}"),
        declaration_id=Identifier(f"D{number}"),
        kind=ControlKind.EXAMINATION,
        office=Identifier("040"),
        ended_at=START,
        findings=(Finding(outcome=Outcome.COMPLIANT),),
    )
    body = json.dumps({"id": content.id, "text": "r" * 300}).encode()
    at = START + timedelta(seconds=number)
    return NewResult(
        source="port",
        result=content,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        known_at=at,
        recorded_at=at,
    )


def decision(number: int) -> Decision:
    """Return the decision on a declaration."""
    return Decision(
        id=decision_id("port", f"D{number}", 1),
        source="port",
        declaration_id=f"D{number}",
        declaration_version=1,
        office="040",
        at=START,
        journal=0,
        lane="green",
        arm="none",
        inclusion_probability=0.05,
        lane_probability=0.95,
        probability=0.1,
        expected_revenue=1.0,
        kinds={},
        hours=0.0,
        value_of_hour=None,
        stages=(),
        hits=(),
        undecided=(),
        instructions=(),
        reasons=(),
        marks=(),
        consignment_keys=("00" * 16,),
        versions=VERSIONS,
        inputs_sha256="0" * 64,
    )


def answer(work: UnitOfWork, number: int) -> None:
    """Write what one assessment writes."""
    if work.kept_answer("port", f"m{number}") is not None:
        raise SystemExit("a number was used twice")
    new = declaration(number)
    work.add_declaration(new)
    stored = StoredDecision(evidence=EVIDENCE, inputs=INPUTS, answer=ANSWER, declaration_body=new.body)
    work.add_decision(decision(number), stored)
    work.put_capacity_states({"040": b"p" * 200})
    work.keep_answer("port", f"m{number}", "0" * 64, ANSWER, START)


def seconds(action: Callable[[], Any]) -> float:
    """Return how long *action* takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def together(store: SqlStore, first: int, count: int) -> None:
    """Write so many answers in one transaction."""
    with store.write() as work:
        for number in range(first, first + count):
            answer(work, number)


def commits(store: SqlStore, size: int, times: int, first: int) -> dict[str, float]:
    """Return the rate and the times of transactions of so many decisions."""
    together(store, first, size)
    taken = sorted(
        seconds(partial(together, store, first + size * (each + 1), size)) for each in range(times)
    )
    return {
        "per_second": size * times / sum(taken),
        "p50_ms": taken[times // 2] * 1e3,
        "p99_ms": taken[int(times * 0.99)] * 1e3,
    }


def measure(folder: Path, rows: int) -> dict[str, dict[str, float]]:
    """Return all figures by name."""
    figures: dict[str, dict[str, float]] = {}
    figures["open, new file"] = {"seconds": seconds(lambda: SqlStore(store_url(folder)).close())}
    figures["open, at head"] = {"seconds": seconds(lambda: SqlStore(store_url(folder)).close())}
    store = SqlStore(store_url(folder))
    declarations, results = [declaration(n) for n in range(rows)], [result(n) for n in range(rows)]

    def bulk(add: str, new: list[Any]) -> None:
        with store.write() as work:
            getattr(work, add)(new)

    def walk() -> None:
        with store.read() as work:
            for _ in work.journal():
                pass

    for name, action, count in (
        ("import declarations", lambda: bulk("add_declarations", declarations), rows),
        ("import results", lambda: bulk("add_results", results), rows),
        ("walk the journal", walk, 2 * rows),
    ):
        taken = seconds(action)
        figures[name] = {"seconds": taken, "per_second": count / taken}
    for setting, first in (("FULL", 1_000_000), ("NORMAL", 2_000_000)):
        with store._writer.connect() as connection:  # noqa: SLF001 - the setting that must not be changed in earnest
            connection.connection.driver_connection.execute(f"PRAGMA synchronous = {setting}")  # type: ignore[union-attr]
        figures[f"decisions, 1 a commit, {setting}"] = commits(store, 1, 400, first)
        figures[f"decisions, 32 a commit, {setting}"] = commits(store, 32, 60, first + 500_000)
    store.close()
    return figures


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=37_385, help="declarations and results to import")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder) / "data", arguments.rows)
    if arguments.json:
        json.dump(figures, sys.stdout, indent=2)
        return
    print(f"{'store':36}{'seconds':>10}{'per s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, figure in figures.items():
        cells = [figure.get(key) for key in ("seconds", "per_second", "p50_ms", "p99_ms")]
        widths_and_places = ((10, 3), (12, 0), (10, 2), (10, 2))
        shown = [
            f"{'' if cell is None else f'{cell:,.{places}f}':>{width}}"
            for cell, (width, places) in zip(cells, widths_and_places, strict=True)
        ]
        print(f"{name:36}{''.join(shown)}")


if __name__ == "__main__":
    main()
