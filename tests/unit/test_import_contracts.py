"""The import contracts of pyproject.toml would see a breach: each is broken on purpose in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What is planted: file of the package -> statement added to it.
BREACHES = {
    "core/codes.py": "import os",
    "core/times.py": "import tidewaiter.flow.ports",
    "core/quantities.py": "import numpy",
    "flow/messages.py": "import sqlalchemy",
    "cli/__init__.py": "import tidewaiter.adapters.sql",
    "adapters/sql/__init__.py": "import tidewaiter.flow.assess",
    "adapters/formats/json/__init__.py": "import tidewaiter.adapters.formats.tabular",
    "core/errors.py": "import tidewaiter.core.learning",
}


def contracts(folder: Path) -> dict[str, str]:
    """Return name and state (KEPT or BROKEN) of every contract, for the package in *folder*."""
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
            "--no-logo",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    states = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", result.stdout, re.MULTILINE))
    assert states, result.stdout + result.stderr
    return states


def test_every_import_contract_sees_its_breach(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, statement in BREACHES.items():
        file = tmp_path / "src/tidewaiter" / name
        file.write_text(f"{file.read_text(encoding='utf-8')}\n{statement}\n", encoding="utf-8")
    states = contracts(tmp_path)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert len(states) == len(declared)
    kept = [name for name, state in states.items() if state == "KEPT"]
    assert not kept, f"these contracts did not see their breach: {kept}"
