"""Avaamo changelog: one function for each operation. Rules are in model."""

from __future__ import annotations

from typing import Any

from mockserver.apis.avaamo import model, wire
from mockserver.sandbox import World


def list_change_logs(
    world: World,
    page: int,
    per_page: int,
    actions: list[str] | None = None,
    start_time: float | None = None,
    end_time: float | None = None,
) -> dict[str, Any]:
    """A page of the changelog, newest first."""
    entries, total = model.page_changes(
        world,
        wire.ACTIONS if actions is None else actions,
        wire.parse_bound(start_time),
        wire.parse_bound(end_time),
        offset=(page - 1) * per_page,
        limit=per_page,
    )
    return wire.paginate(entries, total=total, page=page, per_page=per_page, now=world.now)
