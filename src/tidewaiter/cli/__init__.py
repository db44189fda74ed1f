"""The command line: thin commands over the flow, for people and (``--json``) for machines."""

from tidewaiter.cli.commands import app, main

__all__ = ["app", "main"]
