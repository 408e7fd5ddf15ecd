"""Sandboxes: listed, made, deleted, reset."""

from __future__ import annotations

from typing import Any

from mockserver.scenarios import read_clock
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext


def list_sandboxes(context: ControlContext) -> dict[str, Any]:
    """All of them, by name."""
    records = context.session.list_sandboxes()
    sizes = context.session.get_sizes(records)
    return {"sandboxes": [views.format_sandbox(record, sizes[record.id]) for record in records]}


def create_sandbox(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    """One more, of a scenario, with a seed and a clock."""
    scenario, setting = body.get("scenario"), body.get("clock")
    template = context.build_template(
        None if scenario is None else context.load_scenario(scenario),
        seed=body.get("seed"),
        clock=None if setting is None else read_clock(setting),
    )
    return context.format_sandbox(context.session.create_sandbox(body["name"], template))


def get_sandbox(context: ControlContext, name: str) -> dict[str, Any]:
    """One of them."""
    return context.format_sandbox(context.session.get_sandbox(name))


def delete_sandbox(context: ControlContext, name: str) -> None:
    """One less, with its snapshots."""
    context.session.delete_sandbox(name)


def reset_sandbox(context: ControlContext) -> dict[str, Any]:
    """The sandbox as it was made."""
    context.sandbox.reset()
    return context.format_sandbox(context.sandbox.record)
