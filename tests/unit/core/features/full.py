"""A declaration that leaves nothing out, and one with the greatest and smallest amounts."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.core.history.events import at, declaration, item, party
from tidewaiter.core.declaration import Document, PartyRole, Transport

_ITEM = {
    "description": "  T-shirts of  cotton",
    "origin_proof_code": "E",
    "gross_mass_kg": Decimal(11),
    "supplementary_quantity": Decimal(50),
    "supplementary_unit": "NAR",
    "package_count": 4,
    "package_code": "CT",
    "invoice_price": Decimal(90),
    "valuation_method_code": "1",
    "procedure_code": "4000",
    "duty_amount": Decimal(8),
}

FULL = declaration(
    "full",
    type_code="IMA",
    procedure_code="4000",
    transaction_nature_code="11",
    goods_use_code="21",
    payment_method_code="11",
    destination_country="KE",
    delivery_terms_code="CIF",
    invoice_currency="USD",
    invoice_amount=Decimal(180),
    freight_amount=Decimal(20),
    gross_mass_kg=Decimal(22),
    package_count=8,
    parties=tuple(
        party(role.value, f"{role.value}-1", name=role.value, country="CN", aeo=True) for role in PartyRole
    ),
    transport=Transport(
        mode_code="1",
        means_id="V1",
        means_nationality="PA",
        document_id="BL1",
        arrival_reference="M1",
        container_ids=("MSCU1", "MSCU2"),
        loading_place="CNSHA",
        routing=("CN", "SG"),
    ),
    documents=(
        Document(type_code="380", id="INV1", issued_on=at(10)),
        Document(type_code="911", id="L1", expires_on=at(60)),
    ),
    items=(item(1, "6109100001", **_ITEM), item(2, "610910", **_ITEM)),
)  # fmt: skip

_LEAST, _MOST = Decimal("0.000001"), Decimal(10) ** 18 - 1

EXTREME = declaration(
    "extreme",
    freight_amount=_MOST,
    gross_mass_kg=_LEAST,
    items=(
        item(
            1,
            net_mass_kg=_LEAST,
            gross_mass_kg=_MOST,
            customs_value=_MOST,
            duty_rate_percent=Decimal(3000),
            duty_amount=_MOST,
            supplementary_quantity=_LEAST,
            supplementary_unit="NAR",
            package_count=1,
        ),
        item(
            2,
            net_mass_kg=_MOST,
            gross_mass_kg=_LEAST,
            customs_value=_LEAST,
            duty_amount=_LEAST,
            supplementary_quantity=_MOST,
            supplementary_unit="NAR",
            package_count=10**9,
        ),
    ),
)
