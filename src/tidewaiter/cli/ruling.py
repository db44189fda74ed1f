"""``tidewaiter rules``: conditions that somebody is writing, checked, printed and put into words."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidewaiter.cli.options import AsJson, settings_with
from tidewaiter.cli.output import Exit, Output
from tidewaiter.core.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from tidewaiter.bootstrap import Written
    from tidewaiter.core.rules.nodes import Node

__all__ = ["add_to"]

rules = typer.Typer(help="Conditions of profiles: check, print, put into words.", no_args_is_help=True)

_File = Annotated[
    Path,
    typer.Argument(
        help="A profile or condition as .yaml or .json; any other file is a condition as text.",
        exists=True,
        dir_okay=False,
        metavar="FILE",
    ),
]
_Folder = Annotated[
    Path | None,
    typer.Option("--from", help="Content with the lists that it may use. Default: the starter content."),
]


class Form(StrEnum):
    """How a condition is written."""

    TEXT = "text"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    rules.command("check", epilog="Example: tidewaiter rules check cars.rule", help=check.__doc__)(check)
    rules.command("print", epilog="Example: tidewaiter rules print cars.yaml", help=print_rule.__doc__)(
        print_rule
    )
    rules.command("sentence", epilog="Example: tidewaiter rules sentence cars.rule", help=sentence.__doc__)(
        sentence
    )
    app.add_typer(rules, name="rules")


def check(file: _File, folder: _Folder = None, as_json: AsJson = False) -> None:
    """Tell what is wrong with a condition or a profile, and what it surely does not mean.

    Faults refuse it: exit code 4.  Remarks refuse nothing: exit code 3.  Each has its place and what
    to do.  A profile is held against those of the content: whether another one finds all that it finds.
    """
    written = _written(file, folder)
    out = Output(as_json=as_json)
    for finding in (*written.faults, *written.remarks):
        out.say(finding.words)
    if not written.faults and not written.remarks:
        out.say(f"{file}: nothing to say.")
    out.result(
        {
            "faults": [_plain(finding.fault) for finding in written.faults],
            "remarks": [_plain(finding.fault) for finding in written.remarks],
        }
    )
    if written.faults:
        raise typer.Exit(Exit.NOT_DONE)
    if written.remarks:
        raise typer.Exit(Exit.DONE_IN_PART)


def print_rule(
    file: _File,
    form: Annotated[Form, typer.Option("--form", help="text, or the form that profiles hold.")] = Form.TEXT,
    folder: _Folder = None,
    as_json: AsJson = False,
) -> None:
    """Print a condition in its one canonical form: text, or JSON as profiles hold it.

    Nothing is lost on the way from one to the other and back.
    """
    from tidewaiter.core.features import REGISTRY
    from tidewaiter.core.rules.form import to_data
    from tidewaiter.core.rules.text.printing import print_text

    node = _sound(file, folder)
    text, data = print_text(node, REGISTRY), to_data(node)
    if not as_json:
        shown = text if form is Form.TEXT else json.dumps(data, ensure_ascii=False, indent=2)
        sys.stdout.write(shown + "\n")
    Output(as_json=as_json).result({"text": text, "data": data})


def sentence(
    file: _File,
    language: Annotated[str, typer.Option("--language", help="en, fr, es, pt or ar.")] = "en",
    folder: _Folder = None,
    as_json: AsJson = False,
) -> None:
    """Print a condition as a sentence for its authors, in a language."""
    from tidewaiter.core.features import REGISTRY
    from tidewaiter.core.rules.languages.known import LANGUAGES
    from tidewaiter.core.rules.words import sentence as in_words

    if language not in LANGUAGES:
        raise typer.BadParameter(f"there is no language {language}; there are {', '.join(LANGUAGES)}.")
    words = in_words(_sound(file, folder), REGISTRY, LANGUAGES[language])
    if not as_json:
        sys.stdout.write(words + "\n")
    Output(as_json=as_json).result({"language": language, "sentence": words})


def _written(file: Path, folder: Path | None) -> Written:
    """Return what *file* says, beside the content in *folder*."""
    from tidewaiter.bootstrap import written_rule

    return written_rule(settings_with(starter=folder), file)


def _sound(file: Path, folder: Path | None) -> Node:
    """Return the condition in *file*; raise ConfigurationError with every fault when it has any."""
    written = _written(file, folder)
    if written.node is None:
        faults = tuple(finding.fault for finding in written.faults)
        raise ConfigurationError(f"`{file}` cannot be read; correct the places named here.", faults=faults)
    return written.node


def _plain(fault: Fault) -> dict[str, str | None]:
    return {name: getattr(fault, name) for name in ("code", "place", "message", "value", "hint")}
