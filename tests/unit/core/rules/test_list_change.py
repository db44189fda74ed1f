"""A change of a list does what was read, to exactly the list that was looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.errors import Conflict, Fault, InputError
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.list_change import (
    change_between,
    change_data,
    changed,
    list_sha256,
    read_change,
)
from tidewaiter.core.rules.profile import NamedList

HEADINGS = st.frozensets(st.integers(100, 120).map(lambda n: f"{n:04}"), min_size=1)
LISTS = st.builds(
    NamedList,
    code=st.just("headings"),
    kind=st.just(CodeForm.HS4),
    entries=HEADINGS,
    source=st.sampled_from(["Law", "Another law"]),
    expires=st.sampled_from([date(2026, 12, 31), date(2027, 12, 31)]),
)
LAW = NamedList(
    code="headings",
    kind=CodeForm.HS4,
    entries=frozenset({"0101", "0102"}),
    source="Law",
    expires=date(2026, 12, 31),
)


@given(before=st.none() | LISTS, after=LISTS)
def test_the_change_between_two_lists_makes_the_second_of_the_first(
    before: NamedList | None, after: NamedList
) -> None:
    change = change_between(before, after)
    assert changed(before, change) == after
    assert read_change(change_data(change), "", []) == change


@given(before=LISTS, after=LISTS, other=LISTS)
def test_a_change_is_never_made_to_another_list(
    before: NamedList, after: NamedList, other: NamedList
) -> None:
    change = change_between(before, after)
    if other == before:
        assert changed(other, change) == after
    else:
        with pytest.raises(Conflict, match="another by now"):
            changed(other, change)


def test_a_change_that_does_not_fit_its_list_is_refused() -> None:
    change = change_between(LAW, replace(LAW, entries=frozenset({"0101"})))
    with pytest.raises(Conflict, match="does not fit"):
        changed(LAW, replace(change, removed=frozenset({"0109"})))
    with pytest.raises(Conflict, match="does not fit"):
        changed(LAW, replace(change, added=frozenset({"0101"})))
    with pytest.raises(InputError, match="keeps its kind 'hs4'"):
        changed(LAW, replace(change, kind=CodeForm.CODE))
    with pytest.raises(InputError, match="1 to 100,000"):
        changed(LAW, replace(change, removed=LAW.entries))


def test_every_fault_of_a_written_change_is_told() -> None:
    data = change_data(change_between(None, LAW)) | {
        "added": ["101", "0102", 7], "removed": ["0102"], "note": "x",
    }  # fmt: skip
    faults: list[Fault] = []
    assert read_change(data, "/lists/0", faults) is None
    assert [(fault.place, fault.code) for fault in faults] == [
        ("/lists/0/added/0", "code-form"),
        ("/lists/0/added/2", "not-text"),
        ("/lists/0/note", "unknown-key"),
        ("/lists/0/removed", "entry-both"),
    ]


def test_no_list_has_no_hash() -> None:
    assert list_sha256(None) is None
    assert list_sha256(LAW) != list_sha256(replace(LAW, source="Another law"))
