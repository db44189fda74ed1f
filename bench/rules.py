"""Rules: all profiles on one declaration, and on millions of items, beside other engines in the same run.

Run ``python bench/rules.py [--rules 30 100 500 2000] [--profiles 30 100 500] [--replay-rules 100 500 2000]
[--rows 1000000]`` with the dependencies of the group ``bench``.  Every engine must find the same hits, or
the run ends with an error.  Times are CPU microseconds a declaration live, and seconds over all rows in
replay, where every engine has as many threads as Polars (``POLARS_MAX_THREADS``); read the ratios first.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import cel
import duckdb
import numpy as np
import polars as pl
import zen
from _country import SOURCE, past, world
from _profiles import with_variations
from _rule_peers import Cel, JsonLogic, PolarsExpressions, Sql, Zen, rendered, with_lists
from _rules import FEATURES, LISTS, Table, make_rules, make_table, vectors
from _table import command, machine, percentile, print_table
from json_logic import jsonLogic

from tidewaiter.adapters.columns import ColumnIndex, Columns, encode
from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.features import REGISTRY, compute
from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.history import History
from tidewaiter.core.rules.compiled import compile_condition
from tidewaiter.core.rules.evaluate import Lists, evaluate, reader
from tidewaiter.core.rules.explain import evidence
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.live import LiveIndex
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.profile import profile_data

#: What each engine is given in live: the slow ones fewer declarations, all of them the same first ones.
DECLARATIONS = {
    "ours": 4000,
    "closures": 1000,
    "zen-engine": 40,
    "CEL": 40,
    "json-logic": 10,
    "specification": 20,
}
#: Hits of one declaration: (rule, item).
Hits = set[tuple[int, int]]
Live = Callable[[FeatureVector], Hits]
Make = Callable[[Sequence[Node], Lists], Live]


def by_index(rules: Sequence[Node], lists: Lists) -> Live:
    index = LiveIndex(rules, REGISTRY, lists)
    every = index.among(range(len(rules)))
    on_header = [compile_condition(rule, REGISTRY, lists).header_only for rule in rules]

    def run(vector: FeatureVector) -> Hits:
        items = range(len(vector.items))
        return {
            (match.condition, item)
            for match in index.match(vector, every)
            for item in (items if match.true and on_header[match.condition] else match.true)
        }

    return run


def by_index_explained(rules: Sequence[Node], lists: Lists) -> Live:
    plain = by_index(rules, lists)
    compiled = [compile_condition(rule, REGISTRY, lists) for rule in rules]

    def run(vector: FeatureVector) -> Hits:
        hits = plain(vector)
        for rule, item in hits:
            evidence(compiled[rule], REGISTRY, vector.header, vector.items[item], item)
        return hits

    return run


def by_closures(rules: Sequence[Node], lists: Lists) -> Live:
    tests = [compile_condition(rule, REGISTRY, lists).test for rule in rules]
    return lambda vector: {
        (rule, at)
        for at, item in enumerate(vector.items)
        for rule, test in enumerate(tests)
        if test(vector.header, item) is True
    }


def by_specification(rules: Sequence[Node], lists: Lists) -> Live:
    def run(vector: FeatureVector) -> Hits:
        readers = [reader(REGISTRY, vector.header, item) for item in vector.items]
        return {
            (rule, at)
            for at, read in enumerate(readers)
            for rule, node in enumerate(rules)
            if evaluate(node, read, REGISTRY, lists) is True
        }

    return run


def _of_rows(run: Callable[[dict[str, Any]], Sequence[object]]) -> Live:
    """Return the evaluation by an engine that takes one item as a dictionary and answers all rules."""

    def hits(vector: FeatureVector) -> Hits:
        found = set()
        for at in range(len(vector.items)):
            row = {name: REGISTRY.value(vector, name, at) for name in FEATURES}
            answers = run(with_lists(row, dict(LISTS)))
            found |= {(rule, at) for rule, answer in enumerate(answers) if answer is True}
        return found

    return hits


def by_zen(rules: Sequence[Node], _lists: Lists) -> Live:
    whole = zen.compile_expression(f"[{', '.join(rendered(rule, Zen()) for rule in rules)}]")
    return _of_rows(whole.evaluate)


def by_cel(rules: Sequence[Node], _lists: Lists) -> Live:
    whole = cel.compile(f"[{', '.join(rendered(rule, Cel()) for rule in rules)}]")
    return _of_rows(whole.execute)


def by_json_logic(rules: Sequence[Node], _lists: Lists) -> Live:
    trees = [rendered(rule, JsonLogic()) for rule in rules]
    return _of_rows(lambda row: [jsonLogic(tree, row) for tree in trees])


OWN: dict[str, tuple[Make, str]] = {
    "**ours**": (by_index, "ours"),
    "ours, every hit explained": (by_index_explained, "ours"),
    "closures, rule by rule": (by_closures, "closures"),
    "the specification": (by_specification, "specification"),
}
ENGINES: dict[str, tuple[Make, str]] = OWN | {
    "zen-engine, one array": (by_zen, "zen-engine"),
    "CEL (Rust), one list": (by_cel, "CEL"),
    "json-logic (panzi)": (by_json_logic, "json-logic"),
}


def live(
    title: str,
    rules: Sequence[Node],
    lists: Lists,
    declarations: Sequence[FeatureVector],
    engines: dict[str, tuple[Make, str]],
) -> None:
    rows, own, expected = [], 0.0, list(map(by_index(rules, lists), declarations[:200]))
    for name, (make, share) in engines.items():
        start = time.process_time()
        run = make(rules, lists)
        built = 1e3 * (time.process_time() - start)
        given = declarations[: DECLARATIONS[share]]
        if share == "ours":  # what a running service remembers of values: those of other declarations
            for vector in declarations[len(given) :]:
                run(vector)
        times = []
        for at, vector in enumerate(given):
            start_ns = time.process_time_ns()
            hits = run(vector)
            times.append((time.process_time_ns() - start_ns) / 1e3)
            if at < len(expected) and hits != expected[at]:
                raise SystemExit(f"{name} finds other hits on declaration {at}: {hits ^ expected[at]}")
        times.sort()
        middle = percentile(times, 0.5)
        own = own or middle
        rows.append((name, round(middle / own, 1), middle, percentile(times, 0.99), built, len(given)))
    columns = ("engine", "x ours", "p50 us", "p99 us", "build ms", "declarations")
    print_table(f"Live: {title}, CPU of a declaration", columns, rows, places=1)


def of_country() -> list[FeatureVector]:
    """Return the newest declarations of a synthetic country, as the service computes them."""
    history, found = History(), []
    for entry in past(world(seed=1, declarations=12_000)):
        at = max(entry.declaration.lodged_at, history.last_at)
        found.append(compute(entry.declaration, history, at, source=SOURCE))
        history.observe_declaration(entry.declaration, at, source=SOURCE)
    return found[:-9000:-1]


def starter(counts: Sequence[int]) -> None:
    """Measure the starter profiles and variations of them on the synthetic country."""
    content = load_starter(starter_folder(), REGISTRY).rules
    own = [profile_data(profile) for profile in content.profiles]
    declarations = of_country()
    items = sum(len(vector.items) for vector in declarations) / len(declarations)
    for count in counts:
        rules = [from_data(profile["when"]) for profile in with_variations(own, count)]
        title = f"{len(rules)} profiles like the starter's, {items:.1f} items"
        live(title, rules, content.entries, declarations, OWN)


def replay(count: int, table: Table, columns: Columns) -> None:
    rules = make_rules(count)
    frame = pl.DataFrame({name: pl.Series(values.tolist()) for name, values in table.items()})
    engines: dict[str, Callable[[], list[int]]] = {
        "**ours**": partial(columns_counts, rules, columns),
        "Polars, streaming": partial(polars_counts, rules, frame),
        "DuckDB, one SELECT, lists joined once": partial(duckdb_counts, rules, frame),
    }
    rows: list[tuple[Any, ...]] = []
    expected: list[int] = []
    for name, run in engines.items():
        wall, cpu = time.perf_counter(), time.process_time()
        found = run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        expected = expected or found
        if found != expected:
            raise SystemExit(f"{name} finds other hits: {sum(found)} instead of {sum(expected)}")
        first = rows[0] if rows else (name, 1, 1, wall, cpu)
        rows.append((name, round(wall / first[3], 1), round(cpu / first[4], 1), wall, cpu, sum(found)))
    title = f"Replay: {count} rules x {columns.rows:,} items"
    print_table(title, ("engine", "x ours, wall", "x ours, CPU", "wall s", "CPU s", "hits"), rows)


def columns_counts(rules: Sequence[Node], columns: Columns) -> list[int]:
    counts = np.zeros(len(rules), np.int64)
    for block in ColumnIndex(rules, REGISTRY, LISTS).match(columns, threads=pl.thread_pool_size()):
        counts += np.bincount(block.conditions[~block.unknown], minlength=len(rules))
    return counts.tolist()


def polars_counts(rules: Sequence[Node], frame: pl.DataFrame) -> list[int]:
    importer = pl.col("importer")
    listed = [importer.is_in(sorted(entries)).alias(f"importer_in_{code}") for code, entries in LISTS.items()]
    sums = [rendered(rule, PolarsExpressions()).sum().alias(str(at)) for at, rule in enumerate(rules)]
    found = frame.lazy().with_columns(listed).select(sums).collect(engine="streaming")
    return [int(count) for count in found.row(0)]


def duckdb_counts(rules: Sequence[Node], frame: pl.DataFrame) -> list[int]:
    listed = [f"importer IN (SELECT unnest(${code})) AS importer_in_{code}" for code in LISTS]
    sums = [f"sum(CAST({rendered(rule, Sql())} AS INT))" for rule in rules]
    text = f"SELECT {', '.join(sums)} FROM (SELECT *, {', '.join(listed)} FROM items)"  # noqa: S608 - rendered
    with duckdb.connect(config={"threads": pl.thread_pool_size()}) as connection:
        connection.register("items", frame.to_arrow())
        row = connection.execute(text, {code: sorted(entries) for code, entries in LISTS.items()}).fetchone()
    return [int(count) for count in row or ()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, nargs="*", default=[30, 100, 500, 2000])
    parser.add_argument("--profiles", type=int, nargs="*", default=[30, 100, 500])
    parser.add_argument("--replay-rules", type=int, nargs="*", default=[100, 500, 2000])
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    print(machine())
    declarations = vectors(make_table(40_000))
    for count in asked.rules:
        live(f"{count} rules, 5 items", make_rules(count), LISTS, declarations, ENGINES)
    starter(asked.profiles)
    table = make_table(asked.rows)
    start = time.process_time()
    columns = encode({name: values.tolist() for name, values in table.items()}, REGISTRY)
    print(f"\nColumns of {asked.rows:,} items, made once: {time.process_time() - start:.1f} CPU s")
    for count in asked.replay_rules:
        replay(count, table, columns)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of the whole run {peak:,.0f} MiB; {machine()}\n{command()}")


if __name__ == "__main__":
    main()
