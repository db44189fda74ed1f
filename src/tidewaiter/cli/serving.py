"""``tidewaiter serve`` and ``tidewaiter demo``: the service, and the service on a synthetic country."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tidewaiter.cli.importing_much import importing_much
from tidewaiter.cli.options import DataFolder, opened, settings_with
from tidewaiter.cli.output import Output, progress_bar
from tidewaiter.core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tidewaiter.bootstrap import Installation

__all__ = ["add_to"]

#: How long requests in progress may take when the service stops.
_STOP_SECONDS: Final = 20
#: How often the background looks for what is due.
_STEP_SECONDS: Final = 0.5
#: How often it is read anew what a stand-in needs; a stand-in knows no later content.
_REFRESH_SECONDS: Final = 30

Host = Annotated[
    str | None, typer.Option("--host", help="Address to listen on. Default: 127.0.0.1, this machine only.")
]
Port = Annotated[
    int | None, typer.Option("--port", help="Port to listen on. Default: 8000.", min=1, max=65535)
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: tidewaiter serve --port 8000", help=serve.__doc__)(serve)
    app.command(epilog="Example: tidewaiter demo", help=demo.__doc__)(demo)


def serve(
    data: DataFolder = None,
    host: Host = None,
    port: Port = None,
    watch: Annotated[
        Path | None,
        typer.Option("--watch", help="Folder in which declarations are laid down as files. Default: none."),
    ] = None,
) -> None:
    """Serve the HTTP interface until it is stopped; requests in progress are answered first."""
    say = Output(as_json=False)
    settings = settings_with(data=data, host=host, port=port, watch=watch)
    with (
        progress_bar("Reading history", shown=True) as progress,
        opened(settings, progress) as here,
        _serving(here),
    ):
        ready(here, say)
        run(here)


@contextmanager
def _serving(here: Installation) -> Iterator[None]:
    """Be a process that serves *here*: one of several on PostgreSQL, the only one on SQLite.

    Several on one file would take turns at its lock, each reading what the others wrote before it may
    decide, and SQLite up to 3.51.2 can damage a file that several write.
    """
    if here.settings.database_file is None:
        yield
        return
    with here.store.alone("serve") as ours:
        if not ours:
            raise Unavailable(
                f"Another process serves {here.settings.database_file} already, and on SQLite one does: stop "
                "it first, or keep the store on PostgreSQL (docs/howto/run-on-postgresql.md)."
            )
        yield


def ready(here: Installation, say: Output) -> None:
    """Fold history in before the first request, and say what is in force."""
    here.services.assess([])
    state = here.services.look_up.state()
    say.say(f"Rules {state.rules}, plan {state.plan}, history of {state.journal:,} entries.")
    if state.model_fault is not None:
        say.warn(
            "The model in force cannot be used; declarations are decided without one, and marked. "
            f"{state.model_fault}"
        )
    else:
        say.say(
            f"Model {state.model}."
            if state.model
            else "No model yet: declarations are marked DEGRADED_MODEL."
        )
    address = f"http://{here.settings.host}:{here.settings.port}"
    say.say(f"Serving on {address} (API description: {address}/api/v1/openapi.json). Stop with Ctrl-C.")


def run(here: Installation, also: Callable[[FastAPI], None] = lambda _: None) -> None:
    """Run the server, with what *also* adds to it, until a signal stops it.

    Raises Unavailable when the address cannot be used.
    """
    # FastAPI imports all of Pydantic 1 to ask whether an annotation is a model of it, a tenth of a start.
    # Nothing here is, and what cannot be imported it takes for a no.
    sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]
    with importing_much():
        import uvicorn

        from tidewaiter.api.app import create_app
        from tidewaiter.bootstrap import message_schemas

    settings = here.settings
    # Once the last request is answered, uvicorn gives the signal on: it ends the command, and is no fault.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = create_app(here.services, message_schemas)
    also(app)
    gc.freeze()  # what a start made stays: no later search for garbage goes through it
    try:
        with _background(here):
            uvicorn.run(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_STOP_SECONDS,
                limit_concurrency=2048,
                ws="none",
            )
    except KeyboardInterrupt:
        return
    except SystemExit as stop:
        if stop.code:
            message = (
                f"Nothing can be served on {settings.host}, port {settings.port}; choose another --port."
            )
            raise Unavailable(message) from stop


@contextmanager
def _background(here: Installation) -> Iterator[None]:
    """Do what is due in the background until the block ends."""
    from tidewaiter.worker import Loop

    steps = {
        "deliver": here.deliver.step,
        "reassess": here.standing.reassess.step,
        "reassess with model": here.reassess_model.step,
        "tally": here.tally.step,
    }
    if here.take_in is not None:
        steps["take in"] = here.take_in.step
    with ExitStack() as running:
        for name, step in steps.items():
            running.enter_context(Loop(name, step, every_seconds=_STEP_SECONDS))
        refresh = here.standing.policy.refresh
        running.enter_context(Loop("stand-in policy", refresh, every_seconds=_REFRESH_SECONDS))
        running.enter_context(Loop("profiles", here.services.enacting.step, every_seconds=_REFRESH_SECONDS))
        yield


def demo(
    data: DataFolder = None,
    host: Host = None,
    port: Port = None,
    declarations: Annotated[
        int, typer.Option("--declarations", help="Declarations of the past year.", min=2_000, max=1_000_000)
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the country.", min=0)] = 1,
    codes: Annotated[
        bool, typer.Option("--codes", help="Print what the phones of its people show now, and end.")
    ] = False,
) -> None:
    """Serve a synthetic country: a year of history, a trained model, and declarations that keep arriving.

    State lives in ./tidewaiter-demo unless --data says otherwise; a second start goes on from it.
    """
    from tidewaiter.cli import demo_people
    from tidewaiter.cli.demo_past import Country, Past, SteppingClock
    from tidewaiter.cli.demonstration import Demonstration

    say = Output(as_json=False)
    settings = settings_with(data=data or Path("tidewaiter-demo"), host=host, port=port)
    if codes:
        if not (settings.data / demo_people.FILE_NAME).is_file():
            raise NotFound(f"There is no demonstration in {settings.data}: start one with `tidewaiter demo`.")
        for name, code in demo_people.codes(settings.data).items():
            say.say(f"{name}  {code}")
        return
    now = datetime.now(UTC)
    country = Country.of(settings.data, seed=seed, declarations=declarations, today=now.date())
    backlog = []
    if not Country.kept(settings.data):
        clock = SteppingClock(country.recent)
        with (
            progress_bar("Making the country", shown=True) as progress,
            opened(settings, progress, clock) as past,
            _serving(past),
        ):
            backlog = Past(here=past, clock=clock, country=country, say=say.say).make(now)
    with opened(settings) as here, _serving(here):
        living = Demonstration(here, country, say=say.say)
        ready(here, say)
        living.introduce()
        with living.going_on(backlog):
            run(here, living.open_door)
