"""The messages and the core have the same fields: none is forgotten, none invented."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import BaseModel

from tidewaiter.adapters.canonical import messages
from tidewaiter.core.control import ControlResult, Finding
from tidewaiter.core.declaration import Declaration, Document, Item, Party, Transport

PAIRS = [
    (messages.DeclarationMessage, Declaration),
    (messages.ItemMessage, Item),
    (messages.PartyMessage, Party),
    (messages.DocumentMessage, Document),
    (messages.TransportMessage, Transport),
    (messages.ControlResultMessage, ControlResult),
    (messages.FindingMessage, Finding),
]


@pytest.mark.parametrize(("message", "noun"), PAIRS, ids=lambda part: part.__name__)
def test_a_message_has_the_fields_of_its_noun_in_the_same_order(message: type[BaseModel], noun: type) -> None:
    names = [field.name for field in fields(noun) if not field.name.endswith("_on_date_only")]
    assert list(message.model_fields) == names


@pytest.mark.parametrize("message", [pair[0] for pair in PAIRS], ids=lambda part: part.__name__)
def test_each_field_says_what_it_means(message: type[BaseModel]) -> None:
    silent = [name for name, field in message.model_fields.items() if not field.description]
    assert not silent, f"write a sentence below {silent} in adapters/canonical/messages.py"
