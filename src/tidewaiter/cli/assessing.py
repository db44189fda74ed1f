"""``tidewaiter assess``, ``record`` and ``replay``: decisions for a file, results back, proof."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tidewaiter.cli.importing import good_rows, set_aside
from tidewaiter.cli.options import AsJson, DataFolder, Source, opened, settings_with
from tidewaiter.cli.output import Exit, Output, progress_bar
from tidewaiter.core.decision import decision_id
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import InputError
from tidewaiter.flow.import_history import known_at
from tidewaiter.flow.messages import Reply, declaration_message, result_message

if TYPE_CHECKING:
    from tidewaiter.bootstrap import Installation
    from tidewaiter.bootstrap.tables import BadRow

__all__ = ["COLUMNS", "add_to"]

COLUMNS: Final = (
    "declaration_id", "version", "status", "lane", "probability", "expected_revenue", "inclusion_probability",
    "arm", "reasons", "instructions", "marks", "model_version", "rules_version", "decision_id", "fault",
)  # fmt: skip

_FROM_EVIDENCE: Final = ("lane", "probability", "expected_revenue", "inclusion_probability", "arm")

#: Declarations that share one transaction.
_TOGETHER: Final = 500
#: Who sends a file: one sender a source, so that equal numbers of two sources are two messages.
_CLIENT: Final = "file/{source}"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog="Example: tidewaiter assess today.csv --mapping kcs --out decisions.csv", help=assess.__doc__
    )(assess)
    app.command(epilog="Example: tidewaiter record results.csv --mapping kcs", help=record.__doc__)(record)
    app.command(
        epilog="Example: tidewaiter replay D0123456789abcdef01234567 --from-history", help=replay.__doc__
    )(replay)


Mapping = Annotated[
    str | None,
    typer.Option("--mapping", help="Mapping of a table (name or path). Without it: one JSON message a line."),
]


def assess(
    file: Annotated[
        Path, typer.Argument(help="Declarations: a table, or JSON lines.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the decisions go, as CSV.")],
    mapping: Mapping = None,
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Decide on the declarations of a file; one row a declaration, and every input row is accounted for.

    Each declaration is decided as of its lodging, with all that was known before. A declaration that
    was decided before keeps its decision.
    """
    from tidewaiter.bootstrap.tables import read_declarations, safe_cell

    settings = settings_with(data=data, source=source)
    if out.exists() and out.samefile(file):
        raise InputError(f"{out} holds the declarations; name another file with --out.")
    say = Output(as_json=as_json)
    bad: list[BadRow] = []
    counts: dict[str, int] = {}
    with (
        progress_bar("Assessing", shown=not as_json) as progress,
        opened(settings, progress) as here,
        out.open("w", newline="", encoding="utf-8") as file_out,
    ):
        writer = csv.DictWriter(file_out, COLUMNS)
        writer.writeheader()
        declarations = (row.declaration for row in good_rows(read_declarations(file, mapping), bad, progress))
        for row in _decided(here, settings.source, declarations):
            counts[row["status"]] = counts.get(row["status"], 0) + 1
            lane = row.get("lane")
            counts[f"lane {lane}"] = counts.get(f"lane {lane}", 0) + (lane is not None)
            writer.writerow({n: safe_cell(v) if isinstance(v, str) else v for n, v in row.items()})
        for faulty in bad:
            fault = f"line {faulty.line}, {faulty.column}: {faulty.reason}"
            writer.writerow({"status": "unreadable", "fault": safe_cell(fault)})
    lanes = {name[5:]: count for name, count in sorted(counts.items()) if name.startswith("lane ") and count}
    decided, before = counts.get("decided", 0), counts.get("decided before", 0)
    say.say(
        f"Decided on {decided:,} declarations" + (f", {before:,} were decided before" if before else "") + "."
    )
    say.say("Lanes: " + ", ".join(f"{lane} {count:,}" for lane, count in lanes.items()) + ".")
    refused = counts.get("refused", 0)
    say.result(
        {
            "decided": decided,
            "decided_before": before,
            "refused": refused,
            "unreadable": len(bad),
            "lanes": lanes,
        }
    )
    set_aside(bad, file, say)
    if bad or refused:
        raise typer.Exit(Exit.DONE_IN_PART)


