"""Check the locks: no hosts, a hash for every pin, and a pin in range for every dependency.

A lock that names a host ties every user to one registry; a pin without hash trusts whoever
answers; a lock that lags behind ``pyproject.toml`` installs something that nobody tested.
Run by ``make check``; prints each fault with its place and ends with 1 when there is one.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["host_faults", "main", "pin_faults", "range_faults"]

#: What may not be in a lock: addresses, options that carry them, direct references.
_HOST = re.compile(
    r"\w+://|--(extra-)?index|--default-index|--find-links|--trusted-host|\s@\s|\b[\w-]+\.(org|com|net|io|dev)\b"
)
_PIN = re.compile(r"^(?P<requirement>[A-Za-z0-9][^\s;]*==[^\s;\\]+(\s*;[^\\]*)?)\s*\\?$")
_HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$")


def host_faults(name: str, text: str) -> list[str]:
    """Return a sentence for each line of the lock *text* that names a host."""
    return [
        f"{name}:{number}: a lock must not name a host: {line.strip()}; make it anew with `make lock`"
        for number, line in enumerate(text.splitlines(), 1)
        if _HOST.search(line)
    ]


def pin_faults(name: str, text: str) -> list[str]:
    """Return a sentence for each line of the lock *text* that is no exact pin with hashes."""
    faults = []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not line.startswith("#")]
    for position, (number, line) in enumerate(lines):
        if _HASH.match(line):
            continue
        following = lines[position + 1][1] if position + 1 < len(lines) else ""
        if not _PIN.match(line):
            faults.append(f"{name}:{number}: neither an exact pin nor a hash: {line.strip()}")
        elif not _HASH.match(following):
            faults.append(f"{name}:{number}: this pin has no hash: {line.strip()}")
    return faults


def range_faults(name: str, text: str, wanted: list[str]) -> list[str]:
    """Return a sentence for each requirement of *wanted* that the lock *text* does not fulfil."""
    pinned: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if match := _PIN.match(line):
            pin = Requirement(match["requirement"])
            pinned.setdefault(canonicalize_name(pin.name), []).append(pin)
    faults = []
    for requirement in map(Requirement, wanted):
        pins = pinned.get(canonicalize_name(requirement.name), [])
        versions = [next(iter(pin.specifier)).version for pin in pins]
        if not versions:
            faults.append(f"{name}: {requirement.name} of pyproject.toml is missing; call `make lock`")
        faults.extend(
            f"{name}: {requirement.name} {version} is outside {requirement.specifier}; call `make lock`"
            for version in versions
            if not requirement.specifier.contains(version)
        )
    return faults


def main(root: Path) -> int:
    """Print the faults of all locks under *root*; return 1 if there is any, else 0."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    wanted = {
        "runtime.txt": runtime,
        "dev.txt": runtime + project["dependency-groups"]["dev"],
        "uv.txt": ["uv"],
    }
    faults = []
    for name, requirements in wanted.items():
        text = (root / "requirements" / name).read_text(encoding="utf-8")
        faults += host_faults(name, text) + pin_faults(name, text) + range_faults(name, text, requirements)
    for fault in faults:
        print(fault)
    print(f"locks: {len(wanted)} read, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
