"""``tidewaiter retention``, ``hold`` and ``erase``: what is kept of people, for how long, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tidewaiter.cli.options import AsJson, BreakGlass, DataFolder, Source, opened, operator, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.core.errors import Unavailable
from tidewaiter.core.retention import retention_from_plain
from tidewaiter.core.two_persons import Act

if TYPE_CHECKING:
    from tidewaiter.bootstrap import Installation

__all__ = ["add_to"]

retention = typer.Typer(help="Retention: how long what is recorded of people is kept.", no_args_is_help=True)
hold = typer.Typer(help="Holds: declarations that may not be erased.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    retention.command(epilog="Example: tidewaiter retention show", help=show.__doc__)(show)
    retention.command(
        "set",
        epilog="Example: tidewaiter retention set --declaration-days 3653 --person-days 1826",
        help=set_retention.__doc__,
    )(set_retention)
    hold.command(epilog='Example: tidewaiter hold place IM26-7 --reason "case 12"', help=place.__doc__)(place)
    hold.command(epilog="Example: tidewaiter hold release 3", help=release.__doc__)(release)
    hold.command("list", epilog="Example: tidewaiter hold list", help=list_holds.__doc__)(list_holds)
    app.add_typer(retention, name="retention")
    app.add_typer(hold, name="hold")
    app.command(epilog='Example: tidewaiter erase --due --ground "Customs Act 5"', help=erase.__doc__)(erase)


def show(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show the retention policy in force."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here, here.store.read() as uow:
        policy = here.erasing.retention(uow)
    if policy is None:
        say.say("No retention policy is in force: nothing may be erased.")
        say.result({})
        return
    say.say(f"Declarations: {policy.declaration_days} days. Persons: {policy.person_days} days.")
    say.result(policy.plain())


def set_retention(
    declaration_days: Annotated[
        int, typer.Option(help="Days from the last version, decision or control result of a declaration.")
    ],
    person_days: Annotated[int, typer.Option(help="Days from the disabling of an account.")],
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put a retention policy in force: the law says how long, and Tidewaiter knows no law.

    Once somebody has an account who may approve, it needs two persons, or --break-glass with a reason.
    """
    say = Output(as_json=as_json)
    policy = retention_from_plain({"declaration_days": declaration_days, "person_days": person_days})
    with opened(settings_with(data=data)) as here:
        version = here.services.two_persons.from_the_machine(
            Act.SET_RETENTION, lambda uow: here.erasing.set_retention_in(uow, policy, operator()),
            by=operator(), reason=break_glass,
        )  # fmt: skip
    say.say(f"Retention policy {version} is in force.")
    say.result({"version": version, **policy.plain()})


def place(
    declaration: Annotated[str, typer.Argument(help="Identity of the declaration.")],
    reason: Annotated[str, typer.Option(help="Why, such as the number of the case.")],
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Keep a declaration from being erased, while it is under investigation or a claim is open."""
    say, settings = Output(as_json=as_json), settings_with(data=data, source=source)
    with opened(settings) as here:
        placed = here.erasing.place_hold(settings.source, declaration, reason=reason, by=operator())
    say.say(f"Hold {placed.number} keeps {declaration} of {settings.source}.")
    say.result({"number": placed.number, "source": placed.source, "declaration": placed.declaration_id})


def release(
    number: Annotated[int, typer.Argument(help="Number of the hold.")],
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Let a declaration be erased again when its time has come.

    Once somebody has an account who may approve, it needs two persons, or --break-glass with a reason.
    """
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        here.services.two_persons.from_the_machine(
            Act.RELEASE_HOLD, lambda uow: here.erasing.release_hold_in(uow, number, operator()),
            by=operator(), reason=break_glass,
        )  # fmt: skip
    say.say(f"Hold {number} is released.")
    say.result({"number": number})


def list_holds(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List all holds, released ones too."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        holds = here.erasing.holds()
    for each in holds:
        end = "holds" if each.released_at is None else f"released {each.released_at:%Y-%m-%d}"
        say.say(f"{each.number}  {each.source} {each.declaration_id}  {each.placed_at:%Y-%m-%d}  {end}")
    say.result(
        {
            "holds": [
                {
                    "number": each.number,
                    "source": each.source,
                    "declaration": each.declaration_id,
                    "reason": each.reason,
                    "released": each.released_at is not None,
                }
                for each in holds
            ]
        }
    )


def erase(
    declarations: Annotated[list[str] | None, typer.Argument(help="Identities of declarations.")] = None,
    ground: Annotated[
        str | None,
        typer.Option(help="The law, order or request; it stays in the ledger, so name nobody in it."),
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Declarations whose retention has ended, a thousand at most.")
    ] = False,
    party: Annotated[
        str | None, typer.Option(help="Declarations in which a party has this identity.")
    ] = None,
    person: Annotated[list[str] | None, typer.Option(help="Name of a disabled account; repeatable.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what it would be.")] = False,
    break_glass: BreakGlass = None,
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Erase what is recorded of people, at the end of its retention: hashes stay, and verify tells the act.

    Once somebody has an account who may approve, it needs two persons, or --break-glass with a reason.
    """
    from tidewaiter.bootstrap import Order

    say, settings = Output(as_json=as_json), settings_with(data=data, source=source)
    if not dry_run and not ground:
        raise typer.BadParameter("Give --ground: the law, order or request by which it is erased.")
    with opened(settings) as here:
        chosen = dict.fromkeys((settings.source, identity) for identity in declarations or ())
        chosen |= dict.fromkeys(here.erasing.due() if due else ())
        chosen |= dict.fromkeys(() if party is None else here.erasing.of_party(party))
        order = Order(declarations=tuple(chosen), persons=tuple(person or ()), ground=ground or "dry run")
        told = [list(name) for name in order.declarations]
        if dry_run:
            for of, identity in order.declarations:
                say.say(f"{of} {identity}")
            say.say(f"{len(told)} declarations and {len(order.persons)} persons; nothing was erased.")
            say.result({"act": None, "declarations": told, "persons": list(order.persons)})
            return
        act = here.services.two_persons.from_the_machine(
            Act.ERASE, lambda uow: here.erasing.erase_in(uow, order, operator()),
            by=operator(), reason=break_glass,
        )  # fmt: skip
        _seal(here, say)
    say.say(f"{len(told)} declarations and {len(order.persons)} persons are erased by act {act}.")
    say.result({"act": act, "declarations": told, "persons": list(order.persons)})


def _seal(here: Installation, say: Output) -> None:
    """Seal the act, unless a running service does."""
    try:
        here.services.seal.seal()
    except Unavailable as busy:
        say.say(f"The act is recorded and not sealed yet: {busy.message}")
