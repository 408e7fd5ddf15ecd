"""A world's time: read, stopped, put forward, moved, sped up."""

from __future__ import annotations

from typing import Any

from mockserver.clock import Clock, parse_clock_moment, parse_duration
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext


def get_clock(context: ControlContext) -> dict[str, Any]:
    """What it shows."""
    return views.format_clock(context.sandbox.record.clock)


def freeze_clock(context: ControlContext, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """It stands still, at a moment or where it is."""
    at = (body or {}).get("at")
    moment = None if at is None else parse_clock_moment(at)
    return _set(context, context.sandbox.record.clock.freeze(moment))


def unfreeze_clock(context: ControlContext) -> dict[str, Any]:
    """It goes on."""
    clock = context.sandbox.record.clock
    return _set(context, clock.run() if clock.is_frozen else clock)


def advance_clock(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    """It jumps."""
    by = parse_duration(body["by"])
    return _set(context, context.sandbox.record.clock.advance(by))


def shift_clock(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    """It runs so far from the machine's."""
    by = parse_duration(body["by"])
    return _set(context, context.sandbox.record.clock.shift(by))


def set_clock_rate(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    """It runs at another rate."""
    return _set(context, context.sandbox.record.clock.run(body["rate"]))


def _set(context: ControlContext, clock: Clock) -> dict[str, Any]:
    context.sandbox.set_clock(clock.check())
    return views.format_clock(clock)
