"""``tidewaiter ledger`` and ``tidewaiter verify``: seal the evidence, hand it out, check it offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, BreakGlass, DataFolder, opened, operator, settings_with
from tidewaiter.cli.output import Exit, Output
from tidewaiter.core.errors import NotFound, Unavailable
from tidewaiter.core.ledger.checkpoint import PublicKey, parse_public_key
from tidewaiter.core.ledger.handover import MARK, first_key
from tidewaiter.core.ledger.verify import Report, verify
from tidewaiter.core.two_persons import Act

__all__ = ["add_to"]

ledger = typer.Typer(help="The evidence ledger: seal it, export it.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    ledger.command(epilog="Example: tidewaiter ledger seal", help=seal.__doc__)(seal)
    ledger.command(epilog="Example: tidewaiter ledger rotate", help=rotate.__doc__)(rotate)
    ledger.command(epilog="Example: tidewaiter ledger export evidence.bundle", help=export.__doc__)(export)
    app.add_typer(ledger, name="ledger")
    app.command(
        "verify",
        epilog="Example: tidewaiter verify evidence.bundle --key ledger.pub",
        help=verify_ledger.__doc__,
    )(verify_ledger)


def seal(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Seal what was recorded since the last time, and print the signed checkpoint.

    Keep the checkpoint and the key where nobody who runs this system can change them.
    """
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        sealed = here.services.seal.seal()
    say.say(f"{sealed.new} entries sealed, {sealed.size} in all. Public key: {sealed.key.text()}")
    say.say(sealed.note or "There is no entry yet.")
    say.result({"size": sealed.size, "new": sealed.new, "key": sealed.key.text(), "checkpoint": sealed.note})


def rotate(break_glass: BreakGlass = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Hand the ledger over to a new key; the old one proves nothing that comes after.

    Once somebody has an account who may approve, it needs two persons, or --break-glass with a reason.
    """
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        new = here.services.two_persons.from_the_machine(
            Act.ROTATE_KEY, lambda uow: here.rotation.hand_over_in(uow, operator()),
            by=operator(), reason=break_glass,
        )  # fmt: skip
        try:
            here.services.seal.seal()
        except Unavailable as busy:
            say.say(f"The handover is recorded and not sealed yet: {busy.message}")
    say.say(f"The ledger is handed over. Public key from here on: {new.text()}")
    say.result({"key": new.text()})


def export(
    bundle: Annotated[Path, typer.Argument(help="File to write.", dir_okay=False)],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write everything that is sealed into one file that anybody can verify offline with the public key.

    The file holds the evidence of every decision, so the ledger records who wrote it.
    """
    say = Output(as_json=as_json)
    draft = bundle.with_name(f"{bundle.name}.part")
    with opened(settings_with(data=data)) as here:
        last = here.services.prove.last_checkpoint()
        if last is None:
            raise NotFound("Nothing is sealed yet: run `tidewaiter ledger seal` first.")
        here.services.accesses.record("ledger export", by=operator(), checkpoint=last)
        with draft.open("wb") as file:
            file.writelines(here.services.prove.bundle())
    draft.replace(bundle)
    say.say(f"{bundle} is written; its last checkpoint is:")
    say.say(last)
    say.result({"bundle": str(bundle), "checkpoint": last})


def verify_ledger(
    bundle: Annotated[
        Path | None, typer.Argument(help="A bundle; without one the data folder is verified.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Public key, or a file that holds it. Default with a data folder: its own key."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="A checkpoint that you kept: shows whether the ledger was rolled back; repeatable."
        ),
    ] = None,
    receipts: Annotated[
        Path | None,
        typer.Option(
            help="Receipts that you kept, one JSON object a line, with the answers they came with: shows "
            "whether each promise was kept.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Verify that the ledger is what was sealed: every entry, every checkpoint, every signature.

    A bundle is verified offline: only the file and the public key are needed. Exit code 3 when
    something is wrong.
    """
    say = Output(as_json=as_json)
    known = [path.read_bytes() for path in checkpoint or ()]
    kept = [] if receipts is None else receipts.read_bytes().splitlines()
    waiting = 0
    if bundle is not None:
        if data is not None:
            raise typer.BadParameter("Give a bundle or --data, not both.")
        if key is None:
            raise typer.BadParameter("Give --key: the public key of the ledger, from somebody you trust.")
        report = _verify_bundle(bundle, _public_key(key), known, kept)
    else:
        settings = settings_with(data=data)
        if settings.database_file is not None and not settings.database_file.is_file():
            raise NotFound(f"There is no store in {settings.data}: give the folder with --data.")
        if key is None and not settings.ledger_key_file.is_file():
            raise NotFound("There is no key of the ledger: nothing was sealed here, or give --key.")
        with opened(settings) as here:
            own = here.ledger_key.public if key is None else _public_key(key)
            found = here.services.prove.verify(own, known, kept)
        report, waiting = found.report, found.waiting
    _tell(say, report, waiting)
    if not report.holds:
        raise typer.Exit(Exit.DONE_IN_PART)


def _verify_bundle(bundle: Path, key: PublicKey, known: list[bytes], receipts: list[bytes]) -> Report:
    """Verify a bundle, from the key that its ledger began with, which must lead to *key*."""
    from tidewaiter.bootstrap import signature_holds

    with bundle.open("rb") as lines:
        first = first_key((line.split(b" ", 2)[-1] for line in lines if MARK in line), key)
        lines.seek(0)
        return verify(
            lines, key=first, pinned=key, signature_holds=signature_holds, known=known, receipts=receipts
        )


def _public_key(given: str) -> PublicKey:
    """Return the public key in a file of this name, or the one that *given* is."""
    path = Path(given)
    return parse_public_key(path.read_text(encoding="utf-8") if path.is_file() else given)


def _tell(say: Output, report: Report, waiting: int) -> None:
    """Tell what was found."""
    for finding in report.findings:
        say.say(f"WRONG ({finding.code}): {finding.message}")
    if report.findings_count > len(report.findings):
        say.say(f"… and {report.findings_count - len(report.findings)} more findings.")
    if report.receipts:
        say.say(
            f"{report.receipts} receipts held against the ledger; the entries of {report.receipts_not_due} "
            "are not due yet."
        )
    proven = 0 if report.proven is None else report.proven.size
    say.say(
        f"{report.entries} entries and {report.checkpoints} checkpoints read; "
        f"proven up to entry {proven}; {report.findings_count} findings."
    )
    for each in report.erased:
        say.say(f"{each.entries} entries were erased by act {each.act}.")
    if waiting:
        say.say(f"{waiting} entries are not sealed yet: nothing is proven of them.")
    say.result(
        {
            "holds": report.holds,
            "entries": report.entries,
            "checkpoints": report.checkpoints,
            "proven": proven,
            "waiting": waiting,
            "receipts": report.receipts,
            "key": report.key.text(),
            "erased": [{"act": each.act, "entries": each.entries} for each in report.erased],
            "receipts_not_due": report.receipts_not_due,
            "findings_count": report.findings_count,
            "findings": [
                {"code": each.code, "position": each.position, "message": each.message}
                for each in report.findings
            ],
        }
    )
