"""A decision as evidence is all of it, and its identity is that of the version it answers."""

from __future__ import annotations

from dataclasses import asdict, fields, replace

import pytest

from tests.fakes.store_values import new_decision
from tidewaiter.core.decision import (
    Decision,
    HitRecord,
    Reason,
    StageRecord,
    UndecidedRecord,
    Versions,
    decision_id,
)

FULL = replace(
    new_decision(1)[0],
    kinds={"valuation": 0.25},
    stages=(StageRecord(stage="random", lane="examination", probability=0.01, selected=False),) * 2,
    hits=(HitRecord(profile="p", version=2, items=(1,), evidence=(("origin", 1, "DE"), ("flow", 0, None))),),
    undecided=(UndecidedRecord(profile="q", missing=("net_mass",)),),
    reasons=(Reason(code="profile:p", params={"share": 0.5}, text="Because."),),
    marks=("OVER_CAPACITY",),
    draw_keys=("k",),
)


def test_the_evidence_holds_every_member_of_the_decision_and_of_its_records() -> None:
    assert FULL.evidence() == {**asdict(FULL), "at": FULL.at.isoformat()}


def test_where_one_key_draws_all_the_evidence_has_the_bytes_that_it_had_before_there_were_epochs() -> None:
    evidence = replace(FULL, draw_keys=()).evidence()
    assert list(evidence) == [field.name for field in fields(Decision) if field.name != "draw_keys"]


@pytest.mark.parametrize("kind", [Decision, HitRecord, Reason, StageRecord, UndecidedRecord, Versions])
def test_no_member_of_a_record_is_left_out(kind: type) -> None:
    """A member that is added later must be in the evidence too."""
    evidence = FULL.evidence()
    of_kind = {
        Decision: evidence,
        HitRecord: evidence["hits"][0],
        Reason: evidence["reasons"][0],
        StageRecord: evidence["stages"][0],
        UndecidedRecord: evidence["undecided"][0],
        Versions: evidence["versions"],
    }
    assert list(of_kind[kind]) == [field.name for field in fields(kind)]


def test_a_change_of_the_evidence_does_not_reach_the_decision() -> None:
    evidence = FULL.evidence()
    evidence["kinds"]["valuation"] = 1.0
    evidence["stages"][0]["probability"] = 1.0
    evidence["versions"]["rules"] = "other"
    assert FULL.evidence() == {**asdict(FULL), "at": FULL.at.isoformat()}


def test_one_version_has_one_identity_and_no_two_keys_run_into_each_other() -> None:
    assert decision_id("port", "D1", 1) == decision_id("port", "D1", 1)
    keys = [("port", "D1", 1), ("port", "D1", 2), ("port", "D", 11), ("por", "tD1", 1), ("port", "D11", 1)]
    assert len({decision_id(*key) for key in keys}) == len(keys)
    assert decision_id("port", "D1", 1).startswith("D")
