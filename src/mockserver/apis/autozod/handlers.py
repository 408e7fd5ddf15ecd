"""Autozod session logs: one function for each operation. Rules are in model."""

from __future__ import annotations

from typing import Any

from mockserver.apis.autozod import model, wire
from mockserver.sandbox import World

_MAX_DAYS = 366


def list_agent_session_logs(
    world: World, team_id: int, agent_id: str, type: str, start_date: str, end_date: str
) -> dict[str, Any]:
    """An agent's time on duty, or off it, from one day to another, both included."""
    first, last = wire.parse_date(start_date), wire.parse_date(end_date)
    if last < first:
        raise wire.refuse_fields({"end_date": wire.RANGE_BACKWARDS})
    if (last - first).days >= _MAX_DAYS:
        raise wire.refuse_fields({"end_date": wire.RANGE_TOO_LONG})
    whole, days = model.compute_accounts(world, team_id, agent_id, type, first, last)
    return wire.format_report(whole, days, documented_only=world.documented_only)
