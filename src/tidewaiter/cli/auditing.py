"""``tidewaiter audit``: check from outside what was drawn."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tidewaiter.cli.assessing import Mapping
from tidewaiter.cli.importing import good_rows, set_aside
from tidewaiter.cli.options import AsJson, DataFolder, Source, opened, settings_with
from tidewaiter.cli.output import Exit, Output, progress_bar

if TYPE_CHECKING:
    from tidewaiter.bootstrap.tables import BadRow
    from tidewaiter.core.learning.predictability import Skill
    from tidewaiter.flow.audit_draws import DrawAudit
    from tidewaiter.flow.predictability import Predictability

__all__ = ["add_to", "predictability_lines"]

#: As in flow.predictability, which loads NumPy and is imported when it is asked.
LIMIT: Final = 0.75

audit = typer.Typer(help="Audits: check what was done against what was promised.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    audit.command(
        "draws",
        epilog="Example: tidewaiter audit draws --epoch 1 --declarations october.csv --mapping kcs",
        help=audit_draws.__doc__,
    )(audit_draws)
    audit.command(
        "predictability",
        epilog="Example: tidewaiter audit predictability --limit 0.7",
        help=audit_predictability.__doc__,
    )(audit_predictability)
    app.add_typer(audit, name="audit")


def audit_draws(
    number: Annotated[
        int, typer.Option("--epoch", help="Number of the epoch; 0: the one without custodians.", min=0)
    ],
    declarations: Annotated[
        Path,
        typer.Option(
            "--declarations",
            help="All that the declaration system received on its days: a table, or JSON lines.",
            exists=True,
            dir_okay=False,
        ),
    ],
    mapping: Mapping = None,
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Draw every consignment of an epoch again, from the declaration system's list and the revealed keys.

    Let somebody else than the operator of this system run it, with a list that did not come from it.
    """
    from tidewaiter.bootstrap.tables import read_declarations

    settings = settings_with(data=data, source=source)
    say = Output(as_json=as_json)
    bad: list[BadRow] = []
    with progress_bar("Reading", shown=not as_json) as progress, opened(settings) as here:
        rows = good_rows(read_declarations(declarations, mapping), bad, progress)
        report = here.audit_draws(number, settings.source, (row.declaration for row in rows))
    set_aside(bad, declarations, say)
    _tell(say, report, len(bad))
    if report.findings_count or bad:
        raise typer.Exit(Exit.DONE_IN_PART)


def audit_predictability(
    limit: Annotated[
        float,
        typer.Option(
            "--limit",
            help="Area under the curve that no forecast should exceed: 0.5 is a coin, 1 is certainty.",
            min=0.5,
            max=1.0,
        ),
    ] = LIMIT,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well clearing agents could foretell controls, and what would stop them.

    The newest third of the decisions is foretold from the others. Exit code 3 above the limit.
    """
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        found = here.predictability(limit)
    for line in predictability_lines(found):
        say.say(line)
    say.result(asdict(found))
    if found.suggestion is not None:
        raise typer.Exit(Exit.DONE_IN_PART)


def predictability_lines(found: Predictability) -> list[str]:
    """Return what was measured in words."""
    of_one, of_all = found.alone, found.pooled
    lines = [
        f"{of_one.rows:,} decisions foretold, {of_one.controlled:,} of them with a control.",
        f"  each agent from its own lanes: {_skill(of_one)}",
        f"  all agents together:           {_skill(of_all)}",
        f"  whoever knew every probability: {found.all_knowing:.3f}; a coin: 0.500",
    ]
    lines += [f"  {each.code}: {_skill(each.skill)}, {each.hits:,} hits" for each in found.profiles]
    if found.suggestion is None:
        return [*lines, f"The limit of {found.limit:.2f} holds."]
    made = found.suggestion
    return [
        *lines,
        (
            f"The limit of {found.limit:.2f} does not hold. At the same work it would with each share times "
            f"{made.kept:.2f} and a random rate of {made.random_rate:.1%}: then {made.area:.3f} is expected."
        ),
    ]


def _skill(of: Skill) -> str:
    return f"{of.area:.3f} ({of.low:.3f} to {of.high:.3f}), {of.bits:+.3f} bits a declaration"


def _tell(say: Output, report: DrawAudit, unreadable: int) -> None:
    """Tell what was found."""
    for finding in report.findings:
        say.say(f"WRONG ({finding.code}): {finding.message}")
    if report.findings_count > len(report.findings):
        say.say(f"… and {report.findings_count - len(report.findings)} more findings.")
    say.say(
        f"Epoch {report.epoch}: {report.declarations:,} declarations listed, {report.decisions:,} decisions, "
        f"{report.draws:,} draws made again; {report.findings_count:,} findings."
    )
    if report.undetermined:
        say.say(f"{report.undetermined:,} draws also depend on a key that is not revealed yet.")
    say.say(f"The random floor selected {report.hits:,} declarations; {report.inspected:,} have a result.")
    for test in report.uniformity:
        say.say(
            f"By {test.by}: {test.cells} cells, chi-square {test.chi_square:.1f} with {test.freedom} degrees "
            f"of freedom, p = {test.p_value:.3g}."
        )
    say.result({**asdict(report), "unreadable": unreadable})
