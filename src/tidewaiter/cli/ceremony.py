"""``tidewaiter epoch``: the ceremony by which a draw belongs to nobody."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tidewaiter.cli.options import AsJson, DataFolder, opened, operator, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.core.draw.epoch import CUSTODIANS, Epoch
from tidewaiter.core.errors import Conflict

__all__ = ["add_to"]

epoch = typer.Typer(help="Epochs of the random draw: commit, open, reveal.", no_args_is_help=True)

Number = Annotated[int, typer.Option("--epoch", help="Number of the epoch, from 1.", min=1)]
KeyFiles = Annotated[
    list[Path],
    typer.Option(
        "--key-file", help="A custodian's key file; give it once for each custodian.", dir_okay=False
    ),
]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="A day of the epoch, in UTC.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    epoch.command(
        epilog="Example: tidewaiter epoch commit --epoch 1 --custodian audit --key-file audit.key "
        "--first-day 2026-10-01 --last-day 2026-10-31",
        help=commit.__doc__,
    )(commit)
    epoch.command(
        "open",
        epilog="Example: tidewaiter epoch open --epoch 1 --beacon 6613254153624361325416325 "
        "--beacon-source dice --key-file it.key --key-file audit.key",
        help=open_epoch.__doc__,
    )(open_epoch)
    epoch.command(
        epilog="Example: tidewaiter epoch reveal --epoch 1 --key-file it.key --key-file audit.key",
        help=reveal.__doc__,
    )(reveal)
    epoch.command("list", epilog="Example: tidewaiter epoch list", help=list_epochs.__doc__)(list_epochs)
    app.add_typer(epoch, name="epoch")


def commit(
    number: Number,
    custodian: Annotated[str, typer.Option("--custodian", help="Who keeps this part of the seed.")],
    key_file: Annotated[
        Path, typer.Option("--key-file", help="His own file; made when it is not there.", dir_okay=False)
    ],
    first_day: Day,
    last_day: Day,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Publish one custodian's commitment to an epoch; the secret stays in the custodian's own file.

    Keep that file on a medium that the other custodian and the operator of this system cannot read.
    """
    from tidewaiter.bootstrap import custodian_secret

    settings = settings_with(data=data)
    say = Output(as_json=as_json)
    if key_file.resolve().is_relative_to(settings.data.resolve()):
        raise Conflict(f"{key_file} is in the data folder, where it is no secret of the custodian's own.")
    with opened(settings) as here:
        secret = custodian_secret(key_file, make=True)
        made = here.ceremony.commit(number, custodian, first_day.date(), last_day.date(), secret)
    say.say(f"{custodian} committed to epoch {number}: {made.commitments[-1].digest}")
    missing = CUSTODIANS - len(made.commitments)
    say.say(
        f"{missing} custodian is missing." if missing
        else "Both have committed. Seal the ledger now, and choose a public event that is still to come."
    )  # fmt: skip
    say.result(_told(made))


def open_epoch(
    number: Number,
    beacon: Annotated[
        str, typer.Option("--beacon", help="Public value that nobody knew before the commitments.")
    ],
    beacon_source: Annotated[str, typer.Option("--beacon-source", help="Where everybody can look it up.")],
    key_file: KeyFiles,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make the seed of an epoch from both custodians' secrets and the beacon, once both are sealed."""
    made = _with_secrets(data, key_file, as_json, number, (beacon, beacon_source))
    Output(as_json=as_json).say(
        f"Epoch {number} is open: it draws from {made.first_day}, with the key {made.key_id}."
    )


def reveal(number: Number, key_file: KeyFiles, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Publish both secrets of an epoch that is over, so that everybody can draw again."""
    _with_secrets(data, key_file, as_json, number, None)
    Output(as_json=as_json).say(f"Epoch {number} is revealed: `tidewaiter audit draws` can check it.")


def _with_secrets(
    data: Path | None, key_files: list[Path], as_json: bool, number: int, beacon: tuple[str, str] | None
) -> Epoch:
    """Open an epoch with its *beacon*, or reveal it without one."""
    from tidewaiter.bootstrap import custodian_secret

    with opened(settings_with(data=data)) as here:
        secrets = [custodian_secret(path) for path in key_files]
        made = (
            here.ceremony.reveal(number, secrets, operator()) if beacon is None
            else here.ceremony.open(number, *beacon, secrets, operator())
        )  # fmt: skip
    Output(as_json=as_json).result(_told(made))
    return made


def list_epochs(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the epochs: days, custodians, how far the ceremony of each has come."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        epochs = here.ceremony.epochs()
    for each in epochs:
        days = "no days of its own" if each.first_day is None else f"{each.first_day} to {each.last_day}"
        custodians = ", ".join(made.custodian for made in each.commitments) or "no custodians"
        say.say(f"Epoch {each.number}: {days}; {custodians}; {_state(each)}.")
    say.result({"epochs": [_told(each) for each in epochs]})


def _state(epoch: Epoch) -> str:
    if epoch.secrets:
        return "revealed"
    return "committed" if epoch.key_id is None else "open"


def _told(epoch: Epoch) -> dict[str, Any]:
    return {
        "epoch": epoch.number,
        "state": _state(epoch),
        "first_day": _text(epoch.first_day),
        "last_day": _text(epoch.last_day),
        "custodians": {made.custodian: made.digest for made in epoch.commitments},
        "beacon": epoch.beacon,
        "beacon_source": epoch.beacon_source,
        "draw_key": epoch.key_id,
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
