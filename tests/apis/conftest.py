"""One empty world for each test: that of the vendor whose folder the test stands in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.clock import Clock, parse
from mockserver.sandbox import Blueprint, Sandboxes, World
from mockserver.store import Store


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world without documents, its clock frozen at 2025-08-21T14:30:00Z, open for writing."""
    vendor = request.path.parent.name
    blueprint = Blueprint(
        name="empty",
        scenario="empty",
        seed=42,
        clock=Clock.frozen_at(parse("2025-08-21T14:30:00Z")),
        tokens={},
        populate=lambda _: None,
        checks={vendor: apis.load([vendor])[vendor].check},
    )
    store = Store(tmp_path / "world.sqlite")
    with Sandboxes(store, blueprint).open("test", vendor, writing=True) as world:
        yield world
    store.close()
