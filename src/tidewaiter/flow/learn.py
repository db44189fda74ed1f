"""Learn: train, compare on unbiased ground, propose; people promote, and can go back.

What is promoted is what was judged: a challenger is trained on results known before the judging
period, compared with the champion on the declarations of that period, and put in force as it is.
Its memory is always current, because counts are features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tidewaiter.core.declaration import PartyRole
from tidewaiter.core.errors import Conflict, NotFound, Unavailable
from tidewaiter.core.scoring.contract import Scorer
from tidewaiter.core.selection.stages import Arm
from tidewaiter.flow.examples import Past, examples_known_before, past_declarations
from tidewaiter.flow.ports import Clock, MessageFormat, ModelFolder, ModelRecord, Store, UnitOfWork
from tidewaiter.flow.present import MODEL, undisturbed

if TYPE_CHECKING:
    from tidewaiter.core.learning.comparison import Comparison, Judged

__all__ = ["EXAMPLES_MIN", "JUDGING_DAYS", "Learning", "Proposal", "Trained"]

#: Fewer labelled declarations than this train no model.
EXAMPLES_MIN: Final = 200
#: The newest days, kept out of training and used to judge.
JUDGING_DAYS: Final = 28

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model that was trained."""

    version: str
    examples: int
    irregular: int
    #: Whether it was put in force: only the first model is, at once.
    in_force: bool
    card: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A challenger with its comparison."""

    champion: str
    challenger: str
    comparison: Comparison
    #: First day of the judging period.
    judged_from: date
    #: Declarations selected for control in the judging period whose result is still missing.
    missing_results: int

    @property
    def proposed(self) -> bool:
        """Whether people may promote it."""
        return self.comparison.passed


class Learning:
    """The use cases of the learning loop."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        messages: MessageFormat,
        models: ModelFolder,
        seed: int,
        threads: int,
        progress: Progress | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages
        self._models = models
        self._seed = seed
        self._threads = threads
        self._progress = progress

    def train(self) -> Trained:
        """Train on all results known; put the model in force if there was none before.

        Raises Unavailable when there are too few results to learn from.
        """
        past = self._past()
        scorer, examples, irregular = self._train(past, before=None)
        card = dict(self._models.card(scorer.version))
        with self._store.write() as uow:
            first = uow.published(MODEL) is None
            # The same examples give the same model: what is on record of it stays.
            if uow.model(scorer.version) is None:
                state = "promoted" if first else "candidate"
                uow.put_model(self._record(scorer, card, state=state, comparison={}))
            if first:
                uow.publish(MODEL, scorer.version, b"{}", self._clock.now(), "first model")
        return Trained(
            version=scorer.version, examples=examples, irregular=irregular, in_force=first, card=card
        )

    def learn(self, *, judging_days: int = JUDGING_DAYS) -> Proposal:
        """Train a challenger on results known before the judging period and compare it with the champion.

        Raises Unavailable when no model is in force or there is too little to learn or judge from.
        """
        # Late: the service itself needs no statistics.
        from tidewaiter.core.learning.comparison import compared

        with self._store.read() as uow:
            in_force = uow.published(MODEL)
        if in_force is None or not in_force.version:
            raise Unavailable("No model is in force; run `tidewaiter train` first.")
        past = self._past()
        if not past:
            raise Unavailable("There is no history to learn from.")
        first_day = max(entry.day for entry in past) - judging_days + 1
        rows, judged, missing = judging_rows(past, first_day)
        if not rows:
            raise Unavailable(
                f"No declaration of the last {judging_days} days was chosen with a known probability."
            )
        challenger, _, _ = self._train(past, before=first_day)
        champion = self._models.load(in_force.version)
        vectors = [entry.vector for entry in rows]
        reloaded = self._models.load(challenger.version)
        comparison = compared(
            judged,
            champion.score(vectors),
            challenger.score(vectors),
            reloaded.score(vectors),
            versions=(challenger.version, reloaded.version),
        )
        state = "proposed" if comparison.passed else "refused"
        data = {"champion": champion.version, "judged_from": date.fromordinal(first_day).isoformat(),
                "missing_results": missing, **comparison.to_data()}  # fmt: skip
        with self._store.write() as uow:
            present = uow.published(MODEL)
            if present is None or present.version != challenger.version:
                card = dict(self._models.card(challenger.version))
                uow.put_model(self._record(challenger, card, state=state, comparison=data))
        return Proposal(
            champion=champion.version,
            challenger=challenger.version,
            comparison=comparison,
            judged_from=date.fromordinal(first_day),
            missing_results=missing,
        )

    def promote(self, version: str | None, by: str) -> ModelRecord:
        """Put a proposed model in force (the newest proposal when *version* is None).

        Raises NotFound, or Conflict when the model was not proposed, or was compared with another
        model than the one in force: gates can refuse, people cannot overrule them here.
        """
        with self._store.write() as uow:
            return self.promote_in(uow, version, by)

    def promote_in(self, uow: UnitOfWork, version: str | None, by: str) -> ModelRecord:
        """Promote as :meth:`promote` does, within a transaction that has more to do."""
        record = replace(self._promotable(uow, version), state="promoted")
        uow.put_model(record)
        uow.publish(MODEL, record.version, b"{}", self._clock.now(), by)
        return record

    def require_promotable(self, version: str) -> None:
        """Raise what :meth:`promote` would raise now."""
        with self._store.read() as uow:
            self._promotable(uow, version)

    def roll_back(self, by: str) -> str:
        """Put the model that was in force before the present one in force again; return its version."""
        with self._store.write() as uow:
            history = uow.publications(MODEL)
            if not history:
                raise NotFound("No model was ever in force.")
            present = history[-1].version
            # A roll back is a publication too: go back past what was rolled back before.
            line: list[str] = []
            for publication in history:
                if publication.version in line:
                    del line[line.index(publication.version) + 1 :]
                else:
                    line.append(publication.version)
            if len(line) < 2:
                raise Conflict(f"Model {present} is the first; there is none to go back to.")
            self._models.load(line[-2])
            uow.publish(MODEL, line[-2], b"{}", self._clock.now(), by)
        return line[-2]

    def models(self) -> tuple[Sequence[ModelRecord], str | None]:
        """Return all models, oldest first, and the version in force."""
        with self._store.read() as uow:
            in_force = uow.published(MODEL)
            return uow.models(), None if in_force is None else in_force.version

    def _past(self) -> list[Past]:
        with self._store.read() as uow, undisturbed():
            return past_declarations(uow, self._messages, self._progress)

    def _promotable(self, uow: UnitOfWork, version: str | None) -> ModelRecord:
        """Return the model of this version (None: the newest proposal), if it may be put in force."""
        if version is None:
            proposed = [model for model in uow.models() if model.state == "proposed"]
            record = proposed[-1] if proposed else None
        else:
            record = uow.model(version)
        if record is None:
            raise NotFound("There is no such model; `tidewaiter models` lists them.")
        in_force = uow.published(MODEL)
        if in_force is not None and in_force.version == record.version:
            raise Conflict(f"Model {record.version} is in force already.")
        if record.state != "proposed":
            raise Conflict(f"Model {record.version} is {record.state}, not proposed; run `tidewaiter learn`.")
        against = record.comparison.get("champion")
        if in_force is None or in_force.version != against:
            raise Conflict(
                f"Model {record.version} was compared with model {against}, which is not in force any "
                "more; run `tidewaiter learn`."
            )
        self._models.load(record.version)
        return record

    def _train(self, past: Sequence[Past], *, before: int | None) -> tuple[Scorer, int, int]:
        examples = list(examples_known_before(past, before))
        if len(examples) < EXAMPLES_MIN:
            raise Unavailable(
                f"{len(examples)} declarations have a result to learn from; {EXAMPLES_MIN} are needed."
            )
        scorer = self._models.train(examples, seed=self._seed, threads=self._threads)
        return scorer, len(examples), sum(example.irregular for example in examples)

    def _record(
        self, scorer: Scorer, card: dict[str, Any], *, state: str, comparison: dict[str, Any]
    ) -> ModelRecord:
        return ModelRecord(
            version=scorer.version,
            state=state,
            card=card,
            comparison=comparison,
            trained_at=self._clock.now(),
        )


