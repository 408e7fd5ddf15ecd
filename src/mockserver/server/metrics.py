"""What the server counts, for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from mockserver.contract import Violation

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment by which prometheus-client finds the files of all processes."""
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MOST_KEPT = 4_096


class Metrics:
    """Counts exchanges by API and operation; both are empty where a request matches none."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry(auto_describe=False)
        of_operation = ("api", "operation")
        requests = Counter(
            "mockserver_requests",
            "Requests to the APIs; status 0 is that of a client that got no response.",
            (*of_operation, "status"),
            registry=registry,
        )
        durations = Histogram(
            "mockserver_request_duration_seconds",
            "From the head of the request to the end of the response, with delays on purpose.",
            of_operation,
            registry=registry,
            buckets=_BUCKETS,
        )
        violations = Counter(
            "mockserver_violations",
            "What violates the contract, in requests and in responses.",
            (*of_operation, "message", "severity"),
            registry=registry,
        )
        faults = Counter(
            "mockserver_faulty_responses",
            "Requests to which a fault was applied.",
            of_operation,
            registry=registry,
        )
        # To look a counter up by its labels takes longer than to count.
        keep = lru_cache(_MOST_KEPT)
        self._requests, self._durations = keep(requests.labels), keep(durations.labels)
        self._violations, self._faults = keep(violations.labels), keep(faults.labels)
        if not _has_several_processes():
            ProcessCollector(registry=registry)

    def count(
        self,
        api: str,
        operation: str,
        *,
        status: int,
        seconds: float,
        violations: Sequence[Violation],
        is_faulty: bool,
    ) -> None:
        """Count an exchange."""
        self._requests(api, operation, status).inc()
        self._durations(api, operation).observe(seconds)
        for violation in violations:
            message = violation.location.split("/", 2)[1]
            self._violations(api, operation, message, violation.severity).inc()
        if is_faulty:
            self._faults(api, operation).inc()

    def format(self, gauges: Mapping[str, tuple[str, float]]) -> bytes:
        """All metrics, in Prometheus' text format, those of all processes added up.

        `gauges` are values of this moment with what they mean, by name.
        """
        registry = self._registry
        if _has_several_processes():
            registry = CollectorRegistry(auto_describe=False)
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        current = CollectorRegistry(auto_describe=False)
        current.register(_Gauges(gauges))
        return generate_latest(registry) + generate_latest(current)


class _Gauges(Collector):
    def __init__(self, gauges: Mapping[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for name, (meaning, value) in self._gauges.items():
            yield GaugeMetricFamily(name, meaning, value=value)


@contextmanager
def share_metrics(parent: Path | None) -> Iterator[None]:
    """Let the processes that are started in this block count together.

    Their files are in a temporary folder, in the parent where one is given.
    """
    with TemporaryDirectory(prefix="mockserver-metrics-", dir=parent) as folder:
        before = os.environ.get(_SHARED)
        os.environ[_SHARED] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[_SHARED]
            else:
                os.environ[_SHARED] = before


def _has_several_processes() -> bool:
    return _SHARED in os.environ
