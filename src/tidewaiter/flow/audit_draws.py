"""Audit the draws of an epoch: recompute all of them from the declaration system's own list.

The list is not ours, so a declaration that was kept from the draw, a draw over something else than the
consignment and a hit that was dropped are found alike.  The keys are those that the custodians
revealed, checked against what they committed to before anybody knew the beacon.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.draw.epoch import CUSTODIANS, Epoch, commitment, seed_name, seed_of
from tidewaiter.core.errors import Conflict, NotFound
from tidewaiter.core.learning.uniformity import Uniformity, against_others, against_probabilities
from tidewaiter.flow.audit_checks import (
    Finding,
    Plans,
    Tally,
    check_draws,
    check_first,
    check_identity,
    check_probabilities,
)
from tidewaiter.flow.ceremony import leaf_positions
from tidewaiter.flow.epochs import COMMITMENT, DRAW_KEY, REVEAL, epochs_of, tickets_of_decision
from tidewaiter.flow.ports import MessageFormat, Store, UnitOfWork

__all__ = ["AuditDraws", "DrawAudit", "Finding"]

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawAudit:
    """What an audit found."""

    epoch: int
    #: Declaration versions on the list.
    declarations: int
    #: Decisions that were drawn with the key of the epoch.
    decisions: int
    #: Draws that were made again and compared.
    draws: int
    #: Draws that also depend on a key that is not revealed yet; audit them with its epoch.
    undetermined: int
    #: Consignments that the random floor hit, and those of them for which a control result exists.
    hits: int
    inspected: int
    uniformity: tuple[Uniformity, ...]
    findings: tuple[Finding, ...]
    findings_count: int


@dataclass(frozen=True, kw_only=True)
class AuditDraws:
    """The use case; it writes nothing."""

    store: Store
    messages: MessageFormat
    #: The sealed key of epoch 0, which has no custodians who could reveal it.
    load_key: Callable[[str], DrawKey]
    #: Sizes of the signed checkpoints of the ledger.
    checkpoint_sizes: Callable[[], Iterable[int]]

    def __call__(self, number: int, source: str, declarations: Iterable[Declaration]) -> DrawAudit:
        """Audit epoch *number* against all *declarations* that *source* received on its days.

        Raises NotFound when there is no such epoch, Conflict while its secrets are not revealed.
        """
        listed = {(str(each.id), each.version): each for each in declarations}
        tally = Tally()
        with self.store.read() as uow:
            key_id, keys = self._keys(uow, number, tally)
            plans = Plans(uow)
            drawn: set[tuple[str, int]] = set()
            for evidence in _decisions(uow):
                tickets = tickets_of_decision(evidence)
                # Of every source: the same consignment may have been seen through another one first.
                new = check_first(evidence, tickets, key_id, tally)
                if evidence["source"] != source:
                    continue
                name = evidence["declaration_id"], evidence["declaration_version"]
                drawn.add(name)
                if key_id not in {ticket.key_id for ticket in tickets}:
                    continue
                tally.decisions += 1
                if name in listed:
                    check_identity(evidence, tickets, listed, tally)
                elif evidence["versions"]["draw_key"] == key_id:
                    tally.find("no-declaration", evidence["id"], _orphan(evidence))
                check_draws(evidence, tickets, keys, plans, listed.get(name), new, tally)
            for missing in sorted(listed.keys() - drawn):
                told = f"Version {missing[1]} of declaration {missing[0]!r} is listed and was never drawn."
                tally.find("no-draw", missing[0], told)
            if number:  # without epochs a rate that is published counts at once
                check_probabilities(tally)
            officers, controlled = self._controls(uow, source, tally.hit)
        tests = [against_probabilities(by, tally.by(by)) for by in ("office", "hour")]
        return DrawAudit(
            epoch=number, declarations=len(listed), decisions=tally.decisions, draws=tally.draws,
            undetermined=tally.undetermined, hits=len(tally.hit), inspected=len(controlled),
            uniformity=(*tests, against_others("officer", officers)),
            findings=tuple(tally.findings), findings_count=tally.findings_count,
        )  # fmt: skip

    def _keys(self, uow: UnitOfWork, number: int, tally: Tally) -> tuple[str, dict[str, DrawKey]]:
        """Return the name of the epoch's key, and all keys that are known; check how they came about."""
        epochs = {epoch.number: epoch for epoch in epochs_of(uow)}
        epoch = epochs.get(number)
        if epoch is None or epoch.key_id is None:
            raise NotFound(f"There is no epoch {number} that was opened; `tidewaiter epoch list` shows all.")
        if number == 0:
            key = self.load_key(epoch.key_id)
            return key.id, {key.id: key}
        if not epoch.secrets:
            raise Conflict(f"The secrets of epoch {number} are not revealed yet: nobody can audit its draws.")
        seeds = [seed_of(e.number, e.secrets, e.beacon) for e in epochs.values() if e.secrets and e.beacon]
        keys = {seed_name(seed): DrawKey(id=seed_name(seed), secret=seed) for seed in seeds}
        self._check_ceremony(uow, epoch, tally)
        return epoch.key_id, keys

    def _check_ceremony(self, uow: UnitOfWork, epoch: Epoch, tally: Tally) -> None:
        """Find secrets that nobody committed to, another seed, and an order that proves nothing."""
        subject = f"epoch {epoch.number}"
        if epoch.first_day is None or epoch.last_day is None or len(epoch.commitments) != CUSTODIANS:
            tally.find("commitment", subject, f"The epoch has not {CUSTODIANS} commitments.")
            return
        made = [commitment(epoch.number, epoch.first_day, epoch.last_day, s) for s in epoch.secrets]
        for digest, promised in zip(made, epoch.commitments, strict=False):
            if digest != promised.digest:
                told = f"{promised.custodian} revealed another secret than the one committed to."
                tally.find("commitment", subject, told)
        if seed_name(seed_of(epoch.number, epoch.secrets, epoch.beacon or "")) != epoch.key_id:
            told = "The revealed secrets and the beacon give another seed than was used."
            tally.find("seed", subject, told)
        places = leaf_positions(uow)
        committed = [
            _place(uow, places, COMMITMENT, f"{epoch.number}/{c.custodian}") for c in epoch.commitments
        ]
        opened = _place(uow, places, DRAW_KEY, epoch.key_id or "")
        revealed = _place(uow, places, REVEAL, str(epoch.number))
        if not (all(committed) and opened and revealed):
            told = "A step of the ceremony is not in the ledger as it was published."
            tally.find("commitment", subject, told)
        elif not any(max(committed) <= size < opened for size in self.checkpoint_sizes()):
            told = "No signed checkpoint lies between commitments and beacon: their order is not proven."
            tally.find("order", subject, told)

    def _controls(
        self, uow: UnitOfWork, source: str, hit: set[str]
    ) -> tuple[dict[str, tuple[int, int]], set[str]]:
        """Return (controls of random hits, controls) per officer, and the hits that were controlled."""
        officers: dict[str, tuple[int, int]] = {}
        controlled: set[str] = set()
        for entry in uow.journal():
            if entry.kind != "result" or entry.source != source:
                continue
            result = self.messages.read_control_result(entry.body)
            drawn = result.declaration_id in hit
            if drawn:
                controlled.add(result.declaration_id)
            if result.officer is not None:
                hits, controls = officers.get(result.officer, (0, 0))
                officers[result.officer] = hits + drawn, controls + 1
        return officers, controlled


def _decisions(uow: UnitOfWork) -> Iterator[dict[str, Any]]:
    """Iterate over the evidence of all decisions, in the order of recording."""
    after = 0
    while batch := uow.decisions(after, _BATCH):
        for after, stored in batch:  # noqa: B007 - the last one is where the next batch begins
            yield orjson.loads(stored.evidence)


def _place(uow: UnitOfWork, places: Mapping[tuple[str, str, str], int], kind: str, version: str) -> int:
    """Return the ledger position of what is published, 0 when the ledger has not just this."""
    publication = uow.published(kind, version)
    if publication is None:
        return 0
    return places.get((kind, version, hashlib.sha256(publication.body).hexdigest()), 0)


def _orphan(evidence: Mapping[str, Any]) -> str:
    return (
        f"Decision {evidence['id']} is on version {evidence['declaration_version']} of declaration "
        f"{evidence['declaration_id']!r}, which is not on the list."
    )
