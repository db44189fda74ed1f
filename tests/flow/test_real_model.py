"""The laws of the flow, with a model that was really trained: what is exact stays exact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import trade
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import SOURCE, Site, in_groups
from tidewaiter.adapters.scorers import ModelStore
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.flow.import_history import PastDeclaration
from tidewaiter.flow.present import MODEL

PAST = 420
PRESENT = trade.stream(7, size=1700, days=60)[PAST : PAST + 120]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site with a past in which every third was irregular, and its first model."""
    site = Site(model=None, models=ModelStore(tmp_path_factory.mktemp("models")))
    past = []
    for number, declaration in enumerate(trade.stream(7, size=1700, days=60)[:PAST]):
        known = declaration.lodged_at + timedelta(hours=number % 40)
        result = trade.result_for(declaration, number=number, bad=number % 3 == 0, ended_at=known)
        past.append(PastDeclaration(declaration=declaration, results=(result,)))
    site.import_history(SOURCE, past)
    site.services.learning.train()
    return site


@pytest.fixture
def sites(trained: Site) -> Iterator[Site]:
    """Return a maker of processes, each on its own copy of the store."""

    def make() -> Iterator[Site]:
        while True:
            assert isinstance(trained.store, MemoryStore)
            store = MemoryStore()
            store.state = trained.store.state.copy()
            yield Site(store, models=trained.models)

    return make()  # type: ignore[return-value]


def test_the_size_of_a_group_changes_no_bit_of_a_decision(sites: Iterator[Site]) -> None:
    one_by_one, sevens, together = next(sites), next(sites), next(sites)
    for declaration in PRESENT:
        one_by_one.assess(declaration)
    for group in in_groups(PRESENT, 7):
        sevens.assess(*group)
    together.assess(*PRESENT)
    decisions = one_by_one.decisions()
    assert len(decisions) == len(PRESENT)
    assert all(one_by_one.evidence(each)["probability"] for each in decisions)
    assert sevens.decisions() == decisions
    assert together.decisions() == decisions


def test_decisions_with_explanations_can_be_made_again_by_a_model_from_disk(sites: Iterator[Site]) -> None:
    site = next(sites)
    site.assess(*PRESENT)
    other = Site(site.store, models=ModelStore(site.models.path("x").parent))
    replays = other.replays()
    assert any(replay.evidence["reasons"] for replay in replays)
    assert [each for each in replays if each.differences] == []


@pytest.mark.parametrize("damage", ["cut", "altered", "missing"])
def test_a_damaged_model_degrades_with_a_mark(sites: Iterator[Site], tmp_path: Path, damage: str) -> None:
    site = next(sites)
    with site.store.read() as uow:
        publication = uow.published(MODEL)
    assert publication is not None
    folder = site.models.path(publication.version)
    copies = ModelStore(tmp_path)
    for file in sorted(folder.iterdir()):
        body = file.read_bytes()
        if file.name == "model.json":
            if damage == "missing":
                continue
            body = body[: len(body) // 2] if damage == "cut" else body.replace(b"0.", b"1.", 1)
        target = copies.path(publication.version) / file.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(body)
    with pytest.raises(ConfigurationError):
        copies.load(publication.version)
    damaged = Site(site.store, models=copies)
    answers = [damaged.answer(declaration) for declaration in PRESENT[:10]]
    assert all(answer["degraded"] for answer in answers)
    state = damaged.services.look_up.state()
    assert state.model is None
    assert state.model_fault
