"""The table of the crosswalk counts what the readers take from a folder of messages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_table_counts_what_is_held_and_what_is_taken() -> None:
    done = subprocess.run(
        [sys.executable, "bench/crosswalk.py", "tests/fixtures"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["145", "Commodity/Classification/ID", "hs_code", "1", "4", "4"] in rows
    assert ["asycuda.xml", "declaration", "asycuda", "19", "8"] in rows
    assert ["wco-amendment.xml", "amendment", "wco", "2", "2"] in rows
