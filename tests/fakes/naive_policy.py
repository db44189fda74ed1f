"""The policy evaluated the slow way: every row asked in turn, nothing shared with the product."""

from __future__ import annotations

from collections.abc import Iterable

from tidewaiter.core.access import Action, Matter, Role, Row, Subject


def allowed(subject: Subject, action: Action, matter: Matter, policy: Iterable[Row]) -> bool:
    """Tell whether the rows allow it: a permit that fits, no forbid that fits, every compartment cleared."""
    permitted = forbidden = False
    for row in policy:
        if row.action != action:
            continue
        for role in [*subject.roles, Role.ANYBODY]:
            if role not in row.roles:
                continue
            if row.duty is not None and matter.duty is not None and row.duty != matter.duty:
                continue
            if row.duty is not None and matter.duty is None and row.effect == "forbid":
                continue
            if row.effect == "forbid":
                forbidden = True
            elif not row.own_office or matter.office in {None, *subject.offices} or "*" in subject.offices:
                permitted = True
    for compartment in matter.compartments:
        if compartment not in subject.compartments:
            permitted = False
    return permitted and not forbidden
