"""What changes in conditions, as sentences."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.fakes.site import starter_bodies
from tidewaiter.flow.wording import Reworded, reworded


def content(changed: dict[str, Any] | None = None, *, without: str = "") -> dict[str, Any]:
    bodies = deepcopy(starter_bodies())
    profiles = [each for each in bodies["rules"]["profiles"] if each["code"] != without]
    for each in profiles:
        each["when"] = (changed or {}).get(each["code"], each["when"])
    bodies["rules"]["profiles"] = profiles
    return bodies


def test_only_conditions_that_differ_are_told() -> None:
    assert reworded(content(), content()) == []
    assert reworded({}, {"version": "m1"}) == []
    (found,) = reworded(content(), content({"zero_price": {"feature": "hs4", "=": "6406"}}))
    assert found.profile == "zero_price"
    assert found.in_force is not None
    assert found.proposed is not None
    assert "6406" not in found.in_force["en"]


def test_a_condition_is_told_in_every_language() -> None:
    (found,) = reworded(content(), content({"zero_price": {"feature": "hs4", "=": "6406"}}))
    assert found.proposed is not None
    assert sorted(found.proposed) == ["ar", "en", "es", "fr", "pt"]
    assert len(set(found.proposed.values())) == 5
    assert all("6406" in told for told in found.proposed.values())


def test_what_is_new_has_no_condition_in_force_and_what_is_removed_none_that_is_proposed() -> None:
    (added,) = reworded(content(without="zero_price"), content())
    (removed,) = reworded(content(), content(without="zero_price"))
    assert (added.in_force, removed.proposed) == (None, None)
    assert added.proposed == removed.in_force
    assert isinstance(added, Reworded)
