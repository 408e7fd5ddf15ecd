"""Moments as users write them, the same in scenarios, options, commands and the control API.

A moment is ISO 8601, or relative to the present of a clock: `now`, `-1d 3h`, `today 09:00
Asia/Riyadh`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from mockserver.clock import (
    check_clock_moment,
    from_datetime,
    parse_duration,
    parse_moment,
    to_datetime,
)
from mockserver.errors import SettingError, suggest_nearest

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAY = re.compile(
    r"(?P<day>yesterday|today|tomorrow|(?P<number>[+-][0-9]{1,7})d(?= [0-9]{1,2}:))"
    r"(?: (?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?)?"
    r"(?: (?P<zone>[A-Za-z]\S*))?",
    re.IGNORECASE,
)
_DISTANCE = re.compile(r"[+-] ?[0-9P].*[A-Z]", re.IGNORECASE)
"""A duration with a sign and a unit: without them it would be unclear what is meant."""
RELATIVE = re.compile(rb"""(?<![\w.:+-])(?:now|today|yesterday|tomorrow|[+-] ?[0-9P])""", re.I)
"""What a text has in it somewhere if it has a relative moment."""


def is_relative(value: object) -> bool:
    """Whether a value is the text of a moment that another moment is needed to know."""
    try:
        return isinstance(value, str) and _resolve(_tidy(value), 0) is not None
    except SettingError:
        return False


def is_distance(text: str) -> bool:
    """Whether a relative moment is always as far from the present: `now`, or a duration."""
    return is_relative(text) and not _DAY.fullmatch(_tidy(text))


def resolve_moment(text: str, now: int) -> int:
    """The moment that a text names when a clock shows `now`.

    Raises SettingError, also for a relative one beyond the years that a clock can show.
    """
    relative = _resolve(_tidy(text), now)
    if relative is not None:
        return check_clock_moment(relative, text)
    try:
        return parse_moment(text)
    except SettingError as error:
        raise SettingError(f"{error}, -1d 3h, now or today 09:00 Asia/Riyadh") from None


def resolve_clock_moment(text: str, now: int) -> int:
    """The same, for a moment that a world's clock may show: from 1970 to 2999."""
    return check_clock_moment(resolve_moment(text, now), text)


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _resolve(text: str, now: int) -> int | None:
    """A relative moment; None for a text that is none."""
    if text.lower() == "now":
        return now
    if found := _DAY.fullmatch(text):
        zone = _read_zone(found["zone"]) if found["zone"] else UTC
        hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
        clock_time = time(hour, minute, second)
        days = int(found["number"]) if found["number"] else _DAYS[found["day"].lower()]
        return _find_local(now, days, clock_time, zone)
    if _DISTANCE.fullmatch(text):
        try:
            return now + parse_duration(text)
        except SettingError:
            return None
    return None


def _find_local(now: int, days: int, clock_time: time, zone: tzinfo) -> int:
    """The moment at which clocks in a zone show a time, so many days from the day that it is there.

    A time that comes twice when the clocks go back is the first of the two. One that they leave out
    is as long after the last moment before the gap: at 02:30 of a night without the hour from 02:00
    it is 03:30.
    """
    try:
        day: date = to_datetime(now).astimezone(zone).date() + timedelta(days=days)
        return from_datetime(datetime.combine(day, clock_time, zone))
    except OverflowError:
        return -1  # a moment for no clock


def _read_zone(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError is that of a name that is not known
        nearest = suggest_nearest(name, available_timezones())
        raise SettingError(f"'{name}' is no time zone; {nearest}") from None
