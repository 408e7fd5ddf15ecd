"""The invariants of the sessions in one answer: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any

import pytest


def test_no_session_ends_before_it_begins(ekran: Any) -> None:
    invariant = "no-session-ends-before-it-begins"
    # The page's own example ends in the moment in which it begins.
    moment = ekran.session(124, "04:56:07", "04:56:07")

    assert (
        ekran.validated(invariant, ekran.listed(moment, ekran.session(2, "20T23:00", "01:00")))
        == []
    )
    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00", None))) is None
    assert ekran.validated(invariant, ekran.listed()) is None
    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00:01", "08:00"))) == [
        "session 1 begins 2025-08-21T08:00:01Z and ends 2025-08-21T08:00:00Z"
    ]
    assert ekran.validated(
        invariant, ekran.listed(moment, ekran.session(2, "01:00", "20T23:00"))
    ) == ["session 2 begins 2025-08-21T01:00:00Z and ends 2025-08-20T23:00:00Z"]


def test_a_session_is_listed_once(ekran: Any) -> None:
    invariant = "a-session-is-listed-once"
    one, two = ekran.session(1, "08:00", "09:00"), ekran.session(2, "08:00", "09:00")

    # Two that agree in everything else are two.
    assert ekran.validated(invariant, ekran.listed(one, two)) == []
    assert ekran.validated(invariant, ekran.listed()) is None
    assert ekran.validated(invariant, ekran.listed(one, two, one)) == [
        "session 1 is listed 2 times"
    ]
    cut = ekran.session(2, "08:30", None)
    assert ekran.validated(invariant, ekran.listed(two, cut, cut)) == [
        "session 2 is listed 3 times"
    ]


@pytest.mark.parametrize(
    "time",
    [
        "2025-08-21T08:00:00+00:00",
        "2025-08-21T08:00:00.000Z",
        "2025-08-21T08:00:00.000000+00:00",
        "2025-08-21T11:00:00.000+03:00",
        "2025-08-21 08:00:00.000+00:00",
        "2025-08-21T08:00:00.000+0000",
        "yesterday",
    ],
)
def test_times_are_written_as_in_the_example(ekran: Any, time: str) -> None:
    invariant = "times-are-written-as-in-the-example"

    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00", None))) == []
    assert (
        ekran.validated(invariant, ekran.listed(ekran.session(1, "08:00", None, loginDate=None)))
        is None
    )
    for name in ("loginDate", "logoutDate"):
        now = ekran.listed(ekran.session(1, "08:00", "09:00", **{name: time}))
        assert ekran.validated(invariant, now) == [f"'{time}' is not written so"]


def test_sessions_are_in_the_order_of_login_and_id(ekran: Any) -> None:
    invariant = "sessions-are-in-the-order-of-login-and-id"
    early, late = ekran.session(9, "08:00", None), ekran.session(1, "09:00", "10:00")
    twin = ekran.session(10, "08:00", "12:00")

    assert ekran.validated(invariant, ekran.listed(early, twin, late)) == []
    assert ekran.validated(invariant, ekran.listed(early)) is None
    assert ekran.validated(invariant, ekran.listed(late, early)) == [
        "session 9, begun 2025-08-21T08:00:00Z, comes after session 1, begun 2025-08-21T09:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(twin, early)) == [
        "session 9, begun 2025-08-21T08:00:00Z, comes after session 10, begun 2025-08-21T08:00:00Z"
    ]


def test_nothing_has_happened_in_the_future(ekran: Any) -> None:
    invariant = "nothing-has-happened-in-the-future"

    # A clock that is some minutes ahead is no future.
    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "18:00", "18:05"))) == []
    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "20:00", None))) == [
        "session 1 has 2025-08-21T20:00:00Z, and it is 2025-08-21T18:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "17:00", "18:05:01"))) == [
        "session 1 has 2025-08-21T18:05:01Z, and it is 2025-08-21T18:00:00Z"
    ]
    assert ekran.validated(invariant, ekran.listed(ekran.session(1, "20:00", None), at="")) is None
    assert ekran.validated(invariant, ekran.listed()) is None


def test_what_lies_beyond_the_bounds_is_only_assumed(ekran: Any) -> None:
    documented = "no-session-ends-before-it-begins"
    assumed = "no-session-is-shown-from-beyond-its-bounds"
    # By the page's notes, read literally: the next activity after `start`, the last before `end`.
    crossing = ekran.listed(ekran.session(1, "17:00", "07:00"), start="08:00", end="16:00")
    assert ekran.validated(documented, crossing) is None
    assert ekran.validated(assumed, crossing) == [
        "session 1 begins 2025-08-21T17:00:00Z and ends 2025-08-21T07:00:00Z"
    ]
    inside = ekran.listed(ekran.session(1, "12:00", "11:00"), start="08:00", end="16:00")
    assert ekran.validated(documented, inside) == [
        "session 1 begins 2025-08-21T12:00:00Z and ends 2025-08-21T11:00:00Z"
    ]
    assert ekran.validated(assumed, inside) == []
