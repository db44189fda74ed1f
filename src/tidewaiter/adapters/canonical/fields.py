"""The types of the fields on the wire: text in, core types out, nothing coerced.

Amounts are JSON *strings*, because a JSON number is a binary fraction in most readers and
``0.1 + 0.2`` is not ``0.3`` there.  Each reader raises an error with a stable code, and its JSON
Schema says the same as its code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Final
from unicodedata import is_normalized

from pydantic import GetCoreSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from tidewaiter.adapters.canonical.plain import json_type
from tidewaiter.core.codes import CodeError, Country, Currency, HsCode, Identifier
from tidewaiter.core.codes import country as core_country
from tidewaiter.core.codes import currency as core_currency
from tidewaiter.core.codes import hs_code as core_hs_code
from tidewaiter.core.codes import identifier as core_identifier
from tidewaiter.core.quantities import QuantityError, amount

__all__ = [
    "FORMS", "KEPT_MAX",
    "AmountField", "CountField", "CountryField", "CurrencyField", "DescriptionField", "DocumentMomentField",
    "HsCodeField", "IdentifierField", "ItemNumberField", "MomentField", "NameField", "NoteField", "RateField",
    "Text", "VersionField", "instant",
]  # fmt: skip

#: WCO data element 137 (description of goods) is an..512; national systems send more.
DESCRIPTION_LENGTH_MAX: Final = 1024
NAME_LENGTH_MAX: Final = 256
NOTE_LENGTH_MAX: Final = 2048
#: Ad valorem rates above 3000 % do not exist; a rate as a fraction of 1 would be far below.
RATE_PERCENT_MAX: Final = Decimal(3000)
#: Values kept per type of field: at most 20,000 short texts, some megabytes.
KEPT_MAX: Final = 20_000

_NOT_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """A field that is a JSON string and is then read by *read*, which raises for whatever is not text."""

    read: Callable[[str], Any]

    def __get_pydantic_core_schema__(self, _type: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema (pydantic's protocol)."""
        return core_schema.no_info_after_validator_function(self.read, core_schema.str_schema(strict=True))


def _kept(read: Callable[[str], Any]) -> Text:
    """Return the same for short texts of which declarations repeat few: codes, rates, days.

    What was accepted before is kept and not read again; a text that is refused is never kept.
    """
    return Text(lru_cache(maxsize=KEPT_MAX)(read))


def _refuse(code: str, sentence: object) -> PydanticCustomError:
    return PydanticCustomError(code, f"is not accepted: {sentence}.")


def _normal(text: str) -> str:
    """Return *text* when it has one spelling only: Unicode NFC."""
    if not text.isascii() and not is_normalized("NFC", text):
        raise _refuse("text-not-nfc", "text is in Unicode normalization form C")
    return text


def _code(check: Callable[[str], Any], code: str) -> Text:
    """Return the schema of a code that *check* of the core accepts."""

    def read(text: str) -> Any:
        try:
            return check(_normal(text))
        except CodeError as error:
            raise _refuse(code, error) from None

    return _kept(read)


def _text(length_max: int) -> Text:
    """Return the schema of free text of 1 to *length_max* characters."""

    def read(text: str) -> str:
        if not text.strip() or len(text) > length_max:
            raise _refuse("text-length-wrong", f"text has 1 to {length_max} characters, not only blanks")
        if _NOT_TEXT.search(text):
            raise _refuse("text-with-control-character", "text has no control or half characters")
        return _normal(text)

    return Text(read)


def _amount(text: str) -> Decimal:
    try:
        return amount(text)
    except QuantityError as error:
        raise _refuse("quantity-not-plain", error) from None


def _rate(text: str) -> Decimal:
    rate = _amount(text)
    if rate > RATE_PERCENT_MAX:
        raise _refuse("rate-out-of-range", f"a rate is in percent, 0 to {RATE_PERCENT_MAX}")
    return rate


def _moment(year_min: int, year_max: int) -> Text:
    """Return the schema of a time (aware, in UTC) or of a date, in the given years."""

    def read(text: str) -> datetime | date:
        try:
            if _DATE.fullmatch(text):
                found: datetime | date = date.fromisoformat(text)
            elif _TIME.fullmatch(text):
                found = datetime.fromisoformat(text).astimezone(UTC)
            else:
                raise _refuse("time-not-iso", "a time is ISO 8601 with seconds and offset, or only a date")
        except (ValueError, OverflowError) as error:
            if isinstance(error, PydanticCustomError):
                raise
            raise _refuse("time-not-possible", "there is no such date or time") from None
        if not year_min <= found.year <= year_max:
            raise _refuse("time-out-of-range", f"the year is from {year_min} to {year_max}")
        return found

    return _kept(read)


