"""Logs: a sentence for people, ``action`` and ids for machines; no personal data, no secrets.

A trace shows lines of code and never the values of variables: they hold keys and declarations.
"""

from __future__ import annotations

import logging
import sys

import structlog

__all__ = ["configure"]


def configure(*, as_json: bool, level: str = "INFO") -> None:
    """Send log lines to standard error, as JSON for machines or aligned text for people."""
    if as_json:
        rendering: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info, structlog.processors.JSONRenderer(),
        ]  # fmt: skip
    else:
        plain = structlog.dev.plain_traceback
        rendering = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
