"""Times are read and written in every unit that a contract may name."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.traits.times import describe, read_time, unit_of, write_time

NOON = 1_755_777_600_000_000
"""2025-08-21T12:00:00Z."""


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("seconds", 1_755_777_600),
        ("seconds", 1_755_777_600.0),
        ("milliseconds", 1_755_777_600_000),
        ("by-size", 1_755_777_600),
        ("by-size", 1_755_777_600_000),
        ("by-size", NOON),
        ("date-time", "2025-08-21T12:00:00Z"),
        ("date-time", "2025-08-21T14:00:00+02:00"),
        ("date-time", "2025-08-21T12:00"),
    ],
)
def test_a_time_is_read(unit: str, value: Any) -> None:
    assert read_time(value, unit) == NOON
    assert read_time(write_time(NOON, unit), unit) == NOON


def test_a_day_is_its_first_moment() -> None:
    assert read_time("21-08-2025", "day-month-year") == NOON - 12 * 3600 * 1_000_000
    assert write_time(NOON, "day-month-year") == "21-08-2025"


@pytest.mark.parametrize(
    ("text", "minutes"), [("12:00 AM", 0), ("1:05 AM", 65), ("12:30 PM", 750), ("11:59 PM", 1439)]
)
def test_a_time_of_day_is_read_and_written(text: str, minutes: int) -> None:
    assert read_time(text, "time-of-day") == minutes * 60 * 1_000_000
    assert write_time(NOON + (minutes - 720) * 60 * 1_000_000, "time-of-day") == text


@pytest.mark.parametrize(
    "unit", ["seconds", "by-size", "date-time", "day-month-year", "time-of-day"]
)
@pytest.mark.parametrize("value", [None, True, [], "x", "2025-02-31", float("nan"), 1e300])
def test_what_is_no_time_is_none(unit: str, value: Any) -> None:
    assert read_time(value, unit) is None


def test_a_unit_is_told_by_its_size() -> None:
    units = [unit_of(number) for number in (10**11 - 1, 10**11, 10**14)]
    assert units == ["seconds", "milliseconds", "microseconds"]


def test_a_time_is_described() -> None:
    assert describe(NOON) == "2025-08-21T12:00:00Z"
    assert describe(None) == "null"
