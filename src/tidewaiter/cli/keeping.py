"""``tidewaiter backup`` and ``tidewaiter restore``: a copy while the service runs, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, DataFolder, opened, settings_with
from tidewaiter.cli.output import Exit, Output
from tidewaiter.core.ledger.checkpoint import parse_public_key

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: tidewaiter backup /mnt/safe/monday", help=backup.__doc__)(backup)
    app.command(epilog="Example: tidewaiter restore /mnt/safe/monday", help=restore.__doc__)(restore)


def backup(
    folder: Annotated[Path, typer.Argument(help="New folder to write.")],
    keys: Annotated[
        bool, typer.Option("--keys", help="Copy the secret keys, too: guard the copy like them.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Copy store, models and ledger while the service runs; the secret keys only when asked."""
    from tidewaiter.bootstrap import back_up, places_of

    say = Output(as_json=as_json)
    settings = settings_with(data=data)
    places = places_of(settings)
    public = None
    if places.database.is_file() and places.ledger_key.is_file():
        with opened(settings) as here:
            public = here.ledger_key.public.text()
    back_up(places, folder, public_key=public, keys=keys)
    secret = [str(place) for place in places.keys.values() if place.exists()]
    say.say(f"{folder} is written.")
    if not keys:
        say.say(f"Not copied, keep them elsewhere: {', '.join(secret)}.")
    say.result({"folder": str(folder), "keys_copied": keys, "keys": secret})


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `backup` wrote.", exists=True)],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that you kept: shows what came after the backup; repeatable."),
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup where no store is, and verify it by its ledger; exit code 3 when something is wrong.

    Nothing that exists is overwritten. Ledger files and keys that outlived the store are kept.
    """
    from tidewaiter.bootstrap import PUBLIC_KEY, places_of, put_back

    say = Output(as_json=as_json)
    settings = settings_with(data=data)
    known = [path.read_bytes() for path in checkpoint or ()]
    missing = put_back(folder, places_of(settings))
    public = folder / PUBLIC_KEY
    findings: list[str] = []
    entries = waiting = 0
    if public.is_file():
        key = parse_public_key(public.read_text(encoding="utf-8"))
        with opened(settings) as here:
            found = here.services.prove.verify(key, known)
        findings = [each.message for each in found.report.findings]
        entries, waiting = found.report.entries, found.waiting
    else:
        findings = ["The backup names no key of a ledger: nothing is proven of it."]
    say.say(f"{settings.data} is restored: {entries} sealed entries verified, {waiting} not sealed.")
    for each in findings:
        say.say(f"WRONG: {each}")
    for each in missing:
        say.say(f"Missing: {each}. Put it back before you start the service.")
    say.result({"entries": entries, "waiting": waiting, "findings": findings, "missing_keys": missing})
    if findings or missing:
        raise typer.Exit(Exit.DONE_IN_PART)
