"""Profiles and named lists: what an administration looks for, why, until when, and what to do.

A profile is a condition with its papers: owner, risk area, legal reference, validity, lane, share of
its matches to select, instructions, and what missing data mean for it.  A named list holds codes of
one form, with source and expiry.  Both are read from plain data, and nothing is ever guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from tidewaiter.core.codes import CodeError, identifier
from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.errors import Fault
from tidewaiter.core.history.measures import normalised
from tidewaiter.core.plain import Reader, at, record
from tidewaiter.core.quantities import canonical
from tidewaiter.core.rules.form import read_node, to_data
from tidewaiter.core.rules.forms import CodeForm, expected, fits
from tidewaiter.core.rules.nodes import AllOf, Node

__all__ = [
    "ENTRIES_MAX", "Level", "MissingMeans", "NamedList", "Profile", "RiskArea", "entry_problem", "list_data",
    "profile_data", "read_entries", "read_list", "read_profile",
]  # fmt: skip

ENTRIES_MAX: Final = 100_000
_YEARS_MAX: Final = 2
#: Wrong entries of one list that are named one by one; the others are counted.
_ENTRY_FAULTS_MAX: Final = 10


class RiskArea(StrEnum):
    """What may be wrong."""

    VALUATION = "valuation"
    CLASSIFICATION = "classification"
    ORIGIN = "origin"
    QUANTITY = "quantity"
    PROHIBITED_GOODS = "prohibited_goods"
    IPR = "ipr"
    SAFETY = "safety"
    SECURITY = "security"
    DRUGS = "drugs"
    #: Abuse of a customs procedure: temporary import, re-export, splitting.
    PROCEDURE = "procedure"
    #: The compliance record of a trader, whatever the kind of irregularity.
    COMPLIANCE_RECORD = "compliance_record"


class Level(StrEnum):
    """Who owns a profile and where it is in force."""

    NATIONAL = "national"
    REGIONAL = "regional"
    OFFICE = "office"


class MissingMeans(StrEnum):
    """What it means for a profile that its condition is unknown."""

    #: It does not fire, and is listed as undecided with the missing features.
    UNDECIDED = "undecided"
    #: It fires.
    FIRES = "fires"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One risk profile: a condition on an item (or on the header alone) with its papers."""

    #: Stable name, such as ``zero_price``.
    code: str
    #: From 1; each change adds one.
    version: int
    title: str
    description: str
    #: The unit or person who answers for it.
    owner: str
    risk_area: RiskArea
    #: Law, standard or instruction that it rests on.
    reference: str
    flows: frozenset[TradeFlow]
    level: Level
    #: Offices where it is in force; empty: everywhere (national).
    offices: frozenset[str]
    #: First and last day in force, both included; at most two years apart.
    valid_from: date
    valid_until: date
    #: Code of the lane that a selected match gets at least.
    lane: str
    #: Share of the matches that is selected by draw, over 0 to 1; 1: every match (mandatory).
    share: Decimal
    #: Codes of the checks to make, in order.
    checks: tuple[str, ...]
    #: The reason as the officer may read it: no thresholds, no figures.
    officer_text: str
    unknown: MissingMeans
    when: Node

    @property
    def mandatory(self) -> bool:
        """Whether every match is selected."""
        return self.share == 1

    def applies(self, flow: TradeFlow, office: str, on: date) -> bool:
        """Tell whether the profile is in force for a flow, at an office, on a day."""
        return (
            flow in self.flows
            and self.valid_from <= on <= self.valid_until
            and (not self.offices or office in self.offices)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedList:
    """A list of codes that profiles refer to by name."""

    code: str
    #: The form of its entries: it can only be compared with features of that form.
    kind: CodeForm
    entries: frozenset[str]
    #: Where the entries come from.
    source: str
    #: Last day on which the entries may be relied on; a profile that uses the list ends by then.
    expires: date


def profile_data(profile: Profile) -> dict[str, Any]:
    """Return *profile* as plain data; :func:`read_profile` gives the same profile again."""
    return {
        "code": profile.code,
        "version": profile.version,
        "title": profile.title,
        "description": profile.description,
        "owner": profile.owner,
        "risk_area": profile.risk_area.value,
        "reference": profile.reference,
        "flows": sorted(flow.value for flow in profile.flows),
        "level": profile.level.value,
        "offices": sorted(profile.offices),
        "valid_from": profile.valid_from.isoformat(),
        "valid_until": profile.valid_until.isoformat(),
        "lane": profile.lane,
        "share": canonical(profile.share),
        "checks": list(profile.checks),
        "officer_text": profile.officer_text,
        "unknown": profile.unknown.value,
        "when": to_data(profile.when),
    }


def read_profile(data: object, place: str, faults: list[Fault]) -> Profile | None:
    """Return the profile that *data* writes; record all faults and return None when there are any."""
    before = len(faults)
    reader = Reader(data, place, faults)
    written = reader.raw("when")
    when = None if written is None else read_node(written, at(place, "when"), faults)
    profile = Profile(
        code=reader.code("code"),
        version=reader.integer("version", at_least=1, at_most=1_000_000),
        title=reader.text("title", at_most=120),
        description=reader.text("description", at_most=1000),
        owner=reader.text("owner", at_most=120),
        risk_area=reader.choice("risk_area", RiskArea),
        reference=reader.text("reference", at_most=400),
        flows=frozenset(reader.choices("flows", TradeFlow)),
        level=reader.choice("level", Level),
        offices=frozenset(reader.texts("offices", required=False, at_most=1000)),
        valid_from=reader.day("valid_from"),
        valid_until=reader.day("valid_until"),
        lane=reader.code("lane"),
        share=reader.decimal("share", at_most=Decimal(1)),
        checks=reader.texts("checks", at_most=20),
        officer_text=reader.text("officer_text", at_most=300),
        unknown=reader.choice("unknown", MissingMeans),
        when=when or AllOf(()),
    )
    reader.close()
    if len(faults) == before:
        _judge(profile, reader)
    return profile if len(faults) == before else None


def _judge(profile: Profile, reader: Reader) -> None:
    """Record what is inconsistent in a profile that could be read."""
    if profile.share == 0:
        reader.fault(
            "share-zero", "share", "a share of nothing selects nothing", "0", "Retire the profile instead."
        )
    if profile.valid_until < profile.valid_from:
        message = f"the profile ends before it begins ({profile.valid_from})"
        reader.fault("validity-reversed", "valid_until", message, profile.valid_until)
    elif profile.valid_until > _years_later(profile.valid_from, _YEARS_MAX):
        message = f"a profile is in force for at most {_YEARS_MAX} years"
        reader.fault(
            "validity-too-long",
            "valid_until",
            message,
            profile.valid_until,
            "Review it earlier and renew it.",
        )
    if profile.level is Level.NATIONAL and profile.offices:
        message = "a national profile is in force at every office"
        reader.fault("offices-national", "offices", message, hint="Remove `offices`, or change `level`.")
    if profile.level is not Level.NATIONAL and not profile.offices:
        reader.fault("offices-missing", "offices", f"a profile of level `{profile.level}` names its offices")
    if profile.level is Level.OFFICE and len(profile.offices) > 1:
        message = "a profile of level `office` names one office"
        reader.fault("offices-many", "offices", message, hint="Use `regional` for several.")
    if re.search(r"[0-9]", profile.officer_text):
        message = "the officer's text has a figure; thresholds stay inside"
        hint = "Say what is unusual without the figure."
        reader.fault("officer-text-figure", "officer_text", message, profile.officer_text, hint)


def _years_later(day: date, years: int) -> date:
    """Return the same day of the year *years* later; 28 February for a leap day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def list_data(named: NamedList) -> dict[str, Any]:
    """Return *named* as plain data; :func:`read_list` gives the same list again."""
    return {
        "code": named.code,
        "kind": named.kind.value,
        "source": named.source,
        "expires": named.expires.isoformat(),
        "entries": sorted(named.entries),
    }


def read_list(data: object, place: str, faults: list[Fault]) -> NamedList | None:
    """Return the named list that *data* writes; record all faults and return None when there are any."""
    before = len(faults)
    reader = Reader(data, place, faults)
    kind = reader.choice("kind", CodeForm)
    # Without a kind only what holds for every code can be judged.
    form = kind if len(faults) == before else CodeForm.CODE
    named = NamedList(
        code=reader.code("code"),
        kind=kind,
        source=reader.text("source", at_most=400),
        expires=reader.day("expires"),
        entries=read_entries(reader, "entries", form, at_least=1),
    )
    reader.close()
    return named if len(faults) == before else None


def read_entries(reader: Reader, key: str, kind: CodeForm, *, at_least: int) -> frozenset[str]:
    """Return the entries of a list at *key*: distinct codes of one form; there is no empty entry."""
    place = at(reader.place, key)
    found: set[str] = set()
    wrong = 0
    for index, entry in enumerate(reader.listed(key, at_least=at_least, at_most=ENTRIES_MAX)):
        problem = entry_problem(entry, kind, found)
        if problem is None:
            found.add(str(entry))
            continue
        wrong += 1
        if wrong <= _ENTRY_FAULTS_MAX:
            code, message = problem
            record(reader.faults, code, at(place, index), message, entry)
    if wrong > _ENTRY_FAULTS_MAX:
        reader.fault("more-entries", key, f"{wrong - _ENTRY_FAULTS_MAX} more entries are wrong")
    return frozenset(found)


def entry_problem(entry: object, kind: CodeForm, found: Collection[str]) -> tuple[str, str] | None:
    """Return what is wrong with an entry of a list beside those *found* (code, sentence), or None."""
    if not isinstance(entry, str):
        return "not-text", "an entry is text in quotes; a list has no empty entry"
    if entry in found:
        return "entry-twice", "the entry is there twice"
    if kind is CodeForm.TEXT:
        return (
            None
            if entry and entry == normalised(entry)
            else ("text-form", "texts are in capitals, single blanks")
        )
    try:
        identifier(entry)
    except CodeError as error:
        return "code-form", str(error)
    return None if fits(kind, entry) else ("code-form", f"a code of kind `{kind}` is {expected(kind)}")
