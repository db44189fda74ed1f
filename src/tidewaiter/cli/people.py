"""``tidewaiter user``: accounts of people, their rights and secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidewaiter.cli import linking
from tidewaiter.cli.options import AsJson, DataFolder, opened, operator, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.core.access import GRANTABLE

if TYPE_CHECKING:
    from tidewaiter.flow.people import NewSecret
    from tidewaiter.flow.ports import Person

__all__ = ["add_to"]

user = typer.Typer(help="Accounts of people.", no_args_is_help=True)

_ROLES = ", ".join(sorted(role.value for role in GRANTABLE))

Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
Roles = Annotated[list[str], typer.Option("--role", help=f"One of {_ROLES}; repeat it for several.")]
Offices = Annotated[
    list[str] | None,
    typer.Option(
        "--office", help="An office of the person, * for all; repeat it for several. Default: none."
    ),
]
Compartments = Annotated[
    list[str] | None,
    typer.Option("--compartment", help="A compartment the person is cleared for; repeat it. Default: none."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    user.command(
        "add",
        epilog="Example: tidewaiter user add anna --staff-number 4711 --role administrator",
        help=add.__doc__,
    )(add)
    user.command("list", epilog="Example: tidewaiter user list", help=list_all.__doc__)(list_all)
    user.command(
        "role", epilog="Example: tidewaiter user role anna --role inspector --office PORT", help=role.__doc__
    )(role)
    user.command("reset", epilog="Example: tidewaiter user reset anna", help=reset.__doc__)(reset)
    user.command("disable", epilog="Example: tidewaiter user disable anna", help=disable.__doc__)(disable)
    linking.add_to(user)
    app.add_typer(user, name="user")


def add(
    name: Name,
    roles: Roles,
    staff_number: Annotated[
        str, typer.Option("--staff-number", help="Who it is in the administration; a person has one account.")
    ],
    offices: Offices = None,
    compartments: Compartments = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make an account; asks for a password of 12 characters or more, or reads it from standard input.

    The second factor is shown once: enter it in an authenticator.
    """
    password = asked_password()
    with opened(settings_with(data=data)) as here:
        made = here.services.people.add(
            name,
            staff_number=staff_number,
            roles=roles,
            offices=offices or (),
            compartments=compartments or (),
            password=password,
            by=operator(),
        )
    tell_secret(made, Output(as_json=as_json))


def list_all(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the accounts: name, staff number, roles, offices, whether it may be used."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        people = here.services.people.all()
    for person in people:
        state = "" if person.disabled_at is None else f" (disabled {person.disabled_at:%Y-%m-%d})"
        offices = f" at {', '.join(sorted(person.offices))}" if person.offices else ""
        say.say(f"{person.name} [{person.staff_number}]: {', '.join(sorted(person.roles))}{offices}{state}")
    if not people:
        say.say("Nobody has an account yet; `tidewaiter user add` makes the first.")
    say.result({"people": [rights(person) for person in people]})


def role(
    name: Name,
    roles: Roles,
    offices: Offices = None,
    compartments: Compartments = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a person exactly these rights; what is not named is taken, from the next request on."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        person = here.services.people.set_rights(
            name, roles=roles, offices=offices or (), compartments=compartments or (), by=operator()
        )
    say.say(f"{name} has these rights now: {', '.join(sorted(person.roles))}.")
    say.result(rights(person))


def reset(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Give a person a new password and a new second factor; ends all sessions, enables the account."""
    password = asked_password()
    with opened(settings_with(data=data)) as here:
        made = here.services.people.reset(name, password, operator())
    tell_secret(made, Output(as_json=as_json))


def disable(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """End all sessions of a person at once and admit no new one."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        person = here.services.people.disable(name, operator())
    say.say(f"{name} cannot sign in any more.")
    say.result(rights(person))


def asked_password() -> str:
    """Return the password that was typed twice, or the first line of standard input."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def tell_secret(made: NewSecret, say: Output) -> None:
    """Show the second factor, once."""
    say.say(f"{made.person.name} can sign in. The second factor, which is not shown again:")
    say.say(made.totp_uri)
    say.result({**rights(made.person), "totp_uri": made.totp_uri})


def rights(person: Person) -> dict[str, Any]:
    """Return what a machine is told of a person; secrets stay out."""
    return {
        "name": person.name,
        "staff_number": person.staff_number,
        "roles": sorted(person.roles),
        "offices": sorted(person.offices),
        "compartments": sorted(person.compartments),
        "disabled": person.disabled_at is not None,
    }
