"""Metrics for Prometheus, in a registry of their own, behind the scope ``metrics:read``.

No label comes from a message: a route is its template, an office one of the plan (all others are
``other``), a lane one that the administration defined.  Nothing is counted per profile, so nothing
here tells whether a profile exists or was hit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller
from tidewaiter.core.access import Action
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import TidewaiterError
from tidewaiter.flow.measure import Levels, Measure
from tidewaiter.flow.messages import Incoming, Reply
from tidewaiter.flow.standin import StandIns

if TYPE_CHECKING:
    from tidewaiter.api.grouping import Grouping
    from tidewaiter.api.sequencing import Sequencer

__all__ = ["Metrics", "router"]

router = APIRouter(tags=["health"])

#: Seconds.  A decision takes some milliseconds; a batch, a second.
_LATENCIES: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_GROUPS: Final = (1, 2, 4, 8, 16, 32, 128, 500)
_OTHER: Final = "other"
_MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What one application counts."""

    def __init__(self, measure: Measure) -> None:
        self.registry = CollectorRegistry()
        self._offices: frozenset[str] = frozenset()
        self._measure = measure
        registry = self.registry
        self._decisions = Counter(
            "tidewaiter_decisions", "Declarations decided over HTTP.", ("lane", "office"), registry=registry
        )
        self._degraded = Counter(
            "tidewaiter_degraded_decisions", "Decisions made while a part was down.", registry=registry
        )
        self._groups = Histogram(
            "tidewaiter_group_declarations",
            "Decided together.",
            buckets=_GROUPS,
            registry=registry,
        )
        self._seconds = Histogram(
            "tidewaiter_request_seconds", "Time to answer.", ("route", "status"), buckets=_LATENCIES,
            registry=registry,
        )  # fmt: skip
        self._errors = Counter(
            "tidewaiter_errors", "Requests answered with a problem.", ("kind",), registry=registry
        )

    def watch(self, sequencer: Sequencer, stand_ins: StandIns | None, **queues: Grouping[Any, Any]) -> None:
        """Tell also where the ledger stands and how many wait; measured when somebody asks."""
        self._offices = self._measure.levels().offices
        self.registry.register(_Levels(self, sequencer, stand_ins, queues))

    def levels(self) -> Levels:
        """Return how far everything is, and learn the offices of the plan."""
        levels = self._measure.levels()
        self._offices = levels.offices
        return levels

    def counting(
        self, assess: Callable[[Sequence[Incoming[Declaration]]], list[Reply]]
    ) -> Callable[[Sequence[Incoming[Declaration]]], list[Reply]]:
        """Return *assess* with its new decisions counted."""

        def counted(messages: Sequence[Incoming[Declaration]]) -> list[Reply]:
            replies = assess(messages)
            self._groups.observe(len(messages))
            for message, reply in zip(messages, replies, strict=True):
                if reply.answer is not None and not reply.replayed:
                    self._decided(str(message.content.office), orjson.loads(reply.answer))
            return replies

        return counted

    def _decided(self, office: str, answer: dict[str, Any]) -> None:
        self._decisions.labels(answer["lane"], office if office in self._offices else _OTHER).inc()
        if answer.get("degraded"):
            self._degraded.inc()

    def answered(self, route: str, status: int, seconds: float, kind: str | None) -> None:
        """Count a request: its *route* as a template, and the *kind* of its problem if it had one."""
        self._seconds.labels(route, f"{status // 100}xx").observe(seconds)
        if kind is not None:
            self._errors.labels(kind).inc()


class _Levels(Collector):
    """Measures when it is asked, so that nothing is measured on the path of a request."""

    def __init__(
        self,
        metrics: Metrics,
        sequencer: Sequencer,
        stand_ins: StandIns | None,
        queues: dict[str, Grouping[Any, Any]],
    ) -> None:
        self._metrics, self._sequencer, self._queues = metrics, sequencer, queues
        self._stand_ins = stand_ins

    def describe(self) -> list[Metric]:
        """Return nothing: the names are known once they are measured."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the levels; without the store only ``tidewaiter_store_up`` says so."""
        waiting = GaugeMetricFamily("tidewaiter_waiting_requests", "Requests in a queue.", labels=["queue"])
        for name, queue in self._queues.items():
            waiting.add_metric([name], queue.waiting)
        yield waiting
        count = 0 if self._stand_ins is None else self._stand_ins.count
        yield CounterMetricFamily("tidewaiter_stand_ins", "Declarations that were stood in for.", value=count)
        try:
            levels = self._metrics.levels()
        except TidewaiterError:
            yield GaugeMetricFamily("tidewaiter_store_up", "Whether the store answers.", value=0)
            return
        yield GaugeMetricFamily("tidewaiter_store_up", "Whether the store answers.", value=1)
        sealed = self._sequencer.state.sealed or 0
        for name, meaning, value in (
            ("journal_position", "Entries of history.", levels.journal),
            ("ledger_entries", "Entries of the ledger.", levels.ledger),
            ("ledger_lag_entries", "Entries that are not sealed yet.", max(levels.ledger - sealed, 0)),
            ("events_waiting", "Events that the slowest subscriber was not sent.", levels.events_waiting),
            ("dead_letters", "Events that are not sent again by themselves.", levels.dead_letters),
            ("model_age_seconds", "Since the model in force was put there.", levels.model_age_seconds),
            ("free_bytes", "Free space where the data lie.", levels.space_bytes),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"tidewaiter_{name}", meaning, value=value)


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    responses=description.answers(
        "Metrics in the text format of Prometheus", 401, 403, 503, name="Metrics", media_type="text/plain"
    ),
    response_class=Response,
)
def read_metrics(request: Request, _: Annotated[Caller, Depends(Allowed(Action.METRICS_READ))]) -> Response:
    """Return the counters of this process and the levels of its installation."""
    metrics: Metrics = request.app.state.metrics
    return Response(generate_latest(metrics.registry), media_type=_MEDIA_TYPE)
