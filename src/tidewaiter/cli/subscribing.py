"""``tidewaiter subscriber``: the systems that are sent events."""

from __future__ import annotations

from typing import Annotated

import typer

from tidewaiter.cli.options import AsJson, DataFolder, Source, opened, settings_with
from tidewaiter.cli.output import Output
from tidewaiter.flow.subscribe import Subscribed, Topic

__all__ = ["add_to"]

subscriber = typer.Typer(help="Systems that are sent events.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the subscriber.", min=1)]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for name, function, example in (
        ("add", add, "port --url https://port.example/events --topic decision"),
        ("rotate", rotate, "port"),
        ("stop", stop, "port"),
        ("retry", retry, "port"),
        ("list", show, ""),
    ):
        epilog = f"Example: tidewaiter subscriber {name} {example}".rstrip()
        subscriber.command(name, epilog=epilog, help=function.__doc__)(function)
    app.add_typer(subscriber, name="subscriber")


def add(
    name: Name,
    url: Annotated[str, typer.Option("--url", help="Where events are sent; its origin must be allowed.")],
    topic: Annotated[
        list[Topic] | None,
        typer.Option("--topic", help="What is sent; repeat it for several. Default: all."),
    ] = None,
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Send a system the events of its declarations from now on, signed with a secret that is shown once.

    TIDEWAITER_WEBHOOK_TARGETS names the allowed origins, as a JSON list.
    """
    settings = settings_with(data=data, source=source)
    with opened(settings) as here:
        made = here.services.subscriptions.add(
            name, source=settings.source, topics=topic or list(Topic), url=url
        )
    _tell(made, Output(as_json=as_json))


def rotate(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Give a subscriber a new secret; the one before signs along for a day."""
    with opened(settings_with(data=data)) as here:
        made = here.services.subscriptions.rotate(name)
    _tell(made, Output(as_json=as_json))


def stop(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Send a subscriber nothing any more."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        here.services.subscriptions.stop(name)
    say.say(f"{name!r} is sent nothing any more.")
    say.result({"name": name, "stopped": True})


def retry(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Try again what was given up after three days of attempts."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        count = here.services.subscriptions.retry(name)
    say.say(f"{count} events are sent to {name!r} again.")
    say.result({"name": name, "events": count})


def show(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the subscribers: what each gets, how far it lags behind, what was given up and why."""
    say = Output(as_json=as_json)
    with opened(settings_with(data=data)) as here:
        found = here.services.subscriptions.all()
    told = []
    for each, behind, dead in found:
        state = "stopped" if each.stopped_at else "unreachable" if each.failures else "served"
        say.say(f"{each.name}: {', '.join(sorted(each.topics))} to {each.url} ({state}, {behind} behind)")
        for delivery in dead:
            say.say(f"  given up: {delivery.event.id} after {delivery.attempts} attempts. {delivery.error}")
        told.append(
            {
                "name": each.name, "topics": sorted(each.topics), "url": each.url, "state": state,
                "behind": behind, "given_up": [delivery.event.id for delivery in dead],
            }
        )  # fmt: skip
    say.result({"subscribers": told})


def _tell(made: Subscribed, say: Output) -> None:
    """Show a secret, once."""
    subscriber = made.subscriber
    say.say(f"{subscriber.name!r} is sent {', '.join(sorted(subscriber.topics))} at {subscriber.url}.")
    say.say("Its secret (Standard Webhooks); it is not shown again:")
    say.say(made.secret)
    say.result({"name": subscriber.name, "url": subscriber.url, "secret": made.secret})
