"""The surroundings of the tests are what they claim to be."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings


def test_a_test_cannot_reach_another_machine_by_address() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"must not reach '192\.0\.2\.1'"):
        client.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(RuntimeError, match="must not reach"):
        client.sendto(b"x", ("192.0.2.1", 53))


def test_a_test_cannot_look_up_another_machine() -> None:
    with pytest.raises(RuntimeError, match=r"must not reach 'customs\.example'"):
        socket.create_connection(("customs.example", 443), timeout=1)


def test_a_test_can_reach_this_machine() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(("localhost", server.getsockname()[1]), timeout=5) as client:
        assert client.getpeername() == server.getsockname()


def test_laws_are_tried_on_the_same_examples_each_time() -> None:
    if os.environ.get("HYPOTHESIS_PROFILE", "ci") == "ci":
        assert settings().derandomize
    assert settings().deadline is None


def test_settings_from_outside_do_not_reach_a_test() -> None:
    assert not [name for name in os.environ if name.startswith("TIDEWAITER_")]


def test_the_data_folder_is_new_and_in_the_current_directory(data_folder: Path) -> None:
    assert not data_folder.exists()
    assert data_folder.parent == Path.cwd()
