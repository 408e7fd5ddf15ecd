"""Virtual time: moments read and written, and a clock that can be frozen, moved and scaled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mockserver.clock import (
    SECOND,
    Clock,
    ClockSetting,
    check_clock_moment,
    format_moment,
    from_datetime,
    list_days,
    machine_now,
    parse_clock_moment,
    parse_duration,
    parse_moment,
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
    assert parse_moment(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "noon", "2025-02-30", "2025-08-21T25:00", "21-08-2025", "10000-01-01", "1755786600"],
)
def test_a_text_that_is_no_moment_is_refused_with_the_text_and_a_pattern_to_follow(
    text: str,
) -> None:
    with pytest.raises(SettingError) as caught:
        parse_moment(text)
    assert str(caught.value) == f"'{text}' is not a moment; write it like 2025-08-21T14:30:00Z"


@pytest.mark.parametrize("text", ["9" * 5_000, "\ud800", "２０２５-０８-２１", "2025-08-21\x00"])
def test_a_hostile_text_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(SettingError, match="is not a moment"):
        parse_moment(text)


def test_a_moment_keeps_every_microsecond_of_a_datetime_whatever_its_zone() -> None:
    zone = timezone(timedelta(hours=3))
    assert from_datetime(datetime(2025, 8, 21, 17, 30, 0, 7, tzinfo=zone)) == AFTERNOON + 7
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
    assert list_days(first, last) == expected


def test_a_new_clock_shows_the_machines_own_time() -> None:
    clock = Clock()
    before = machine_now()
    shown = clock.now()
    after = machine_now()
    assert before <= shown <= after
    assert clock.mode == "real"
    assert not clock.is_frozen


def test_a_frozen_clock_always_shows_its_moment() -> None:
    clock = Clock.frozen_at(AFTERNOON)
    assert (clock.now(), clock.now()) == (AFTERNOON, AFTERNOON)
    assert clock.is_frozen
    assert clock.mode != "real"


def test_freezing_without_a_moment_freezes_the_present_one() -> None:
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
    assert ahead.mode != "real"
    assert not ahead.is_frozen
    assert ahead.advance(-3600 * SECOND).mode == "real"


def test_a_clock_goes_on_from_the_moment_it_was_frozen_at() -> None:
    clock = Clock.frozen_at(AFTERNOON).run()
    assert AFTERNOON <= clock.now() < AFTERNOON + 3600 * SECOND
    assert not clock.is_frozen
    assert clock.mode != "real"


def test_a_real_clock_that_runs_at_rate_1_is_still_real() -> None:
    assert Clock().run().mode == "real"


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
    assert parse_clock_moment(text) == parse_moment(text)


@pytest.mark.parametrize(
    "text", ["1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01"]
)
def test_no_other_moment_is_one_for_a_clock(text: str) -> None:
    with pytest.raises(SettingError, match="one from 1970 to 2999 is"):
        parse_clock_moment(text)


# A machine whose time is set


class Machine:
    """The machine's clock, which stands where a test puts it."""

    def __init__(self) -> None:
        self.moment = AFTERNOON

    def time_ns(self) -> int:
        return self.moment * 1_000

    def passes(self, seconds: float) -> None:
        self.moment += round(seconds * SECOND)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr("mockserver.clock.time", machine)
    return machine


# Moments written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (AFTERNOON, "2025-08-21T14:30:00Z"),
        (AFTERNOON + 500_000, "2025-08-21T14:30:00.5Z"),
        (AFTERNOON + 120_000, "2025-08-21T14:30:00.12Z"),
        (AFTERNOON + 1, "2025-08-21T14:30:00.000001Z"),
        (AFTERNOON + 100, "2025-08-21T14:30:00.0001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (10**30, "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_is_written_with_as_many_digits_as_it_needs(value: int, text: str) -> None:
    assert format_moment(value) == text


@pytest.mark.parametrize("value", [0, 1, AFTERNOON, AFTERNOON + 7, 32_503_679_999_999_999])
def test_what_is_written_is_read_as_the_same_moment(value: int) -> None:
    assert parse_moment(format_moment(value)) == value


@pytest.mark.parametrize("value", [0, AFTERNOON, 32_503_679_999_999_999])
def test_a_moment_from_1970_to_2999_is_one_for_a_clock(value: int) -> None:
    assert check_clock_moment(value) == value


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        (-1, "", "1969-12-31T23:59:59.999999Z"),
        (32_503_680_000_000_000, "", "3000-01-01T00:00:00Z"),
        (10**30, "", "9999-12-31T23:59:59.999999Z"),
        (-1, "a second before", "a second before"),
    ],
)
def test_any_other_is_refused_as_it_was_said_or_as_it_is_written(
    value: int, text: str, shown: str
) -> None:
    with pytest.raises(SettingError) as raised:
        check_clock_moment(value, text)
    assert str(raised.value) == f"'{shown}' is no moment for a clock; one from 1970 to 2999 is"


