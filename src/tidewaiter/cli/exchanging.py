"""``tidewaiter content``: profiles, lists and parameters as text files, out and in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidewaiter.cli import tabling
from tidewaiter.cli.options import AsJson, DataFolder, opened, settings_with
from tidewaiter.cli.output import Exit, Output
from tidewaiter.cli.tabling import Replace

if TYPE_CHECKING:
    from tidewaiter.flow.differences import Difference
    from tidewaiter.flow.exchange import Came
    from tidewaiter.flow.ports import Person
    from tidewaiter.flow.services import Services

__all__ = ["add_to"]


content = typer.Typer(help="Profiles, lists and parameters as text files.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    content.command("export", epilog="Example: tidewaiter content export our-content", help=export.__doc__)(
        export
    )
    content.command(
        "import", epilog="Example: tidewaiter content import our-content --dry-run", help=bring.__doc__
    )(bring)
    tabling.add_to(content)
    app.add_typer(content, name="content")


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write; made when it is not there.")],
    replace: Replace = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write what is published as text: lanes, checks, offices, plan, one profile and one list a file.

    Importing it changes nothing; `tidewaiter publish --from` of it on another installation publishes the
    same versions.
    """
    from tidewaiter.bootstrap import write_content

    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        count = write_content(folder, here.services.exchange.content(), replace=replace)
    say.say(f"{count} files are written to {folder}.")
    say.result({"folder": str(folder), "files": count})


def bring(
    folder: Annotated[
        Path, typer.Argument(help="Folder of content, or of a part of it.", exists=True, file_okay=False)
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be added, changed and removed, and stop.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Profiles and lists that the folder does not hold are to go.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--as", help="Who brings it: drafts and proposals are theirs.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for whoever approves.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Bring content in: profiles become drafts, lists and parameters proposals; nothing is in force by it.

    Asks for password and code of the person, or reads them from standard input, a line each: another
    person approves.  Bringing the same again changes nothing.  With one fault in the folder nothing is
    brought.  What has to wait for an approval is told, with exit code 3; bring it again after that.
    """
    from tidewaiter.bootstrap import read_content

    say = Output(as_json=as_json)
    if not dry_run and (name is None or reason is None or not reason.strip()):
        raise typer.BadParameter("give --as and --reason, or --dry-run.")
    with opened(settings_with(data=data)) as here:
        exchange = here.services.exchange
        brought = read_content(folder, exchange.content(), whole=whole)
        found = exchange.compare(brought)
        _tell(say, found)
        came: Sequence[Came] = ()
        if found and name is not None and reason is not None and not dry_run:
            came = exchange.bring(brought, reason=reason, by=_signed_in(here.services, name))
    for each in came:
        say.say(f"{each.what} {each.code}: {each.words}")
        for fault in each.faults:
            say.say(f"  {fault}")
    say.result(
        {
            "differences": [
                {"what": each.what, "code": each.code, "change": each.change.value, "words": each.words}
                for each in found
            ],
            "came": [
                {"what": each.what, "code": each.code, "done": each.done, "words": each.words}
                for each in came
            ],
        }
    )
    if not all(each.done for each in came):
        raise typer.Exit(Exit.DONE_IN_PART)


def _tell(say: Output, found: Sequence[Difference]) -> None:
    """Tell the differences, and how many there are."""
    for each in found:
        say.say(str(each))
    if not found:
        say.say("Nothing differs from what is published.")
        return
    counts = [f"{sum(each.change == change for each in found)} {change}" for change in
              ("added", "changed", "removed")]  # fmt: skip
    say.say(f"{', '.join(counts)}.")


def _signed_in(services: Services, name: str) -> Person:
    """Return who this is, after both factors; a command line alone cannot tell two persons apart."""
    password, code = _asked("Password", hidden=True), _asked("Code of the second factor").strip()
    session = services.sessions.open(name, password, code, address="command line")
    services.sessions.close(session.token)
    return session.signed_in.person


def _asked(words: str, *, hidden: bool = False) -> str:
    """Return what was typed, or the next line of standard input."""
    if sys.stdin.isatty():
        typed: str = typer.prompt(words, hide_input=hidden, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
