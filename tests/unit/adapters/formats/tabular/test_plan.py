from __future__ import annotations

import pytest

from tidewaiter.adapters.formats.tabular.mapping import resolve_mapping
from tidewaiter.adapters.formats.tabular.plan import needed_columns, plan_for
from tidewaiter.core.errors import InputError

KCS = resolve_mapping("kcs")
HEADER = sorted(needed_columns(KCS))


def test_columns_may_come_in_any_order_and_others_are_left_alone() -> None:
    plan = plan_for(KCS, ["Remark", *reversed(HEADER), "Note"])
    assert plan.width == len(HEADER) + 2
    assert plan.control is not None
    assert len(plan.findings) == 2


def test_all_missing_columns_are_named_at_once_with_the_nearest_name() -> None:
    header = [name for name in HEADER if name not in {"HS6 Code", "Net Mass"}]
    with pytest.raises(InputError) as caught:
        plan_for(KCS, [*header, "HS6 code"])
    faults = {fault.place: fault.hint for fault in caught.value.faults}
    assert set(faults) == {"HS6 Code", "Net Mass"}
    assert faults["HS6 Code"] == "Did you mean 'HS6 code'?"


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InputError, match="Net Mass: is twice"):
        plan_for(KCS, [*HEADER, "Net Mass"])


def test_without_label_columns_there_are_no_results() -> None:
    plan = plan_for(KCS, [name for name in HEADER if "Fraud" not in name])
    assert plan.control is None
    assert plan.findings == ()


def test_one_label_column_is_enough() -> None:
    assert len(plan_for(KCS, [name for name in HEADER if name != "Critical Fraud"]).findings) == 1


def test_only_optional_columns_may_be_absent() -> None:
    plain = resolve_mapping("plain")
    plan = plan_for(plain, ["id", "flow", "office", "lodged_at", "hs_code"])
    assert plan.control is None
    with pytest.raises(InputError, match="hs_code"):
        plan_for(plain, ["id", "flow", "office", "lodged_at"])


def test_labels_need_the_columns_of_their_control() -> None:
    with pytest.raises(InputError, match="control_ended_at"):
        plan_for(resolve_mapping("plain"), ["id", "flow", "office", "lodged_at", "hs_code", "outcome"])
