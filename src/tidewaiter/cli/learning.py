"""``tidewaiter train``, ``learn``, ``promote``, ``rollback`` and ``models``: the learning loop."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tidewaiter.cli.options import AsJson, BreakGlass, DataFolder, opened, operator, settings_with
from tidewaiter.cli.output import Exit, Output, progress_bar
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.learn import JUDGING_DAYS, Proposal

__all__ = ["add_to"]

Threads = Annotated[
    int | None, typer.Option("--threads", help="Threads for training. Default: 1.", min=1, max=64)
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: tidewaiter train", help=train.__doc__)(train)
    app.command(epilog="Example: tidewaiter learn --judging-days 28", help=learn.__doc__)(learn)
    app.command(epilog="Example: tidewaiter promote", help=promote.__doc__)(promote)
    app.command(epilog="Example: tidewaiter rollback", help=rollback.__doc__)(rollback)
    app.command(epilog="Example: tidewaiter models", help=models.__doc__)(models)


def train(data: DataFolder = None, threads: Threads = None, as_json: AsJson = False) -> None:
    """Train a model on all control results known. The first model is in force at once."""
    say = Output(as_json=as_json)
    settings = settings_with(data=data, threads=threads)
    with (
        progress_bar("Reading history", shown=not as_json) as progress,
        opened(settings, progress) as here,
    ):
        trained = here.services.learning.train()
    share = trained.irregular / trained.examples
    say.say(
        f"Trained model {trained.version} on {trained.examples:,} results, {share:.1%} of them irregular."
    )
    for line in card_lines(trained.card):
        say.say(f"  {line}")
    say.say(
        "It is in force."
        if trained.in_force
        else "It is a candidate; `tidewaiter learn` compares and proposes."
    )
    say.result(
        {
            "version": trained.version, "examples": trained.examples, "irregular": trained.irregular,
            "in_force": trained.in_force, "card": trained.card,
        }
    )  # fmt: skip


def learn(
    judging_days: Annotated[
        int,
        typer.Option(
            "--judging-days", help="Newest days, kept out of training and used to judge.", min=7, max=365
        ),
    ] = JUDGING_DAYS,
    data: DataFolder = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Train a challenger, compare it with the model in force on days neither saw, and propose it.

    Exit code 3 when a gate refuses it.
    """
    say = Output(as_json=as_json)
    settings = settings_with(data=data, threads=threads)
    with (
        progress_bar("Reading history", shown=not as_json) as progress,
        opened(settings, progress) as here,
    ):
        proposal = here.services.learning.learn(judging_days=judging_days)
    for line in proposal_lines(proposal):
        say.say(line)
    say.result(
        {
            "champion": proposal.champion, "challenger": proposal.challenger, "proposed": proposal.proposed,
            "judged_from": proposal.judged_from, "missing_results": proposal.missing_results,
            "comparison": proposal.comparison.to_data(),
        }
    )  # fmt: skip
    if not proposal.proposed:
        raise typer.Exit(Exit.DONE_IN_PART)


def proposal_lines(proposal: Proposal) -> list[str]:
    """Return a proposal in words, gates first."""
    comparison = proposal.comparison
    lines = [
        f"Challenger {proposal.challenger} against champion {proposal.champion}.",
        (
            f"Judged on {comparison.rows:,} declarations from {proposal.judged_from} on, "
            f"{comparison.inspected:,} of them inspected; {proposal.missing_results:,} results are missing."
        ),
    ]
    lines += [
        f"  {'pass  ' if gate.passed else 'REFUSE'} {gate.name}: {gate.sentence}" for gate in comparison.gates
    ]
    if proposal.proposed:
        lines.append("Proposed. `tidewaiter promote` puts it in force; `tidewaiter rollback` takes it back.")
    else:
        lines.append("Not proposed: the model in force stays.")
    return lines


def card_lines(card: dict[str, Any]) -> list[str]:
    """Return the figures of a model card, one a line."""
    lines = []
    for name, figure in card.get("metrics", {}).items():
        if isinstance(figure, int | float):
            lines.append(f"{name}: {figure:.3f}")
    return lines


def promote(
    version: Annotated[
        str | None, typer.Argument(help="Version of a proposed model. Default: the newest.")
    ] = None,
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put a proposed model in force; the next declaration is scored by it.

    Once somebody has an account who may approve, it needs two persons, or --break-glass with a reason.
    """
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        services = here.services
        record = services.two_persons.from_the_machine(
            Act.PROMOTE_MODEL,
            lambda uow: services.learning.promote_in(uow, version, by=operator()),
            by=operator(),
            reason=break_glass,
        )
    say.say(f"Model {record.version} is in force.")
    say.result({"version": record.version, "in_force": True})


def rollback(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Put the model that was in force before in force again."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        version = here.services.learning.roll_back(by=operator())
    say.say(f"Model {version} is in force again.")
    say.result({"version": version, "in_force": True})


def models(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the models: state, when trained, which is in force."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        records, in_force = here.services.learning.models()
    for record in records:
        marked = "  in force" if record.version == in_force else ""
        say.say(f"{record.version}  {record.state:<9}  {record.trained_at:%Y-%m-%d %H:%M}{marked}")
    if not records:
        say.say("There is no model yet; `tidewaiter train` makes the first.")
    say.result(
        {
            "in_force": in_force,
            "models": [
                {
                    "version": r.version,
                    "state": r.state,
                    "trained_at": r.trained_at,
                    "comparison": dict(r.comparison),
                }
                for r in records
            ],
        }
    )  # fmt: skip
