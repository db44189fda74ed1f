"""Examples from the journal: what each control result teaches, with the features as of its decision.

One fold over history: features are computed when a declaration passes, and joined with its result
when that passes.  So an example never holds what was not yet known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.features import FeatureVector, compute
from tidewaiter.core.history import History
from tidewaiter.core.learning.labels import Example, example_of
from tidewaiter.core.selection.stages import Arm
from tidewaiter.core.times import day_of
from tidewaiter.flow.ports import MessageFormat, UnitOfWork

__all__ = ["Past", "past_declarations"]

Progress = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class Past:
    """One declaration of history, its features at its time, and what came of it."""

    source: str
    #: The version that was controlled; the latest when none was.
    declaration: Declaration
    vector: FeatureVector
    day: int
    #: Probability that it was selected for control; None: it was not decided by Tidewaiter.
    inclusion_probability: float | None
    arm: str | None
    #: Control -> its highest version known, and what that teaches; None: it is inconclusive.
    lessons: dict[str, tuple[int, Example | None]] = field(default_factory=dict)

    @property
    def example(self) -> Example | None:
        """Return what its controls teach together, or None when no conclusive result is known.

        What one control found irregular, another that found nothing does not disprove.
        """
        taught = [example for _, example in self.lessons.values() if example is not None]
        return next((each for each in reversed(taught) if each.irregular), taught[-1] if taught else None)


def past_declarations(
    uow: UnitOfWork, messages: MessageFormat, progress: Progress | None = None
) -> list[Past]:
    """Return all declarations of history in the order of the journal, each once."""
    selected = _selections(uow)
    history = History()
    found: dict[tuple[str, str], Past] = {}
    latest: dict[tuple[str, str], Declaration] = {}
    end = uow.journal_end()
    for entry in uow.journal():
        if entry.kind == "declaration":
            declaration = messages.read_declaration(entry.body)
            at = max(entry.at, history.last_at)
            key = (entry.source, str(declaration.id))
            inclusion, arm = selected.get(key, (None, None))
            vector = compute(declaration, history, at, source=entry.source)
            history.observe_declaration(declaration, at, source=entry.source)
            if key not in latest or latest[key].version < declaration.version:
                latest[key] = declaration
            known = found.get(key)
            # What was found speaks of the version that was controlled, with the features of its time.
            if known is None or (not known.lessons and known.declaration.version < declaration.version):
                found[key] = Past(
                    source=entry.source, declaration=declaration, vector=vector, day=day_of(at),
                    inclusion_probability=inclusion, arm=arm,
                )  # fmt: skip
        elif entry.declaration_body is not None:
            result = messages.read_control_result(entry.body)
            key = (entry.source, str(result.declaration_id))
            history.observe_result(result, latest[key], entry.at, source=entry.source)
            past = found[key]
            if result.version > past.lessons.get(result.id, (0, None))[0]:
                past.lessons[result.id] = (result.version, _lesson(result, past, day_of(entry.at)))
        if progress is not None and entry.seq % 500 == 0:
            progress(entry.seq, end)
    return list(found.values())


def _lesson(result: ControlResult, past: Past, known_day: int) -> Example | None:
    """Return what *result* teaches about a declaration."""
    return example_of(
        result,
        past.declaration,
        past.vector,
        lodged_day=past.day,
        known_day=max(known_day, past.day),
        # Who was not selected and has a result all the same was chosen in a way that nobody logged.
        inclusion_probability=None if past.arm == Arm.NONE else past.inclusion_probability,
        random_arm=past.arm == Arm.RANDOM,
    )


def _selections(uow: UnitOfWork) -> Mapping[tuple[str, str], tuple[float | None, str | None]]:
    """Return inclusion probability and arm by (source, declaration id); the latest version counts.

    A control that only an officer chose, by raising the lane, was drawn by no stage: it is said so.
    """
    added = uow.controls_added()
    return {
        (source, identity): (None, Arm.NONE) if (source, identity) in added else (inclusion, arm)
        for source, identity, inclusion, arm in uow.labels()
    }


def examples_known_before(past: Sequence[Past], day: int | None) -> Iterator[Example]:
    """Yield the examples whose result was known before *day* (ordinal); all of them when it is None."""
    for entry in past:
        if entry.example is not None and (day is None or entry.example.known_day < day):
            yield entry.example
