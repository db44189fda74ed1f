"""What is wrong with an Excel workbook before it is read as a table of rules.

The reader makes room for every cell up to the last one, so a single cell at the far corner takes more
memory than there is and ends the process.  Formulas are gone once it has read: it gives what the
spreadsheet last made of them.  Both are found here, in every part that the reader could take for a sheet.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Final
from xml.parsers import expat
from zipfile import BadZipFile, LargeZipFile, ZipFile

from tidewaiter.core.errors import InputError, shorten

__all__ = ["require_plain_workbook"]

#: A table of rules is read whole: what unpacks to more than this is none.
_UNPACKED_BYTES_MAX: Final = 128 * 1024 * 1024
_COLUMNS_MAX: Final = 256
_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_ROW: Final = re.compile(r"[0-9]{1,7}", re.ASCII)


def require_plain_workbook(file: Path, rows_max: int) -> None:
    """Raise InputError for a formula, a cell far outside of *rows_max* rows, and what cannot be unpacked."""
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > _UNPACKED_BYTES_MAX:
                raise InputError(
                    f"{file.name} unpacks to {unpacked:,} bytes; a table of rules has at most "
                    f"{_UNPACKED_BYTES_MAX:,}."
                )
            for part in parts:
                content = archive.read(part)
                if b"sheetData" in content:
                    _Sheet(file.name, rows_max).read(content)
    except (
        BadZipFile, LargeZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError,
        zlib.error, expat.ExpatError,
    ) as error:  # fmt: skip
        raise InputError(f"{file.name} cannot be read as Excel: {shorten(error, 200)}.") from error


class _Sheet:
    """One sheet, element by element."""

    def __init__(self, name: str, rows_max: int) -> None:
        self.name = name
        self.rows_max = rows_max
        #: Where the last cell stands.
        self.cell = ""
        self.row = self.column = 0

    def read(self, content: bytes) -> None:
        """Look at every element; raises InputError."""
        # The reader takes every sheet for UTF-8, so what is written otherwise is none for either.
        parser = expat.ParserCreate("utf-8", " ")
        parser.StartElementHandler = self.element
        parser.StartDoctypeDeclHandler = self.doctype
        parser.Parse(content, True)  # noqa: FBT003 - expat takes no keywords

    def doctype(self, *_: object) -> None:
        """Refuse a document type: no spreadsheet writes one."""
        raise InputError(f"{self.name} has a document type; no spreadsheet writes one.")

    def element(self, name: str, attributes: dict[str, str]) -> None:
        """Look at one element."""
        local = name.rpartition(" ")[2]
        if local == "f":
            where = f"cell {self.cell}" if self.cell else "a cell"
            raise InputError(f"{self.name}: {where} holds a formula; paste values only, and save it again.")
        place = attributes.get("r", "")
        if local == "row":
            self.row, self.column = int(place) if _ROW.fullmatch(place) else self.row + 1, 0
            if self.row > self.rows_max or not (_ROW.fullmatch(place) or place == ""):
                self.refuse(f"row {shorten(place or self.row, 20)}")
        elif local == "c":
            found = _PLACE.fullmatch(place)
            # A cell without a place of its own stands beside the one before it.
            self.column = self.column + 1 if found is None else _column(found[1])
            row = self.row if found is None else int(found[2])
            self.cell = place or f"{self.column} of row {row}"
            if self.column > _COLUMNS_MAX or row > self.rows_max or (place and found is None):
                self.refuse(f"cell {shorten(self.cell, 20)}")

    def refuse(self, where: str) -> None:
        """Refuse what lies outside of a table of rules."""
        raise InputError(
            f"{self.name}: {where} lies outside of a table of {self.rows_max:,} rows and {_COLUMNS_MAX} "
            "columns; delete what is there, also cells that only look empty."
        )


def _column(letters: str) -> int:
    """Return the number of a column, from 1.

    >>> _column("AB")
    28
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
