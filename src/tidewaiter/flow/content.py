"""The content in force: lanes, plan, rules and checks, as published versions.

What an administration publishes is kept as plain data in the store, so a decision of years ago can
be made again under the content of its day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidewaiter.core.checks import Check, checks_from_data
from tidewaiter.core.errors import Unavailable
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.ruleset import RuleSet, ruleset_from_data
from tidewaiter.core.selection.lanes import Lanes, lanes_from_data
from tidewaiter.core.selection.plan import Plan
from tidewaiter.core.selection.plan_reading import plan_from_data
from tidewaiter.flow.ports import UnitOfWork

__all__ = ["KINDS", "Content", "content_in_force", "lanes_in_force", "parse"]

#: Kinds of content, in the order in which they are read: rules and plan name lanes.
KINDS = ("lanes", "checks", "rules", "plan")


@dataclass(frozen=True, kw_only=True)
class Content:
    """All content that a decision uses, parsed."""

    lanes: Lanes
    plan: Plan
    rules: RuleSet
    #: By code.
    checks: Mapping[str, Check]
    #: Kind -> version in force.
    versions: Mapping[str, str]


def parse(bodies: Mapping[str, Any], versions: Mapping[str, str]) -> Content:
    """Return the content written in *bodies* (kind -> plain data); raises ConfigurationError."""
    lanes = lanes_from_data(bodies["lanes"])
    checks = {check.code: check for check in checks_from_data(bodies["checks"])}
    rules = ruleset_from_data(bodies["rules"], REGISTRY, lanes=lanes.codes)
    plan = plan_from_data(bodies["plan"], lanes)
    return Content(lanes=lanes, plan=plan, rules=rules, checks=checks, versions=versions)


def content_in_force(uow: UnitOfWork, versions: Mapping[str, str] | None = None) -> Content:
    """Return the content in force, or that of the named *versions*."""
    bodies: dict[str, Any] = {}
    found: dict[str, str] = {}
    for kind in KINDS:
        publication = uow.published(kind, None if versions is None else versions[kind])
        if publication is None:
            wanted = "is published" if versions is None else f"has the version {versions[kind]!r}"
            raise Unavailable(f"No content of the kind {kind!r} {wanted}; run `tidewaiter publish` first.")
        bodies[kind] = json.loads(publication.body)
        found[kind] = publication.version
    return parse(bodies, found)


def lanes_in_force(uow: UnitOfWork) -> Lanes:
    """Return the lanes in force; raises Unavailable when none are published."""
    published = uow.published("lanes")
    if published is None:
        raise Unavailable("No lanes are published; run `tidewaiter publish` first.")
    return lanes_from_data(json.loads(published.body))
