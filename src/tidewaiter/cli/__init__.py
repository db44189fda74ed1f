"""The command line: thin commands over the flow, for people and (``--json``) for machines."""

from tidewaiter.cli.app import main

__all__ = ["main"]
