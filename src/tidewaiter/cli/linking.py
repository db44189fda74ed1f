"""``tidewaiter user link`` and ``unlink``: which account an identity at the provider stands for."""

from __future__ import annotations

from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, DataFolder, opened, operator, settings_with
from tidewaiter.cli.output import Output

__all__ = ["add_to"]

Name = Annotated[str, typer.Argument(help="Name of the account.")]


def add_to(user: typer.Typer) -> None:
    """Add the commands."""
    user.command("link", epilog="Example: tidewaiter user link anna --subject 9f3c", help=link.__doc__)(link)
    user.command("unlink", epilog="Example: tidewaiter user unlink anna", help=unlink.__doc__)(unlink)


def link(
    name: Name,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Who the person is to the identity provider (`sub`).")
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", help="Or the verified address of the person's first sign-on.")
    ] = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="The person cannot sign in with password and code any more.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Let a person sign on through the identity provider; ends all their sessions."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        made = here.services.linking.link(
            name, subject=subject, email=email, password_allowed=not no_password, by=operator()
        )
    who = f"subject {made.subject}" if made.subject is not None else f"whoever first shows {made.email}"
    say.say(f"{name} is linked to {who} at {made.issuer}.")
    if no_password:
        say.say(f"{name} cannot sign in with password and code; `tidewaiter user unlink {name}` undoes it.")
    say.result(
        {
            "name": made.person,
            "issuer": made.issuer,
            "subject": made.subject,
            "email": made.email,
            "password_allowed": made.password_allowed,
        }
    )


def unlink(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Let a person sign in with password and code only; ends all their sessions."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        here.services.linking.unlink(name, operator())
    say.say(f"{name} is not linked any more.")
    say.result({"name": name, "linked": False})
