"""Logs: a sentence for people, ``action`` and ids for machines; no personal data, no secrets."""

from __future__ import annotations

import logging
import sys

import structlog

__all__ = ["configure"]


def configure(*, as_json: bool, level: str = "INFO") -> None:
    """Send log lines to standard error, as JSON for machines or aligned text for people."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