def _decided(
    here: Installation, source: str, declarations: Iterable[Declaration]
) -> Iterator[dict[str, Any]]:
    """Decide in groups, and yield one row per declaration."""
    services = here.services
    pending = iter(declarations)
    while together := list(islice(pending, _TOGETHER)):
        asked = [
            declaration_message(
                declaration,
                client=_CLIENT.format(source=source),
                source=source,
                messages=services.messages,
                at=declaration.lodged_at,
            )
            for declaration in together
        ]
        replies = services.assess(asked)
        yield from _output_rows(here, source, together, replies)


def _output_rows(
    here: Installation, source: str, declarations: Sequence[Declaration], replies: Sequence[Reply]
) -> Iterator[dict[str, Any]]:
    answered = zip(declarations, replies, strict=True)
    identities = [decision_id(source, d.id, d.version) for d, reply in answered if reply.refusal is None]
    found = iter(here.services.look_up.evidence(source, identities))
    for declaration, reply in zip(declarations, replies, strict=True):
        row: dict[str, Any] = {"declaration_id": declaration.id, "version": declaration.version}
        if reply.refusal is not None:
            yield {**row, "status": "refused", "fault": str(reply.refusal)}
            continue
        evidence = next(found)
        yield {
            **row,
            "status": "decided before" if reply.replayed else "decided",
            **{name: evidence[name] for name in _FROM_EVIDENCE},
            "reasons": " | ".join(reason["text"] for reason in evidence["reasons"]),
            "instructions": " ".join(evidence["instructions"]),
            "marks": " ".join(evidence["marks"]),
            "model_version": evidence["versions"]["model"],
            "rules_version": evidence["versions"]["rules"],
            "decision_id": evidence["id"],
        }  # fmt: skip


def record(
    file: Annotated[
        Path, typer.Argument(help="Control results: a table, or JSON lines.", exists=True, dir_okay=False)
    ],
    mapping: Mapping = None,
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Record control results; each is counted once, and the next decision knows of it.

    With a mapping, the results in the label columns of the table are recorded; its declarations
    must have been assessed or imported, or the results wait for them.
    """
    from tidewaiter.bootstrap.tables import read_results

    settings = settings_with(data=data, source=source)
    say = Output(as_json=as_json)
    bad: list[BadRow] = []
    counts = {"recorded": 0, "recorded before": 0, "refused": 0}
    with (
        progress_bar("Recording", shown=not as_json) as progress,
        opened(settings, progress) as here,
    ):
        messages = here.services.messages
        results = good_rows(read_results(file, mapping), bad, progress)
        while together := list(islice(results, _TOGETHER)):
            asked = [
                result_message(
                    result,
                    client=_CLIENT.format(source=settings.source),
                    source=settings.source,
                    messages=messages,
                    at=known_at(result),
                )
                for result in together
            ]
            for reply in here.services.record(asked):
                if reply.refusal is not None:
                    say.warn(str(reply.refusal))
                status = "refused" if reply.refusal else "recorded before" if reply.replayed else "recorded"
                counts[status] += 1
    say.say(
        f"Recorded {counts['recorded']:,} control results; {counts['recorded before']:,} were known before."
    )
    say.result({**counts, "unreadable": len(bad)})
    set_aside(bad, file, say)
    if bad or counts["refused"]:
        raise typer.Exit(Exit.DONE_IN_PART)


def replay(
    decision: Annotated[str, typer.Argument(help="Identity of the decision, such as D0123….")],
    from_history: Annotated[
        bool, typer.Option("--from-history", help="Compute the feature values anew from all of history, too.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a recorded decision again from what is recorded, and compare every element."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        replayed = here.services.replay(decision, from_history=from_history)
    evidence = replayed.evidence
    say.say(f"Decision {decision}: {evidence['declaration_id']} version {evidence['declaration_version']}")
    say.say(f"  lane {evidence['lane']} (arm {evidence['arm']}), decided at {evidence['at']}")
    for difference in replayed.differences:
        say.say(
            f"  differs at {difference.place}: {difference.recorded!r} recorded, {difference.replayed!r} now"
        )
    depth = "from history" if from_history else "as decided"
    say.say(
        f"  replayed {depth}: " + ("DIFFERENT" if replayed.differences else "the same, element by element")
    )
    say.result(
        {
            "decision": decision, "lane": evidence["lane"], "same": not replayed.differences,
            "from_history": from_history,
            "differences": [
                {"place": d.place, "recorded": d.recorded, "replayed": d.replayed}
                for d in replayed.differences
            ],
        }
    )  # fmt: skip
    if replayed.differences:
        raise typer.Exit(Exit.DONE_IN_PART)
