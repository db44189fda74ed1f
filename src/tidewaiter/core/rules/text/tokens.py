"""From characters to words: the alphabet of the language, and what is written instead of it by habit.

A sign of another language (``==``, ``≤``, curly quotes) is a fault that says what to write, and is
read as what it means, so that the rest of the text is judged too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tidewaiter.core.rules.text.places import Span

__all__ = ["KEYWORDS", "NAME", "Flaw", "Shape", "Token", "tokens"]


class Shape(Enum):
    """What kind of word a token is."""

    KEYWORD = "keyword"
    #: The name of a feature or of a list.
    NAME = "name"
    #: The same in back quotes: nothing else than a name, whatever it looks like.
    QUOTED_NAME = "quoted name"
    TEXT = "text"
    #: A plain number, as written.
    NUMBER = "number"
    DAY = "day"
    #: ``#5``: a whole number, whatever it is compared with.
    WHOLE = "whole"
    SYMBOL = "symbol"
    END = "end"


#: Words of the language; a feature or a list of such a name is written in back quotes.
KEYWORDS: Final = frozenset(
    {"all", "and", "any", "between", "contains", "false", "in", "is", "list", "missing"}
    | {"none", "not", "of", "or", "starts", "true", "with"}
)
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>\s+)
  | (?P<text>"(?:[^"\\\n]|\\.)*")
  | (?P<name>`(?:[^`\\\n]|\\.)*`)
  | (?P<foreign_text>“[^“”\n]*”|„[^“”\n]*[“”]|«[^«»\n]*»|‘[^‘’\n]*’|'[^'\n]*')
  | (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![A-Za-z0-9_.]))
  | (?P<whole>\#-?[0-9]+(?![A-Za-z0-9_.]))
  | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.]))
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<foreign>===?|<>|=<|=>|&&|\|\||[≠≤≥&|[\]{}]|!(?!=))
  | (?P<symbol>!=|<=|>=|[=<>(),])
  | (?P<open>["`“„«‘'])
  | (?P<run>[\w.\#-]+)
  | (?P<stray>.)
    """,
    re.VERBOSE,
)
_MEANT: Final = {
    "==": "=", "===": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=",
    "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "[": "(", "]": ")", "{": "(", "}": ")",
}  # fmt: skip
_ESCAPE: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text."""

    shape: Shape
    #: What it says: a text without quotes and escapes, a keyword in small letters.
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not in the alphabet of the language."""

    code: str
    message: str
    hint: str | None
    span: Span


def tokens(text: str) -> Iterator[Token | Flaw]:
    """Iterate over the words of *text*, with a flaw before each word that had to be guessed; END is last."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:  # pragma: no cover - `stray` and `blank` take any character
            raise ValueError(f"BUG: no token at {position}")
        position = match.end()
        kind, written, span = str(match.lastgroup), match[0], Span(*match.span())
        if kind == "open":
            here = Span(span.start, _line_end(text, span.start))
            yield Flaw("quote-open", "the quote is not closed on its line", 'Close it with `"`.', here)
            yield Token(Shape.TEXT, text[here.start + 1 : here.end], here)
            position = here.end
        elif kind != "blank":
            yield from _read(kind, written, span)
    yield Token(Shape.END, "", Span(len(text), len(text)))


def _read(kind: str, written: str, span: Span) -> Iterator[Token | Flaw]:
    """Return the word that is *written* at *span*, after the flaw in it when there is one."""
    match kind:
        case "text" | "name":
            yield from _escapes(written, span)
            value = _ESCAPE.sub(r"\1", written[1:-1])
            yield Token(Shape.TEXT if kind == "text" else Shape.QUOTED_NAME, value, span)
        case "word":
            keyword = written.lower() in KEYWORDS
            yield Token(
                Shape.KEYWORD if keyword else Shape.NAME, written.lower() if keyword else written, span
            )
        case "whole":
            yield Token(Shape.WHOLE, written[1:], span)
        case "number" | "day" | "symbol":
            yield Token(Shape(kind), written, span)
        case "foreign_text":
            hint = f'Write "{written[1:-1]}".'
            yield Flaw("quotes", "a text stands in straight double quotes", hint, span)
            yield Token(Shape.TEXT, written[1:-1], span)
        case "foreign":
            sign = _MEANT[written]
            yield Flaw("sign", f"`{written}` is not a sign of this language", f"Write `{sign}`.", span)
            yield Token(Shape.KEYWORD if sign.isalpha() else Shape.SYMBOL, sign, span)
        case "run":
            yield Flaw("word", "this is neither a name nor a number", _word_hint(written), span)
            # Read as text, it stands where a value may stand, and what follows is judged.
            yield Token(Shape.TEXT, written, span)
        case _:
            yield Flaw("character", f"{_named(written)} has no meaning here", _sign_hint(written), span)


def _escapes(written: str, span: Span) -> Iterator[Flaw]:
    """Return a flaw for each escape other than of the quote and of the stroke itself."""
    for match in _ESCAPE.finditer(written, 1, len(written) - 1):
        if match[1] not in {written[0], "\\"}:
            here = Span(span.start + match.start(), span.start + match.end())
            yield Flaw("escape", f"`{match[0]}` is not an escape", r"Write `\\` for one stroke.", here)


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _named(char: str) -> str:
    return f"`{char}`" if char.isprintable() else f"the invisible character U+{ord(char):04X}"


def _word_hint(word: str) -> str:
    """Return what may be meant by *word*, which is neither a name nor a number."""
    if re.match(r"-?[0-9][0-9.]*[A-Za-z]", word):
        return "The feature has its unit: write the number alone, such as 1000.50."
    if re.match(r"[.-]?[A-Za-z_]", word):
        return "The name of a feature has small letters, digits and `_` only."
    return "A text or a code stands in double quotes; a day is written 2026-12-31, a number 1000.50."


def _sign_hint(char: str) -> str:
    if char in "+*/^":
        return "Nothing is computed here; ratios and differences are features, such as `unit_value_ratio`."
    if char == "%":
        return "A share is written as a decimal: 5 % is 0.05."
    return (
        "The feature has its unit: write the number alone."
        if unicodedata.category(char) == "Sc"
        else "Remove it."
    )
