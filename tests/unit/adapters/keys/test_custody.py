"""A custodian's key file is made once, for him alone, and nothing else is taken for it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tidewaiter.adapters.keys import custodian_secret
from tidewaiter.core.errors import ConfigurationError


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    secret = custodian_secret(path, make=True)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert custodian_secret(path, make=True) == secret == custodian_secret(path)
    assert custodian_secret(tmp_path / "other.key", make=True) != secret


@pytest.mark.parametrize("held", ["", "no hex digits", "ab" * 31, "ab" * 33, "é"])
def test_a_file_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path, held: str) -> None:
    path = tmp_path / "audit.key"
    path.write_text(held, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="32 bytes as hex digits"):
        custodian_secret(path, make=True)
    assert path.read_text(encoding="utf-8") == held


def test_a_file_that_is_missing_or_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    with pytest.raises(ConfigurationError, match="custodian's own copy"):
        custodian_secret(path)
    custodian_secret(path, make=True)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="mode 640"):
        custodian_secret(path)
