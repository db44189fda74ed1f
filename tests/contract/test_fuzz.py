"""Every parser takes two seconds of damaged messages: read, or refused with a reason, in time and space."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARSERS = 11


def test_every_parser_bears_damaged_messages() -> None:
    done = subprocess.run(
        [sys.executable, "bench/fuzz.py", "--seconds", "2", "--jobs", "4"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("  ")][1:]
    assert len(rows) == PARSERS
    for name, inputs, _, _, findings, *_ in rows:
        # A table in Parquet is read by a child first, which takes a while to begin.
        assert int(inputs.replace(",", "")) > (1 if name == "parquet" else 20), f"{name} was hardly tried"
        assert findings == "0", done.stdout


def test_a_parser_that_raises_anything_else_is_found(tmp_path: Path) -> None:
    planted = (
        "import sys; sys.argv = ['fuzz', '--child', 'json', '--seconds', '0.5', '--keep', sys.argv[1]]\n"
        "import _fuzzed; corpus, _ = _fuzzed.PARSERS['json']()\n"
        "def read(body):\n"
        "    if b'flow' not in body and body not in corpus: raise KeyError('flow')\n"
        "_fuzzed.PARSERS['json'] = lambda: (corpus, read)\n"
        "import fuzz; fuzz.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", planted, str(tmp_path)],
        cwd=ROOT / "bench",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "KeyError: 'flow'" in done.stdout
    assert list(tmp_path.iterdir()), "the input was not kept"
