"""Loads the stand-in policy of a content folder; what it says is checked when it is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tidewaiter.adapters.starter.strict_yaml import read_yaml
from tidewaiter.core.errors import ConfigurationError

__all__ = ["load_standin"]

_FILE: Final = "standin.yaml"


def load_standin(folder: Path) -> dict[str, Any] | None:
    """Return the policy in ``standin.yaml`` of *folder* as plain data; None when there is no such file.

    Raises ConfigurationError when the file cannot be read.
    """
    path = folder / _FILE
    if not path.is_file():
        return None
    data = read_yaml(path.read_bytes(), _FILE).data
    if not isinstance(data, dict):
        raise ConfigurationError(f"{_FILE} holds no mapping; begin with `otherwise:`.")
    return data
