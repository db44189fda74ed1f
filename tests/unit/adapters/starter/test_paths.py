from __future__ import annotations

from pathlib import Path

import pytest

import tidewaiter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.errors import ConfigurationError


def test_the_content_of_a_checkout_is_found() -> None:
    assert (starter_folder() / "mappings" / "kcs.yaml").is_file()


def test_a_named_folder_replaces_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_STARTER", str(tmp_path))
    assert starter_folder() == tmp_path


def test_a_named_folder_that_is_missing_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_STARTER", "/nowhere/at/all")
    with pytest.raises(ConfigurationError, match="/nowhere/at/all"):
        starter_folder()


def test_an_installed_package_brings_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lib" / "site-packages" / "tidewaiter"
    (package / "_starter").mkdir(parents=True)
    monkeypatch.setattr(tidewaiter, "__file__", str(package / "__init__.py"))
    assert starter_folder() == package / "_starter"
    (package / "_starter").rmdir()
    with pytest.raises(ConfigurationError, match="TIDEWAITER_STARTER"):
        starter_folder()
