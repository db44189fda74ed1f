"""What is accepted without the models is what the models read, and what they refuse is never accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random  # noqa: TID251 - seeded, so that a mutation can be repeated
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.formats.strategies import control_results, declarations
from tidewaiter.adapters.canonical import accept, fields, read
from tidewaiter.adapters.canonical.messages import ControlResultMessage, DeclarationMessage
from tidewaiter.adapters.canonical.plain import RefusedNumber
from tidewaiter.adapters.formats.json import write_control_result, write_declaration
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import UnreadableMessage

#: What may stand where something else is expected.
STRANGE = (
    None, True, 0, 7, -1, 10**19, 1.5, "", " ", "x", "2026-02-30", "\ud800", "\u0000", [], ["x"], [None], {},
    {"x": 1}, RefusedNumber("1e400000"),
)  # fmt: skip
TEXTS = [
    part for name in fields.__all__ if name.endswith("Field")
    for part in get_args(getattr(fields, name)) if isinstance(part, fields.Text)
]  # fmt: skip


def by_models(make: Callable[[dict[str, Any]], Any], data: dict[str, Any]) -> str | None:
    """Return the whole text of what the models read: equal values may differ in kind; None: refused."""
    try:
        return repr(make(data))
    except UnreadableMessage:
        return None


def strange(data: Any, random: Random) -> None:
    """Put something strange in some place of *data*, or take something away."""
    place = data
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(place[key], dict | list) and random.random() < 0.8:
            place = place[key]
            continue
        if random.random() < 0.2:
            del place[key]
        elif isinstance(place, dict) and random.random() < 0.1:
            place["strange"] = place.pop(key)
        else:
            place[key] = deepcopy(random.choice(STRANGE))
        return


@given(declarations())
def test_a_declaration_without_a_fault_is_accepted_as_the_models_read_it(declaration: Declaration) -> None:
    data = json.loads(write_declaration(declaration))
    accepted = accept.accepted_declaration(data)
    assert accepted == declaration
    assert repr(accepted) == by_models(read._declaration, data)


@given(control_results())
def test_a_control_result_without_a_fault_is_accepted_as_the_models_read_it(result: ControlResult) -> None:
    data = json.loads(write_control_result(result))
    accepted = accept.accepted_control_result(data)
    assert accepted == result
    assert repr(accepted) == by_models(read._control_result, data)


@given(declarations(), st.integers(0, 2**32), st.integers(1, 3))
def test_what_is_accepted_of_strange_declarations_is_what_the_models_read(
    declaration: Declaration, seed: int, times: int
) -> None:
    data, random = json.loads(write_declaration(declaration)), Random(seed)
    for _ in range(times):
        strange(data, random)
    accepted = accept.accepted_declaration(data)
    assert accepted is None or repr(accepted) == by_models(read._declaration, data)


@given(control_results(), st.integers(0, 2**32))
def test_what_is_accepted_of_strange_results_is_what_the_models_read(
    result: ControlResult, seed: int
) -> None:
    data = json.loads(write_control_result(result))
    strange(data, Random(seed))
    accepted = accept.accepted_control_result(data)
    assert accepted is None or repr(accepted) == by_models(read._control_result, data)


@pytest.mark.parametrize("data", [None, [], {}, "x", 5, {"id": "1", "lodged_at": 5}, {"x": 1}])
def test_what_is_no_message_at_all_is_not_accepted(data: Any) -> None:
    assert accept.accepted_declaration(data) is None
    assert accept.accepted_control_result(data) is None


@pytest.mark.parametrize("value", [value for value in STRANGE if not isinstance(value, str)])
def test_no_reader_of_texts_takes_what_is_not_text(value: Any) -> None:
    assert TEXTS
    for text in TEXTS:
        with pytest.raises((ValueError, TypeError, AttributeError)):
            text.read(value)


@pytest.mark.parametrize("model", [DeclarationMessage, ControlResultMessage])
def test_every_field_of_the_models_has_its_reader(model: Any) -> None:
    for name, field in model.model_fields.items():
        # A reader that is missing would refuse the name: then the models would read every such message.
        assert name in accept._readers(model), field


def test_the_law_would_see_a_reader_that_is_too_lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"id": "1", "flow": "import", "office": "X", "lodged_at": "2026-01-01",
            "items": [{"number": 1, "hs_code": "010121"}]}  # fmt: skip
    assert accept.accepted_declaration(good) is not None
    bad = {**good, "office": " X "}
    assert accept.accepted_declaration(bad) is None
    monkeypatch.setitem(accept._readers(DeclarationMessage), "office", str)
    assert accept.accepted_declaration(bad) is not None
    assert by_models(read._declaration, bad) is None
