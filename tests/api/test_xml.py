"""Declarations in XML over HTTP: exactly once like any other, and answered in XML when that is asked for."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.api.conftest import Service, problem_of
from tests.fakes.xml_messages import AMENDMENT, SAD, WCO, changed
from tidewaiter.adapters.messages import read_message
from tidewaiter.core.errors import UnreadableMessage
from tidewaiter.flow.ports.readings import Envelope


def send(service: Service, body: bytes, *, query: str = "", **headers: str) -> Any:
    return service.post(f"declarations{query}", body, **{"Content-Type": "application/xml", **headers})


def versions(service: Service, declaration_id: str) -> list[int]:
    """Return the versions of a declaration that were decided."""
    evidence = [json.loads(stored[0]) for stored in service.site.decisions().values()]
    return sorted(e["declaration_version"] for e in evidence if e["declaration_id"] == declaration_id)


@pytest.mark.parametrize("text", [WCO, SAD], ids=["wco", "asycuda"])
def test_xml_is_decided_once_and_repeated_byte_for_byte(service: Service, text: str) -> None:
    first, again = send(service, text.encode()), send(service, text.encode())
    assert first.status_code == 200, first.text
    assert first.json()["lane"]
    assert int(first.headers["tidewaiter-not-mapped"]) >= 0
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(service.site.decisions()) == 1


def test_the_same_declaration_gets_the_same_lane_in_json_and_in_xml(service: Service) -> None:
    canonical = read_message(WCO.encode(), Envelope()).declaration
    assert canonical is not None
    in_xml = send(service, WCO.encode())
    in_json = service.declare(canonical)
    assert in_json.headers["idempotency-replayed"] == "true"
    assert in_json.content == in_xml.content


def test_a_message_without_a_time_stays_the_same_when_it_comes_later(service: Service) -> None:
    start, end = WCO.index("<IssueDateTime>"), WCO.index("</IssueDateTime>") + len("</IssueDateTime>")
    undated = (WCO[:start] + WCO[end:]).replace("AcceptanceDateTime", "ObsoleteDateTime").encode()
    first = send(service, undated)
    service.site.clock.advance(hours=3)
    again = send(service, undated)
    assert first.status_code == 200, first.text
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


def test_an_amendment_becomes_the_next_version_once(service: Service) -> None:
    declared = send(service, WCO.encode()).json()
    first, again = send(service, AMENDMENT.encode()), send(service, AMENDMENT.encode())
    assert first.status_code == 200, first.text
    assert first.json()["declaration_id"] == declared["declaration_id"]
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert versions(service, declared["declaration_id"]) == [1, 2]


def test_an_amendment_of_what_never_came_is_refused(service: Service) -> None:
    problem = problem_of(send(service, AMENDMENT.encode()), 422)
    assert [fault["code"] for fault in problem["faults"]] == ["amended-unknown"]
    assert service.site.decisions() == {}


def test_an_amendment_without_a_key_could_be_put_in_twice_and_is_refused(service: Service) -> None:
    send(service, WCO.encode())
    start = AMENDMENT.index("<FunctionalReferenceID>")
    end = AMENDMENT.index("</FunctionalReferenceID>") + len("</FunctionalReferenceID>")
    nameless = (AMENDMENT[:start] + AMENDMENT[end:]).encode()
    problem = problem_of(send(service, nameless), 422)
    assert [fault["code"] for fault in problem["faults"]] == ["amendment-without-key"]
    named = [send(service, nameless, **{"Idempotency-Key": "a1"}) for _ in range(2)]
    assert named[0].status_code == 200, named[0].text
    assert named[0].content == named[1].content


def test_the_answer_in_xml_is_a_response_without_instructions_and_reasons(service: Service) -> None:
    answer = send(service, WCO.encode()).json()
    told = send(service, WCO.encode(), Accept="application/xml")
    again = send(service, WCO.encode(), Accept="application/xml;q=0.9, */*;q=0.1")
    assert told.headers["content-type"] == "application/xml"
    assert told.headers["idempotency-replayed"] == "true"
    assert again.content == told.content
    read = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(told.content).iter()}  # noqa: S314
    assert read["WCOTypeName"] == "RES"
    assert read["FunctionCode"] == answer["wco_response_code"]
    assert read["FunctionalReferenceID"] == answer["decision_id"]
    assert read["ID"] == answer["declaration_id"]
    assert read["VersionID"] == str(answer["declaration_version"])
    assert not set(read) & {"AdditionalInformation", "StatementDescription"}
    for reason in answer["reasons"]:
        assert reason.encode() not in told.content
    with pytest.raises(UnreadableMessage, match="is a response of customs"):
        read_message(told.content, Envelope())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"id":"D1"}', "not-xml"),
        (b"", "not-xml"),
        (b"<Invoice/>", "format-unknown"),
        (b"<Declaration>", None),
        (b'<!DOCTYPE x [<!ENTITY a "a">]><Declaration/>', None),
        (changed(WCO, (">372254.40<", ">1e400000<")), None),
    ],
)
def test_xml_that_cannot_be_read_is_refused_with_its_place(
    service: Service, body: bytes, code: str | None
) -> None:
    problem = problem_of(send(service, body), 422)
    assert problem["faults"]
    if code is not None:
        assert problem["faults"][0]["code"] == code
    assert service.site.decisions() == {}


def test_the_office_of_the_request_counts_where_the_message_names_none(service: Service) -> None:
    nowhere = WCO.replace("DeclarationOfficeID", "ObsoleteOfficeID")
    for place in ("PresentationOffice", "SupervisingOffice", "ExitOffice"):
        nowhere = nowhere.replace(place, f"Obsolete{place}")
    refused = problem_of(send(service, nowhere.encode()), 422)
    assert any("office" in fault["place"] for fault in refused["faults"])
    answer = send(service, nowhere.encode(), query="?office=PORT9").json()
    assert service.get(f"decisions/{answer['decision_id']}").json()["office"] == "PORT9"
