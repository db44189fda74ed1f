"""Retention: how long what is recorded of people is kept, and what may stay when that has ended.

The law says how long, so the periods are content that two persons put in force; without it nothing
may be erased.  What stays is the declaration without the people in it: goods, values, origins,
office and outcome, from which rates by commodity, country and office are still learned.

Source: Regulation (EU) 2016/679, articles 5(1)(e), 17(3)(b) and 18; WCO Data Model, class Party.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Authorisation, Declaration, Document, Item, Party, Transport
from tidewaiter.core.errors import InputError

__all__ = [
    "ERASED_BY", "Retention", "impersonal_answer", "impersonal_declaration", "impersonal_evidence",
    "impersonal_result", "retention_from_plain",
]  # fmt: skip

_DAYS_MAX: Final = 36_525
#: Member of a record whose personal content is gone: position of the act in the ledger.
ERASED_BY: Final = "erased_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what is recorded of people is kept."""

    #: Days from the last version, decision or control result of a declaration.
    declaration_days: int
    #: Days from the disabling of an account.
    person_days: int

    def declaration_ends(self, last_at: datetime) -> datetime:
        """Return when a declaration of which the last was recorded at *last_at* may be erased."""
        return last_at + timedelta(days=self.declaration_days)

    def person_ends(self, disabled_at: datetime) -> datetime:
        """Return when what is known of a person may be erased."""
        return disabled_at + timedelta(days=self.person_days)

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"declaration_days": self.declaration_days, "person_days": self.person_days}


def retention_from_plain(data: Mapping[str, Any]) -> Retention:
    """Read a retention policy from plain data; raises InputError naming the member that is wrong.

    >>> retention_from_plain({"declaration_days": 3653, "person_days": 1826}).person_days
    1826
    """
    names = ("declaration_days", "person_days")
    if set(data) != set(names):
        raise InputError(f"A retention policy has exactly the members {' and '.join(names)}.")
    for name in names:
        if type(data[name]) is not int or not 1 <= data[name] <= _DAYS_MAX:
            raise InputError(f"{name} is {data[name]!r}: give whole days, 1 to {_DAYS_MAX}.")
    return Retention(**data)


def impersonal_declaration(declaration: Declaration) -> Declaration:
    """Return *declaration* without people, free words, and numbers that lead to people.

    Its own identity stays: it is what makes each message count once, and the declaration system,
    which gave it, has erased what it stood for.
    """
    return replace(
        declaration,
        delivery_place=None,
        consignment_reference=None,
        trader_reference=None,
        warehouse_id=None,
        parties=tuple(Party(role=each.role, country=each.country) for each in declaration.parties),
        transport=_impersonal_transport(declaration.transport),
        documents=_kinds_of(declaration.documents),
        guarantees=(),
        authorisations=tuple(
            Authorisation(category_code=each.category_code) for each in declaration.authorisations
        ),
        statements=(),
        items=tuple(_impersonal_item(item) for item in declaration.items),
    )


def impersonal_result(result: ControlResult) -> ControlResult:
    """Return *result* without the officer, without what was declared and found, and without free words."""
    findings = tuple(replace(each, declared=None, found=None, note=None) for each in result.findings)
    return replace(result, officer=None, findings=findings)


def impersonal_evidence(evidence: Mapping[str, Any], act: int) -> dict[str, Any]:
    """Return the record of a decision without values of the declaration and without draw identities.

    Lane, stages with probabilities, profiles and versions stay: an amendment still cannot lower the
    lane, and rates by profile and stage still count it.
    """
    kept = {name: value for name, value in evidence.items() if name not in _PERSONAL}
    hits = [{**hit, "evidence": []} for hit in evidence["hits"]]
    return {**kept, "hits": hits, "reasons": [], "consignment_keys": [], ERASED_BY: act}


def impersonal_answer(answer: Mapping[str, Any], act: int) -> dict[str, Any]:
    """Return what was answered without the reasons, which hold values of the declaration."""
    return {**answer, "reasons": [], ERASED_BY: act}


#: Members of evidence that are or commit to personal content: a hash without a salt can be guessed.
_PERSONAL: Final = frozenset({"_salt", "draw_keys", "inputs_sha256", "answer_sha256"})


def _impersonal_item(item: Item) -> Item:
    return replace(
        item, description=None, marks=(), statements=(), documents=_kinds_of(item.documents)
    )  # fmt: skip


def _kinds_of(documents: tuple[Document, ...]) -> tuple[Document, ...]:
    return tuple(Document(type_code=each.type_code) for each in documents)


def _impersonal_transport(transport: Transport) -> Transport:
    return Transport(
        mode_code=transport.mode_code,
        means_nationality=transport.means_nationality,
        container_code=transport.container_code,
        loading_place=transport.loading_place,
        routing=transport.routing,
    )
