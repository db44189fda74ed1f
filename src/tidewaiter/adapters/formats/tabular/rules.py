"""What a mapping file says: for each field the column it is read from, and how its cells are written.

The models are strict and refuse unknown keys.  Codes stand in quotes, because YAML would read
``010`` as the number ten.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

__all__ = ["ControlRules", "FieldRule", "FormatRules", "MappingFile"]

#: Encodings in which ASCII is ASCII, so that lines can be told apart before they are decoded.
Encoding = Literal[
    "utf-8", "ascii", "latin-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-9",
    "iso8859-15", "cp437", "cp850", "cp852", "cp866", "cp874", "cp949", "cp1250", "cp1251",
    "cp1252", "cp1253", "cp1254", "cp1256", "cp1257", "cp1258", "euc-kr", "euc-jp", "shift_jis",
    "cp932", "gbk", "gb18030", "big5", "koi8-r", "tis-620",
]  # fmt: skip

_Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_OneCharacter = Annotated[str, StringConstraints(min_length=1, max_length=1)]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
_Offset = Annotated[str, StringConstraints(pattern=r"^(Z|[+-][0-9]{2}:[0-9]{2})$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class FieldRule(_Strict):
    """Where the value of one field comes from: a column, or a constant."""

    column: _Text | None = None
    """Name of the column in the header of the table."""
    constant: _Text | None = None
    """The same value for every row."""
    missing: list[str] = Field(default_factory=list)
    """Cell texts that mean "not declared", besides the empty cell; `NA` is Namibia, so none by default."""
    optional: bool = False
    """The column may be absent from a file."""
    values: dict[str, str | None] | None = None
    """Cell text -> value of the field; null: not declared. A text that is not listed is a fault."""
    pad_zeros: Annotated[int, Field(ge=2, le=12)] | None = None
    """Restore leading zeros that a spreadsheet dropped: the number of digits that the code has."""
    drop_point_zero: bool = False
    """Read `40.0` as the code `40`: codes that were kept as numbers."""
    round_places: Annotated[int, Field(ge=0, le=6)] | None = None
    """Round a quantity half to even to this many decimals; without it, more than 6 are a fault."""
    decimal_mark: Literal[".", ","] = "."
    """The decimal point of quantities."""
    grouping_mark: Literal[".", ",", " ", "'", "\u00a0", "\u202f"] | None = None
    """The mark between thousands, which is left out."""
    date_formats: list[_Text] = Field(default_factory=list)
    """Formats of dates and times besides ISO 8601, such as `%d/%m/%Y`; the first that fits is taken."""
    utc_offset: _Offset | None = None
    """Offset of times that are written without one, such as `+09:00`."""
    separator: _OneCharacter = ";"
    """What stands between the values of a list in one cell."""

    @model_validator(mode="after")
    def _one_source(self) -> FieldRule:
        if (self.column is None) == (self.constant is None):
            raise PydanticCustomError(
                "rule-source-wrong", "names either a column or a constant, and not both."
            )
        if self.grouping_mark == self.decimal_mark:
            raise PydanticCustomError(
                "rule-marks-equal", "decimal_mark and grouping_mark are the same character."
            )
        return self


_Fields = dict[str, FieldRule]


#: The objects of a list, each from columns of its own.
_Objects: TypeAlias = Annotated[list[_Fields], Field(max_length=20)]


class FormatRules(_Strict):
    """How the file is written."""

    delimiter: _OneCharacter = ","
    """What stands between the cells of a CSV line."""
    quote: _OneCharacter = '"'
    """What stands around a CSV cell that holds the delimiter."""
    encoding: Encoding = "utf-8"
    """Encoding of a CSV file; a UTF-8 byte order mark is skipped."""
    sheet: _Text | None = None
    """Sheet of an Excel file; left out: the first."""
    trim: bool = False
    """Remove blanks around each cell."""


class ControlRules(_Strict):
    """How label columns become a control result."""

    control: _Fields
    """Fields of the control result."""
    delay_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """Days that are added to `ended_at`: when a table has no date of its own for the result."""
    findings: Annotated[list[_Fields], Field(min_length=1, max_length=20)]
    """Fields of each finding; without an outcome there is none."""


class MappingFile(_Strict):
    """A mapping, as its file says it."""

    name: _Name
    """Name under which it is called."""
    description: _Text
    """What the table holds."""
    source: _Text | None = None
    """Where the table comes from."""
    licence: _Text | None = None
    """Licence of the data."""
    format: FormatRules = Field(default_factory=FormatRules)
    """How the file is written."""
    rows_per_declaration: Literal["one", "several"] = "one"
    """`several`: consecutive rows with the same `id` (and `version`) are the items of one declaration."""
    declaration: _Fields
    """Fields of the header."""
    transport: _Fields = Field(default_factory=dict)
    """Fields of `transport`."""
    parties: dict[str, _Fields] = Field(default_factory=dict)
    """Role -> fields of the party."""
    documents: _Objects = Field(default_factory=list)
    """Fields of each document of the declaration."""
    guarantees: _Objects = Field(default_factory=list)
    """Fields of each guarantee."""
    authorisations: _Objects = Field(default_factory=list)
    """Fields of each authorisation."""
    charges: _Objects = Field(default_factory=list)
    """Fields of each charge of the declaration."""
    statements: _Objects = Field(default_factory=list)
    """Fields of each statement of the declaration."""
    item: _Fields
    """Fields of the item; each row is one."""
    item_documents: _Objects = Field(default_factory=list)
    """Fields of each document of the item."""
    item_classifications: _Objects = Field(default_factory=list)
    """Fields of each further code of the item."""
    item_charges: _Objects = Field(default_factory=list)
    """Fields of each charge of the item."""
    item_statements: _Objects = Field(default_factory=list)
    """Fields of each statement of the item."""
    results: ControlRules | None = None
    """Label columns -> control result; a row without labels has none."""
