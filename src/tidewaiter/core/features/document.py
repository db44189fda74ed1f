"""Family document: which supporting documents are there, and how old they are.

Document codes are those of UN/EDIFACT data element 1001.
"""

from __future__ import annotations

from typing import Final

from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Value
from tidewaiter.core.times import day_of

__all__ = ["FAMILY"]

FAMILY: Final = Family("document")

_INVOICE: Final = "380"
#: Certificate of origin; movement certificate EUR.1.
_ORIGIN: Final = frozenset({"861", "954"})
#: Export licence; import licence.
_LICENCES: Final = frozenset({"811", "911"})


@FAMILY.item(
    Kind.COUNT, unit="documents", source="documents", missing="never missing; 0 when none is declared"
)
def document_count(context: Context, index: int) -> Value:
    """How many documents support the item: its own and those of the header."""
    return len(context.documents(index))


@FAMILY.item(Kind.FLAG, unit="-", source="documents", missing="never missing")
def has_invoice_document(context: Context, index: int) -> Value:
    """Whether a commercial invoice (type 380) is among the documents."""
    return any(document.type_code == _INVOICE for document in context.documents(index))


@FAMILY.item(Kind.FLAG, unit="-", source="documents", missing="never missing")
def has_origin_certificate(context: Context, index: int) -> Value:
    """Whether a certificate of origin (type 861) or EUR.1 (type 954) is among the documents."""
    return any(document.type_code in _ORIGIN for document in context.documents(index))


@FAMILY.item(Kind.FLAG, unit="-", source="documents", missing="never missing")
def has_licence(context: Context, index: int) -> Value:
    """Whether an import licence (type 911) or export licence (type 811) is among the documents."""
    return any(document.type_code in _LICENCES for document in context.documents(index))


@FAMILY.item(Kind.RATIO, unit="days", source="documents", missing="there is no licence with a day of expiry")
def days_to_licence_expiry(context: Context, index: int) -> Value:
    """Days until the first licence expires; negative when it has expired."""
    days = [
        day_of(document.expires_on)
        for document in context.documents(index)
        if document.type_code in _LICENCES and document.expires_on is not None
    ]
    return float(min(days) - context.day) if days else None


@FAMILY.item(Kind.RATIO, unit="days", source="documents", missing="there is no invoice with a day of issue")
def days_since_invoice(context: Context, index: int) -> Value:
    """Days since the latest invoice was issued; negative when it is dated in the future."""
    days = [
        day_of(document.issued_on)
        for document in context.documents(index)
        if document.type_code == _INVOICE and document.issued_on is not None
    ]
    return float(context.day - max(days)) if days else None
