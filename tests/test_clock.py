"""Virtual time: moments read and written, and a clock that can be frozen, moved and scaled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mockserver.clock import (
    SECOND,
    Clock,
    days_between,
    machine_now,
    moment,
    parse,
    parse_present,
    to_datetime,
)
from mockserver.errors import SettingError

AFTERNOON = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01", 0),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("2025-08-21T14:30:00Z", AFTERNOON),
        ("2025-08-21T14:30:00", AFTERNOON),
        ("2025-08-21T14:30", AFTERNOON),
        ("2025-08-21T17:30:00+03:00", AFTERNOON),
        ("2025-08-21T09:00:00-05:30", AFTERNOON),
        ("2025-08-21T14:30:00.000001Z", AFTERNOON + 1),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ],
)
def test_a_text_names_a_moment_in_microseconds_utc(text: str, expected: int) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "noon", "2025-02-30", "2025-08-21T25:00", "21-08-2025", "10000-01-01", "1755786600"],
)
def test_a_text_that_is_no_moment_is_refused_with_the_text_and_a_pattern_to_follow(
    text: str,
) -> None:
    with pytest.raises(SettingError) as caught:
        parse(text)
    assert str(caught.value) == f"'{text}' is not a moment; write it like 2025-08-21T14:30:00Z"


@pytest.mark.parametrize("text", ["9" * 5_000, "\ud800", "２０２５-０８-２１", "2025-08-21\x00"])
def test_a_hostile_text_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(SettingError, match="is not a moment"):
        parse(text)


def test_a_moment_keeps_every_microsecond_of_a_datetime_whatever_its_zone() -> None:
    zone = timezone(timedelta(hours=3))
    assert moment(datetime(2025, 8, 21, 17, 30, 0, 7, tzinfo=zone)) == AFTERNOON + 7
    assert to_datetime(AFTERNOON + 7) == datetime(2025, 8, 21, 14, 30, 0, 7, tzinfo=UTC)
    assert to_datetime(AFTERNOON).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-(10**30), datetime(1, 1, 1, tzinfo=UTC)),
        (-62_135_596_800_000_001, datetime(1, 1, 1, tzinfo=UTC)),
        (-62_135_596_800_000_000, datetime(1, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        (253_402_300_799_000_000, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_beyond_the_calendar_becomes_the_nearest_datetime(
    value: int, expected: datetime
) -> None:
    assert to_datetime(value) == expected


@pytest.mark.parametrize("value", [253_402_300_799_999_999, 253_402_300_800_000_000, 10**30])
def test_the_last_datetime_is_the_last_microsecond_of_the_year_9999(value: int) -> None:
    assert to_datetime(value) == datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2025, 8, 21), date(2025, 8, 21), [date(2025, 8, 21)]),
        (
            date(2024, 2, 28),
            date(2024, 3, 1),
            [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)],
        ),
        (date(2025, 8, 22), date(2025, 8, 21), []),
        (date(9999, 12, 30), date.max, [date(9999, 12, 30), date(9999, 12, 31)]),
    ],
)
def test_days_are_counted_with_both_ends(first: date, last: date, expected: list[date]) -> None:
    assert days_between(first, last) == expected


def test_a_new_clock_shows_the_machines_own_time() -> None:
    clock = Clock()
    before = machine_now()
    shown = clock.now()
    after = machine_now()
    assert before <= shown <= after
    assert clock.is_real
    assert not clock.is_frozen


def test_a_frozen_clock_always_shows_its_moment() -> None:
    clock = Clock.frozen_at(AFTERNOON)
    assert (clock.now(), clock.now()) == (AFTERNOON, AFTERNOON)
    assert clock.is_frozen
    assert not clock.is_real


def test_freezing_without_a_moment_keeps_the_one_that_is_shown() -> None:
    frozen = Clock().freeze()
    assert frozen.is_frozen
    assert frozen.now() <= machine_now()
    assert Clock.frozen_at(AFTERNOON).freeze().now() == AFTERNOON


def test_the_epoch_is_a_moment_to_freeze_at_like_any_other() -> None:
    assert Clock().freeze(0).now() == 0
    assert Clock.frozen_at(AFTERNOON).freeze(0).now() == 0


@pytest.mark.parametrize(("by", "expected"), [(SECOND, AFTERNOON + 1_000_000), (-5, AFTERNOON - 5)])
def test_a_frozen_clock_that_jumps_stays_frozen(by: int, expected: int) -> None:
    clock = Clock.frozen_at(AFTERNOON).advance(by)
    assert clock.now() == expected
    assert clock.is_frozen


def test_a_change_leaves_the_old_clock_as_it_was() -> None:
    clock = Clock.frozen_at(AFTERNOON)
    clock.advance(SECOND)
    clock.freeze(0)
    clock.run()
    assert clock.now() == AFTERNOON


def test_a_real_clock_that_jumps_runs_on_from_where_it_landed() -> None:
    ahead = Clock().advance(3600 * SECOND)
    assert machine_now() + 3600 * SECOND <= ahead.now()
    assert not ahead.is_real
    assert not ahead.is_frozen
    assert ahead.advance(-3600 * SECOND).is_real


def test_a_clock_goes_on_from_the_moment_it_was_frozen_at() -> None:
    clock = Clock.frozen_at(AFTERNOON).run()
    assert AFTERNOON <= clock.now() < AFTERNOON + 3600 * SECOND
    assert not clock.is_frozen
    assert not clock.is_real


def test_a_real_clock_that_is_told_to_run_is_still_real() -> None:
    assert Clock().run().is_real


@pytest.mark.parametrize(("rate", "expected"), [(1.0, 10), (60.0, 600), (0.5, 5), (-1.0, -10)])
def test_a_rate_scales_the_time_that_has_passed(rate: float, expected: int) -> None:
    real = machine_now() - 10 * SECOND
    shown = Clock(real=real, virtual=AFTERNOON, rate=rate).now()
    assert round((shown - AFTERNOON) / SECOND) == expected


def test_a_clock_that_runs_at_rate_zero_is_frozen() -> None:
    clock = Clock.frozen_at(AFTERNOON).run(0)
    assert clock.is_frozen
    assert clock.now() == AFTERNOON


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59.999999Z"])
def test_a_clock_may_show_the_years_1970_to_2999(text: str) -> None:
    assert parse_present(text) == parse(text)


@pytest.mark.parametrize(
    "text", ["1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01"]
)
def test_no_other_moment_is_one_for_a_clock(text: str) -> None:
    with pytest.raises(SettingError, match="one from 1970 to 2999 is"):
        parse_present(text)
