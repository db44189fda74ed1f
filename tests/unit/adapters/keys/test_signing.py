"""A signing key is made once, for its owner alone, and signs what its public half verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidewaiter.adapters.keys import SigningKeyFile, signature_holds
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.ledger.checkpoint import parse_public_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the key will be."""
    return tmp_path / "keys" / "ed25519.pem"


def test_a_key_is_made_once_and_for_its_owner_alone(path: Path) -> None:
    first = SigningKeyFile(path).public
    assert SigningKeyFile(path).public == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert parse_public_key(first.text()) == first


def test_a_signature_holds_for_its_message_and_key_alone(path: Path) -> None:
    key = SigningKeyFile(path)
    signature = key.sign(b"message")
    assert signature_holds(key.public.key, b"message", signature)
    assert not signature_holds(key.public.key, b"messagE", signature)
    assert not signature_holds(SigningKeyFile(path.with_name("other")).public.key, b"message", signature)
    assert not signature_holds(key.public.key, b"message", signature[:-1])
    assert not signature_holds(b"short", b"message", signature)


def test_the_vector_of_the_rfc_holds() -> None:
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"  # RFC 8032, 7.1, test 1
    signature = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    assert signature_holds(bytes.fromhex(public), b"", bytes.fromhex(signature))


def test_a_key_that_others_may_read_is_refused(path: Path) -> None:
    assert SigningKeyFile(path).public
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="read by others"):
        SigningKeyFile(path).sign(b"x")


def test_a_file_that_is_no_key_is_refused_and_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a key")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        SigningKeyFile(path).sign(b"x")
    assert path.read_bytes() == b"not a key"


def test_of_two_that_make_the_key_at_once_one_wins(path: Path) -> None:
    first, second = SigningKeyFile(path), SigningKeyFile(path)
    first._make()
    made = path.read_bytes()
    second._make()
    assert path.read_bytes() == made
    assert first.public == second.public
