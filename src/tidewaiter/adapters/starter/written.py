"""A condition or a profile that somebody is writing: one file, as text or as YAML or JSON, judged whole.

The lists, lanes, checks and offices that it names, and the profiles that it is held against, are those
of a folder of content.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final

from tidewaiter.adapters.starter.load import Starter
from tidewaiter.adapters.starter.strict_yaml import BYTES_MAX, Sheet, read_yaml
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.check import check_condition, check_set, check_vocabulary
from tidewaiter.core.rules.checks.covered import covered, firing
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.remarks import remarks_on_condition
from tidewaiter.core.rules.evaluate import Lists
from tidewaiter.core.rules.form import read_node
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.profile import Profile, read_profile
from tidewaiter.core.rules.text.conditions import in_data_form
from tidewaiter.core.rules.text.grammar import read_text
from tidewaiter.core.rules.text.judged import judged, located
from tidewaiter.core.rules.text.places import Marked, in_text

__all__ = ["Finding", "Written", "read_written"]

_DATA: Final = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault or a remark, for machines and for people."""

    #: Its place begins with the name of the file.
    fault: Fault
    #: The same with the line of the text, where there is one.
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says."""

    #: None: it has faults.
    node: Node | None
    #: What refuses it.
    faults: tuple[Finding, ...]
    #: What is surely not meant, and refuses nothing; none where there are faults.
    remarks: tuple[Finding, ...] = ()
    #: The entries of the lists that it may use.
    lists: Lists = field(default_factory=dict)


def read_written(content: bytes, name: str, registry: Registry, around: Starter) -> Written:
    """Return what the file called *name* says: by its ending YAML or JSON, else text of one condition."""
    try:
        if PurePath(name).suffix.lower() in _DATA:
            written = _Data(read_yaml(content, name), registry, around).judged()
        else:
            written = _judged_text(_text_of(content, name), name, registry, around)
        return replace(written, lists=around.rules.entries)
    except ConfigurationError as error:
        return Written(node=None, faults=tuple(_finding(fault) for fault in error.faults))


def _text_of(content: bytes, name: str) -> str:
    """Return *content* as text; ConfigurationError when it is none, or too long."""
    try:
        if len(content) <= BYTES_MAX:
            return content.decode("utf-8-sig")
        fault = Fault(code="too-large", place=name, message=f"a file has at most {BYTES_MAX:,} bytes")
    except UnicodeDecodeError:
        message, hint = "the file is not UTF-8 text", "Save it as UTF-8."
        fault = Fault(code="not-utf-8", place=name, message=message, hint=hint)
    raise ConfigurationError(f"`{name}` cannot be read.", faults=(fault,))


def _judged_text(text: str, name: str, registry: Registry, around: Starter) -> Written:
    """Return the condition that *text* writes with all that is to be said about it."""
    lists = around.rules.lists
    node, faults = judged(text, registry, lists)
    if node is None:
        return Written(node=None, faults=tuple(_marked(text, name, marked) for marked in faults))
    remarks = located(text, read_text(text, registry), remarks_on_condition(node, registry, lists))
    return Written(node=node, faults=(), remarks=tuple(_marked(text, name, marked) for marked in remarks))


def _marked(text: str, name: str, marked: Marked) -> Finding:
    place = f"{name}, {marked.fault.place}"
    return Finding(fault=replace(marked.fault, place=place), words=f"{name}, {in_text(text, marked)}")


def _finding(fault: Fault) -> Finding:
    return Finding(fault=fault, words=str(fault))


class _Data:
    """A profile or a condition as plain data."""

    def __init__(self, sheet: Sheet, registry: Registry, around: Starter) -> None:
        self.sheet = sheet
        self.registry = registry
        self.around = around
        self.lists = around.rules.lists

    def judged(self) -> Written:
        """Return what the data say, with all that is to be said about it."""
        whole = isinstance(self.sheet.data, dict) and "when" in self.sheet.data
        faults: list[Fault] = []
        if whole:
            data = in_data_form(self.sheet.data, self.registry, faults)
            profile = read_profile(data, "", faults)
            if profile is not None and not faults:
                return self.profile(profile)
        else:
            node = read_node(self.sheet.data, "", faults)
            if node is not None:
                return self.told(node, check_condition(node, self.registry, self.lists))
        return Written(node=None, faults=self.findings(faults))

    def profile(self, profile: Profile) -> Written:
        """Return the condition of a profile with what is to be said about the profile."""
        around = self.around
        faults = [
            *check_set([profile], self.lists.values(), self.registry),
            *check_vocabulary(
                [profile],
                lanes=around.lanes.codes,
                checks=[check.code for check in around.checks],
                offices=list(around.plan.capacity.offices),
            ),
        ]
        return self.told(profile.when, faults, profile)

    def told(self, node: Node, faults: Sequence[Fault], profile: Profile | None = None) -> Written:
        """Return a condition without faults with its remarks, or else the faults."""
        within = "" if profile is None else f"/profiles/{profile.code}"
        if faults:
            return Written(node=None, faults=self.findings(faults, within))
        remarks = self.findings(self.remarks(node, profile))
        return Written(node=node, faults=(), remarks=remarks)

    def remarks(self, node: Node, profile: Profile | None) -> Iterator[Fault]:
        """Iterate over the remarks on a condition, and on its profile beside those of the content."""
        yield from remarks_on_condition(node, self.registry, self.lists, "" if profile is None else "/when")
        if profile is not None:
            known = Known(registry=self.registry, lists=self.lists)
            others = (firing(other, known) for other in self.around.rules.profiles)
            yield from covered(firing(profile, known), others, "")

    def findings(self, faults: Sequence[Fault] | Iterator[Fault], within: str = "") -> tuple[Finding, ...]:
        """Return *faults* with file and line; *within* is dropped from their places."""
        return tuple(_finding(self.sheet.locate(fault, within)) for fault in faults)
