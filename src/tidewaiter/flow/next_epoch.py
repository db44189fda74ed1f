"""Probabilities that wait: within an epoch nobody changes with what chance a consignment is drawn.

A rate that may be changed at any hour is changed for a certain hour.  So where epochs are in use, the
random floor, the name of the series of draws and the shares of profiles that were published during an
epoch count from the next one on; everything else, also a new profile with its share, counts at once.
What waits is published too, so that everybody may see it come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tidewaiter.core.draw.epoch import Epoch
from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.content import KINDS, parse
from tidewaiter.flow.ports import UnitOfWork

__all__ = ["WAITING", "bodies_to_be", "take_effect", "wait", "with_probabilities_of"]

#: Kind of publication that holds what waits for the next epoch: plan and rules; empty: nothing.
WAITING: Final = "next_epoch"

#: What of the plan is about the draws of consignments: where a draw comes from, and its chance.
_OF_THE_PLAN: Final = ("id", "draws", "random_floor")


def with_probabilities_of(current: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the *new* content (kind -> plain data) with the probabilities of draws of the *current* one."""
    plan = {**new["plan"], **{name: current["plan"][name] for name in _OF_THE_PLAN}}
    shares = {profile["code"]: profile["share"] for profile in current["rules"]["profiles"]}
    profiles = [
        {**profile, "share": shares.get(profile["code"], profile["share"])}
        for profile in new["rules"]["profiles"]
    ]
    return {**new, "plan": plan, "rules": {**new["rules"], "profiles": profiles}}


def wait(uow: UnitOfWork, new: Mapping[str, Any], epoch: Epoch, at: datetime, by: str) -> dict[str, Any]:
    """Return what of the *new* content counts at once, and publish the rest as waiting.

    Without epochs in use (epoch 0) all of it counts at once.
    """
    plan, rules = uow.published("plan"), uow.published("rules")
    if epoch.number == 0 or plan is None or rules is None:
        return dict(new)
    current = {"plan": json.loads(plan.body), "rules": json.loads(rules.body)}
    at_once = with_probabilities_of(current, new)
    before = uow.published(WAITING)
    if at_once != new:
        body = canonical_json({"epoch": epoch.number, "content": json.dumps(_waiting(new), sort_keys=True)})
        version = hashlib.sha256(body).hexdigest()[:16]
        if before is None or before.version != version:
            uow.publish(WAITING, version, body, at, by)
    elif before is not None and before.version:
        uow.publish(WAITING, "", b"{}", at, by)
    return at_once


def bodies_to_be(uow: UnitOfWork) -> dict[str, Any]:
    """Return what was published last (kind -> plain data), also what of it waits for the next epoch."""
    bodies: dict[str, Any] = {kind: json.loads(_in_force(uow, kind)) for kind in KINDS}
    waiting = uow.published(WAITING)
    if waiting is not None and waiting.version:
        bodies |= json.loads(json.loads(waiting.body)["content"])
    return bodies


def take_effect(uow: UnitOfWork, epoch: Epoch, at: datetime) -> None:
    """Put in force what waited for an epoch after the one in which it was published."""
    waiting = uow.published(WAITING) if epoch.number else None
    if waiting is None or not waiting.version:
        return
    data = json.loads(waiting.body)
    if data["epoch"] >= epoch.number:
        return
    bodies = {kind: json.loads(_in_force(uow, kind)) for kind in ("lanes", "checks")}
    bodies |= json.loads(data["content"])
    content = parse(bodies, {})
    by = f"epoch {epoch.number}"
    for kind, version in (("rules", content.rules.version), ("plan", content.plan.version)):
        body = json.dumps(bodies[kind], ensure_ascii=False, sort_keys=True).encode()
        uow.publish(kind, version, body, at, by)
    uow.publish(WAITING, "", b"{}", at, by)


def _waiting(new: Mapping[str, Any]) -> dict[str, Any]:
    return {"plan": new["plan"], "rules": new["rules"]}


def _in_force(uow: UnitOfWork, kind: str) -> bytes:
    publication = uow.published(kind)
    if publication is None:
        raise ValueError(f"BUG: no {kind} are in force")
    return publication.body
