"""Where the time of an assessment goes: parts of the flow under stopwatches, in one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from tidewaiter.adapters.formats import json as json_format
from tidewaiter.adapters.sql.store import SqlStore, SqlUnitOfWork
from tidewaiter.core.decision import Decision
from tidewaiter.core.history import History
from tidewaiter.core.rules.ruleset import RuleSet
from tidewaiter.flow import assess as flow_assess
from tidewaiter.flow import assessor as flow_assessor
from tidewaiter.flow.ports import UnitOfWork

__all__ = ["Stopwatch"]

#: (stage, holder, name) of what is measured besides the model and the store.
PARTS: tuple[tuple[str, Any, str], ...] = (
    ("read and write the message", json_format, "read_declaration"),
    ("read and write the message", json_format, "write_declaration"),
    ("features", flow_assessor, "compute"),
    ("history", History, "observe_declaration"),
    ("rules", RuleSet, "assess"),
    ("selection and draws", flow_assessor, "select"),
    ("selection and draws", flow_assessor, "recorded"),
    ("selection and draws", flow_assessor, "opened"),
    ("selection and draws", flow_assessor, "tickets_of"),
    ("reasons", flow_assessor, "reasons"),
    ("evidence", flow_assessor, "inputs_bytes"),
    ("evidence", flow_assess, "canonical_json"),
    ("evidence", flow_assess, "answer_bytes"),
    ("evidence", Decision, "evidence"),
)


class Stopwatch:
    """Measures stages without what they call of other stages."""

    def __init__(self) -> None:
        #: Stage -> seconds.
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    @contextmanager
    def on(self, store: SqlStore, scorer: Any) -> Iterator[None]:
        """Measure all parts while the block runs."""
        parts = list(PARTS)
        names = [name for name in vars(UnitOfWork) if not name.startswith("_")]
        parts += [("statements", SqlUnitOfWork, name) for name in names]
        parts.append(("commit", store._writer.dialect, "do_commit"))  # noqa: SLF001 - where the disk is waited for
        if scorer is not None:
            parts += [("model", type(scorer), "score"), ("explanation of the score", type(scorer), "explain")]
        with ExitStack() as stack:
            for stage, holder, name in parts:
                whole = self._measured(stage, getattr(holder, name))
                stack.enter_context(patch.object(holder, name, whole))
            yield

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Measure all that happens in the block as the rest, and the parts apart from it."""
        began = time.perf_counter()
        self._inner.append(0.0)
        yield
        self._take("the rest of the flow", time.perf_counter() - began)

    def table(self, count: int) -> list[tuple[str, float]]:
        """Return (stage, milliseconds per one of *count*), the most first."""
        found = [(stage, 1e3 * seconds / count) for stage, seconds in self.seconds.items()]
        return sorted(found, key=lambda row: -row[1])

    def _measured(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self._take(stage, time.perf_counter() - began)

        return measured

    def _take(self, stage: str, spent: float) -> None:
        own = spent - self._inner.pop()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + own
        self._inner[-1] += spent
