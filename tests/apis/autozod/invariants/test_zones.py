"""What is said of days without a zone holds in every zone there is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from mockserver.apis.autozod.invariants.zones import (
    LONGEST_DAY,
    SHIFT,
    SHORTEST_DAY,
    SINCE,
    elapsed,
    is_over,
    is_to_come,
)
from mockserver.clock import from_datetime, parse_moment

DAY = date(2025, 8, 20)
ZONES = sorted(name for name in available_timezones() if "/" in name)


@pytest.mark.parametrize("year", range(SINCE.year, 2027, 2))
def test_no_zone_breaks_what_is_said_of_the_length_of_days(year: int) -> None:
    # Clocks change in few nights, so that the beginnings of months and of their last weeks do.
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(0, 366 * 2, 7)]
    for name in ZONES:
        zone = ZoneInfo(name)
        ahead = [datetime.combine(day, time(), zone).utcoffset() for day in days]
        offsets = [one.total_seconds() for one in ahead if one is not None]
        assert max(offsets) - min(offsets) <= SHIFT, name
        assert min(offsets) >= -12 * 3600, name
        assert max(offsets) <= 14 * 3600, name


def test_a_day_is_as_long_as_its_clocks_make_it() -> None:
    assert (SHORTEST_DAY, LONGEST_DAY) == (21 * 3600, 27 * 3600)


def test_a_day_is_over_when_it_is_so_at_the_last_place() -> None:
    # Five minutes are allowed for clocks that are apart.
    assert not is_over(DAY, parse_moment("2025-08-21T12:04:59Z"))
    assert is_over(DAY, parse_moment("2025-08-21T12:05:00Z"))
    assert not is_over(DAY, 0)


def test_a_day_is_to_come_until_it_begins_at_the_first_place() -> None:
    assert is_to_come(DAY, parse_moment("2025-08-19T09:54:59Z"))
    assert not is_to_come(DAY, parse_moment("2025-08-19T09:55:00Z"))
    assert not is_to_come(DAY, 0)


def test_what_can_have_elapsed_is_bounded_by_the_range_and_by_the_present() -> None:
    two_days = (DAY, date(2025, 8, 21))

    assert elapsed(*two_days, parse_moment("2025-09-01T00:00:00Z")) == (45 * 3600, 51 * 3600)
    assert elapsed(*two_days, parse_moment("2025-08-20T18:00:00Z")) == (21_300, 32 * 3600 + 300)
    assert elapsed(*two_days, parse_moment("2025-08-20T06:00:00Z")) == (0, 20 * 3600 + 300)
    assert elapsed(*two_days, parse_moment("2025-08-01T00:00:00Z")) == (0, 0)


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "Africa/Cairo", "Antarctica/Casey", "Etc/GMT+12"]
)
@pytest.mark.parametrize("at", ["2025-03-30T01:00:00Z", "2025-10-26T12:00:00Z"])
def test_in_a_zone_of_its_own_what_has_elapsed_lies_between(name: str, at: str) -> None:
    now, zone = parse_moment(at), ZoneInfo(name)
    for back in range(-2, 5):
        first = datetime.fromisoformat(at).date() - timedelta(days=back)
        for length in (1, 3):
            last = first + timedelta(days=length - 1)
            begin = from_datetime(datetime.combine(first, time(), zone))
            end = from_datetime(datetime.combine(last + timedelta(days=1), time(), zone))
            passed = (min(end, max(now, begin)) - begin) // 1_000_000
            least, most = elapsed(first, last, now)
            assert least <= passed <= most
            assert not is_over(last, now) or end <= now
            assert not is_to_come(first, now) or begin > now
