"""Times as requests and responses write them, read into microseconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

from msgspec import Struct

from mockserver.clock import SECOND, format_moment, from_datetime, parse_moment, to_datetime
from mockserver.errors import SettingError

HOUR = 3600 * SECOND
DAY = 24 * HOUR
MINUTE = 60 * SECOND
QUARTER = 15 * MINUTE
"""The zones of the world are whole quarters of an hour apart."""

TOLERANCE = 300 * SECOND
"""How far the deployment's clock and ours may be apart, the way of a response included."""

_SCALES = {"seconds": SECOND, "milliseconds": SECOND // 1000, "microseconds": 1}
_LONGEST = 40
_TIME_OF_DAY = re.compile(r"(1[0-2]|0?[1-9]):([0-5][0-9]) ?([AP])M", re.IGNORECASE)


class Zone(Struct, frozen=True):
    """How far before and after its reading in UTC a bound may be, in microseconds.

    A bound is written without a zone, and the zone of the deployment is not known from outside.
    """

    before: int = 0
    after: int = 0


EXACT = Zone()
ANY_ZONE = Zone(14 * HOUR, 12 * HOUR)
"""Kiribati is 14 hours ahead, Baker Island 12 behind."""


_WIDTHS = {len("2021-04-01"): DAY, len("2021-04-01T12:00"): MINUTE}
_YEAR_9999 = 253_370_764_800 * SECOND


def width_of(text: Any, unit: str) -> int:
    """How long the day, the minute or the second is that a bound names, in microseconds.

    Documents that show these forms seldom say which moment of it is meant.
    """
    is_text = unit == "date-time" and isinstance(text, str)
    return _WIDTHS.get(len(text), SECOND) if is_text else 0


def is_placeholder(time: int | None) -> bool:
    """Whether a time stands for none: the first or last of a type, 1900 or 1970, in any zone."""
    return time is not None and not ANY_ZONE.before < time < _YEAR_9999


def unit_of(number: float) -> str:
    """The unit of a time that is told by its size: `seconds`, `milliseconds` or `microseconds`."""
    if number < 10**11:
        return "seconds"
    return "milliseconds" if number < 10**14 else "microseconds"


_parse = lru_cache(maxsize=4_096)(parse_moment)
"""Responses show the same rows again and again."""


def read_time(value: Any, unit: str) -> int | None:
    """A time in microseconds since the epoch; None for what is none in that unit.

    A time of day is one of the first day of 1970.
    """
    try:
        if unit == "date-time":
            is_text = isinstance(value, str) and len(value) <= _LONGEST
            return _parse(value) if is_text else None
        if unit == "day-month-year":
            return from_datetime(datetime.strptime(value, "%d-%m-%Y").replace(tzinfo=UTC))
        if unit == "time-of-day":
            found = _TIME_OF_DAY.fullmatch(value)
            hour = int(found[1]) % 12 + 12 * (found[3] in "Pp") if found else 0
            return hour * HOUR + int(found[2]) * MINUTE if found else None
    except (SettingError, TypeError, ValueError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    scale = _SCALES[unit_of(value) if unit == "by-size" else unit]
    return round(value * scale) if abs(value) < 2**63 else None


def write_time(time: int, unit: str) -> Any:
    """A time as a parameter of that unit has it, to the second; by size in milliseconds."""
    if unit == "date-time":
        return to_datetime(time).isoformat()[: len("2021-04-01T12:00:00")]
    if unit == "day-month-year":
        return f"{to_datetime(time):%d-%m-%Y}"
    if unit == "time-of-day":
        hour, minute = divmod(time // MINUTE % (24 * 60), 60)
        return f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'}"
    return time // _SCALES["milliseconds" if unit == "by-size" else unit]


def describe(time: int | None) -> str:
    """A time as a sentence shows it."""
    if time is None:
        return "null"
    try:
        return format_moment(time)
    except (OverflowError, ValueError):
        return str(time)
