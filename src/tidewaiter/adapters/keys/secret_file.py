"""A secret in a file that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["make_once"]


def make_once(path: Path, content: bytes) -> None:
    """Keep *content* durably in *path*, unless another process was first: then its content stays.

    Written under another name first, so that a crash leaves no half secret.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
