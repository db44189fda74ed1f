"""A machine that is busy with something else."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["busy"]


def count() -> None:
    """Take a core."""
    while True:
        pass


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """Take so many cores until the block ends."""
    taking = [multiprocessing.Process(target=count, daemon=True) for _ in range(cores)]
    for each in taking:
        each.start()
    try:
        yield
    finally:
        for each in taking:
            each.kill()
