"""``tidewaiter publish`` and ``tidewaiter key``: content in force, keys of systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, BreakGlass, DataFolder, Source, opened, operator, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.administer import Scope

__all__ = ["add_to"]

key = typer.Typer(help="API keys of systems.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: tidewaiter publish --from ./our-content", help=publish.__doc__)(publish)
    key.command(
        "add",
        epilog="Example: tidewaiter key add declarations --scope declarations:write",
        help=add_key.__doc__,
    )(add_key)
    key.command("revoke", epilog="Example: tidewaiter key revoke declarations", help=revoke_key.__doc__)(
        revoke_key
    )
    key.command("list", epilog="Example: tidewaiter key list", help=list_keys.__doc__)(list_keys)
    app.add_typer(key, name="key")


def publish(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Folder with lanes, checks, profiles, lists and plan. Default: the starter content.",
        ),
    ] = None,
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put the content of a folder in force: lanes, checks, profiles with lists, plan.

    Everything is checked first; with one fault nothing is published.  Once somebody has an account
    who may approve, publishing needs two persons, or --break-glass with a reason.
    """
    from tidewaiter.bootstrap import content_of

    settings = settings_with(data=data, starter=folder)
    say = Output(as_json=as_json)
    with opened(settings) as here:
        services, content = here.services, content_of(settings)
        versions = services.two_persons.from_the_machine(
            Act.PUBLISH_CONTENT,
            lambda uow: services.administration.publish_in(uow, content, by="command line"),
            by=operator(),
            reason=break_glass,
        )
        waits = services.administration.waits()
    for kind, version in versions.items():
        say.say(f"{kind}: version {version} is in force.")
    if waits:
        say.say("The random floor and shares that changed count from the next epoch on.")
    say.result(versions)


def add_key(
    name: Annotated[str, typer.Argument(help="Name of the system.", min=1)],
    scope: Annotated[
        list[Scope] | None,
        typer.Option("--scope", help="What the key allows; repeat it for several. Default: all."),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            exists=True,
            dir_okay=False,
            help="The system's certificate in PEM: it is known by that, behind a proxy, and gets no key.",
        ),
    ] = None,
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key for a system, shown once and kept nowhere; or let its certificate stand for one."""
    from tidewaiter.bootstrap import certificate_fingerprint

    settings = settings_with(data=data, source=source)
    say = Output(as_json=as_json)
    if certificate is not None:
        sha256 = certificate_fingerprint(certificate.read_bytes())
        with opened(settings) as here:
            client = here.services.administration.add_certificate(
                name, settings.source, frozenset(scope or Scope), sha256
            )
        say.say(f"{name!r} is known by the certificate {sha256} (allows {', '.join(sorted(client.scopes))}).")
        say.result({"name": name, "certificate_sha256": sha256, "scopes": sorted(client.scopes)})
        return
    with opened(settings) as here:
        made = here.services.administration.add_key(name, settings.source, frozenset(scope or Scope))
    say.say(f"Key of {name!r} (allows {', '.join(sorted(made.client.scopes))}); it is not shown again:")
    say.say(made.key)
    say.result({"name": name, "key": made.key, "scopes": sorted(made.client.scopes)})


def revoke_key(
    name: Annotated[str, typer.Argument(help="Name of the system.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Revoke the key of a system; a service that runs refuses it from the next request on."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        here.services.administration.revoke_key(name)
    say.say(f"The key of {name!r} is revoked.")
    say.result({"name": name, "revoked": True})


def list_keys(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the keys: name, what each allows, whether it is valid."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        clients = here.services.administration.keys()
    for client in clients:
        state = "valid" if client.revoked_at is None else f"revoked {client.revoked_at:%Y-%m-%d}"
        say.say(f"{client.name}: {', '.join(sorted(client.scopes))} ({state})")
    say.result(
        {
            "keys": [
                {"name": c.name, "scopes": sorted(c.scopes), "valid": c.revoked_at is None} for c in clients
            ]
        }
    )
