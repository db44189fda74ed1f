"""What we wrote comes back by the short way exactly as by the way of messages."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.formats.strategies import control_results, declarations
from tidewaiter.adapters.formats.json import (
    read_control_result,
    read_declaration,
    recall,
    recall_control_result,
    recall_declaration,
    write_control_result,
    write_declaration,
)
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration, Item
from tidewaiter.core.errors import UnreadableMessage


@given(declarations())
def test_a_declaration_is_recalled_as_it_is_read(declaration: Declaration) -> None:
    body = write_declaration(declaration)
    assert recall_declaration(body) == declaration
    # Equal texts, too: of a decimal, an instant or an enumeration, equal values may differ in kind.
    assert repr(recall_declaration(body)) == repr(read_declaration(body))


@given(control_results())
def test_a_control_result_is_recalled_as_it_is_read(result: ControlResult) -> None:
    body = write_control_result(result)
    assert recall_control_result(body) == result
    assert repr(recall_control_result(body)) == repr(read_control_result(body))


@given(declarations(), st.data())
def test_damaged_bytes_are_refused_or_taken_as_they_are_and_nothing_else_happens(
    declaration: Declaration, data: st.DataObject
) -> None:
    body = bytearray(write_declaration(declaration))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    with suppress(UnreadableMessage):
        assert type(recall_declaration(bytes(body))) is Declaration


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"\xff", b'{"id":"1","lodged_at":5}', b'{"x":1}']
)
def test_what_is_no_message_at_all_is_refused_with_its_place(body: bytes) -> None:
    with pytest.raises(UnreadableMessage) as of_declaration:
        recall_declaration(body)
    with pytest.raises(UnreadableMessage) as of_result:
        recall_control_result(body)
    assert of_declaration.value.faults
    assert of_result.value.faults


def test_the_law_would_see_a_member_that_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    declaration = Declaration(
        id="D1", flow="import", office="040", lodged_at=datetime(2026, 1, 1, tzinfo=UTC), items=(),
    )  # type: ignore[arg-type]  # fmt: skip
    full = replace(declaration, items=(Item(number=1, hs_code="010121", net_mass_kg=Decimal("1.5")),))  # type: ignore[arg-type]
    body = write_declaration(full)
    readers = recall._readers
    forgetful: Any = lambda kind: tuple(each for each in readers(kind) if each[0] != "net_mass_kg")  # noqa: E731
    monkeypatch.setattr(recall, "_readers", forgetful)
    assert repr(recall_declaration(body)) != repr(read_declaration(body))
