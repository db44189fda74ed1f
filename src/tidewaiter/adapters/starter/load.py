"""Loads the content of an administration from a folder of YAML files, and names every fault with its line.

The folder holds ``lanes.yaml``, ``checks.yaml``, ``offices.yaml``, ``plan.yaml``, one profile a file
in ``profiles/`` and one list a file in ``lists/``.  Nothing of a folder with a fault is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from tidewaiter.adapters.starter.strict_yaml import BYTES_MAX, Sheet, read_yaml
from tidewaiter.core.checks import Check, checks_from_data
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.plain import at
from tidewaiter.core.profiles import NamedList, Profile, read_list, read_profile
from tidewaiter.core.rules.check import check_vocabulary
from tidewaiter.core.rules.ruleset import RuleSet
from tidewaiter.core.rules.text.conditions import in_data_form
from tidewaiter.core.selection.lanes import Lanes, lanes_from_data
from tidewaiter.core.selection.plan import Plan
from tidewaiter.core.selection.plan_reading import plan_from_data

__all__ = ["Starter", "as_files", "load_starter"]

_CAPACITY: Final = "/capacity"


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_Content = TypeVar("_Content", bound=_Coded)
_Read = TypeVar("_Read")


@dataclass(frozen=True, kw_only=True)
class Starter:
    """All content of a folder, read and found sound together."""

    lanes: Lanes
    checks: tuple[Check, ...]
    rules: RuleSet
    plan: Plan
    #: Kind of content (``lanes``, ``checks``, ``rules``, ``plan``) -> plain data, as it is published.
    bodies: Mapping[str, Any]


def load_starter(folder: Path, registry: Registry, around: Mapping[str, Any] | None = None) -> Starter:
    """Return the content in *folder*, with conditions over the features of *registry*.

    What the folder does not hold is taken from *around* (kind of content -> plain data, as it was
    published), if that is given; else it is a fault.

    Raises:
        ConfigurationError: with every fault: file, line, value and hint.

    """
    loading = _Loading(folder, around)
    sheets = {name: loading.sheet(f"{name}.yaml") for name in ("lanes", "checks", "offices", "plan")}
    lanes = loading.read(sheets["lanes"], lanes_from_data)
    checks = loading.read(sheets["checks"], checks_from_data)
    plan_data = _with_capacity(sheets["plan"], sheets["offices"])
    plan = None
    if plan_data is not None and lanes is not None:
        plan = loading.plan(plan_data, lanes, sheets)
    lists = loading.folder_of("lists", read_list)
    profiles = loading.folder_of("profiles", partial(_profile, registry))
    if not loading.faults and lanes is not None and checks is not None and plan is not None:
        rules = loading.rules(profiles, lists, registry, lanes, checks, plan)
        if rules is not None:
            return Starter(
                lanes=lanes,
                checks=checks,
                rules=rules,
                plan=plan,
                bodies={
                    "lanes": _data(sheets["lanes"]),
                    "checks": _data(sheets["checks"]),
                    "rules": rules.to_data(),
                    "plan": plan_data,
                },
            )
    count = len(loading.faults)
    message = f"The content in `{folder.name}` cannot be used: {count} {'fault' if count == 1 else 'faults'}."
    raise ConfigurationError(message, faults=tuple(loading.faults))


def _profile(registry: Registry, data: object, place: str, faults: list[Fault]) -> Profile | None:
    """Return the profile that *data* writes, with its condition as data or as text."""
    before = len(faults)
    profile = read_profile(in_data_form(data, registry, faults), place, faults)
    return profile if len(faults) == before else None


def _data(sheet: Sheet | None) -> Any:
    return None if sheet is None else sheet.data


def as_files(bodies: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a content (kind -> plain data) by the name of the file that each would stand in."""
    rules, plan = bodies["rules"], dict(bodies["plan"])
    return {
        "lanes.yaml": bodies["lanes"],
        "checks.yaml": bodies["checks"],
        "offices.yaml": plan.pop("capacity"),
        "plan.yaml": plan,
        **{f"{kind}/{each['code']}.yaml": each for kind in ("profiles", "lists") for each in rules[kind]},
    }


def _with_capacity(plan: Sheet | None, offices: Sheet | None) -> Any:
    """Return the data of the plan with the offices as its capacity; None when one cannot be read."""
    if plan is None or offices is None:
        return None
    return {**plan.data, "capacity": offices.data} if isinstance(plan.data, dict) else plan.data