def judging_rows(past: Sequence[Past], first_day: int) -> tuple[list[Past], list[Judged], int]:
    """Return the declarations to judge on, what is known of them, and how many results are missing.

    Left out are imported declarations without a result: nobody knows how they were chosen.  A result
    of a declaration that was not selected is not counted, for the same reason.  Where results of
    selected declarations are missing, the probabilities are lowered by the share that has come, as
    if which ones are missing were chance.
    """
    rows = [
        entry
        for entry in past
        if entry.day >= first_day and not (entry.inclusion_probability is None and entry.example is None)
    ]
    selected = [entry for entry in rows if entry.arm not in {None, Arm.NONE}]
    missing = sum(entry.example is None for entry in selected)
    arrived = 1.0 - missing / len(selected) if selected else 1.0
    return rows, [_judged(entry, arrived) for entry in rows], missing


def _judged(entry: Past, arrived: float) -> Judged:
    """Return what is known of one declaration; *arrived*: share of results that have come."""
    from tidewaiter.core.learning.comparison import Judged

    declaration, inclusion = entry.declaration, entry.inclusion_probability
    example = None if entry.arm == Arm.NONE else entry.example
    return Judged(
        inclusion_probability=1.0 if inclusion is None else max(inclusion * arrived, 1e-9),
        irregular=None if example is None else example.irregular,
        duty_found=0.0 if example is None else sum(example.duty_effect),
        random_arm=inclusion is None or entry.arm == Arm.RANDOM,
        segments={
            "office": str(declaration.office),
            "chapter": declaration.items[0].hs_code[:2],
            "declarant": str(declaration.party_id(PartyRole.DECLARANT) or ""),
            "importer": str(declaration.party_id(PartyRole.IMPORTER) or ""),
        },
    )
