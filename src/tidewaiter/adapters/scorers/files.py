"""A model as files: text and JSON only, with a manifest of hashes; nothing in them is ever executed.

``manifest.json`` names each file with its SHA-256.  The version of a model is the hash of the
manifest's list, so a file that was cut, altered or exchanged is named and refused.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError

__all__ = [
    "CARD",
    "CARD_WORDS",
    "GENERAL",
    "KINDS",
    "MODEL",
    "json_bytes",
    "read_files",
    "save_files",
    "version_of",
]

GENERAL: Final = "general.txt"
KINDS: Final = "kinds.txt"
MODEL: Final = "model.json"
CARD: Final = "card.json"
CARD_WORDS: Final = "card.md"
MANIFEST: Final = "manifest.json"

_NAMES: Final = frozenset({GENERAL, KINDS, MODEL, CARD, CARD_WORDS})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def json_bytes(data: Mapping[str, Any]) -> bytes:
    """Return *data* as JSON, one form for one content; raises ValueError for a number that is not finite."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def version_of(files: Mapping[str, bytes]) -> str:
    """Return the content hash of a model: 16 hexadecimal digits."""
    return _version(_digests(files))


def save_files(folder: Path, files: Mapping[str, bytes], version: str) -> None:
    """Write *files* and their manifest into *folder*, all or nothing; an equal model is left as it is."""
    if (folder / MANIFEST).exists():
        try:
            if read_files(folder)[1] == version:
                return
        except ConfigurationError:
            # What is there was altered; the model at hand replaces it.
            pass
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(mkdtemp(prefix=".model-", dir=folder.parent))
    manifest = {"files": _digests(files), "version": version}
    for name, body in {**files, MANIFEST: json_bytes(manifest)}.items():
        with (building / name).open("wb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
    building.replace(folder)


def read_files(folder: Path) -> tuple[dict[str, bytes], str]:
    """Return the files of the model in *folder*, checked against the manifest, and its version.

    Raises ConfigurationError that names the file which is missing, cut, altered or exchanged.
    """
    digests, version = _manifest(folder)
    files: dict[str, bytes] = {}
    for name, digest in digests.items():
        try:
            files[name] = (folder / name).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"The model in {folder} lacks its file {name}; train again.") from error
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise ConfigurationError(
                f"The file {name} of the model in {folder} was altered or cut: its hash is not that of the "
                "manifest. Restore it from a copy, or train again."
            )
    return files, version


def read_json(body: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object in *body*; raises ConfigurationError where a number is not finite."""
    try:
        data = json.loads(body, parse_constant=_not_finite)
    except ValueError as error:
        raise ConfigurationError(f"The file {name} of the model is not valid: {error}.") from error
    if not isinstance(data, dict) or not _finite(data):
        raise ConfigurationError(f"The file {name} of the model holds a number that is not finite.")
    return data


def _manifest(folder: Path) -> tuple[dict[str, str], str]:
    """Return the list of hashes and the version from the manifest, which must agree."""
    try:
        body = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"There is no model in {folder}: {MANIFEST} cannot be read.") from error
    data = read_json(body, MANIFEST)
    digests, version = data.get("files"), data.get("version")
    sound = (
        isinstance(digests, dict)
        and {GENERAL, MODEL, CARD} <= digests.keys() <= _NAMES
        and all(isinstance(digest, str) and _SHA256.fullmatch(digest) for digest in digests.values())
    )
    if not sound or version != _version(digests):  # type: ignore[arg-type]
        raise ConfigurationError(
            f"The {MANIFEST} in {folder} was altered or cut; restore it, or train again."
        )
    return digests, version  # type: ignore[return-value]


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}


def _version(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(json_bytes(digests)).hexdigest()[:16]


def _not_finite(text: str) -> float:
    raise ValueError(f"{text} is not a finite number")


def _finite(data: object) -> bool:
    """Tell whether every number in *data* is finite; ``1e999`` is read as infinite."""
    if isinstance(data, dict):
        return all(_finite(value) for value in data.values())
    if isinstance(data, list):
        return all(_finite(value) for value in data)
    return not isinstance(data, float) or math.isfinite(data)
