"""Every claim on the page of ASVS names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/asvs.md"


def missing(page: str) -> list[str]:
    """Return the tests that *page* names and that are not there, and the rows that name none."""
    faults = []
    for row in re.findall(r"^\| \d.*$", page, re.MULTILINE):
        named = re.findall(r"`(tests/[\w/.]+)::(test_\w+)`", row)
        if not named:
            faults.append(f"no test: {row}")
        for file, test in named:
            path = ROOT / file
            if not path.is_file() or f"def {test}(" not in path.read_text(encoding="utf-8"):
                faults.append(f"{file}::{test}")
    return faults


def test_each_number_that_is_claimed_is_shown_by_a_test() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(re.findall(r"^\| \d", page, re.MULTILINE)) > 20
    assert not missing(page)


def test_a_claim_without_its_test_would_be_seen() -> None:
    assert missing("| 1.2.3 | it is so | `tests/unit/test_asvs.py::test_absent` |")
    assert missing("| 1.2.3 | it is so | trust us |")
    good = "| 1.2.3 | it is so | `tests/unit/test_asvs.py::test_a_claim_without_its_test_would_be_seen` |"
    assert not missing(good)
