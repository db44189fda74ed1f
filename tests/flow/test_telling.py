"""What leaves: an answer that tells what to do and why, and nothing that a trader could use."""

from __future__ import annotations

from tests.fakes import trade
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.telling import REASONS_MAX


def answers(site: Site, count: int = 150) -> list[dict[str, object]]:
    return [site.answer(declaration) for declaration in trade.stream()[:count]]


def test_who_is_selected_gets_one_to_four_reasons_and_who_is_not_gets_none() -> None:
    told = answers(Site())
    selected = [answer for answer in told if answer["control"]]
    assert 0 < len(selected) < len(told)
    assert all(1 <= len(answer["reasons"]) <= REASONS_MAX for answer in selected)  # type: ignore[arg-type]
    assert all(answer["reasons"] == answer["instructions"] == [] for answer in told if not answer["control"])


def test_a_random_selection_looks_like_any_selection_without_a_reason() -> None:
    site = Site(model=None)
    bodies = starter_bodies()
    bodies["plan"]["random_floor"]["probability"] = 1.0
    site.publish(bodies)
    told = site.answer(trade.declaration(1))
    assert told["reasons"] == ["Selected for control."]
    assert told["instructions"] == []


def test_an_answer_is_canonical_and_names_the_lane_in_every_language() -> None:
    site = Site()
    declaration = trade.declaration(1)
    reply = site.assess(declaration)[0]
    told = site.answer(declaration)
    assert canonical_json(told) == reply.answer
    lanes = {lane["code"]: lane for lane in starter_bodies()["lanes"]["lanes"]}
    assert told["lane_words"] == lanes[told["lane"]]["words"]
    assert told["wco_response_code"] == lanes[told["lane"]]["wco_response"]
