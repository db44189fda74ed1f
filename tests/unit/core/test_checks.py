"""The vocabulary of instructions."""

from __future__ import annotations

from typing import Any

import pytest

from tidewaiter.core.checks import Check, checks_from_data
from tidewaiter.core.errors import ConfigurationError

WEIGH: dict[str, Any] = {
    "code": "weigh",
    "words": {"en": "Weigh the goods.", "pt-BR": "Pese as mercadorias."},
    "what": "Gross and tare.",
}


def test_checks_are_read_in_their_order() -> None:
    count = {**WEIGH, "code": "count_packages"}
    assert checks_from_data({"checks": [WEIGH, count]}) == (Check(**WEIGH), Check(**count))


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({}, ["/checks"]),
        ({"checks": []}, ["/checks"]),
        ({"checks": ["weigh"]}, ["/checks/0"]),
        ({"checks": [WEIGH, WEIGH]}, ["/checks/1/code"]),
        ({"checks": [{**WEIGH, "code": "Weigh!"}]}, ["/checks/0/code"]),
        ({"checks": [{**WEIGH, "words": "Weigh"}]}, ["/checks/0/words"]),
        ({"checks": [{**WEIGH, "words": {}}]}, ["/checks/0/words"]),
        ({"checks": [{**WEIGH, "words": {"english": "Weigh.", "fr": 5}}]}, [
            "/checks/0/words/english", "/checks/0/words/fr",
        ]),
        ({"checks": [{**WEIGH, "words": {False: "Veie."}}]}, ["/checks/0/words/False"]),
        ({"checks": [WEIGH], "check": []}, ["/check"]),
        ({"checks": [{"code": "weigh", "word": {}}]}, [
            "/checks/0/words", "/checks/0/what", "/checks/0/word",
        ]),
    ],
)  # fmt: skip
def test_every_fault_of_the_vocabulary_is_named_with_its_place(data: Any, places: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        checks_from_data(data)
    assert [fault.place for fault in caught.value.faults] == places
