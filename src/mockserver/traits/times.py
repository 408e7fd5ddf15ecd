"""Times as requests and responses write them, read into microseconds since the epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from mockserver.clock import SECOND, format_moment, from_datetime, parse_moment, to_datetime
from mockserver.errors import SettingError

__all__ = [
    "ANY_ZONE",
    "DAY",
    "EXACT",
    "TOLERANCE",
    "Zone",
    "describe",
    "read_time",
    "unit_of",
    "write_time",
]

MILLISECOND = SECOND // 1000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
TOLERANCE = 300 * SECOND
"""How far the deployment's clock and ours may be apart, the way of a response included."""

_SIZES = (("seconds", 10**11, SECOND), ("milliseconds", 10**14, MILLISECOND))
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Zone:
    """How far before and after its reading in UTC a bound may be, in microseconds.

    A bound is written without a zone, and the zone of the deployment is not known from outside.
    """

    before: int = 0
    after: int = 0

    def is_before(self, time: int, bound: int | None) -> bool:
        """Whether a time is certainly before a bound; None is no bound."""
        return bound is not None and time < bound - self.before

    def is_after(self, time: int, bound: int | None) -> bool:
        """Whether a time is certainly after a bound; None is no bound."""
        return bound is not None and time > bound + self.after


EXACT = Zone()
ANY_ZONE = Zone(14 * HOUR, 12 * HOUR)
"""Kiribati is 14 hours ahead, Baker Island 12 behind."""


def unit_of(number: float) -> str:
    """The unit of a Unix time, by its size."""
    return next((name for name, limit, _ in _SIZES if number < limit), "microseconds")


def read_time(value: Any, unit: str) -> int | None:
    """A time in microseconds since the epoch; None for what is none in that unit."""
    return _READERS[unit](value)


def write_time(time: int, unit: str) -> Any:
    """A time as a parameter of that unit has it, to the second."""
    return _WRITERS[unit](time)


def describe(time: int | None) -> str:
    """A time as a sentence shows it."""
    if time is None:
        return "null"
    try:
        return format_moment(time)
    except (OverflowError, ValueError):
        return str(time)


def _number(scale: int | None) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            return None
        by_size = next((factor for _, limit, factor in _SIZES if value < limit), 1)
        return int(value * (scale or by_size)) if abs(value) < 2**63 else None

    return read


def _date_time(value: Any) -> int | None:
    try:
        return parse_moment(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    except SettingError:
        return None


def _day_month_year(value: Any) -> int | None:
    try:
        day = datetime.strptime(value, "%d-%m-%Y")
    except (TypeError, ValueError):
        return None
    return from_datetime(day.replace(tzinfo=UTC))


_READERS: Mapping[str, Callable[[Any], int | None]] = {
    "seconds": _number(SECOND),
    "milliseconds": _number(MILLISECOND),
    "by-size": _number(None),
    "date-time": _date_time,
    "day-month-year": _day_month_year,
}
_WRITERS: Mapping[str, Callable[[int], Any]] = {
    "seconds": lambda time: time // SECOND,
    "milliseconds": lambda time: time // MILLISECOND,
    "by-size": lambda time: time // SECOND,
    "date-time": lambda time: to_datetime(time).isoformat()[: len("2021-04-01T12:00:00")],
    "day-month-year": lambda time: f"{to_datetime(time):%d-%m-%Y}",
}
