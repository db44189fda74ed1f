"""``tidewaiter profiles``: the profiles, where each version stands, and how often it matched.

They are read here and changed by people who signed in: a command line cannot tell two persons apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidewaiter.cli.options import AsJson, DataFolder, opened, settings_with
from tidewaiter.cli.output import Output

if TYPE_CHECKING:
    from tidewaiter.core.life_cycle import Version
    from tidewaiter.flow.author import Life

__all__ = ["add_to"]

profiles = typer.Typer(help="Profiles: what is in force, what is being worked on.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    profiles.command("list", epilog="Example: tidewaiter profiles list", help=list_all.__doc__)(list_all)
    profiles.command("show", epilog="Example: tidewaiter profiles show new_importer", help=show.__doc__)(show)
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
