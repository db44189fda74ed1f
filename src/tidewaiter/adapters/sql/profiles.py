"""The lives of profiles: rows that are only added, each step with its leaf; and tallies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from tidewaiter.adapters.sql import profile_tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.core.life_cycle import Kind, Step
from tidewaiter.flow.ports.profiles import Tally, step_leaf

__all__ = ["Profiles"]

_s, _w, _t, _p = t.profile_step.c, t.profile_words.c, t.profile_tally.c, t.profile_tally_position.c

_IN_ORDER: Final = (_s.code, _s.number, _s.ordinal)
_ALL: Final = select(t.profile_step).order_by(*_IN_ORDER)
_OF_PROFILE: Final = select(t.profile_step).where(_s.code == bindparam("code")).order_by(*_IN_ORDER)
_WORDS: Final = select(_w.words).where(
    _w.code == bindparam("code"), _w.number == bindparam("number"), _w.sha256 == bindparam("sha256")
)
_TALLIES: Final = (
    select(t.profile_tally).where(_t.code == bindparam("code")).order_by(_t.day, _t.number, _t.shadow)
)
_ADD: Final = (
    update(t.profile_tally)
    .where(
        _t.code == bindparam("of_code"), _t.number == bindparam("of_number"), _t.day == bindparam("of_day"),
        _t.shadow == bindparam("of_shadow"),
    )
    .values(matches=_t.matches + bindparam("more"), undecided=_t.undecided + bindparam("open"))
)  # fmt: skip
_UPTO: Final = select(_p.upto).where(_p.work == bindparam("work"))
_MOVE: Final = update(t.profile_tally_position).where(_p.work == bindparam("row_key"))
#: There is one count; its name is the key of its row.
_DECISIONS: Final = "decisions"


class Profiles(Work):
    """The part of a unit of work that knows the lives of profiles."""

    def add_profile_step(self, step: Step, words: bytes | None = None) -> None:
        """Record a step with its ledger leaf, and with the *words* that it brings, if it brings new ones.

        Raises Conflict when the version has a step of this ordinal already.
        """
        row = {
            "code": step.code,
            "number": step.number,
            "ordinal": step.ordinal,
            "kind": step.kind.value,
            "by": step.by,
            "at": step.at,
            "body_sha256": step.body_sha256,
            "valid_until": step.valid_until.isoformat(),
            "reason": step.reason,
            "replaces_sha256": step.replaces_sha256,
            "share": None if step.share is None else str(step.share),
            "evidence": step.evidence,
        }
        self._insert(t.profile_step, row)
        if words is not None and self.profile_words(step.code, step.number, step.body_sha256) is None:
            key = {"code": step.code, "number": step.number, "sha256": step.body_sha256}
            self._insert(t.profile_words, {**key, "words": words})
        self._add_leaf_told(step_leaf(step))

    def profile_steps(self, code: str | None = None) -> Sequence[Step]:
        """Return the steps of a profile, or of all, by code, number and ordinal."""
        rows = self._rows(_ALL) if code is None else self._rows(_OF_PROFILE, {"code": code})
        return [_step(row) for row in rows]

    def profile_words(self, code: str, number: int, sha256: str) -> bytes | None:
        """Return the words of a version that have this hash, or None."""
        row = self._first(_WORDS, {"code": code, "number": number, "sha256": sha256})
        return None if row is None else bytes(row.words)

    def add_tallies(self, tallies: Iterable[Tally], upto: int) -> None:
        """Add to what was counted; *upto* is the position of the last decision that was looked at."""
        for each in tallies:
            day = each.day.isoformat()
            key = {"of_code": each.code, "of_number": each.number, "of_day": day, "of_shadow": each.shadow}
            if self._change(_ADD, {**key, "more": each.matches, "open": each.undecided}) == 0:
                row = {"code": each.code, "number": each.number, "day": day, "shadow": each.shadow}
                self._insert(t.profile_tally, {**row, "matches": each.matches, "undecided": each.undecided})
        if self._change(_MOVE, {"row_key": _DECISIONS, "upto": upto}, ("upto",)) == 0:
            self._insert(t.profile_tally_position, {"work": _DECISIONS, "upto": upto})

    def tallied_upto(self) -> int:
        """Return the position of the last decision that was looked at, 0 when there was none."""
        row = self._first(_UPTO, {"work": _DECISIONS})
        return 0 if row is None else int(row.upto)

    def tallies(self, code: str) -> Sequence[Tally]:
        """Return how often a profile matched, by day, then by version, what was in force first."""
        return [
            Tally(**{**row._asdict(), "day": date.fromisoformat(row.day)})
            for row in self._rows(_TALLIES, {"code": code})
        ]


def _step(row: Row[Any]) -> Step:
    """Return a row as a step."""
    members = row._asdict()
    members["kind"] = Kind(row.kind)
    members["valid_until"] = date.fromisoformat(row.valid_until)
    members["share"] = None if row.share is None else Decimal(row.share)
    members["evidence"] = bytes(row.evidence)
    return Step(**members)
