"""Calwe session log: one function for each operation. Rules are in model."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import model, wire
from mockserver.sandbox import World


def list_session_logs(world: World, id: str, page: int, per_page: int) -> dict[str, Any]:
    """A page of the session's log."""
    entries, total = model.page_entries(world, model.get_session(world, id), page, per_page)
    return wire.paginate(entries, total=total, page=page, per_page=per_page, url=world.url)


def create_session_log(world: World, id: str, body: dict[str, Any]) -> dict[str, Any]:
    """One more entry in the session's log."""
    session = model.get_session(world, id)
    return wire.envelope_saved(model.append_entry(world, session, body["action_type"]))


# The coach reads and writes the same log.
list_coach_session_logs = list_session_logs
create_coach_session_log = create_session_log
