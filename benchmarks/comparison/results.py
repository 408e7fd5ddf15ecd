"""What was measured."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

import load


@dataclass
class Cell:
    """What one server did with one request in each round; `note` says why it has no figures."""

    note: str = ""
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, got: load.Load, used: float) -> None:
        """`used` are seconds of a core."""
        self.rates.append(got.rate)
        self.p50.append(got.p50)
        self.p99.append(got.p99)
        self.processor.append(used / got.requests * 1e6)


@dataclass
class Results:
    """The cells are by row (a request, with other connections or workers) and server."""

    machine: str
    client: str
    rounds: int
    seconds: int
    kinds: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    first_response: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory_idle: dict[str, float] = field(default_factory=dict)
    memory_after: dict[str, float] = field(default_factory=dict)
    requests: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))
    connections: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))
    workers: dict[str, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))


def find_ratio(cell: Cell, other: Cell) -> float:
    """How many times the speed of another; the median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(cell.rates, other.rates, strict=True))
