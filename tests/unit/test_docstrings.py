"""Every example in a docstring runs and shows what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import tidewaiter

#: Modules that only run inside their tool: (part of the name, why).
ELSEWHERE = {"tidewaiter.adapters.sql.migrations": "Alembic runs these with its own context"}

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tidewaiter.__path__, "tidewaiter.")
    if not module.name.startswith(tuple(ELSEWHERE))
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    failed, _tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0, f"an example in {name} does not show what it says; see the captured output"


def test_examples_are_found_at_all() -> None:
    finder = doctest.DocTestFinder()
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert found, "no module has an example: the test above would be idle"
