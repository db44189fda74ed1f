"""A folder of content as people keep it: written from what is published, and read beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from tidewaiter.adapters.starter.load import as_files, load_starter
from tidewaiter.adapters.starter.print_yaml import print_yaml
from tidewaiter.core.errors import ConfigurationError, Conflict
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.profiles import NamedList, Profile, list_data, profile_data, read_list, read_profile
from tidewaiter.core.rules.text.printing import print_text

__all__ = ["read_folder", "write_folder", "write_part"]

_FILES: Final = ("lanes.yaml", "checks.yaml", "offices.yaml", "plan.yaml")
_FOLDERS: Final = ("profiles", "lists")


def write_folder(
    folder: Path, bodies: Mapping[str, Any], registry: Registry, *, replace: bool = False
) -> int:
    """Write a content (kind -> plain data) as text files; return how many.

    Raises Conflict when *folder* holds something, unless *replace*: then the files of profiles and lists
    that are not part of the content go, and everything else in it stays.
    """
    return _write(folder, as_files(bodies), registry, replace=replace)


def write_part(
    folder: Path, profiles: Iterable[Profile], lists: Iterable[NamedList], registry: Registry, *,
    plan: Mapping[str, Any] | None = None, replace: bool = False,
) -> int:  # fmt: skip
    """Write profiles, lists and the plan (plain data, without its offices) as :func:`write_folder` does.

    Return how many files there are.
    """
    files: dict[str, Any] = {f"profiles/{each.code}.yaml": profile_data(each) for each in profiles}
    files |= {f"lists/{each.code}.yaml": list_data(each) for each in lists}
    if plan is not None:
        files["plan.yaml"] = {key: value for key, value in plan.items() if key != "capacity"}
    return _write(folder, files, registry, replace=replace)


def _write(folder: Path, files: Mapping[str, Any], registry: Registry, *, replace: bool) -> int:
    held = {path for kind in _FOLDERS for path in (folder / kind).glob("*.yaml")}
    if not replace and folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty; name another folder, or give --replace.")
    texts = {
        folder / name: print_yaml(_readable(name.partition("/")[0], data, registry))
        for name, data in files.items()
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in held - set(texts):
        path.unlink()
    return len(texts)


def read_folder(
    folder: Path, registry: Registry, published: Mapping[str, Any], *, whole: bool = False
) -> Mapping[str, Any]:
    """Return the content (kind -> plain data) that *folder* would make of what is *published*.

    What it does not hold stays as it is; with *whole* the profiles and lists that it does not hold go.
    Raises ConfigurationError with every fault, its file and line.
    """
    known = [*(folder / name for name in _FILES), *(folder / name for name in _FOLDERS)]
    if not any(path.exists() for path in known):
        raise ConfigurationError(
            f"{folder} holds no content: it needs {', '.join(_FILES)}, or a folder profiles or lists."
        )
    around = {**published, "rules": {"profiles": [], "lists": []}} if whole else published
    return load_starter(folder, registry, around).bodies


def _readable(kind: str, data: Mapping[str, Any], registry: Registry) -> Mapping[str, Any]:
    """Return *data* in the order of the form that people know, the condition of a profile as text."""
    if kind == "lists" and (named := read_list(data, "", [])) is not None:
        return list_data(named)
    if kind == "profiles" and (profile := read_profile(data, "", [])) is not None:
        return {**profile_data(profile), "when": print_text(profile.when, registry)}
    ordered: Mapping[str, Any] = _named_first(data)
    return ordered


def _named_first(data: Any) -> Any:
    """Return parameters with their names before what is said of them."""
    if isinstance(data, Mapping):
        names = [name for name in ("id", "code", "name") if name in data]
        return {key: _named_first(data[key]) for key in dict.fromkeys((*names, *data))}
    return [_named_first(each) for each in data] if isinstance(data, list) else data
