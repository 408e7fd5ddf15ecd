"""Days that are easily taken for others: 4 March, ends of months, changes of the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mockserver.clock import to_datetime

_ZONES = tuple(map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Africa/Cairo")))


def choose_days(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first range with a bound on a day of each kind that is easily taken for another."""
    chosen: dict[int, tuple[int, int]] = {}
    for bounds in ranges:
        days = [to_datetime(bound).date() for bound in bounds]
        for kind, is_of_kind in enumerate(_KINDS):
            if kind not in chosen and any(map(is_of_kind, days)):
                chosen[kind] = bounds
    return list(dict.fromkeys(chosen.values()))


def _has_clock_change(day: date) -> bool:
    moments = [
        datetime(it.year, it.month, it.day, tzinfo=zone)
        for zone in _ZONES
        for it in (day, day + timedelta(days=1))
    ]
    offsets = [moment.utcoffset() for moment in moments]
    return offsets[::2] != offsets[1::2]


_KINDS: tuple[Callable[[date], bool], ...] = (
    lambda day: day.day <= 12 and day.day != day.month,  # its day may be taken for the month
    lambda day: day.day == 1,
    lambda day: (day + timedelta(days=1)).day == 1,
    lambda day: (day.month, day.day) == (12, 31),
    lambda day: (day.month, day.day) == (2, 29),
    _has_clock_change,
)
