"""``tidewaiter user``: accounts of people, their rights and secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidewaiter.cli import linking
from tidewaiter.cli.options import AsJson, BreakGlass, DataFolder, opened, operator, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.core.access import GRANTABLE
from tidewaiter.core.two_persons import Act

if TYPE_CHECKING:
    from tidewaiter.flow.people import NewSecret, Rights
    from tidewaiter.flow.ports import Person

__all__ = ["add_to"]

user = typer.Typer(help="Accounts of people.", no_args_is_help=True)

_ROLES = ", ".join(sorted(role.value for role in GRANTABLE))

Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help=f"One of {_ROLES}; repeat it for several. Default: none.")
]
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
    staff_number: Annotated[
        str, typer.Option("--staff-number", help="Who it is in the administration; a person has one account.")
    ],
    roles: Roles = None,
    offices: Offices = None,
    compartments: Compartments = None,
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make an account; asks for a password of 12 characters or more, or reads it from standard input.

    The second factor is shown once: enter it in an authenticator.  Once there is an administrator, an
    account is made without rights, which two administrators give it, or with --break-glass and a reason.
    """
    password = asked_password()
    rights = rights_of(roles, offices, compartments)
    with opened(settings_with(data=data)) as here:
        people, two_persons = here.services.people, here.services.two_persons
        made = people.prepare(name, staff_number=staff_number, rights=rights, password=password)
        if rights == rights_of(None, None, None):
            with here.store.write() as uow:
                people.add_in(uow, made, by=operator())
        else:
            two_persons.from_the_machine(
                Act.SET_RIGHTS,
                lambda uow: people.add_in(uow, made, by=operator()),
                by=operator(),
                reason=break_glass,
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
    say.result({"people": [told(person) for person in people]})


def role(
    name: Name,
    roles: Roles = None,
    offices: Offices = None,
    compartments: Compartments = None,
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a person exactly these rights; what is not named is taken, from the next request on.

    Once there is an administrator it takes two of them (POST /api/v1/proposals), or --break-glass.
    """
    say = Output(as_json=as_json)
    rights = rights_of(roles, offices, compartments)
    with opened(settings_with(data=data)) as here:
        people = here.services.people
        person = here.services.two_persons.from_the_machine(
            Act.SET_RIGHTS,
            lambda uow: people.set_rights_in(uow, name, rights, by=operator()),
            by=operator(),
            reason=break_glass,
        )
    say.say(f"{name} has these rights now: {', '.join(sorted(person.roles)) or 'none'}.")
    say.result(told(person))


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
    say.result(told(person))


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
    say.result({**told(made.person), "totp_uri": made.totp_uri})


def rights_of(roles: list[str] | None, offices: list[str] | None, compartments: list[str] | None) -> Rights:
    """Return the rights that the options name."""
    from tidewaiter.flow.people import Rights

    return Rights(
        roles=frozenset(roles or ()),
        offices=frozenset(offices or ()),
        compartments=frozenset(compartments or ()),
    )


def told(person: Person) -> dict[str, Any]:
    """Return what a machine is told of a person; secrets stay out."""
    return {
        "name": person.name,
        "staff_number": person.staff_number,
        "roles": sorted(person.roles),
        "offices": sorted(person.offices),
        "compartments": sorted(person.compartments),
        "disabled": person.disabled_at is not None,
    }
