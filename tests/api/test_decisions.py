"""Find decisions, read how one came about, and make it again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of
from tests.api.visitors import Visitor, visit
from tests.fakes import trade
from tests.fakes.site import START
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Party, PartyRole
from tidewaiter.flow import find_decisions
from tidewaiter.flow.administer import Scope


def declare(service: Service, number: int, **changes: Any) -> str:
    name = Party(role=PartyRole.IMPORTER, id=Identifier(f"T{number}"), name=f"Ímport House {number}")
    answer = service.declare(trade.declaration(number, **{"parties": (name,), **changes})).json()
    service.site.clock.advance(minutes=1)
    return str(answer["decision_id"])


def found(visitor: Visitor, query: str = "") -> list[str]:
    answer = visitor.call("GET", f"decisions{query}")
    assert answer.status_code == 200, answer.text
    return [each["declaration_id"] for each in answer.json()["decisions"]]


def test_decisions_are_found_by_each_condition_newest_first(service: Service) -> None:
    for number, office in enumerate(("PORT", "RAIL", "PORT"), 1):
        declare(service, number, office=Identifier(office))
    otto = visit(service, "otto", "auditor")
    assert found(otto) == ["D3", "D2", "D1"]
    assert found(otto, "?declaration_id=D2") == ["D2"]
    assert found(otto, "?office=RAIL") == ["D2"]
    assert found(otto, "?importer=t3") == ["D3"]
    assert found(otto, "?importer=ÍMPORT%20house%201") == ["D1"]
    assert found(otto, "?importer=nobody") == []
    minute = (START + timedelta(minutes=1)).isoformat().replace("+", "%2B")
    assert found(otto, f"?since={minute}") == ["D3", "D2"]
    assert found(otto, f"?before={minute}") == ["D1"]
    lanes = {each["lane"] for each in otto.call("GET", "decisions").json()["decisions"]}
    assert [number for lane in lanes for number in found(otto, f"?lane={lane}")]
    problem_of(otto.call("GET", "decisions?since=yesterday"), 422)
    problem_of(visit(service, "ines", "inspector", offices=["PORT"]).call("GET", "decisions"), 403)


def test_a_system_finds_decisions_on_its_own_declarations_only(service: Service) -> None:
    declare(service, 1)
    assert [each["declaration_id"] for each in service.get("decisions").json()["decisions"]] == ["D1"]
    other = service.key_for("other", Scope.DECISIONS_READ, source="elsewhere")
    assert service.get("decisions", key=other).json()["decisions"] == []


def test_a_search_for_an_importer_goes_on_where_it_ended(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_decisions, "_PAGE", 2)
    monkeypatch.setattr(find_decisions, "LOOKED_AT_MAX", 3)
    for number in range(1, 8):
        declare(service, number)
    otto = visit(service, "otto", "auditor")
    assert found(otto) == ["D7", "D6"]
    seen, query, pages = [], "?importer=T2", 0
    while query:
        answer = otto.call("GET", f"decisions{query}").json()
        seen += [each["declaration_id"] for each in answer["decisions"]]
        pages += 1
        assert (answer["back_to"] is None) == (answer["next"] is None)
        query = f"?importer=T2&after={answer['next']}" if answer["next"] else ""
    assert (seen, pages) == (["D2"], 2)  # four declarations are read for the first page
    whole, query = [], "?"
    while query:
        answer = otto.call("GET", f"decisions{query}").json()
        whole += [each["declaration_id"] for each in answer["decisions"]]
        query = f"?after={answer['next']}" if answer["next"] else ""
    assert whole == [f"D{number}" for number in range(7, 0, -1)]


def account_of(visitor: Visitor, decision: str) -> Any:
    answer = visitor.call("GET", f"decisions/{decision}/account")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_account_tells_each_step_as_the_evidence_has_it(service: Service) -> None:
    item = trade.item(1, customs_value=None, duty_amount=None)
    decision = declare(service, 1, items=(item,))
    service.record(trade.result(1))
    service.record(trade.result(1, 2, findings=(trade.CLEAN,)))
    ada = visit(service, "ada", "analyst")
    told, evidence = account_of(ada, decision), service.get(f"decisions/{decision}").json()
    for name in ("lane", "arm", "journal", "marks", "consignment_keys"):
        assert told[name] == evidence[name], name
    for name in ("inclusion_probability", "lane_probability", "probability", "hours"):
        assert told[name] == float(evidence[name]), name
    stages = [(each["stage"], each["selected"], float(each["probability"])) for each in evidence["stages"]]
    assert [(e["stage"], e["selected"], e["probability"]) for e in told["stages"]] == stages != []
    assert told["declaration"]["items"][0]["hs_code"] == "851710"
    assert {each["code"] for each in told["fired"]} == {each["profile"] for each in evidence["hits"]}
    assert {each["code"] for each in told["undecided"]} == {each["profile"] for each in evidence["undecided"]}
    assert told["profiles"] >= len(told["fired"]) + len(told["undecided"]) > 0
    assert told["model"] == evidence["versions"]["model"] == "fake-model"
    assert told["contributions"]
    assert [lane["code"] for lane in told["lanes"]][-1] == "examination"
    strengths = [abs(each["log_odds"]) for each in told["contributions"]]
    assert strengths == sorted(strengths, reverse=True)
    assert told["arrivals"] == 0
    assert all(each["capacity"] > 0 for each in told["pools"])
    assert [(each["version"], each["findings"][0]["outcome"]) for each in told["results"]] == [
        (1, "irregular"), (2, "compliant"),
    ]  # fmt: skip


def test_a_profile_that_fired_is_told_with_its_condition_and_its_values(service: Service) -> None:
    decision = declare(service, 1, items=(trade.item(1, customs_value=Decimal(0)),))
    told = account_of(visit(service, "ada", "analyst"), decision)
    fired = {each["code"]: each for each in told["fired"]}["zero_price"]
    assert fired["condition"] == "price is zero is true"
    assert fired["values"] == [
        {"feature": "price_is_zero", "words": "price is zero", "item": 1, "value": "true"}
    ]


def test_an_account_without_its_model_says_so(service: Service) -> None:
    decision = declare(service, 1)
    service.site.models.broken.add("fake-model")
    told = account_of(visit(service, "ada", "analyst"), decision)
    assert (told["contributions"], told["model"]) == (None, "fake-model")


def test_a_system_reads_accounts_and_replays_of_its_own_declarations_only(service: Service) -> None:
    decision = declare(service, 1)
    assert service.get(f"decisions/{decision}/account").json()["id"] == decision
    assert service.post(f"decisions/{decision}/replay", b"").json()["same"] is True
    other = service.key_for("other", Scope.DECISIONS_READ, source="elsewhere")
    problem_of(service.get(f"decisions/{decision}/account", key=other), 404)
    problem_of(service.post(f"decisions/{decision}/replay", b"", key=other), 404)


def test_reading_an_account_is_in_the_ledger_with_the_name(service: Service) -> None:
    decision = declare(service, 1)
    otto = visit(service, "otto", "auditor")
    state = service.site.store.state  # type: ignore[attr-defined]
    before = len(state.leaves)
    account_of(otto, decision)
    assert [leaf[:2] for leaf in service.site.store.state.leaves[before:]] == [("access", "decision")]  # type: ignore[attr-defined]
    assert b'"by":"otto"' in service.site.store.state.leaf_bodies[-1]  # type: ignore[attr-defined]
    problem_of(otto.call("GET", f"decisions/D{'0' * 24}/account"), 404)
    assert len(service.site.store.state.leaves) == before + 1  # type: ignore[attr-defined]


def test_a_decision_is_made_again_and_comes_out_the_same(service: Service) -> None:
    decision = declare(service, 1)
    otto = visit(service, "otto", "auditor")
    told = otto.call("POST", f"decisions/{decision}/replay").json()
    assert told == {"decision_id": decision, "same": True, "differences": []}
    problem_of(otto.call("POST", f"decisions/D{'0' * 24}/replay"), 404)
    problem_of(visit(service, "ines", "inspector").call("POST", f"decisions/{decision}/replay"), 403)
    problem_of(otto.call("POST", f"decisions/{decision}/replay", Origin="https://evil.example"), 403)


def test_a_decision_that_comes_out_otherwise_is_told_with_its_places(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = declare(service, 1)
    monkeypatch.setattr("tidewaiter.flow.replay.answer_bytes", lambda *_: b'{"lane":"planted"}')
    told = visit(service, "otto", "auditor").call("POST", f"decisions/{decision}/replay").json()
    assert told["same"] is False
    assert {"place": "/answer/lane", "replayed": "planted"}.items() <= {
        key: value
        for each in told["differences"] if each["place"] == "/answer/lane"
        for key, value in each.items()
    }.items()  # fmt: skip
