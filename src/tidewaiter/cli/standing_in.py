"""``tidewaiter standin``: the policy that answers while nothing can be assessed, as a signed file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, DataFolder, opened, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.core.errors import InputError
from tidewaiter.core.standin import SignedPolicy, is_valid

__all__ = ["add_to"]

standin = typer.Typer(help="The signed policy for when parts are down.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    standin.command(epilog="Example: tidewaiter standin sign --hours 12", help=sign.__doc__)(sign)
    standin.command(epilog="Example: tidewaiter standin export standin.note", help=export.__doc__)(export)
    app.add_typer(standin, name="standin")


def sign(
    hours: Annotated[int, typer.Option("--hours", help="How long it is valid.", min=1, max=24)] = 24,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Sign the stand-in policy in force from now on; a running service does so every hour."""
    with opened(settings_with(data=data)) as here:
        _, signed = here.standing.policy.sign(timedelta(hours=hours))
        key = here.standing.policy.public_key()
    _tell(signed, key, as_json)


def export(
    file: Annotated[Path, typer.Argument(help="File to write, for the declaration system.", dir_okay=False)],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the signed policy for the declaration system, which applies it when nobody answers.

    It is verified first, and refused when it has expired. Give the public key to the declaration system
    another way, once; the file itself at least every few hours.
    """
    with opened(settings_with(data=data)) as here:
        note, signed = here.standing.policy.signed()
        now, key = here.services.clock.now(), here.standing.policy.public_key()
    if not is_valid(signed, now):
        raise InputError(
            f"The signed stand-in policy expired at {signed.expires_at.isoformat()}: run `tidewaiter standin "
            "sign`, and see why the service did not."
        )
    file.write_text(note, encoding="utf-8")
    _tell(signed, key, as_json)


def _tell(signed: SignedPolicy, key: str, as_json: bool) -> None:
    say = Output(as_json=as_json)
    until = signed.expires_at.isoformat()
    say.say(f"Stand-in policy {signed.policy.version}, valid until {until}. Public key: {key}")
    say.result({"policy": signed.policy.version, "expires_at": until, "key": key})