# Durations


@pytest.mark.parametrize(
    ("value", "microseconds"),
    [
        (0, 0),
        (5, 5_000_000),
        (-5, -5_000_000),
        (0.5, 500_000),
        (-0.000001, -1),
        (100_000_000_000, 100_000_000_000_000_000),
        (-100_000_000_000, -100_000_000_000_000_000),
        ("0", 0),
        ("5", 5_000_000),
        (" 5 ", 5_000_000),
        ("+5", 5_000_000),
        ("-5", -5_000_000),
        ("0.25", 250_000),
        ("-0.000001", -1),
        ("5s", 5_000_000),
        ("1.5s", 1_500_000),
        ("3m", 180_000_000),
        ("3h", 10_800_000_000),
        ("-30m", -1_800_000_000),
        ("+30m", 1_800_000_000),
        ("- 30m", -1_800_000_000),
        ("1.5h", 5_400_000_000),
        ("1d", 86_400_000_000),
        ("1w", 604_800_000_000),
        ("0w", 0),
        ("1d 2h 5s", 93_605_000_000),
        ("1d2h5s", 93_605_000_000),
        ("800ms", 800_000),
        ("1m 500ms", 60_500_000),
        ("1w \t 1d  1h\n1m 1s", 694_861_000_000),
        ("-1d 2h", -93_600_000_000),
        ("3H", 10_800_000_000),
        ("1D 2H", 93_600_000_000),
        ("PT3H", 10_800_000_000),
        ("-PT3H", -10_800_000_000),
        ("+PT3H", 10_800_000_000),
        ("pt3h", 10_800_000_000),
        ("P1D", 86_400_000_000),
        ("P1W", 604_800_000_000),
        ("P1DT2H5S", 93_605_000_000),
        ("P1W1DT1H1M1S", 694_861_000_000),
        ("PT1.5S", 1_500_000),
        ("PT1M", 60_000_000),
        ("100000000000", 100_000_000_000_000_000),
        ("-100000000000s", -100_000_000_000_000_000),
    ],
)
def test_a_duration_is_seconds_or_a_text(value: float | str, microseconds: int) -> None:
    assert parse_duration(value) == microseconds


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "+", "h", "three hours", "3 h", "3hours", "3x", "1h 2d", "1h 1h", "1h2",
        "2 1h", "1 2", "1e5", "1_000", "0x10", "--5", "-5-", "1d -2h", ".5", "5.", "5.s", ".5h",
        "1,5h", "0.0000001", "1234567890123", "500ms 1s", "٣h", "３h", "nan", "inf",
        "P", "PT", "P1", "PT1", "P1M", "P1Y", "P1H", "PT1D", "P1DT", "PT1.2.3S", "PT1H 2M", "P 1D",
        "P-1D", "1DT2H", "\ud800", "3h\x00",
    ],
)  # fmt: skip
def test_a_text_that_is_no_duration_is_refused_with_the_text_and_what_to_write(text: str) -> None:
    with pytest.raises(SettingError) as raised:
        parse_duration(text)
    assert str(raised.value) == (
        f"'{text}' is no duration; write seconds, or something like 3h, -30m or 1d 2h 5s"
    )


@pytest.mark.parametrize(
    "value",
    [
        100_000_000_001,
        -100_000_000_001,
        100_000_000_000.5,
        10**40,
        1e300,
        float("inf"),
        float("-inf"),
        float("nan"),
        "100000000001",
        "100000000000.5s",
        "-999999999999w",
        "P999999999999W",
    ],
)
def test_a_duration_of_more_than_three_thousand_years_is_refused(value: float | str) -> None:
    with pytest.raises(SettingError) as raised:
        parse_duration(value)
    assert str(raised.value) == f"'{value}' is too long for a duration"


