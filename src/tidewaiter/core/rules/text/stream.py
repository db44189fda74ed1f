"""The words of a text one after the other, and the faults found on the way."""

from __future__ import annotations

from typing import Final

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.rules.text.places import Marked, Span, line_and_column
from tidewaiter.core.rules.text.tokens import Flaw, Shape, Token, tokens

__all__ = ["FAULTS_MAX", "Stream", "mark"]

#: Faults of one text that are told.
FAULTS_MAX: Final = 100
#: Where reading goes on after a fault.
_JOINS: Final = frozenset({"and", "or"})


def mark(
    text: str, span: Span, code: str, message: str, hint: str | None = None, value: str | None = None
) -> Marked:
    """Return a fault at a place of *text*; the value is what stands there, unless another is given."""
    line, column = line_and_column(text, span.start)
    shown = shorten(text[span.start : span.end]) if value is None else value
    place = f"line {line}, column {column}"
    return Marked(
        fault=Fault(code=code, place=place, message=message, value=shown or None, hint=hint), span=span
    )


class Stream:
    """The words of one text, with the word that stands *here*."""

    def __init__(self, text: str) -> None:
        self.text = text
        #: The faults that are told: the first hundred.
        self.faults: list[Marked] = []
        #: How many faults were met, told or not.
        self.met = 0
        self._places: set[Span] = set()
        #: Where something stands that has no meaning, of the faults that are told.
        self._strays: list[int] = []
        self._tokens: list[Token] = []
        for token in tokens(text):
            if isinstance(token, Flaw):
                self.fault(token.span, token.code, token.message, token.hint)
                if token.code in {"word", "character"} and len(self.faults) < FAULTS_MAX:
                    self._strays.append(token.span.start)
            else:
                self._tokens.append(token)
        self._position = 0

    @property
    def here(self) -> Token:
        """The word that is read next."""
        return self._tokens[self._position]

    @property
    def last(self) -> Token:
        """The word that was read last; the first one before any was read."""
        return self._tokens[max(0, self._position - 1)]

    @property
    def following(self) -> Token:
        """The word behind the one here."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Return the word here and go on; the end stays the end."""
        token = self.here
        if token.shape is not Shape.END:
            self._position += 1
        return token

    def at(self, *values: str) -> bool:
        """Tell whether one of these keywords or symbols stands here."""
        return self.here.shape in {Shape.KEYWORD, Shape.SYMBOL} and self.here.value in values

    def accept(self, value: str) -> bool:
        """Take the keyword or symbol *value* when it stands here."""
        found = self.at(value)
        if found:
            self.take()
        return found

    def demand(self, value: str, hint: str | None = None) -> bool:
        """Take the keyword or symbol *value*; a fault when it is not there."""
        found = self.accept(value)
        if not found:
            self.expected(f"`{value}`", hint)
        return found

    def since(self, start: int) -> Span:
        """Return the stretch from *start* to the end of the word that was read last."""
        return Span(start, max(start, self.last.span.end))

    def fault(self, span: Span, code: str, message: str, hint: str | None = None) -> None:
        """Record a fault, one a place; after a hundred they are only counted: no text costs without bound."""
        self.met += 1
        if span not in self._places and len(self.faults) < FAULTS_MAX:
            self._places.add(span)
            self.faults.append(mark(self.text, span, code, message, hint))

    def expected(self, what: str, hint: str | None = None) -> None:
        """Record that *what* is expected where something else stands.

        It is not told where the alphabet was left just before: it follows from that.
        """
        if self.misspelt():
            self.met += 1
            return
        self.fault(self.here.span, "expected", f"found {self.found()} where {what} is expected", hint)

    def misspelt(self) -> bool:
        """Tell whether the word read last, the word here or what stands between them is in no alphabet."""
        return any(self.last.span.start <= start <= self.here.span.start for start in self._strays)

    def found(self) -> str:
        """Return in words what stands here."""
        if self.here.shape is Shape.END:
            return "the end"
        written = self.text[self.here.span.start : self.here.span.end]
        return f"`{shorten(written, 40)}`"

    def skip(self, *also: str) -> None:
        """Go on at the next `and`, `or`, comma, closing bracket or the end, past brackets that open here."""
        depth = 0
        while self.here.shape is not Shape.END:
            if self.at("("):
                depth += 1
            elif self.at(")"):
                if depth == 0:
                    return
                depth -= 1
            elif depth == 0 and self.at(",", *_JOINS, *also):
                return
            self.take()

    def skip_to_close(self) -> None:
        """Go on behind the bracket that closes here, or at the end."""
        self.skip()
        while self.here.shape is not Shape.END and not self.at(")"):
            self.take()
            self.skip()
        self.accept(")")
