"""``tidewaiter profiles``: the profiles, where each version stands, and how often it matched.

They are read here and changed by people who signed in: a command line cannot tell two persons apart.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidewaiter.cli.options import AsJson, DataFolder, opened, settings_with
from tidewaiter.cli.output import Output

if TYPE_CHECKING:
    from tidewaiter.core.learning.impact import Impact, Rate
    from tidewaiter.core.life_cycle import Version
    from tidewaiter.flow.author import Life
    from tidewaiter.flow.impact import Preview

__all__ = ["add_to"]

profiles = typer.Typer(help="Profiles: what is in force, what is being worked on.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    profiles.command("list", epilog="Example: tidewaiter profiles list", help=list_all.__doc__)(list_all)
    profiles.command("show", epilog="Example: tidewaiter profiles show new_importer", help=show.__doc__)(show)
    profiles.command("impact", epilog="Example: tidewaiter profiles impact cars.yaml", help=impact.__doc__)(
        impact
    )
    app.add_typer(profiles, name="profiles")


def list_all(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the profiles: the version in force with its last day, and the versions that are not over."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        lives = here.services.authoring.all()
    for life in lives:
        say.say(f"{life.code}: {life.title}. {_in_force(life)}")
        for version in life.versions:
            if version.number != life.in_force and version.stage.value not in {"expired", "retired"}:
                say.say(f"  version {version.number}: {version.stage.value} since {version.since:%Y-%m-%d}")
    say.result({"profiles": [_life(life) for life in lives]})


def show(
    code: Annotated[str, typer.Argument(help="Code of the profile.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show every version of a profile: who wrote and approved it, where it stands, how often it matched."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        life = here.services.authoring.one(code)
    say.say(f"{life.code}: {life.title}. {_in_force(life)}")
    for version in life.versions:
        approved = f", approved by {version.approved_by}" if version.approved_by else ""
        say.say(
            f"  version {version.number}: {version.stage.value} since {version.since:%Y-%m-%d}, written by "
            f"{', '.join(sorted(version.writers))}{approved}"
        )
    matched = sum(tally.matches for tally in life.tallies if not tally.shadow)
    say.say(f"  It matched {matched:,} items of the decisions that are counted.")
    say.result(_life(life) | {"matches": matched})


def impact(
    file: Annotated[
        Path, typer.Argument(help="A profile as .yaml or .json.", exists=True, dir_okay=False, metavar="FILE")
    ],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a profile in a file would have found in the newest decisions; nothing is kept.

    Figures only: importers and samples are shown on the pages, to people who signed in.
    """
    from tidewaiter.bootstrap import profile_in

    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        preview = here.services.judge(profile_in(file))
    for line in _lines(preview):
        say.say(line)
    say.result(_figures(preview))


def _lines(preview: Preview) -> list[str]:
    found = preview.impact
    lines = [
        f"{found.decisions:,} decisions asked: {found.matches:,} match, {found.undecided:,} undecided.",
        *(
            f"  after condition {number}: {step.left:,} left, {step.unknown:,} unknown"
            for number, step in enumerate(found.steps, start=1)
        ),
        f"Irregular among the controlled matches: {_rate(found.hit_rate)}",
        f"Irregular among those drawn at random: {_rate(found.random_only)}",
        _weighted(found),
        f"A stricter lane for {found.newly_selected:,}; no profile in force matches {found.only_here:,}.",
    ]
    for load in found.offices:
        hours = preview.capacity[load.office]
        limit = "" if hours is None else f" of {hours:g}"
        lines.append(f"  {load.office}: {load.matches:,} matches, {load.added:.1f}{limit} hours a day more")
    return lines + [f"Warning: {warning.value.replace('_', ' ')}." for warning in found.warnings]


def _rate(rate: Rate) -> str:
    counts = f"{rate.irregular:,} of {rate.inspected:,}"
    if rate.interval is None:
        return f"{counts}; too few to judge."
    low, high = rate.interval
    return f"{counts}; 95 % interval {low:.1%} to {high:.1%}."


def _weighted(found: Impact) -> str:
    if found.weighted is None:
        return "Irregular among all matches: not enough evidence to estimate."
    told = found.weighted
    return (
        f"Irregular among all matches, estimated: {told.value:.1%}, 95 % interval {told.low:.1%} to "
        f"{told.high:.1%}, as if from {told.effective:,.0f} controls of equal weight."
    )


def _figures(preview: Preview) -> dict[str, Any]:
    figures = {
        name: value for name, value in asdict(preview.impact).items() if name not in {"traders", "samples"}
    }
    offices = [each | {"capacity": preview.capacity[each["office"]]} for each in figures["offices"]]
    return figures | {"offices": offices}


def _in_force(life: Life) -> str:
    if life.in_force is None:
        return "Not in force."
    return f"Version {life.in_force} is in force until {life.valid_until}."


def _life(life: Life) -> dict[str, Any]:
    return {
        "code": life.code,
        "title": life.title,
        "in_force": life.in_force,
        "valid_until": None if life.valid_until is None else life.valid_until.isoformat(),
        "versions": [_version(version) for version in life.versions],
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "stage": version.stage.value,
        "since": version.since.isoformat(),
        "valid_until": version.valid_until.isoformat(),
        "writers": sorted(version.writers),
        "approved_by": version.approved_by,
    }
