"""The folder of draw keys: a seed is kept under the name that commits to it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tidewaiter.adapters.keys import DrawKeyFolder
from tidewaiter.core.draw.epoch import seed_name
from tidewaiter.core.errors import ConfigurationError

SEED = bytes(range(32))


def test_a_seed_is_kept_for_its_owner_alone_and_found_under_its_name(tmp_path: Path) -> None:
    keys = DrawKeyFolder(tmp_path / "draw-keys")
    key = keys.keep(SEED)
    assert key.id == seed_name(SEED)
    assert keys.load(key.id) == key == keys.keep(SEED)
    [path] = (tmp_path / "draw-keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    made = keys.make()
    assert keys.load(made.id) == made


def test_a_seed_that_was_exchanged_or_is_missing_is_not_drawn_with(tmp_path: Path) -> None:
    keys = DrawKeyFolder(tmp_path)
    key = keys.keep(SEED)
    (tmp_path / f"{key.id}.key").write_text(bytes(32).hex())
    for act in (lambda: keys.load(key.id), lambda: keys.keep(SEED)):
        with pytest.raises(ConfigurationError, match="holds another secret"):
            act()
    with pytest.raises(ConfigurationError, match="escrow copy"):
        keys.load(seed_name(bytes(32)))
    with pytest.raises(ConfigurationError, match="not the name"):
        keys.load("../../etc/passwd")
