"""A store, a machine's clock that tests set, and templates of small worlds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.clock import SECOND, Clock
from mockserver.sandbox import OpenBatch, Sandboxes, Template, World
from mockserver.store import Document, Store

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z

Make = Callable[..., Template]
Query = Callable[..., list[tuple[Any, ...]]]


class Machine:
    """The machine's clock, which stands where a test puts it."""

    CLOCK_MONOTONIC = 1

    def __init__(self) -> None:
        self.moment = MOMENT
        self.ahead = 0

    def time_ns(self) -> int:
        return (self.moment + self.ahead) * 1_000

    def clock_gettime_ns(self, _: int) -> int:
        return self.moment * 1_000

    def is_set_ahead(self, seconds: float) -> None:
        """Somebody sets the clock, though no time passes."""
        self.ahead = round(seconds * SECOND)

    def passes(self, seconds: float) -> None:
        self.moment += round(seconds * SECOND)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine's clock, at 2025-08-21T14:30:00Z until the test lets time pass."""
    machine = Machine()
    monkeypatch.setattr("mockserver.clock.time", machine)
    monkeypatch.setattr("mockserver.clock._STARTED", 0)
    return machine


def in_one_batch(
    populate: Callable[[Callable[[str], World]], None],
) -> Callable[[OpenBatch], None]:
    """Populates a template in one batch."""

    def run(open_batch: OpenBatch) -> None:
        with open_batch() as open_world:
            populate(open_world)

    return run


def _populate(world: Callable[[str], World]) -> None:
    for api in ("calwe", "ekran"):
        documents = world(api).documents
        documents.extend(Document("session", str(n), {"api": api, "n": n}) for n in (1, 2))
        documents.extend(Document("entry", "", {"n": n}, "1", n) for n in range(3))


@pytest.fixture
def make() -> Make:
    """Makes a template: `calwe` and `ekran` have the sessions 1 and 2, and three entries each.

    With `sessions`, `calwe` has those and nothing else.
    """

    def make(
        name: str = "small-1",
        populate: Callable[[Callable[[str], World]], None] = _populate,
        clock: Clock | None = None,
        tokens: Mapping[str, Any] | None = None,
        seed: int = 7,
        sessions: str = "",
        **more: Any,
    ) -> Template:
        def these(world: Callable[[str], World]) -> None:
            world("calwe").documents.extend(Document("session", key, {}) for key in sessions)

        return Template(
            name=name,
            scenario=name.partition("-")[0],
            seed=seed,
            clock=Clock.frozen_at(MOMENT) if clock is None else clock,
            tokens=tokens or {},
            populate=in_one_batch(these if sessions else populate),
            **more,
        )

    return make


@pytest.fixture
def sandboxes(store: Store, make: Make) -> Sandboxes:
    return Sandboxes(store, make())


@pytest.fixture
def rows(query: Query) -> Callable[[], dict[str, int]]:
    """Says how many rows each table has."""

    def rows() -> dict[str, int]:
        tables = ("worlds", "partitions", "world_partitions", "documents", "collections")
        return {table: query(f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    return rows


@pytest.fixture
def get_partitions(query: Query) -> Callable[..., dict[str, int]]:
    """Says which partitions a sandbox holds, by API, as it stands in the store."""

    def get_partitions(name: str, role: str = "sandbox", owner: str = "") -> dict[str, int]:
        found = query(
            "SELECT api, partition FROM world_partitions JOIN worlds ON worlds.id = world "
            "WHERE role = ? AND name = ? AND owner = ?",
            *(role, name, owner),
        )
        return dict(found)

    return get_partitions