class _Loading:
    """One loading of a folder: collects faults of all its files."""

    def __init__(self, folder: Path, around: Mapping[str, Any] | None) -> None:
        self.folder = folder
        self.around = {} if around is None else as_files(around)
        self.faults: list[Fault] = []
        #: ``profiles/<code>`` or ``lists/<code>`` -> its sheet.
        self.origins: dict[str, Sheet] = {}

    def sheet(self, name: str) -> Sheet | None:
        """Return the file called *name*; None when it is missing or cannot be read."""
        try:
            with (self.folder / name).open("rb") as file:
                content = file.read(BYTES_MAX + 1)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            if name in self.around:
                return Sheet(file=f"{name} (in force)", data=self.around[name], lines={})
            message = "the file is missing"
            self.faults.append(Fault(code="file-missing", place=name, message=message))
            return None
        try:
            return read_yaml(content, name)
        except ConfigurationError as error:
            self.faults += error.faults
            return None

    def read(self, sheet: Sheet | None, reading: Callable[[object], _Read]) -> _Read | None:
        """Return what *reading* makes of a sheet; None when it finds faults."""
        if sheet is None:
            return None
        try:
            return reading(sheet.data)
        except ConfigurationError as error:
            self.faults += [sheet.locate(fault) for fault in error.faults]
            return None

    def plan(self, data: object, lanes: Lanes, sheets: Mapping[str, Sheet | None]) -> Plan | None:
        """Return the plan; a fault of its capacity is one of the file of offices."""
        try:
            return plan_from_data(data, lanes)
        except ConfigurationError as error:
            for fault in error.faults:
                inside = fault.place.startswith(_CAPACITY)
                sheet = sheets["offices" if inside else "plan"]
                self.faults.append(
                    fault if sheet is None else sheet.locate(fault, _CAPACITY if inside else "")
                )
            return None

    def folder_of(
        self, kind: str, reading: Callable[[object, str, list[Fault]], _Content | None]
    ) -> list[_Content]:
        """Return what the files of a sub-folder hold, one a file, each named as its code."""
        found: list[_Content] = []
        for other in sorted((self.folder / kind).glob("*.yml")):
            message, hint = "a file of content ends in `.yaml`", "Rename it, or move it away."
            place = f"{kind}/{other.name}"
            self.faults.append(Fault(code="file-ending", place=place, message=message, hint=hint))
        names = {path.name for path in (self.folder / kind).glob("*.yaml")}
        names |= {name.partition("/")[2] for name in self.around if name.startswith(f"{kind}/")}
        for path in sorted(map(Path, names)):
            sheet = self.sheet(f"{kind}/{path.name}")
            if sheet is None:
                continue
            faults: list[Fault] = []
            content = reading(sheet.data, "", faults)
            self.faults += [sheet.locate(fault) for fault in faults]
            if content is None:
                continue
            if path.stem != content.code:
                message = f"the file is called `{path.name}`, but the code in it is another"
                fault = Fault(code="file-name", place="/code", message=message, value=content.code)
                self.faults.append(sheet.locate(fault))
            self.origins[at(f"/{kind}", content.code)] = sheet
            found.append(content)
        return found

    def rules(
        self,
        profiles: list[Profile],
        lists: list[NamedList],
        registry: Registry,
        lanes: Lanes,
        checks: tuple[Check, ...],
        plan: Plan,
    ) -> RuleSet | None:
        """Return the rule set, when its profiles make sense together and with all other content."""
        known = {
            "lanes": lanes.codes,
            "checks": [c.code for c in checks],
            "offices": list(plan.capacity.offices),
        }
        faults = check_vocabulary(
            profiles, lanes=known["lanes"], checks=known["checks"], offices=known["offices"]
        )
        self.faults += [self.located(fault) for fault in faults]
        try:
            rules = RuleSet(profiles, lists, registry, lanes=lanes.codes)
        except ConfigurationError as error:
            self.faults += [self.located(fault) for fault in error.faults]
            return None
        return None if faults else rules

    def located(self, fault: Fault) -> Fault:
        """Return *fault* of a profile or list with its file and line."""
        parts = fault.place.split("/", 3)
        origin = "/".join(parts[:3])
        sheet = self.origins.get(origin)
        return fault if sheet is None else sheet.locate(fault, origin)
