"""What an erasure takes from proposals: the own words about a declaration, and the rights of a person.

Who asked, who approved and who executed stays, and so does what was done, in the override, the account
and the hold.  Proposals about content, models and keys speak of no declaration and stay as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.ports import StoredProposal, UnitOfWork

__all__ = ["impersonal_proposal", "proposals_about"]

#: Act -> the member of its payload that says what it is about.
_ABOUT: Final = {Act.LOWER_LANE: "decision_id", Act.SET_RIGHTS: "name", Act.RELEASE_HOLD: "number"}
#: Members whose content goes -> what takes its place, so that the payload can still be read.
_EMPTY: Final[Mapping[str, Any]] = {"text": "", "roles": [], "offices": [], "compartments": []}


def proposals_about(
    uow: UnitOfWork, *, decisions: Collection[str], persons: Collection[str], holds: Collection[int]
) -> Iterator[StoredProposal]:
    """Iterate over the proposals about these decisions, accounts and holds, whatever became of them."""
    wanted: dict[Act, Collection[Any]] = {
        Act.LOWER_LANE: decisions, Act.SET_RIGHTS: persons, Act.RELEASE_HOLD: holds,
    }  # fmt: skip
    for proposal in uow.proposals():
        stored = uow.proposal(proposal.id) if wanted.get(proposal.act) else None
        if stored and json.loads(stored.payload)[_ABOUT[proposal.act]] in wanted[proposal.act]:
            yield stored


def impersonal_proposal(stored: StoredProposal) -> StoredProposal:
    """Return the proposal without own words, rights, and hashes of them: a bare hash could be guessed."""
    payload = json.loads(stored.payload)
    body = canonical_json({name: _EMPTY.get(name, value) for name, value in payload.items()})
    digest, before = hashlib.sha256(body).hexdigest(), stored.proposal
    approvals = tuple(replace(each, payload_sha256=digest) for each in before.approvals)
    after = replace(before, payload_sha256=digest, reason="", approvals=approvals)
    return StoredProposal(proposal=after, payload=body)
