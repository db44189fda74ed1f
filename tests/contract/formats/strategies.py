"""Declarations and control results of every shape that the messages allow, for laws."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TypeVar
from unicodedata import normalize

from hypothesis import strategies as st

from tidewaiter.core.codes import country, currency, hs_code, identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Irregularity, Outcome
from tidewaiter.core.declaration import (
    Authorisation,
    Charge,
    Classification,
    Declaration,
    Document,
    Guarantee,
    Item,
    Party,
    PartyRole,
    Statement,
    TradeFlow,
    Transport,
)
from tidewaiter.core.quantities import amount

T = TypeVar("T")

_LETTERS = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))


def _normal(text: str) -> str:
    return normalize("NFC", text).strip()


IDENTIFIERS = (
    st.text(_LETTERS, min_size=1, max_size=20)
    .map(_normal)
    .filter(lambda text: bool(text) and text.isprintable())
    .map(identifier)
)
#: XML collapses blanks of every kind, so there is one kind here.
TEXTS = (
    st.text(_LETTERS, min_size=1, max_size=60)
    .map(_normal)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
COUNTRIES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2).map(country)
CURRENCIES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3).map(currency)
HS_CODES = st.text("0123456789", min_size=6, max_size=12).map(hs_code)
AMOUNTS = st.from_regex(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?", fullmatch=True).map(amount)
RATES = st.from_regex(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?", fullmatch=True).map(amount)
COUNTS = st.integers(0, 999_999_999)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=_ZONES)  # noqa: DTZ001 - bounds
DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31)).map(lambda day: datetime.combine(day, time(), UTC))
DOCUMENT_TIMES = st.one_of(TIMES, DAYS, st.just(datetime(9999, 12, 31, tzinfo=UTC)))


def _maybe(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | values


def _tuples(values: st.SearchStrategy[T], most: int) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=most).map(tuple)


DOCUMENTS = st.builds(
    Document,
    type_code=IDENTIFIERS,
    id=_maybe(IDENTIFIERS),
    issued_on=_maybe(DOCUMENT_TIMES),
    expires_on=_maybe(DOCUMENT_TIMES),
    line_number=_maybe(COUNTS),
    exemption_code=_maybe(IDENTIFIERS),
    written_off_quantity=_maybe(AMOUNTS),
    written_off_unit=_maybe(IDENTIFIERS),
)
STATEMENTS = st.builds(Statement, code=_maybe(IDENTIFIERS), text=_maybe(TEXTS))
GUARANTEES = st.builds(Guarantee, id=_maybe(IDENTIFIERS), amount=_maybe(AMOUNTS))
AUTHORISATIONS = st.builds(Authorisation, holder_id=_maybe(IDENTIFIERS), category_code=_maybe(IDENTIFIERS))
CHARGES = st.builds(
    Charge, type_code=_maybe(IDENTIFIERS), amount=_maybe(AMOUNTS), currency=_maybe(CURRENCIES)
)
CLASSIFICATIONS = st.builds(Classification, type_code=_maybe(IDENTIFIERS), id=IDENTIFIERS)
PARTIES = st.builds(
    Party,
    role=st.sampled_from(PartyRole),
    id=_maybe(IDENTIFIERS),
    name=_maybe(TEXTS),
    country=_maybe(COUNTRIES),
    aeo=_maybe(st.booleans()),
)
TRANSPORTS = st.builds(
    Transport,
    mode_code=_maybe(IDENTIFIERS),
    means_id=_maybe(IDENTIFIERS),
    means_nationality=_maybe(COUNTRIES),
    departure_means_id=_maybe(IDENTIFIERS),
    document_id=_maybe(IDENTIFIERS),
    arrival_reference=_maybe(IDENTIFIERS),
    container_ids=_tuples(IDENTIFIERS, 3),
    seal_ids=_tuples(IDENTIFIERS, 2),
    container_code=_maybe(IDENTIFIERS),
    goods_location=_maybe(TEXTS),
    goods_location_type_code=_maybe(IDENTIFIERS),
    loading_place=_maybe(IDENTIFIERS),
    routing=_tuples(COUNTRIES, 3),
)


def _items(number: int) -> st.SearchStrategy[Item]:
    return st.builds(
        Item,
        number=st.just(number),
        hs_code=HS_CODES,
        description=_maybe(TEXTS),
        origin=_maybe(COUNTRIES),
        origin_proof_code=_maybe(IDENTIFIERS),
        net_mass_kg=_maybe(AMOUNTS),
        gross_mass_kg=_maybe(AMOUNTS),
        supplementary_quantity=_maybe(AMOUNTS),
        supplementary_unit=_maybe(IDENTIFIERS),
        package_count=_maybe(COUNTS),
        package_code=_maybe(IDENTIFIERS),
        customs_value=_maybe(AMOUNTS),
        statistical_value=_maybe(AMOUNTS),
        invoice_price=_maybe(AMOUNTS),
        valuation_method_code=_maybe(IDENTIFIERS),
        procedure_code=_maybe(IDENTIFIERS),
        duty_regime_code=_maybe(IDENTIFIERS),
        duty_rate_percent=_maybe(RATES),
        duty_amount=_maybe(AMOUNTS),
        tax_type_codes=_tuples(IDENTIFIERS, 2),
        quota_id=_maybe(IDENTIFIERS),
        preferential_origin=_maybe(COUNTRIES),
        additional_procedure_codes=_tuples(IDENTIFIERS, 2),
        valuation_adjustment_codes=_tuples(IDENTIFIERS, 2),
        dangerous_goods_code=_maybe(IDENTIFIERS),
        marks=_tuples(TEXTS, 2),
        classifications=_tuples(CLASSIFICATIONS, 2),
        charges=_tuples(CHARGES, 2),
        statements=_tuples(STATEMENTS, 2),
        documents=_tuples(DOCUMENTS, 2),
    )


def _instants(name: str, flag: str) -> st.SearchStrategy[dict[str, datetime | bool]]:
    """Return a time with its flag: any time, or the start of a day of which only the date is known."""
    exact = TIMES.map(lambda moment: {name: moment, flag: False})
    return exact | DAYS.map(lambda moment: {name: moment, flag: True})


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """Return a declaration of 1 to 4 items."""
    count = draw(st.integers(1, 4))
    named = lambda party: (party.role, party.id, None if party.id else party.name)  # noqa: E731 - a key
    rest = draw(
        st.fixed_dictionaries(
            {
                "id": IDENTIFIERS,
                "version": st.integers(1, 999_999),
                "flow": st.sampled_from(TradeFlow),
                "office": IDENTIFIERS,
                "type_code": _maybe(IDENTIFIERS),
                "procedure_code": _maybe(IDENTIFIERS),
                "transaction_nature_code": _maybe(IDENTIFIERS),
                "goods_use_code": _maybe(IDENTIFIERS),
                "payment_method_code": _maybe(IDENTIFIERS),
                "departure_country": _maybe(COUNTRIES),
                "destination_country": _maybe(COUNTRIES),
                "delivery_terms_code": _maybe(IDENTIFIERS),
                "delivery_place": _maybe(TEXTS),
                "consignment_reference": _maybe(IDENTIFIERS),
                "trader_reference": _maybe(IDENTIFIERS),
                "representation_code": _maybe(IDENTIFIERS),
                "warehouse_id": _maybe(IDENTIFIERS),
                "warehouse_type_code": _maybe(IDENTIFIERS),
                "invoice_currency": _maybe(CURRENCIES),
                "invoice_amount": _maybe(AMOUNTS),
                "freight_amount": _maybe(AMOUNTS),
                "gross_mass_kg": _maybe(AMOUNTS),
                "package_count": _maybe(COUNTS),
                "parties": st.lists(PARTIES, max_size=4, unique_by=named).map(tuple),
                "transport": TRANSPORTS,
                "documents": _tuples(DOCUMENTS, 2),
                "accepted_at": _maybe(DOCUMENT_TIMES),
                "guarantees": _tuples(GUARANTEES, 2),
                "authorisations": _tuples(AUTHORISATIONS, 2),
                "charges": _tuples(CHARGES, 2),
                "statements": _tuples(STATEMENTS, 2),
            }
        )
    )
    items = tuple(draw(_items(number)) for number in range(1, count + 1))
    return Declaration(**rest, **draw(_instants("lodged_at", "lodged_on_date_only")), items=items)


FINDINGS = st.builds(
    Finding,
    outcome=st.sampled_from(Outcome),
    irregularity=_maybe(st.sampled_from(Irregularity)),
    item_number=_maybe(st.integers(1, 500)),
    element=_maybe(IDENTIFIERS),
    declared=_maybe(TEXTS),
    found=_maybe(TEXTS),
    duty_effect=_maybe(AMOUNTS),
    note=_maybe(TEXTS),
)


@st.composite
def control_results(draw: st.DrawFn) -> ControlResult:
    """Return a control result of 1 to 3 findings."""
    rest = draw(
        st.fixed_dictionaries(
            {
                "id": IDENTIFIERS,
                "version": st.integers(1, 999_999),
                "declaration_id": IDENTIFIERS,
                "declaration_version": _maybe(st.integers(1, 999_999)),
                "kind": st.sampled_from(ControlKind),
                "office": IDENTIFIERS,
                "officer": _maybe(IDENTIFIERS),
                "started_at": _maybe(TIMES | DAYS),
                "findings": st.lists(FINDINGS, min_size=1, max_size=3).map(tuple),
                "action_code": _maybe(IDENTIFIERS),
            }
        )
    )
    return ControlResult(**rest, **draw(_instants("ended_at", "ended_on_date_only")))
