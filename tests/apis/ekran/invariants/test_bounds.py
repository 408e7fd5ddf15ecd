"""The invariants of the bounds: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any


def test_times_lie_inside_the_bounds(ekran: Any) -> None:
    invariant = "times-lie-inside-the-bounds"
    inside = ekran.session(1, "08:30", "09:30")

    assert ekran.validated(invariant, ekran.listed(inside, start="08:00", end="10:00")) == []
    # A server in Riyadh says 08:00 where it is 05:00 in UTC, one in New York where it is 12:00.
    assert (
        ekran.validated(invariant, ekran.listed(ekran.session(1, "05:30", "06:30"), start="08:00"))
        == []
    )
    assert (
        ekran.validated(invariant, ekran.listed(ekran.session(1, "13:00", "13:30"), end="10:00"))
        == []
    )
    assert ekran.validated(invariant, ekran.listed(inside)) is None
    assert ekran.validated(invariant, ekran.listed(start="08:00")) is None

    long = ekran.session(1, "19T08:00", "23T08:00")
    assert ekran.validated(invariant, ekran.listed(long, start="08:00")) == [
        "session 1 begins 2025-08-19T08:00:00Z, before 2025-08-21T08:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(long, end="10:00")) == [
        "session 1 ends 2025-08-23T08:00:00Z, after 2025-08-21T10:00:00Z"
    ]


def test_bounds_are_in_utc(ekran: Any) -> None:
    invariant = "bounds-are-in-utc"
    exact = ekran.session(1, "08:00", "10:00")

    # What begins with the start and ends with the end is inside.
    assert ekran.validated(invariant, ekran.listed(exact, start="08:00", end="10:00")) == []
    assert (
        ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00", None), start="08:00"))
        == []
    )
    assert ekran.validated(invariant, ekran.listed(exact, start="08:00:01")) == [
        "session 1 begins 2025-08-21T08:00:00Z, before 2025-08-21T08:00:01Z"
    ]
    assert ekran.validated(invariant, ekran.listed(exact, start="08:00", end="09:59:59")) == [
        "session 1 ends 2025-08-21T10:00:00Z, after 2025-08-21T09:59:59Z"
    ]


def test_what_is_shown_takes_no_longer_than_the_range(ekran: Any) -> None:
    invariant = "what-is-shown-takes-no-longer-than-the-range"
    early, late = ekran.session(1, "01:00", "02:00"), ekran.session(2, "12:00", "13:00")

    # In a zone of its own the server has both inside.
    assert ekran.validated(invariant, ekran.listed(early, late, start="08:00", end="20:00")) == []
    # Its clocks were put back in between.
    assert ekran.validated(invariant, ekran.listed(early, late, start="08:00", end="19:00")) == []
    assert ekran.validated(invariant, ekran.listed(early, late, start="08:00", end="16:00")) == [
        "session 1 begins 2025-08-21T01:00:00Z and session 2 ends 2025-08-21T13:00:00Z, "
        "in a range from 2025-08-21T08:00:00Z to 2025-08-21T16:00:00Z"
    ]
    long = ekran.session(3, "08:00", "17:00")
    assert ekran.validated(invariant, ekran.listed(long, start="10:00", end="11:00")) == [
        "session 3 begins 2025-08-21T08:00:00Z and session 3 ends 2025-08-21T17:00:00Z, "
        "in a range from 2025-08-21T10:00:00Z to 2025-08-21T11:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(long, start="10:00")) is None
    assert ekran.validated(invariant, ekran.listed(long, start="11:00", end="10:00")) is None


def test_what_only_touches_a_bound_is_left_out(ekran: Any) -> None:
    invariant = "what-only-touches-a-bound-is-left-out"
    session = ekran.session(1, "08:00", "10:00")

    assert ekran.validated(invariant, ekran.listed(session, start="08:00", end="10:00")) == []
    assert (
        ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00", None), start="07:00"))
        == []
    )
    assert ekran.validated(invariant, ekran.listed(session, start="10:00")) == [
        "session 1 ends 2025-08-21T10:00:00Z, where the range begins 2025-08-21T10:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(session, end="08:00")) == [
        "session 1 begins 2025-08-21T08:00:00Z, where the range ends 2025-08-21T08:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(session)) is None


def test_with_an_end_every_session_has_a_logout(ekran: Any) -> None:
    invariant = "with-an-end-every-session-has-a-logout"
    running, over = ekran.session(1, "08:00", None), ekran.session(2, "08:00", "09:00")

    # One that still runs shows its last activity.
    assert ekran.validated(invariant, ekran.listed(over, end="10:00")) == []
    assert ekran.validated(invariant, ekran.listed(running, start="07:00")) is None
    assert ekran.validated(invariant, ekran.listed(running, over, end="10:00")) == [
        "session 1 has none"
    ]
    assert ekran.validated(invariant, ekran.listed(running, start="07:00", end="2025-08-30")) == [
        "session 1 has none"
    ]


def test_start_after_end_selects_nothing(ekran: Any) -> None:
    invariant = "start-after-end-selects-nothing"
    session = ekran.session(1, "08:00", "10:00")

    assert ekran.validated(invariant, ekran.listed(start="10:00", end="08:00")) == []
    # The same moment twice is no such range, and neither is a day before its own noon.
    assert ekran.validated(invariant, ekran.listed(session, start="10:00", end="10:00")) is None
    assert (
        ekran.validated(invariant, ekran.listed(session, start="2025-08-21", end="12:00")) is None
    )
    assert ekran.validated(invariant, ekran.seen({}, start="10:00", end="08:00")) is None
    assert ekran.validated(invariant, ekran.listed(session, start="10:00", end="09:59:59")) == [
        "there are 1 sessions"
    ]
    assert ekran.validated(invariant, ekran.seen([1, None], start="10:00", end="2025-08-21")) == [
        "there are 2 sessions"
    ]
