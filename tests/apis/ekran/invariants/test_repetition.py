"""The invariants of repetition: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any

import pytest

TWINS = {
    "asked-again-nothing-has-changed": ({"start": "07:00"}, {"start": "07:00"}),
    "a-minute-is-its-first-second": ({"start": "07:00"}, {"start": "07:00:00"}),
    "a-day-is-its-midnight": ({"start": "2025-08-21"}, {"start": "00:00"}),
}


@pytest.mark.parametrize("invariant", TWINS)
def test_the_same_is_listed_again(ekran: Any, invariant: str) -> None:
    before, now = TWINS[invariant]
    one, two = ekran.session(1, "08:00", "09:00"), ekran.session(2, "10:00", None)
    first = ekran.listed(one, two, **before)

    assert ekran.validated(invariant, ekran.listed(one, two, **now), first) == []
    assert ekran.validated(invariant, ekran.listed(one, two, **now)) is None
    assert ekran.validated(invariant, ekran.listed(one, start="07:01"), first) is None
    assert ekran.validated(invariant, ekran.listed(two, **now), first) == [
        "session 1 is no longer listed"
    ]
    assert ekran.validated(
        invariant, ekran.listed(ekran.session(1, "08:01", "09:01"), two, **now), first
    ) == ["session 1 began 2025-08-21T08:00:00Z and now 2025-08-21T08:01:00Z"]
    assert ekran.validated(
        invariant, ekran.listed(ekran.session(1, "08:00", "09:01"), two, **now), first
    ) == ["session 1 ended 2025-08-21T09:00:00Z and now 2025-08-21T09:01:00Z"]
    assert ekran.validated(
        invariant, ekran.listed(ekran.session(1, "08:00", None), two, **now), first
    ) == ["session 1 ended 2025-08-21T09:00:00Z and now null"]
    assert ekran.validated(
        invariant, ekran.listed(one, two, ekran.session(3, "10:00", "11:00"), **now), first
    ) == ["session 3, over 2025-08-21T11:00:00Z, was not listed before"]
    # It ran, and had ended with its last activity, long ago; but not before it began.
    ended = ekran.session(2, "10:00", "11:00")
    assert ekran.validated(invariant, ekran.listed(one, ended, **now), first) == []
    turned = ekran.session(2, "10:00", "09:00")
    assert ekran.validated(invariant, ekran.listed(one, turned, **now), first) == [
        "session 2 ended null and now 2025-08-21T09:00:00Z"
    ]


@pytest.mark.parametrize("invariant", TWINS)
def test_what_ran_may_have_ended_and_others_begun(ekran: Any, invariant: str) -> None:
    before, now = TWINS[invariant]
    first = ekran.listed(ekran.session(2, "10:00", None), **before)
    ended, new = ekran.session(2, "10:00", "18:10"), ekran.session(3, "18:05", None)
    brief = ekran.session(4, "18:01", "18:02")

    assert (
        ekran.validated(invariant, ekran.listed(ended, new, brief, **now, at="18:20"), first) == []
    )


def test_with_an_end_to_come_more_is_shown_of_what_runs(ekran: Any) -> None:
    invariant = "asked-again-nothing-has-changed"
    bounds = {"end": "2025-08-22"}
    first = ekran.listed(ekran.session(1, "10:00", "17:30"), **bounds)
    # It was without an activity until then.
    other = ekran.session(2, "09:00", "18:10")
    now = ekran.listed(other, ekran.session(1, "10:00", "18:15"), **bounds, at="18:20")

    assert ekran.validated(invariant, now, first) == []
    less = ekran.listed(ekran.session(1, "10:00", "17:00"), **bounds, at="18:20")
    assert ekran.validated(invariant, less, first) == [
        "session 1 ended 2025-08-21T17:30:00Z and now 2025-08-21T17:00:00Z"
    ]


def test_each_form_has_its_own_invariant(ekran: Any) -> None:
    session = ekran.session(1, "08:00", "09:00")
    day, minute, second = (
        ekran.listed(session, end=text) for text in ("2025-08-21", "00:00", "00:00:00")
    )

    assert ekran.validated("a-minute-is-its-first-second", second, minute) == []
    assert ekran.validated("a-minute-is-its-first-second", second, day) is None
    assert ekran.validated("a-day-is-its-midnight", second, minute) is None
    assert ekran.validated("a-day-is-its-midnight", second, day) == []
    assert ekran.validated("a-day-is-its-midnight", minute, day) == []
    assert ekran.validated("asked-again-nothing-has-changed", minute, day) is None
    # A start is no end.
    other = ekran.listed(session, start="00:00")
    assert ekran.validated("a-minute-is-its-first-second", second, other) is None


def test_a_session_keeps_its_user_and_client(ekran: Any) -> None:
    invariant = "a-session-keeps-its-user-and-client"
    before = ekran.listed(ekran.session(1, "08:00", "09:00"), ekran.session(2, "08:00", "09:00"))

    # However much of it is shown.
    cut = ekran.listed(ekran.session(1, "08:20", None), start="08:10")
    assert ekran.validated(invariant, cut, before) == []
    other = ekran.listed(ekran.session(1, "08:00", "09:00", userId=62))
    assert ekran.validated(invariant, other, before) == [
        "session 1 has user 62 and client '1d4fegdr-g3ff-4114-a814-f3aeee14dgdg', "
        "and had 61 and '1d4fegdr-g3ff-4114-a814-f3aeee14dgdg'"
    ]
    other = ekran.listed(ekran.session(2, "08:00", "09:00", clientGuid="dd4lwdr"), end="12:00")
    assert ekran.validated(invariant, other, before) == [
        "session 2 has user 61 and client 'dd4lwdr', "
        "and had 61 and '1d4fegdr-g3ff-4114-a814-f3aeee14dgdg'"
    ]
    assert ekran.validated(invariant, ekran.listed(ekran.session(3, "08:00", None)), before) is None
    assert ekran.validated(invariant, cut) is None
