"""The form of a code: what the codes of a feature look like, so that a literal that can never match is seen.

Features of kind CODE that are not named here hold national codes: any identifier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tidewaiter.core.declaration import PartyRole

__all__ = ["CodeForm", "expected", "fits", "form_of", "longest"]


class CodeForm(StrEnum):
    """Families of codes; a list holds codes of one of them."""

    HS2 = "hs2"
    HS4 = "hs4"
    HS6 = "hs6"
    HS_CODE = "hs_code"
    COUNTRY = "country"
    CURRENCY = "currency"
    #: Identifiers of persons: importers, declarants, sellers …
    PARTY = "party"
    OFFICE = "office"
    #: Any other code, national or international.
    CODE = "code"
    #: Free text in normal form.
    TEXT = "text"


_FORM_OF: Final[Mapping[str, CodeForm]] = {
    "hs2": CodeForm.HS2,
    "hs4": CodeForm.HS4,
    "hs6": CodeForm.HS6,
    "hs_code": CodeForm.HS_CODE,
    "invoice_currency": CodeForm.CURRENCY,
    "office": CodeForm.OFFICE,
    **dict.fromkeys(
        (
            *("origin", "departure_country", "destination_country", "transport_means_nationality"),
            *("exporter_country", "seller_country"),
        ),
        CodeForm.COUNTRY,
    ),
    **dict.fromkeys((role.value for role in PartyRole), CodeForm.PARTY),
}
_PATTERN: Final[Mapping[CodeForm, re.Pattern[str]]] = {
    CodeForm.HS2: re.compile(r"[0-9]{2}", re.ASCII),
    CodeForm.HS4: re.compile(r"[0-9]{4}", re.ASCII),
    CodeForm.HS6: re.compile(r"[0-9]{6}", re.ASCII),
    CodeForm.HS_CODE: re.compile(r"[0-9]{6,12}", re.ASCII),
    CodeForm.COUNTRY: re.compile(r"[A-Z]{2}", re.ASCII),
    CodeForm.CURRENCY: re.compile(r"[A-Z]{3}", re.ASCII),
}
_EXPECTED: Final[Mapping[CodeForm, str]] = {
    CodeForm.HS2: "two digits",
    CodeForm.HS4: "four digits",
    CodeForm.HS6: "six digits",
    CodeForm.HS_CODE: "6 to 12 digits",
    CodeForm.COUNTRY: "two capital letters",
    CodeForm.CURRENCY: "three capital letters",
}
_LONGEST: Final[Mapping[CodeForm, int]] = {
    CodeForm.HS2: 2,
    CodeForm.HS4: 4,
    CodeForm.HS6: 6,
    CodeForm.HS_CODE: 12,
    CodeForm.COUNTRY: 2,
    CodeForm.CURRENCY: 3,
}


def form_of(feature: str) -> CodeForm:
    """Return the form of the codes of a feature of kind CODE.

    >>> form_of("origin"), form_of("procedure_code")
    (<CodeForm.COUNTRY: 'country'>, <CodeForm.CODE: 'code'>)
    """
    return _FORM_OF.get(feature, CodeForm.CODE)


def fits(form: CodeForm, code: str) -> bool:
    """Tell whether *code* can be a code of this form."""
    pattern = _PATTERN.get(form)
    return pattern is None or pattern.fullmatch(code) is not None


def expected(form: CodeForm) -> str:
    """Return in words what a code of this form looks like."""
    return _EXPECTED.get(form, "an identifier of 1 to 70 characters")


def longest(form: CodeForm) -> int:
    """Return the greatest number of characters of a code of this form."""
    return _LONGEST.get(form, 70)
