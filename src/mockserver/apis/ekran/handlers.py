"""Ekran sessions: one function for each operation. Rules are in model."""

from __future__ import annotations

from typing import Any

from mockserver.apis.ekran import model, wire
from mockserver.sandbox import World


def list_sessions(
    world: World, start: str | None = None, end: str | None = None
) -> list[dict[str, Any]]:
    """Every session that touches the range, all of them without one."""
    return model.list_sessions(world, wire.parse_bound(start), wire.parse_bound(end))