def _integer(least: int, most: int) -> Callable[[Any], int]:
    """Return the reader of a JSON integer from *least* to *most*."""

    def read(value: Any) -> int:
        if type(value) is not int:
            sentence = f"is a JSON {json_type(value)}; a count is a whole JSON number."
            raise PydanticCustomError("type-wrong", sentence)
        if not least <= value <= most:
            raise _refuse("count-out-of-range", f"it is from {least} to {most}")
        return value

    return read


def instant(value: datetime | date) -> tuple[datetime, bool]:
    """Return the instant, and whether only its date is known (then it is the start of the UTC day)."""
    if isinstance(value, datetime):
        return value, False
    return datetime.combine(value, time(), tzinfo=UTC), True


_TEXT_PATTERN: Final = (
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"
)
_MOMENT_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
)


def _form(**keywords: Any) -> dict[str, Any]:
    return {"type": "string", **keywords}


def _text_form(length_max: int) -> dict[str, Any]:
    return _form(minLength=1, maxLength=length_max, pattern=_TEXT_PATTERN)


def _integer_form(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


#: Name of a form -> what it is, and its JSON Schema.  The published schemas refer to these names.
FORMS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "identifier": (
        "1 to 70 printable characters (NFC), no blanks at the ends; codes too are text",
        _form(minLength=1, maxLength=70, pattern=r"^\S(.*\S)?$"),
    ),
    "commodity-code": ("6 to 12 digits as text, leading zeros kept", _form(pattern="^[0-9]{6,12}$")),
    "country": ("ISO 3166-1 alpha-2, capitals; `NA` is Namibia", _form(pattern="^[A-Z]{2}$")),
    "currency": ("ISO 4217, capitals", _form(pattern="^[A-Z]{3}$")),
    "quantity": (
        'a decimal number as text, such as `"372254.4"`: at most 18 digits, at most 6 after the point',
        _form(pattern=r"^(?=.{1,19}$)(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$"),
    ),
    "rate": ("a quantity from 0 to 3000", _form(pattern=r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,6})?$")),
    "moment": (
        "ISO 8601: a time with seconds and offset (`2026-03-01T08:30:00+03:00`), or only a date",
        _form(maxLength=32, pattern=_MOMENT_PATTERN),
    ),
    "name": ("text of 1 to 256 characters (NFC), no control characters", _text_form(NAME_LENGTH_MAX)),
    "description": (
        "text of 1 to 1024 characters (NFC), no control characters",
        _text_form(DESCRIPTION_LENGTH_MAX),
    ),
    "note": ("text of 1 to 2048 characters (NFC), no control characters", _text_form(NOTE_LENGTH_MAX)),
    "version": ("a whole number from 1 to 999,999", _integer_form(1, 999_999)),
    "item-number": ("a whole number from 1 to 500", _integer_form(1, 500)),
    "count": ("a whole number from 0 to 999,999,999", _integer_form(0, 999_999_999)),
}


def _published(form: str) -> WithJsonSchema:
    return WithJsonSchema(FORMS[form][1])


def _integer_field(form: str) -> tuple[PlainValidator, WithJsonSchema]:
    schema = FORMS[form][1]
    return PlainValidator(_integer(schema["minimum"], schema["maximum"])), _published(form)


AmountField = Annotated[Decimal, Text(_amount), _published("quantity")]
RateField = Annotated[Decimal, _kept(_rate), _published("rate")]
HsCodeField = Annotated[HsCode, _code(core_hs_code, "hs-code-wrong"), _published("commodity-code")]
CountryField = Annotated[Country, _code(core_country, "country-wrong"), _published("country")]
CurrencyField = Annotated[Currency, _code(core_currency, "currency-wrong"), _published("currency")]
IdentifierField = Annotated[Identifier, _code(core_identifier, "identifier-wrong"), _published("identifier")]
DescriptionField = Annotated[str, _text(DESCRIPTION_LENGTH_MAX), _published("description")]
NameField = Annotated[str, _text(NAME_LENGTH_MAX), _published("name")]
NoteField = Annotated[str, _text(NOTE_LENGTH_MAX), _published("note")]
MomentField = Annotated[datetime | date, _moment(1970, 2199), _published("moment")]
#: Documents are older than computers, and "no end" is written 9999-12-31.
DocumentMomentField = Annotated[datetime | date, _moment(1900, 9999), _published("moment")]
VersionField = Annotated[int, *_integer_field("version")]
ItemNumberField = Annotated[int, *_integer_field("item-number")]
CountField = Annotated[int, *_integer_field("count")]
