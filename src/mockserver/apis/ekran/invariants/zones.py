"""Where a bound may lie: it has no zone of its own, and the server's is not known from outside."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.clock import SECOND

__all__ = ["ANY_ZONE", "CLOCK_CHANGE", "UTC", "Zone"]

_HOUR = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Zone:
    """How far before and after its reading in UTC a bound may lie, in microseconds."""

    before: int
    after: int

    def is_before(self, moment: int, bound: int | None) -> bool:
        """Whether a moment is before a bound for certain; one that was not given is no bound."""
        return bound is not None and moment < bound - self.before

    def is_after(self, moment: int, bound: int | None) -> bool:
        """Whether a moment is after a bound for certain; one that was not given is no bound."""
        return bound is not None and moment > bound + self.after


UTC = Zone(0, 0)
"""The zone that the contract assumes."""

CLOCK_CHANGE = 3 * _HOUR
"""How far any place's clocks are put back within a year; farthest at Casey station."""

ANY_ZONE = Zone(14 * _HOUR, 12 * _HOUR)
"""Wherever the server is: Kiribati is 14 hours ahead, Baker Island 12 behind."""
