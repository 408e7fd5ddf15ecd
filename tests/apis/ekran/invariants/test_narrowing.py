"""The invariants of narrowing: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any


def test_a_narrower_range_has_no_more_sessions(ekran: Any) -> None:
    invariant = "a-narrower-range-has-no-more-sessions"
    one, two = ekran.session(1, "08:00", "09:00"), ekran.session(2, "10:00", "11:00")
    wide = ekran.listed(one, two, start="07:00")
    narrow = ekran.listed(two, start="09:30", end="12:00")

    assert ekran.validated(invariant, narrow, wide) == []
    assert ekran.validated(invariant, wide, narrow) == []
    expected = [
        "session 2 is listed from 2025-08-21T09:30:00Z to 2025-08-21T12:00:00Z, "
        "and not from 2025-08-21T07:00:00Z"
    ]
    assert ekran.validated(invariant, narrow, ekran.listed(one, start="07:00")) == expected
    assert ekran.validated(invariant, ekran.listed(one, start="07:00"), narrow) == expected
    # Ranges that overlap have nothing to do with each other; without bounds, another invariant speaks.
    assert ekran.validated(invariant, narrow, ekran.listed(one, end="11:00")) is None
    assert ekran.validated(invariant, narrow, ekran.listed(one)) is None
    # Something was done in it since, or it is new.
    active = ekran.listed(ekran.session(3, "08:00", "17:58"), start="07:30", end="2025-08-22")
    assert ekran.validated(invariant, active, wide) == []
    new = ekran.listed(ekran.session(4, "17:59", None), start="07:30")
    assert ekran.validated(invariant, new, wide) == []


def test_a_narrower_range_shows_no_more_of_a_session(ekran: Any) -> None:
    invariant = "a-narrower-range-shows-no-more-of-a-session"
    wide = ekran.listed(ekran.session(1, "08:00", "17:00"))

    def narrow(login: str, logout: str | None, **bounds: Any) -> Any:
        return ekran.listed(ekran.session(1, login, logout), **(bounds or {"end": "12:00"}))

    assert ekran.validated(invariant, narrow("08:00", "11:40"), wide) == []
    assert ekran.validated(invariant, narrow("08:20", "17:00", start="08:10"), wide) == []
    assert ekran.validated(invariant, narrow("07:59", "11:40"), wide) == [
        "session 1 begins 2025-08-21T07:59:00Z to 2025-08-21T12:00:00Z, "
        "and 2025-08-21T08:00:00Z without bounds"
    ]
    assert ekran.validated(invariant, narrow("08:20", "17:00:01", start="08:10"), wide) == [
        "session 1 ends 2025-08-21T17:00:01Z from 2025-08-21T08:10:00Z, "
        "and 2025-08-21T17:00:00Z without bounds"
    ]
    # It is over, and cannot run.
    running = narrow("08:20", None, start="08:10")
    assert ekran.validated(invariant, running, wide) == [
        "session 1 ends null from 2025-08-21T08:10:00Z, and 2025-08-21T17:00:00Z without bounds"
    ]
    # It ran, and has ended since.
    ended = ekran.listed(ekran.session(1, "08:00", "18:00"))
    assert ekran.validated(invariant, ended, running) == []
    # It ran, and something more was done since.
    before = narrow("08:00", "17:56", end="2025-08-22")
    assert (
        ekran.validated(invariant, narrow("08:20", "17:59", start="08:10", end="19:00"), before)
        == []
    )
    assert ekran.validated(invariant, narrow("08:00", "11:40")) is None
    other = ekran.listed(ekran.session(2, "08:00", "09:00"))
    assert ekran.validated(invariant, narrow("08:00", "11:40"), other) is None


def test_what_lies_inside_is_shown_whole(ekran: Any) -> None:
    invariant = "what-lies-inside-is-shown-whole"
    wide = ekran.listed(ekran.session(1, "18T08:00", "18T17:00"))
    bounds = {"start": "2025-08-15", "end": "2025-08-20"}

    assert (
        ekran.validated(
            invariant, ekran.listed(ekran.session(1, "18T08:00", "18T17:00"), **bounds), wide
        )
        == []
    )
    assert ekran.validated(
        invariant, ekran.listed(ekran.session(1, "18T08:20", "18T16:40"), **bounds), wide
    ) == [
        "session 1 begins 2025-08-18T08:20:00Z from 2025-08-15T00:00:00Z to "
        "2025-08-20T00:00:00Z, and not 2025-08-18T08:00:00Z",
        "session 1 ends 2025-08-18T16:40:00Z from 2025-08-15T00:00:00Z to "
        "2025-08-20T00:00:00Z, and not 2025-08-18T17:00:00Z",
    ]
    # The bound that was not given cuts nothing either.
    assert ekran.validated(
        invariant, ekran.listed(ekran.session(1, "18T08:20", "18T12:00"), end="2025-08-18"), wide
    ) == [
        "session 1 begins 2025-08-18T08:20:00Z to 2025-08-18T00:00:00Z, and not "
        "2025-08-18T08:00:00Z"
    ]
    # Somewhere the bound lies in it.
    near = ekran.listed(ekran.session(1, "18T08:20", "18T17:00"), start="2025-08-18")
    assert ekran.validated(invariant, near, wide) == []
    # It ended after the first answer.
    before = ekran.listed(ekran.session(1, "08:00", None), start="2025-08-15")
    assert (
        ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00", "17:59")), before) == []
    )


def test_the_first_and_last_activity_are_the_same_for_every_bound(ekran: Any) -> None:
    invariant = "the-first-and-last-activity-are-the-same-for-every-bound"
    # Begun before nine; the first thing done after that was at ten.
    wide = ekran.listed(ekran.session(1, "10:00", "16:00"), start="09:00", end="17:00")

    def narrow(login: str, logout: str, start: str = "09:30", end: str = "16:30") -> Any:
        return ekran.listed(ekran.session(1, login, logout), start=start, end=end)

    assert ekran.validated(invariant, narrow("10:00", "16:00"), wide) == []
    # What was shown is on the other side now.
    assert ekran.validated(invariant, narrow("11:00", "15:00", "10:00", "16:00"), wide) is None
    assert ekran.validated(invariant, narrow("11:00", "16:00"), wide) == [
        "session 1 begins 2025-08-21T11:00:00Z from 2025-08-21T09:30:00Z to "
        "2025-08-21T16:30:00Z, and not 2025-08-21T10:00:00Z"
    ]
    assert ekran.validated(invariant, wide, narrow("10:00", "15:00")) == [
        "session 1 ends 2025-08-21T15:00:00Z from 2025-08-21T09:30:00Z to "
        "2025-08-21T16:30:00Z, and not 2025-08-21T16:00:00Z"
    ]


def test_what_was_done_inside_is_shown(ekran: Any) -> None:
    invariant = "what-was-done-inside-is-shown"
    whole = ekran.listed(ekran.session(1, "08:00", "17:00"))
    # Something was done at 10:20 and at 11:40.
    cut = ekran.listed(ekran.session(1, "10:20", "11:40"), start="10:00", end="12:00")

    def after_eleven(*sessions: dict[str, Any]) -> Any:
        return ekran.listed(*sessions, start="11:00")

    assert (
        ekran.validated(invariant, after_eleven(ekran.session(1, "11:20", "17:00")), whole, cut)
        == []
    )
    assert ekran.validated(invariant, after_eleven(), whole, cut) == [
        "session 1, in which something was done 2025-08-21T11:40:00Z, is not shown so "
        "from 2025-08-21T11:00:00Z"
    ]
    assert ekran.validated(
        invariant, after_eleven(ekran.session(1, "11:41", "17:00")), cut, whole
    ) == [
        "session 1, in which something was done 2025-08-21T11:40:00Z, is not shown so "
        "from 2025-08-21T11:00:00Z"
    ]
    before = ekran.listed(ekran.session(1, "08:00", "10:10"), end="11:00")
    assert ekran.validated(invariant, before, whole, cut) == [
        "session 1, in which something was done 2025-08-21T10:20:00Z, is not shown so "
        "to 2025-08-21T11:00:00Z"
    ]
    # Nothing is known of what was done elsewhere, nor without the whole, nor on the bound.
    assert ekran.validated(invariant, ekran.listed(start="12:00"), whole, cut) is None
    assert ekran.validated(invariant, after_eleven(), cut) is None
    assert ekran.validated(invariant, ekran.listed(start="11:40"), whole, cut) is None


def test_a_session_that_ran_shows_its_last_activity_or_its_end(ekran: Any) -> None:
    invariant = "what-was-done-inside-is-shown"
    whole = ekran.listed(ekran.session(1, "08:00", None))
    active = ekran.listed(ekran.session(1, "08:00", "12:00"), end="13:00")
    # It may have ended then, and what crosses a bound without an activity is left out.
    ended = ekran.listed(ekran.session(1, "08:00", "17:58"), end="2025-08-22")

    assert ekran.validated(invariant, ekran.listed(start="11:00"), whole, active) != []
    assert ekran.validated(invariant, ekran.listed(start="17:00"), whole, ended) is None
