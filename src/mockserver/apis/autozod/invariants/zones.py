"""What can be said of days by whoever does not know the team's time zone.

Seconds throughout, since the epoch where they are moments; `moment` alone is in microseconds, as
everywhere.
"""

from __future__ import annotations

from datetime import date

from mockserver.clock import SECOND

__all__ = [
    "LONGEST_DAY",
    "SHIFT",
    "SHORTEST_DAY",
    "SINCE",
    "TOLERANCE",
    "elapsed",
    "is_over",
    "is_to_come",
]

_HOUR = 3600
_DAY = 24 * _HOUR
_AHEAD = 14 * _HOUR
_BEHIND = 12 * _HOUR
_EPOCH = date(1970, 1, 1).toordinal()

SINCE = date(2012, 1, 1)
"""From here on what is said of the length of days holds: no place has left out a day since."""

SHIFT = 3 * _HOUR
"""How far any place's clocks have been moved, one way within a year; farthest at Casey station."""

SHORTEST_DAY = _DAY - SHIFT
LONGEST_DAY = _DAY + SHIFT

TOLERANCE = 5 * 60
"""How far the deployment's clock and ours may be apart, an answer's way to us included."""


def is_over(day: date, moment: int) -> bool:
    """Whether a day is over everywhere."""
    return _midnight(day.toordinal() + 1) + _BEHIND + TOLERANCE <= moment // SECOND


def is_to_come(day: date, moment: int) -> bool:
    """Whether a day has begun nowhere; no moment at all, 0, says nothing of that."""
    return 0 < moment // SECOND < _midnight(day.toordinal()) - _AHEAD - TOLERANCE


def elapsed(first: date, last: date, moment: int) -> tuple[int, int]:
    """The least and the most that can have elapsed of the days from the first to the last."""
    length = (last.toordinal() - first.toordinal() + 1) * _DAY
    begun, now = _midnight(first.toordinal()), moment // SECOND
    least = min(length - SHIFT, now - TOLERANCE - begun - _BEHIND)
    most = min(length + SHIFT, now + TOLERANCE - begun + _AHEAD)
    return max(least, 0), max(most, 0)


def _midnight(ordinal: int) -> int:
    return (ordinal - _EPOCH) * _DAY