@pytest.mark.parametrize(
    "text",
    [
        "1w" + " " * 20_000 + "x",
        "-" + " " * 20_000 + "x",
        "P" + "1" * 200_000,
        "P" + "1W" * 200_000,
        "PT" + "1H" * 200_000 + "x",
        "1" * 200_000,
    ],
    ids=["spaces", "spaces after a sign", "digits", "weeks", "hours", "seconds"],
)
def test_a_long_text_that_is_no_duration_is_refused_quickly(text: str) -> None:
    """With a pattern that tries every way to share out the spaces, this would take years."""
    with pytest.raises(SettingError, match="is no duration"):
        parse_duration(text)


# What a clock is, and shows


@pytest.mark.parametrize(
    ("clock", "mode"),
    [
        (Clock(), "real"),
        (Clock(real=5, virtual=5), "real"),
        (Clock(real=5, virtual=6), "shifted"),
        (Clock(real=0, virtual=-5), "shifted"),
        (Clock.frozen_at(0), "frozen"),
        (Clock.frozen_at(AFTERNOON), "frozen"),
        (Clock(rate=60), "scaled"),
        (Clock(rate=0.5), "scaled"),
        (Clock(real=1, virtual=2, rate=1.000001), "scaled"),
    ],
)
def test_a_clock_has_a_mode(clock: Clock, mode: str) -> None:
    assert clock.mode == mode


def test_changing_a_clock_changes_its_mode(machine: Machine) -> None:
    clock = Clock()
    assert clock.mode == "real"
    assert clock.freeze().mode == "frozen"
    assert clock.freeze().run().mode == "real"
    machine.passes(1)
    assert clock.freeze(AFTERNOON).run().mode == "shifted"
    assert clock.run(2).mode == "scaled"
    assert clock.run(2).run(1).mode == "real"
    assert clock.advance(1).mode == "shifted"
    assert clock.advance(1).advance(-1).mode == "real"
    assert clock.shift(1).mode == "shifted"
    assert clock.freeze(0).shift(0).mode == "real"


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        (Clock(), AFTERNOON + 10 * SECOND),
        (Clock.frozen_at(5), 5),
        (Clock(real=AFTERNOON, virtual=AFTERNOON + 3), AFTERNOON + 10 * SECOND + 3),
        (Clock(real=AFTERNOON, virtual=AFTERNOON, rate=60), AFTERNOON + 600 * SECOND),
        (Clock(real=AFTERNOON, virtual=AFTERNOON, rate=0.5), AFTERNOON + 5 * SECOND),
    ],
)
def test_a_clock_says_what_it_shows_at_a_moment_of_the_machines(
    machine: Machine, clock: Clock, shown: int
) -> None:
    assert clock.get_time_at(AFTERNOON + 10 * SECOND) == shown
    machine.passes(10)
    assert clock.now() == shown


def test_a_shifted_clock_is_so_far_from_the_machines_whatever_it_was_before(
    machine: Machine,
) -> None:
    for clock in (Clock(), Clock.frozen_at(5), Clock().run(60), Clock().shift(9)):
        shifted = clock.shift(-3 * SECOND)
        assert shifted.now() == AFTERNOON - 3 * SECOND
        assert (shifted.rate, shifted.mode) == (1, "shifted")
    machine.passes(5)
    assert shifted.now() == AFTERNOON + 2 * SECOND


# The years that there are

LAST = 32_503_679_999_999_999  # 2999-12-31T23:59:59.999999Z


def test_a_fast_clock_stops_at_the_end_of_the_year_2999(machine: Machine) -> None:
    clock = Clock().run(1_000_000)
    machine.passes(30_000)
    assert format_moment(clock.now()) == "2976-04-19T19:50:00Z"
    machine.passes(30_000)
    assert clock.now() == LAST
    machine.passes(30_000)
    assert clock.now() == LAST


def test_a_clock_that_runs_backwards_stops_at_the_beginning_of_1970(machine: Machine) -> None:
    clock = Clock().run(-1_000_000)
    machine.passes(3_000)
    assert clock.now() == 0


def test_a_clock_that_stopped_at_the_end_goes_on_from_there(machine: Machine) -> None:
    clock = Clock().run(1_000_000)
    machine.passes(60_000)
    assert clock.run().now() == LAST
    assert clock.freeze().now() == LAST
    back = clock.advance(-3600 * SECOND)
    assert back.now() == LAST - 3600 * SECOND
    machine.passes(0.001)
    assert back.now() == LAST - 2600 * SECOND


def test_a_clock_that_jumped_beyond_the_end_jumps_back_from_the_end(machine: Machine) -> None:
    clock = Clock().advance(100_000_000_000 * SECOND)
    machine.passes(1)
    assert clock.now() == LAST
    assert clock.advance(-10).now() == LAST - 10


