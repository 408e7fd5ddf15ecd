"""Moments as users write them: ISO 8601, or relative to a present."""

from __future__ import annotations

import pytest

from mockserver.clock import format_moment, parse_moment
from mockserver.errors import SettingError
from mockserver.moment import RELATIVE, is_relative, resolve_clock_moment, resolve_moment

AFTERNOON = parse_moment("2025-08-21T14:30:00Z")
LATE = parse_moment("2025-08-21T22:30:00Z")  # in Riyadh it is tomorrow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2025-08-21T14:30:00Z"),
        ("-1d", "2025-08-20T14:30:00Z"),
        ("+2h", "2025-08-21T16:30:00Z"),
        ("-1d 3h", "2025-08-20T11:30:00Z"),
        ("- 90m", "2025-08-21T13:00:00Z"),
        ("-PT3H", "2025-08-21T11:30:00Z"),
        ("today", "2025-08-21T00:00:00Z"),
        ("Today 9:00", "2025-08-21T09:00:00Z"),
        ("yesterday 23:59 UTC", "2025-08-20T23:59:00Z"),
        ("tomorrow 08:00", "2025-08-22T08:00:00Z"),
        ("today 09:00 Asia/Riyadh", "2025-08-21T06:00:00Z"),
        ("today  09:00:30  Asia/Riyadh", "2025-08-21T06:00:30Z"),
        ("yesterday Asia/Riyadh", "2025-08-19T21:00:00Z"),
        ("-3d 09:00 Asia/Riyadh", "2025-08-18T06:00:00Z"),
        ("+1d 00:00", "2025-08-22T00:00:00Z"),
    ],
)
def test_a_moment_can_be_relative_to_the_present(text: str, expected: str) -> None:
    assert format_moment(resolve_moment(text, AFTERNOON)) == expected
    assert is_relative(text)
    assert RELATIVE.search(f"at: {text}".encode())
    assert RELATIVE.search(f'{{"at":"{text}"}}'.encode())


@pytest.mark.parametrize(
    "text",
    ["2025-08-21T14:30:00Z", "2025-08-21", "2025-08-21T17:30:00+03:00", "2025-08-21T12:00-02:30"],
)
def test_an_iso_8601_moment_depends_on_no_other(text: str) -> None:
    assert resolve_moment(text, AFTERNOON) == resolve_moment(text, 0) == parse_moment(text)
    assert not is_relative(text)
    assert not RELATIVE.search(f"at: {text}".encode())


def test_today_is_the_day_that_it_is_in_the_zone() -> None:
    said = resolve_moment("today 09:00 Asia/Riyadh", LATE)
    assert format_moment(said) == "2025-08-22T06:00:00Z"


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        # Cairo leaves out the hour from midnight: the day begins at 01:00, which is 22:00 in UTC.
        ("today Africa/Cairo", "2025-04-25T10:00:00Z", "2025-04-24T22:00:00Z"),
        # 02:30 does not exist in Berlin that night; it is 03:30 there.
        ("today 02:30 Europe/Berlin", "2025-03-30T10:00:00Z", "2025-03-30T01:30:00Z"),
        # 02:30 comes twice; the first of them is in summer time.
        ("today 02:30 Europe/Berlin", "2025-10-26T10:00:00Z", "2025-10-26T00:30:00Z"),
        # A day is 24 hours, but the day before at a time is that time.
        ("-1d", "2025-10-26T10:00:00Z", "2025-10-25T10:00:00Z"),
        ("-1d 11:00 Europe/Berlin", "2025-10-26T10:00:00Z", "2025-10-25T09:00:00Z"),
    ],
)
def test_a_local_time_that_a_zone_leaves_out_or_has_twice_is_one_moment(
    text: str, now: str, expected: str
) -> None:
    assert format_moment(resolve_moment(text, parse_moment(now))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "3h",
        "-1",
        "-1x",
        "-",
        "today 24:00",
        "today 9",
        "today at 09:00",
        "now -1d",
        "-1d 25:00",
    ],
)
def test_what_is_no_moment_is_refused_with_the_forms_that_there_are(text: str) -> None:
    with pytest.raises(SettingError) as raised:
        resolve_moment(text, AFTERNOON)
    assert str(raised.value) in (
        f"'{text}' is not a moment; write it like 2025-08-21T14:30:00Z, -1d 3h, now or "
        "today 09:00 Asia/Riyadh",
        "'at' is no time zone; did you mean 'Cat'?",
    )
    assert not is_relative(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("today 09:00 Asia/Riyad", "'Asia/Riyad' is no time zone; did you mean 'Asia/Riyadh'?"),
        ("today asia/riyadh", "'asia/riyadh' is no time zone; did you mean 'Asia/Riyadh'?"),
        ("-9999999d 00:00", "'-9999999d 00:00' is no moment for a clock; one from 1970 to 2999 is"),
        ("-99999d", "'-99999d' is no moment for a clock; one from 1970 to 2999 is"),
    ],
)
def test_an_unknown_zone_and_a_moment_of_no_clock_are_named(text: str, reason: str) -> None:
    with pytest.raises(SettingError) as raised:
        resolve_moment(text, AFTERNOON)
    assert str(raised.value) == reason


def test_a_clock_shows_no_moment_before_1970() -> None:
    with pytest.raises(SettingError, match="one from 1970 to 2999 is"):
        resolve_clock_moment("1969-12-31", AFTERNOON)
