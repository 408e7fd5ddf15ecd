"""The invariants of selection: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any


def test_neither_bound_means_all_sessions(ekran: Any) -> None:
    invariant = "neither-bound-means-all-sessions"
    one, two = ekran.session(1, "08:00", "09:00"), ekran.session(2, "10:00", "11:00")
    whole, part = ekran.listed(one, two), ekran.listed(two, start="09:30")

    assert ekran.validated(invariant, part, whole) == []
    assert ekran.validated(invariant, whole, part) == []
    assert ekran.validated(invariant, part, ekran.listed(one)) == [
        "session 2 is listed with a bound, and not without"
    ]
    assert ekran.validated(invariant, ekran.listed(one), part) == [
        "session 2 is listed with a bound, and not without"
    ]
    # It began after everything was listed.
    new = ekran.listed(ekran.session(3, "17:58", None), start="09:30")
    assert ekran.validated(invariant, new, ekran.listed(one, two)) == []
    # It cannot have gone since.
    assert ekran.validated(invariant, ekran.listed(one, two), new) == [
        "session 3 is listed with a bound, and not without"
    ]
    assert ekran.validated(invariant, part) is None
    assert ekran.validated(invariant, whole, ekran.listed(start="12:00")) is None


def test_start_alone_keeps_what_begins_or_ends_after_it(ekran: Any) -> None:
    invariant = "start-alone-keeps-what-begins-or-ends-after-it"
    old, new = ekran.session(1, "18T08:00", "18T09:00"), ekran.session(2, "20T23:30", "20T23:59")
    whole = ekran.listed(old, new)

    def from_noon_of_the_20th(*sessions: dict[str, Any]) -> Any:
        return ekran.listed(*sessions, start="2025-08-20")

    assert ekran.validated(invariant, from_noon_of_the_20th(new), whole) == []
    assert ekran.validated(invariant, whole, from_noon_of_the_20th(new)) == []
    assert ekran.validated(invariant, from_noon_of_the_20th(), whole) == [
        "session 2, from 2025-08-20T23:30:00Z to 2025-08-20T23:59:00Z, is not listed "
        "from 2025-08-20T00:00:00Z"
    ]
    assert ekran.validated(invariant, from_noon_of_the_20th(old, new), whole) == [
        "session 1, from 2025-08-18T08:00:00Z to 2025-08-18T09:00:00Z, is listed "
        "from 2025-08-20T00:00:00Z"
    ]
    # Where the server is, it may be inside or not; and one without activity is left out.
    near = ekran.session(3, "20T05:00", "20T06:00")
    crossing = ekran.session(4, "18T08:00", None)
    assert ekran.validated(invariant, from_noon_of_the_20th(), ekran.listed(near, crossing)) is None
    assert (
        ekran.validated(invariant, from_noon_of_the_20th(new, near), ekran.listed(new, near)) == []
    )


def test_what_begins_after_the_first_of_two_answers_is_not_missed(ekran: Any) -> None:
    invariant = "start-alone-keeps-what-begins-or-ends-after-it"
    new = ekran.session(2, "17:58", None)
    part = ekran.listed(start="2025-08-20", at="17:59")

    assert ekran.validated(invariant, ekran.listed(new), part) == []
    assert ekran.validated(invariant, part, ekran.listed(new)) != []


def test_end_alone_keeps_what_begins_before_it(ekran: Any) -> None:
    invariant = "end-alone-keeps-what-begins-before-it"
    old, new = ekran.session(1, "18T08:00", "18T09:00"), ekran.session(2, "08:00", "09:00")
    whole = ekran.listed(old, new)

    assert ekran.validated(invariant, ekran.listed(old, end="2025-08-20"), whole) == []
    assert ekran.validated(invariant, ekran.listed(new, end="2025-08-20"), whole) == [
        "session 1, from 2025-08-18T08:00:00Z to 2025-08-18T09:00:00Z, is not listed "
        "to 2025-08-20T00:00:00Z",
        "session 2, from 2025-08-21T08:00:00Z to 2025-08-21T09:00:00Z, is listed "
        "to 2025-08-20T00:00:00Z",
    ]
    assert ekran.validated(invariant, whole, ekran.listed(end="2025-08-20")) != []
    # It ran on, and without an activity before the end it is left out.
    running = ekran.session(3, "18T08:00", None)
    assert ekran.validated(invariant, ekran.listed(end="2025-08-20"), ekran.listed(running)) is None
    assert ekran.validated(invariant, ekran.listed(start="2025-08-20"), whole) is None


def test_both_bounds_keep_what_lies_between(ekran: Any) -> None:
    invariant = "both-bounds-keep-what-lies-between"
    before, between = (
        ekran.session(1, "10T08:00", "10T09:00"),
        ekran.session(2, "15T08:00", "15T09:00"),
    )
    after, running = ekran.session(3, "20T13:00", "20T14:00"), ekran.session(4, "10T08:00", None)
    whole = ekran.listed(before, running, between, after)
    bounds = {"start": "2025-08-12", "end": "2025-08-18"}

    assert ekran.validated(invariant, ekran.listed(between, **bounds), whole) == []
    assert ekran.validated(invariant, ekran.listed(running, between, **bounds), whole) == []
    assert ekran.validated(invariant, ekran.listed(**bounds), whole) == [
        "session 2, from 2025-08-15T08:00:00Z to 2025-08-15T09:00:00Z, is not listed "
        "from 2025-08-12T00:00:00Z to 2025-08-18T00:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(before, between, after, **bounds), whole) == [
        "session 1, from 2025-08-10T08:00:00Z to 2025-08-10T09:00:00Z, is listed "
        "from 2025-08-12T00:00:00Z to 2025-08-18T00:00:00Z",
        "session 3, from 2025-08-20T13:00:00Z to 2025-08-20T14:00:00Z, is listed "
        "from 2025-08-12T00:00:00Z to 2025-08-18T00:00:00Z",
    ]


def test_the_selection_is_exact_in_utc(ekran: Any) -> None:
    invariant = "the-selection-is-exact-in-utc"
    one, two = ekran.session(1, "08:00", "09:00"), ekran.session(2, "09:00:01", "10:00")
    whole = ekran.listed(one, two)

    assert ekran.validated(invariant, ekran.listed(two, start="09:00"), whole) == []
    # One that begins or ends with the bound is another invariant's.
    assert ekran.validated(invariant, ekran.listed(start="08:00", end="09:00:01"), whole) is None
    assert ekran.validated(invariant, ekran.listed(one, start="09:00"), whole) == [
        "session 2, from 2025-08-21T09:00:01Z to 2025-08-21T10:00:00Z, is not listed "
        "from 2025-08-21T09:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(one, two, start="09:00:01"), whole) == [
        "session 1, from 2025-08-21T08:00:00Z to 2025-08-21T09:00:00Z, is listed "
        "from 2025-08-21T09:00:01Z"
    ]
    # It ran when it was listed from 11:00 on, and ended since.
    running = ekran.listed(ekran.session(3, "08:00", None), start="17:59", at="17:50")
    ended = ekran.listed(ekran.session(3, "08:00", "17:55"))
    assert ekran.validated(invariant, ended, running) == []


def test_a_session_is_cut_at_an_activity_not_at_the_bound(ekran: Any) -> None:
    invariant = "a-session-is-cut-at-an-activity-not-at-the-bound"
    whole = ekran.listed(ekran.session(1, "08:00", "17:00"), ekran.session(2, "10:00", None))

    def cut(login: str, logout: str) -> Any:
        return ekran.listed(ekran.session(1, login, logout), start="10:00", end="12:00")

    assert ekran.validated(invariant, cut("10:20", "11:40"), whole) == []
    assert ekran.validated(invariant, cut("10:00", "11:40"), whole) == [
        "session 1 shows 2025-08-21T10:00:00Z"
    ]
    assert ekran.validated(invariant, cut("10:00", "12:00"), whole) == [
        "session 1 shows 2025-08-21T10:00:00Z",
        "session 1 shows 2025-08-21T12:00:00Z",
    ]
    # It begins there indeed.
    begun = ekran.listed(ekran.session(2, "10:00", None), start="10:00")
    assert ekran.validated(invariant, begun, whole) is None
    running = ekran.listed(ekran.session(2, "10:00", "12:00"), end="12:00")
    assert ekran.validated(invariant, running, whole) == ["session 2 shows 2025-08-21T12:00:00Z"]


def test_what_fills_the_bounds_is_listed_whole(ekran: Any) -> None:
    invariant = "what-fills-the-bounds-is-listed-whole"
    session, short = ekran.session(1, "08:00", "17:00"), ekran.session(2, "08:00", "08:00")
    whole, bounds = ekran.listed(session), {"start": "08:00", "end": "17:00"}

    assert ekran.validated(invariant, ekran.listed(session, **bounds), whole) == []
    assert ekran.validated(invariant, ekran.listed(session, start="08:00"), whole) == []
    assert ekran.validated(invariant, ekran.listed(**bounds), whole) == [
        "session 1, from 2025-08-21T08:00:00Z to 2025-08-21T17:00:00Z, is not listed so "
        "from 2025-08-21T08:00:00Z to 2025-08-21T17:00:00Z"
    ]
    cut = ekran.session(1, "08:20", "17:00")
    assert ekran.validated(invariant, ekran.listed(cut, start="08:00"), whole) == [
        "session 1, from 2025-08-21T08:00:00Z to 2025-08-21T17:00:00Z, is not listed so "
        "from 2025-08-21T08:00:00Z"
    ]
    # What ends with the start has ended, and one that lasts no time does too.
    assert ekran.validated(invariant, ekran.listed(start="17:00"), whole) is None
    assert ekran.validated(invariant, ekran.listed(start="08:00"), ekran.listed(short)) is None
    assert ekran.validated(invariant, ekran.listed(start="08:00", end="12:00"), whole) is None
