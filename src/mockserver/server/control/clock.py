"""A world's time: read, stopped, put forward, moved, sped up."""

from __future__ import annotations

from typing import Any

from mockserver.clock import Clock, parse_duration, parse_present
from mockserver.server.control import views
from mockserver.server.control.context import Controls


def get_clock(controls: Controls) -> dict[str, Any]:
    """What it shows."""
    return views.clock(controls.sandbox.record.clock)


def freeze_clock(controls: Controls, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """It stands still, at a moment or where it is."""
    at = (body or {}).get("at")
    moment = None if at is None else parse_present(at)
    return _set(controls, controls.sandbox.record.clock.freeze(moment))


def unfreeze_clock(controls: Controls) -> dict[str, Any]:
    """It goes on."""
    clock = controls.sandbox.record.clock
    return _set(controls, clock.run() if clock.is_frozen else clock)


def advance_clock(controls: Controls, body: dict[str, Any]) -> dict[str, Any]:
    """It jumps."""
    by = parse_duration(body["by"])
    return _set(controls, controls.sandbox.record.clock.advance(by))


def shift_clock(controls: Controls, body: dict[str, Any]) -> dict[str, Any]:
    """It runs so far from the machine's."""
    by = parse_duration(body["by"])
    return _set(controls, controls.sandbox.record.clock.shift(by))


def set_clock_rate(controls: Controls, body: dict[str, Any]) -> dict[str, Any]:
    """It runs at another rate."""
    return _set(controls, controls.sandbox.record.clock.run(body["rate"]))


def _set(controls: Controls, clock: Clock) -> dict[str, Any]:
    controls.sandbox.set_clock(clock.checked())
    return views.clock(clock)
