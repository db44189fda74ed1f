"""Random draws: how fast all draws of an epoch are audited, and whether every bent one is found.

Run ``python bench/draws.py [--draws 200000] [--bots 20000]``.  The decisions lie in memory, so the
figure is that of reading evidence, identifying consignments and drawing again; the ledger of the
ceremony is real.  A flipped decision and a hidden declaration are planted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from _table import command, machine, print_table

from tidewaiter.adapters.formats import json as json_format
from tidewaiter.core.decision import StageRecord
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import DrawKey, Ticket, consignment_key, draw
from tidewaiter.core.draw.epoch import what_if_key
from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.audit_draws import AuditDraws, DrawAudit
from tidewaiter.flow.messages import body_digest
from tidewaiter.flow.ports import NewDeclaration, StoredDecision

sys.path.append(str(Path(__file__).resolve().parents[1]))  # what holds a ceremony is shared with the tests

from tests.fakes.epochs import APPEAL_DAYS, DAYS, Custody
from tests.fakes.site import SOURCE, Site
from tests.fakes.store_values import new_decision
from tests.fakes.trade import declaration

RATE = 0.01
TRIES = 3


def drawn(key: DrawKey, identity: bytes, probability: float) -> bool:
    return draw(
        {key.id: key}, tickets=[Ticket(key.id, identity)], plan_id="starter", draws="1",
        probability=probability, domain="random_floor",
    ).hit  # fmt: skip


def epoch(count: int, flipped: int) -> tuple[Custody, list[Declaration]]:
    """Return a site with so many decisions in epoch 1, one of them flipped."""
    custody = Custody(Site(model=None))
    versions = custody.site.services.administration.published()
    key = custody.site.seeds[custody.run(1)]
    template, _ = new_decision(0, source=SOURCE)
    named = replace(template.versions, lanes=versions["lanes"], plan=versions["plan"], draw_key=key.id)
    declarations = [declaration(number) for number in range(count)]
    with custody.site.store.write() as work:
        for number, each in enumerate(declarations):
            identity = consignment_key(each)
            hit = drawn(key, identity, RATE) is not (number == flipped)
            stage = StageRecord(
                stage="random", lane="examination", probability=RATE, selected=hit, detail="default"
            )
            decision = replace(
                new_decision(number, source=SOURCE)[0], declaration_id=each.id, office=each.office,
                at=each.lodged_at, consignment_keys=(identity.hex(),), stages=(stage,), versions=named,
            )  # fmt: skip
            body = json_format.write_declaration(each)
            work.add_declaration(
                NewDeclaration(
                    source=SOURCE, declaration=each, body=body, body_sha256=body_digest(body),
                    at=each.lodged_at, received_at=each.lodged_at,
                )
            )  # fmt: skip
            evidence = canonical_json(decision.evidence())
            stored = StoredDecision(evidence=evidence, inputs=b"{}", answer=b"{}", declaration_body=body)
            work.add_decision(decision, stored)
    custody.site.clock.advance(days=DAYS + APPEAL_DAYS)
    custody.run(2)
    custody.reveal(1)
    return custody, declarations


def audited(custody: Custody, declarations: Sequence[Declaration]) -> tuple[DrawAudit, float, float]:
    audit = AuditDraws(
        store=custody.site.store, messages=json_format, load_key=custody.site.load_key,
        checkpoint_sizes=custody.prove.checkpoint_sizes,
    )  # fmt: skip
    wall, cpu = time.perf_counter(), time.process_time()
    report = audit(1, SOURCE, declarations)
    return report, time.perf_counter() - wall, time.process_time() - cpu


def auditing(count: int) -> list[list[str]]:
    flipped, hidden = count // 3, count // 2
    custody, declarations = epoch(count, flipped)
    listed = [each for number, each in enumerate(declarations) if number != hidden]
    report, wall, cpu = audited(custody, listed)
    found = sorted((finding.code, json.dumps(finding.subject)) for finding in report.findings)
    if [code for code, _ in found] != ["draw", "no-declaration"]:
        raise SystemExit(f"the planted flip and the hidden declaration are not just what was found: {found}")
    return [
        ["draws made again", f"{report.draws:,}"],
        ["findings (1 flipped decision and 1 hidden declaration were planted)", f"{report.findings_count}"],
        ["draws/s of wall time", f"{report.draws / wall:,.0f}"],
        ["draws/s of CPU time", f"{report.draws / cpu:,.0f}"],
        *([f"by {test.by}: p", f"{test.p_value:.2f}"] for test in report.uniformity if test.freedom),
    ]


def bots(count: int) -> list[list[str]]:
    """Return the share inspected when each bot lodges up to three times more, per identity and rate."""
    key = what_if_key("bench")
    made = []
    for rate in (0.05, 0.25):
        shares = []
        for by_declaration in (False, True):
            inspected = 0
            for bot in range(count):
                names = [f"{bot}-{attempt}" if by_declaration else f"{bot}" for attempt in range(TRIES + 1)]
                inspected += all(drawn(key, name.encode().ljust(32), rate) for name in names)
            shares.append(inspected / count)
        made.append([f"{rate:.0%}", *(f"{share:.2%}" for share in shares)])
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200_000)
    parser.add_argument("--bots", type=int, default=20_000)
    given = parser.parse_args()
    print_table("Audit of an epoch", ["measure", "value"], auditing(given.draws))
    columns = ["nominal rate", "draw over the consignment", "draw over the declaration (baseline)"]
    print_table(f"Inspected share under {TRIES} more tries", columns, bots(given.bots))
    print(f"\nmachine: {dict(machine())}\nrepeat: {command()}")


if __name__ == "__main__":
    main()
