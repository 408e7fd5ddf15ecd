"""Sandboxes: listed, made, deleted, reset."""

from __future__ import annotations

from typing import Any

from mockserver.scenarios import read_clock
from mockserver.server.control import views
from mockserver.server.control.context import Controls


def list_sandboxes(controls: Controls) -> dict[str, Any]:
    """All of them, by name."""
    records = controls.desk.all()
    sizes = controls.desk.sizes(records)
    return {"sandboxes": [views.sandbox(record, sizes[record.id]) for record in records]}


def create_sandbox(controls: Controls, body: dict[str, Any]) -> dict[str, Any]:
    """One more, of a scenario, with a seed and a clock."""
    scenario, setting = body.get("scenario"), body.get("clock")
    blueprint = controls.blueprint(
        None if scenario is None else controls.named(scenario),
        seed=body.get("seed"),
        clock=None if setting is None else read_clock(setting),
    )
    return controls.shown(controls.desk.create(body["name"], blueprint))


def get_sandbox(controls: Controls, name: str) -> dict[str, Any]:
    """One of them."""
    return controls.shown(controls.desk.find(name))


def delete_sandbox(controls: Controls, name: str) -> None:
    """One less, with its snapshots."""
    controls.desk.delete(name)


def reset_sandbox(controls: Controls) -> dict[str, Any]:
    """The sandbox as it was made."""
    controls.sandbox.reset()
    return controls.shown(controls.sandbox.record)
