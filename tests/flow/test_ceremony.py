"""The laws of the ceremony: the order is the proof, and no step can be taken out of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.epochs import APPEAL_DAYS, BEACON, DAYS, Custody, secret_of
from tests.fakes.site import DRAW_KEY, Site
from tidewaiter.core.draw.epoch import commitment, seed_of
from tidewaiter.core.errors import Conflict, InputError, NotFound
from tidewaiter.flow.ceremony import leaf_positions
from tidewaiter.flow.epochs import COMMITMENT, epochs_of


@pytest.fixture
def custody() -> Custody:
    return Custody(Site(model=None))


def test_an_installation_begins_with_an_epoch_without_custodians(custody: Custody) -> None:
    [simple] = custody.ceremony.epochs()
    assert (simple.number, simple.key_id, simple.commitments) == (0, DRAW_KEY.id, ())


def test_the_seed_comes_from_both_secrets_and_the_beacon(custody: Custody) -> None:
    key_id = custody.run(1)
    secrets = [secret_of("it", 1), secret_of("audit", 1)]
    assert custody.site.seeds[key_id].secret == seed_of(1, secrets, BEACON)
    epoch = custody.ceremony.epochs()[-1]
    assert [made.custodian for made in epoch.commitments] == ["it", "audit"]
    assert (epoch.key_id, epoch.beacon) == (key_id, BEACON)


def test_the_commitments_are_leaves_before_the_key_and_no_leaf_tells_a_secret(custody: Custody) -> None:
    key_id = custody.run(1)
    with custody.site.store.read() as uow:
        places = leaf_positions(uow)
        bodies = b"".join(leaf.body or b"" for leaf in uow.ledger())
        bodies += b"".join(p.body for p in uow.publications(COMMITMENT))
    committed = [place for (kind, _, _), place in places.items() if kind == COMMITMENT]
    opened = next(place for (_, version, _), place in places.items() if version == key_id)
    assert len(committed) == 2
    assert max(committed) < opened
    for custodian in ("it", "audit"):
        assert secret_of(custodian, 1).hex().encode() not in bodies


def test_an_epoch_is_not_opened_before_both_commitments_are_sealed(custody: Custody) -> None:
    with pytest.raises(NotFound, match="Nobody has committed"):
        custody.open(1)
    custody.commit(1, "it")
    custody.sealing.seal()
    with pytest.raises(Conflict, match="lacks the commitments of 1"):
        custody.open(1)
    custody.commit(1, "audit")
    with pytest.raises(Conflict, match="not sealed yet"):
        custody.open(1)
    custody.sealing.seal()
    assert custody.open(1).key_id is not None
    with pytest.raises(Conflict, match="opened already"):
        custody.open(1, "another beacon, tried because the first did not suit")


def test_a_planted_ceremony_that_believes_any_checkpoint_opens_too_early(custody: Custody) -> None:
    """The guard of the order is the checkpoint alone: without it nothing else would stop this."""
    for custodian in ("it", "audit"):
        custody.commit(1, custodian)
    custody.sealing.seal()
    note = custody.files.notes[-1].decode()
    custody.commit(2, "it", custody.site.clock.now().date() + timedelta(days=DAYS))
    custody.commit(2, "audit", custody.site.clock.now().date() + timedelta(days=DAYS))
    claimed = note.replace(f"\n{note.splitlines()[1]}\n", "\n999\n", 1)
    planted = replace(custody.ceremony, last_checkpoint=lambda: claimed)
    secrets = [secret_of(name, 2) for name in ("it", "audit")]
    with pytest.raises(Conflict, match="not sealed yet"):
        custody.open(2)
    assert planted.open(2, BEACON, "dice", secrets, "operator").key_id is not None


def test_custodians_are_two_persons_with_two_secrets_for_the_same_days(custody: Custody) -> None:
    today = custody.site.clock.now().date()
    last = today + timedelta(days=DAYS - 1)
    custody.commit(1, "it")
    for name, days, secret, told in (
        (" IT ", (today, last), secret_of("x", 1), "committed to epoch 1 already"),
        ("audit", (today, last), secret_of("it", 1), "same secret"),
        ("audit", (today, last + timedelta(days=1)), secret_of("audit", 1), "agree on the days"),
    ):
        with pytest.raises(Conflict, match=told):
            custody.ceremony.commit(1, name, *days, secret)
    custody.commit(1, "audit")
    with pytest.raises(Conflict, match="its 2 custodians"):
        custody.commit(1, "court")
    with custody.site.store.read() as uow:
        assert len(epochs_of(uow)[-1].commitments) == 2


def test_days_are_in_order_not_past_and_not_those_of_another_epoch(custody: Custody) -> None:
    today = custody.site.clock.now().date()
    secret = secret_of("it", 1)
    for first, last in ((today, today - timedelta(days=1)), (today - timedelta(days=1), today)):
        with pytest.raises(InputError, match="in order and not past"):
            custody.ceremony.commit(1, "it", first, last, secret)
    custody.run(2)
    with pytest.raises(Conflict, match="begin epoch 3 later"):
        custody.commit(3, "it")
    with pytest.raises(Conflict, match="can not come after"):
        custody.commit(1, "it")


@pytest.mark.parametrize("beacon", ["", "1234", "six throws of the\ndice, and some more"])
def test_a_beacon_that_could_be_guessed_or_not_be_printed_is_refused(custody: Custody, beacon: str) -> None:
    custody.commit(1, "it")
    with pytest.raises(InputError, match="at least 25"):
        custody.open(1, beacon)


def test_a_secret_that_nobody_committed_to_opens_nothing(custody: Custody) -> None:
    for custodian in ("it", "audit"):
        custody.commit(1, custodian)
    custody.sealing.seal()
    with pytest.raises(InputError, match="audit committed to"):
        custody.ceremony.open(1, BEACON, "dice", [secret_of("it", 1), secret_of("audit", 2)], "operator")
    assert custody.ceremony.epochs()[-1].key_id is None


def test_secrets_are_revealed_after_the_appeals_and_never_while_they_draw(custody: Custody) -> None:
    custody.run(1)
    custody.site.clock.advance(days=DAYS - 1 + APPEAL_DAYS)
    with pytest.raises(Conflict, match="may be appealed against"):
        custody.reveal(1)
    custody.site.clock.advance(days=1)
    with pytest.raises(Conflict, match="still draws"):
        custody.reveal(1)
    custody.run(2)
    revealed = custody.reveal(1)
    epoch = custody.ceremony.epochs()[1]
    assert epoch == revealed
    assert epoch.first_day is not None
    assert epoch.last_day is not None
    for secret, made in zip(epoch.secrets, epoch.commitments, strict=True):
        assert commitment(1, epoch.first_day, epoch.last_day, secret) == made.digest
    with pytest.raises(Conflict, match="revealed already"):
        custody.reveal(1)
    today = custody.site.clock.now().date() + timedelta(days=DAYS)
    with pytest.raises(Conflict, match="revealed with an earlier epoch"):
        custody.ceremony.commit(3, "it", today, today, secret_of("it", 1))


def test_the_records_of_a_ceremony_can_be_read_by_a_machine(custody: Custody) -> None:
    custody.run(1)
    with custody.site.store.read() as uow:
        bodies = [json.loads(p.body) for p in uow.publications(COMMITMENT)]
    assert [body["custodian"] for body in bodies] == ["it", "audit"]
    assert all(set(body) == {"epoch", "custodian", "commitment", "first_day", "last_day"} for body in bodies)


def test_an_epoch_that_is_over_is_not_opened(custody: Custody) -> None:
    for custodian in ("it", "audit"):
        custody.commit(1, custodian)
    custody.sealing.seal()
    custody.site.clock.advance(days=DAYS)
    with pytest.raises(Conflict, match="is over since"):
        custody.open(1)
    assert custody.ceremony.epochs()[-1].key_id is None
