"""``tidewaiter content table`` and ``selectivity``: tables of rules, made into content as text files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, settings_with
from tidewaiter.cli.output import Exit, Output

__all__ = ["Replace", "add_to"]

Replace = Annotated[
    bool, typer.Option("--replace", help="Write over what was written before; what is gone from it goes.")
]

content = typer.Typer(help="Profiles, lists and parameters as text files.", no_args_is_help=True)


class Between(StrEnum):
    """What stands between the cells of a CSV line."""

    COMMA = ","
    SEMICOLON = ";"
    BAR = "|"
    TAB = "tab"

    @property
    def character(self) -> str:
        """Return it as it stands in the file."""
        return "\t" if self is Between.TAB else self.value


Around = Annotated[
    Path | None,
    typer.Option("--from", help="Content with the lanes, checks and lists. Default: the starter content."),
]
Delimiter = Annotated[
    Between,
    typer.Option("--delimiter", help="What stands between the cells of a CSV line: , or ; or | or tab."),
]


def add_to(content: typer.Typer) -> None:
    """Add the commands."""
    content.command(
        "table",
        epilog="Example: tidewaiter content table goods.csv --papers goods.yaml --to goods",
        help=table.__doc__,
    )(table)
    content.command(
        "selectivity",
        epilog="Example: tidewaiter content selectivity old-system --to brought",
        help=selectivity.__doc__,
    )(selectivity)


def table(
    file: Annotated[
        Path, typer.Argument(help="A decision table: .csv or .xlsx.", exists=True, dir_okay=False)
    ],
    papers: Annotated[
        Path,
        typer.Option("--papers", help="YAML with what all its profiles share.", exists=True, dir_okay=False),
    ],
    to: Annotated[Path, typer.Option("--to", help="Folder to write; made when it is not there.")],
    around: Around = None,
    delimiter: Delimiter = Between.COMMA,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make profiles of a decision table, as text files that `tidewaiter content import` brings in.

    With one fault nothing is written.  Rows that repeat, lie within or contradict others are told, with
    exit code 3: they refuse nothing.
    """
    from tidewaiter.bootstrap import decision_table, write_part_of_content

    say = Output(as_json=as_json)
    decided = decision_table(settings_with(starter=around), file, papers, delimiter.character)
    count = write_part_of_content(to, decided.profiles, (), replace=replace)
    for remark in decided.remarks:
        say.say(str(remark))
    made = f"{count:,} profile{'' if count == 1 else 's'}"
    say.say(f"{decided.rules:,} rules are {made} in {to}; nothing is in force by that.")
    say.result(
        {"rules": decided.rules, "profiles": count, "remarks": [str(remark) for remark in decided.remarks]}
    )
    if decided.remarks:
        raise typer.Exit(Exit.DONE_IN_PART)


def selectivity(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder with mapping.yaml, criteria.csv, lists.csv and rates.csv.",
            exists=True,
            file_okay=False,
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="Folder to write; made when it is not there.")],
    around: Around = None,
    delimiter: Delimiter = Between.COMMA,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Make profiles, lists and rates of another system's selectivity criteria, as text files.

    A criterion is mapped whole or not at all.  What is left out stands in unmapped.csv of the folder with
    its row and the reason, and the command ends with exit code 3.
    """
    from tidewaiter.bootstrap import selectivity as read
    from tidewaiter.bootstrap import write_selectivity

    say = Output(as_json=as_json)
    brought = read(settings_with(starter=around), folder, delimiter.character)
    write_selectivity(to, brought, replace=replace)
    for each in brought.unmapped:
        say.say(f"{each.table}:{each.line} {each.what}: left out: {each.reason}")
    say.say(
        f"{len(brought.profiles):,} profiles and {len(brought.lists):,} lists are in {to}, "
        f"{len(brought.unmapped):,} left out; nothing is in force by that."
    )
    say.result(
        {
            "profiles": len(brought.profiles),
            "lists": len(brought.lists),
            "plan": brought.plan is not None,
            "unmapped": [
                {"table": each.table, "line": each.line, "what": each.what, "reason": each.reason}
                for each in brought.unmapped
            ],
        }
    )
    if brought.unmapped:
        raise typer.Exit(Exit.DONE_IN_PART)