@pytest.mark.parametrize(
    "clock",
    [
        Clock(),
        Clock.frozen_at(0),
        Clock.frozen_at(LAST),
        Clock(real=AFTERNOON, virtual=0),
        Clock(real=AFTERNOON, virtual=LAST, rate=60),
    ],
)
def test_a_clock_that_shows_a_moment_of_those_years_is_right(
    machine: Machine, clock: Clock
) -> None:
    assert machine.moment == AFTERNOON
    assert clock.check() is clock


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        (Clock.frozen_at(-1), "1969-12-31T23:59:59.999999Z"),
        (Clock.frozen_at(LAST + 1), "3000-01-01T00:00:00Z"),
        (Clock(real=AFTERNOON, virtual=-1), "1969-12-31T23:59:59.999999Z"),
        (Clock(real=AFTERNOON, virtual=LAST + 1, rate=60), "3000-01-01T00:00:00Z"),
    ],
)
def test_a_clock_that_shows_another_moment_is_refused(
    machine: Machine, clock: Clock, shown: str
) -> None:
    assert machine.moment == AFTERNOON
    with pytest.raises(SettingError) as raised:
        clock.check()
    assert str(raised.value) == f"'{shown}' is no moment for a clock; one from 1970 to 2999 is"


# Taken up again


@pytest.mark.parametrize(
    "clock",
    [
        Clock(),
        Clock.frozen_at(AFTERNOON),
        Clock.frozen_at(0),
        Clock(real=AFTERNOON, virtual=AFTERNOON + 5),
        Clock(real=AFTERNOON, virtual=0),
    ],
)
def test_a_clock_that_is_real_stopped_or_shifted_is_what_it_was(
    machine: Machine, clock: Clock
) -> None:
    since = machine.moment
    machine.passes(86_400)
    assert clock.resume(since) == clock


@pytest.mark.parametrize("rate", [60.0, 0.5, -1.0])
def test_a_scaled_clock_goes_on_from_what_it_showed(machine: Machine, rate: float) -> None:
    clock = Clock(real=AFTERNOON, virtual=1_000 * SECOND, rate=rate)
    machine.passes(10)
    since = machine.moment
    shown = clock.now()
    machine.passes(86_400)
    resumed = clock.resume(since)
    assert shown == round((1_000 + 10 * rate) * SECOND)
    assert resumed.now() == shown
    assert resumed.rate == rate
    machine.passes(10)
    assert resumed.now() == round((1_000 + 20 * rate) * SECOND)


# As it is set


@pytest.mark.parametrize(
    ("setting", "clock"),
    [
        (ClockSetting(), Clock()),
        (ClockSetting(freeze=0), Clock.frozen_at(0)),
        (ClockSetting(freeze=AFTERNOON), Clock.frozen_at(AFTERNOON)),
        (ClockSetting(shift=0, rate=1), Clock()),
        (ClockSetting(shift=5), Clock(AFTERNOON, AFTERNOON + 5)),
        (ClockSetting(shift=-5), Clock(AFTERNOON, AFTERNOON - 5)),
        (ClockSetting(rate=60.0), Clock(AFTERNOON, AFTERNOON, 60.0)),
        (ClockSetting(shift=-5, rate=0.5), Clock(AFTERNOON, AFTERNOON - 5, 0.5)),
    ],
)
def test_a_setting_makes_a_clock(machine: Machine, setting: ClockSetting, clock: Clock) -> None:
    assert machine.moment == AFTERNOON
    assert setting.make_clock() == clock


@pytest.mark.parametrize(
    ("shift", "shown"),
    [
        (-AFTERNOON - 1, "1969-12-31T23:59:59.999999Z"),
        (LAST - AFTERNOON + 1, "3000-01-01T00:00:00Z"),
        (100_000_000_000 * SECOND, "5194-07-07T00:16:40Z"),
    ],
)
def test_a_shift_out_of_those_years_makes_none(machine: Machine, shift: int, shown: str) -> None:
    assert machine.moment == AFTERNOON
    with pytest.raises(SettingError) as raised:
        ClockSetting(shift=shift).make_clock()
    assert str(raised.value) == f"'{shown}' is no moment for a clock; one from 1970 to 2999 is"


def test_a_shift_to_the_ends_of_those_years_makes_one(machine: Machine) -> None:
    assert ClockSetting(shift=-machine.moment).make_clock().now() == 0
    assert ClockSetting(shift=LAST - machine.moment).make_clock().now() == LAST
