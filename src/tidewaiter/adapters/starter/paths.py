"""Where the content that an administration owns is found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import tidewaiter
from tidewaiter.core.errors import ConfigurationError

__all__ = ["starter_folder"]

#: A folder that replaces the content of the package.
VARIABLE: Final = "TIDEWAITER_STARTER"


def starter_folder() -> Path:
    """Return the folder of lanes, plan, profiles, lists and mappings.

    The first that exists of: the folder that ``TIDEWAITER_STARTER`` names, the content inside the
    installed package, ``starter/`` of the source checkout.  Raises :class:`ConfigurationError`
    when the named folder, or every one of the others, is missing.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_dir():
            raise ConfigurationError(
                f"{VARIABLE} names {named}, which is not a folder. Correct it or unset it."
            )
        return Path(named)
    package = Path(tidewaiter.__file__).resolve().parent
    candidates = (package / "_starter", package.parent.parent / "starter")
    for folder in candidates:
        if folder.is_dir():
            return folder
    looked = " and ".join(str(folder) for folder in candidates)
    raise ConfigurationError(
        f"The starter content is missing; looked in {looked}. Set {VARIABLE} to its folder."
    )
