"""Secrets of webhooks come from one key that stays, each another one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tidewaiter.adapters.keys import WebhookKeyFile
from tidewaiter.adapters.keys.secret_file import make_once
from tidewaiter.core.errors import ConfigurationError


def test_a_secret_is_the_same_whenever_it_is_asked_and_another_for_each(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "webhook-key"
    first, again = WebhookKeyFile(path), WebhookKeyFile(path)
    made = {(s, g): first.secret(s, g) for s in ("a", "b") for g in (1, 2)}
    assert len(set(made.values())) == 4
    assert {len(secret) for secret in made.values()} == {32}
    assert again.secret("a", 2) == made["a", 2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert WebhookKeyFile(tmp_path / "another").secret("a", 1) != made["a", 1]


@pytest.mark.parametrize("content", ["", "no hex", "00" * 31])
def test_a_key_that_was_damaged_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "webhook-key"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match="webhook-key cannot be used"):
        WebhookKeyFile(path).secret("a", 1)


def test_of_two_that_make_a_secret_the_first_wins(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    make_once(path, b"first")
    make_once(path, b"second")
    assert path.read_bytes() == b"first"
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]
