"""How a moment, a duration, a clock and a world are said in a few words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mockserver.clock import format_moment, from_datetime

if TYPE_CHECKING:
    from mockserver.client import ClockState, Sandbox, Snapshot

__all__ = ["clock", "documents", "duration", "time", "world"]

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def time(value: datetime | None) -> str:
    """A moment as ISO 8601 in UTC, or nothing."""
    return "" if value is None else format_moment(from_datetime(value))


def duration(seconds: float) -> str:
    """The two greatest units of a duration: `3h 20m`."""
    left = round(abs(seconds))
    parts: list[str] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count}{unit}")
    return " ".join(part for part in parts[:2] if not part.startswith("0")) or "0s"


def clock(state: ClockState) -> str:
    """What a clock shows, and how it runs."""
    return f"{time(state.now)}, {_mode(state)}"


def _mode(state: ClockState) -> str:
    if state.mode == "scaled":
        return f"{state.rate:g} seconds a second"
    if state.mode == "shifted":
        return f"{duration(state.offset)} {'behind' if state.offset < 0 else 'ahead'}"
    return state.mode


def world(it: Sandbox | Snapshot) -> str:
    """A world in half a line."""
    return f"{documents(it.documents)}, seed {it.seed}, clock at {clock(it.clock)}"


def documents(count: int) -> str:
    """So many documents."""
    return "1 document" if count == 1 else f"{count} documents"
