"""The command line: thin commands over the flow, for people and (``--json``) for machines."""

from tidewaiter.cli.importing_much import importing_much

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    with importing_much():
        from tidewaiter.cli import commands
    commands.main()
