"""What is true of sessions: which ones a range selects, and how it clips them."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.apis.ekran import model
from mockserver.clock import parse_moment
from mockserver.sandbox import World

GUID = "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg"


def _at(time: str) -> int:
    """A time on the 20th of August 2025."""
    return parse_moment(f"2025-08-20T{time}Z")


def _session(world: World, id: int, login: str, logout: str | None, *activities: str) -> None:
    end = None if logout is None else _at(logout)
    world.documents.append(model.build_session(id, GUID, 60 + id, _at(login), end))
    world.documents.extend(model.build_activity(id, _at(time)) for time in activities)


def _found(
    world: World, start: str | None = None, end: str | None = None
) -> list[tuple[int, str, str | None]]:
    """What a range finds: id, login and logout, the latter two as times of that day."""
    sessions = model.list_sessions(
        world, None if start is None else _at(start), None if end is None else _at(end)
    )
    return [
        (item["sessionId"], _time(item["loginDate"]), _time(item["logoutDate"]))
        for item in sessions
    ]


def _time(written: str | None) -> Any:
    if written is None:
        return None
    assert written.startswith("2025-08-20T") and written.endswith(".000+00:00")
    return written[11:19]


# Neither bound


def test_without_bounds_every_session_is_there_as_it_was(world: World) -> None:
    _session(world, 1, "08:00:00", "09:00:00", "08:30:00")
    _session(world, 2, "10:00:00", None, "10:30:00")
    _session(world, 3, "12:00:00", "13:00:00")
    assert _found(world) == [
        (1, "08:00:00", "09:00:00"),
        (2, "10:00:00", None),
        (3, "12:00:00", "13:00:00"),
    ]


def test_a_session_has_the_documents_keys_in_its_order(world: World) -> None:
    _session(world, 1, "08:00:00", None)
    (session,) = model.list_sessions(world, None, None)
    assert list(session.items()) == [
        ("clientGuid", GUID),
        ("logoutDate", None),
        ("loginDate", "2025-08-20T08:00:00.000+00:00"),
        ("sessionId", 1),
        ("userId", 61),
    ]


def test_an_empty_world_has_no_sessions(world: World) -> None:
    assert model.list_sessions(world, None, None) == []
    assert model.list_sessions(world, _at("08:00:00"), _at("09:00:00")) == []


# Only a start


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ("07:00:00", [(1, "08:00:00", "09:00:00")]),
        ("08:00:00", [(1, "08:00:00", "09:00:00")]),  # begun at the bound is not begun before it
        ("08:00:01", [(1, "08:10:00", "09:00:00")]),  # its first activity after the bound
        ("08:10:00", [(1, "08:50:00", "09:00:00")]),  # the bound itself is not after it
        ("08:49:59", [(1, "08:50:00", "09:00:00")]),
        ("08:50:00", []),  # it crosses the bound, and nothing was done after it
        ("09:00:00", []),  # finished at the bound is not finished after it
        ("10:00:00", []),
    ],
)
def test_a_start_selects_and_clips(
    world: World, start: str, found: list[tuple[int, str, str]]
) -> None:
    _session(world, 1, "08:00:00", "09:00:00", "08:10:00", "08:50:00")
    assert _found(world, start=start) == found


def test_a_running_session_is_after_any_start(world: World) -> None:
    _session(world, 1, "08:00:00", None, "08:10:00", "12:00:00")
    _session(world, 2, "08:00:00", None, "08:10:00")
    assert _found(world, start="07:00:00") == [(1, "08:00:00", None), (2, "08:00:00", None)]
    assert _found(world, start="11:00:00") == [(1, "12:00:00", None)]


# Only an end


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ("10:00:00", [(1, "08:00:00", "09:00:00")]),
        ("09:00:00", [(1, "08:00:00", "09:00:00")]),  # finished at the bound is not after it
        ("08:59:59", [(1, "08:00:00", "08:50:00")]),  # its last activity before the bound
        ("08:50:00", [(1, "08:00:00", "08:10:00")]),  # the bound itself is not before it
        ("08:10:01", [(1, "08:00:00", "08:10:00")]),
        ("08:10:00", []),  # it crosses the bound, and nothing was done before it
        ("08:00:00", []),  # started at the bound is not started before it
        ("07:00:00", []),
    ],
)
def test_an_end_selects_and_clips(
    world: World, end: str, found: list[tuple[int, str, str]]
) -> None:
    _session(world, 1, "08:00:00", "09:00:00", "08:10:00", "08:50:00")
    assert _found(world, end=end) == found


def test_a_running_session_ends_with_its_last_activity_before_the_end(world: World) -> None:
    _session(world, 1, "08:00:00", None, "08:10:00", "12:00:00")
    _session(world, 2, "08:00:00", None)
    assert _found(world, end="11:00:00") == [(1, "08:00:00", "08:10:00")]
    assert _found(world, end="23:00:00") == [(1, "08:00:00", "12:00:00")]


# Both


def test_both_bounds_select_what_overlaps_them(world: World) -> None:
    _session(world, 1, "06:00:00", "07:00:00", "06:30:00")  # before
    _session(world, 2, "07:00:00", "09:00:00", "07:30:00", "08:30:00")  # begins before
    _session(world, 3, "08:30:00", "09:30:00")  # inside, with nothing done
    _session(world, 4, "09:00:00", "11:00:00", "09:10:00", "10:30:00")  # ends after
    _session(world, 5, "07:00:00", "11:00:00", "07:10:00", "08:40:00", "09:40:00", "10:40:00")
    _session(world, 6, "07:00:00", "11:00:00", "07:10:00", "10:40:00")  # nothing done inside
    _session(world, 7, "11:00:00", "12:00:00", "11:30:00")  # after
    _session(world, 8, "09:50:00", None, "09:55:00", "13:00:00")  # running
    assert _found(world, start="08:00:00", end="10:00:00") == [
        (2, "08:30:00", "09:00:00"),
        (3, "08:30:00", "09:30:00"),
        (5, "08:40:00", "09:40:00"),
        (4, "09:00:00", "09:10:00"),
        (8, "09:50:00", "09:55:00"),
    ]


def test_one_activity_inside_is_both_ends_of_a_session_across_the_range(world: World) -> None:
    _session(world, 1, "07:00:00", "11:00:00", "09:00:00")
    assert _found(world, start="08:00:00", end="10:00:00") == [(1, "09:00:00", "09:00:00")]


def test_activities_at_the_bounds_are_not_inside(world: World) -> None:
    _session(world, 1, "07:00:00", "11:00:00", "08:00:00", "10:00:00")
    assert _found(world, start="08:00:00", end="10:00:00") == []


def test_only_the_bound_that_is_crossed_clips(world: World) -> None:
    _session(world, 1, "07:00:00", "09:00:00", "08:30:00", "08:40:00")
    _session(world, 2, "09:00:00", "11:00:00", "09:30:00", "09:40:00")
    assert _found(world, start="08:00:00", end="10:00:00") == [
        (1, "08:30:00", "09:00:00"),
        (2, "09:00:00", "09:40:00"),
    ]


def test_exactly_the_range_is_inside_it(world: World) -> None:
    _session(world, 1, "08:00:00", "10:00:00")
    assert _found(world, start="08:00:00", end="10:00:00") == [(1, "08:00:00", "10:00:00")]


@pytest.mark.parametrize(("start", "end"), [("10:00:00", "08:00:00"), ("09:00:00", "09:00:00")])
def test_a_range_without_an_inside_is_empty(world: World, start: str, end: str) -> None:
    _session(world, 1, "07:00:00", "11:00:00", "08:30:00", "09:00:00", "09:30:00")
    _session(world, 2, "08:30:00", "09:30:00", "09:00:00")
    _session(world, 3, "07:00:00", None, "09:00:00")
    _session(world, 4, "09:00:00", "09:00:00", "09:00:00")
    assert _found(world, start=start, end=end) == []


def test_a_session_of_no_length_is_inside_a_range_around_it(world: World) -> None:
    _session(world, 1, "09:00:00", "09:00:00")
    assert _found(world, start="08:00:00", end="10:00:00") == [(1, "09:00:00", "09:00:00")]
    assert _found(world, start="09:00:00") == []
    assert _found(world, end="09:00:00") == []


def test_anothers_activity_clips_nobody(world: World) -> None:
    _session(world, 1, "07:00:00", "09:00:00", "07:30:00")
    _session(world, 11, "07:00:00", "09:00:00", "08:30:00")
    assert _found(world, start="08:00:00") == [(11, "08:30:00", "09:00:00")]


def test_clipping_changes_no_session(world: World) -> None:
    _session(world, 1, "07:00:00", "11:00:00", "09:00:00")
    assert _found(world, start="08:00:00", end="10:00:00") == [(1, "09:00:00", "09:00:00")]
    assert _found(world) == [(1, "07:00:00", "11:00:00")]


# Order


def test_sessions_come_by_login_then_by_id_as_a_number(world: World) -> None:
    _session(world, 10, "08:00:00", "09:00:00")
    _session(world, 9, "08:00:00", "09:00:00")
    _session(world, 100, "08:00:00", "09:00:00")
    _session(world, 1, "08:30:00", "09:00:00")
    _session(world, 500, "07:00:00", "09:00:00")
    assert [id for id, _, _ in _found(world)] == [500, 9, 10, 100, 1]


def test_the_order_is_that_of_the_clipped_login(world: World) -> None:
    _session(world, 1, "06:00:00", "12:00:00", "11:00:00")
    _session(world, 2, "07:00:00", "12:00:00", "09:00:00")
    _session(world, 3, "10:00:00", "12:00:00")
    _session(world, 4, "06:30:00", "12:00:00", "09:00:00")
    assert _found(world, start="08:00:00") == [
        (2, "09:00:00", "12:00:00"),
        (4, "09:00:00", "12:00:00"),
        (3, "10:00:00", "12:00:00"),
        (1, "11:00:00", "12:00:00"),
    ]


# The form


def test_moments_have_three_digits_of_a_second(world: World) -> None:
    world.documents.append(
        model.build_session(
            1, GUID, 1, parse_moment("2025-08-20T07:00:00.001234Z"), _at("09:00:00")
        )
    )
    world.documents.append(model.build_activity(1, parse_moment("2025-08-20T08:30:00.987654Z")))
    (whole,) = model.list_sessions(world, None, None)
    assert whole["loginDate"] == "2025-08-20T07:00:00.001+00:00"
    (clipped,) = model.list_sessions(world, _at("08:00:00"), None)
    assert clipped["loginDate"] == "2025-08-20T08:30:00.987+00:00"


def test_an_activity_may_be_written_with_any_offset(world: World) -> None:
    _session(world, 1, "07:00:00", "09:00:00")
    body = {"sessionId": 1, "at": "2025-08-20T11:30:00+03:00"}
    world.documents.append(model.ACTIVITY.document(body))
    assert _found(world, start="08:00:00") == [(1, "08:30:00", "09:00:00")]


# What the kinds refuse


@pytest.mark.parametrize(
    ("logout", "faults"),
    [
        (None, []),
        ("2025-08-20T08:00:00.000+00:00", []),
        ("2025-08-20T07:59:59.999+00:00", ["logoutDate"]),
    ],
)
def test_nobody_logs_out_before_having_logged_in(logout: str | None, faults: list[str]) -> None:
    session = {"loginDate": "2025-08-20T08:00:00.000+00:00", "logoutDate": logout}
    assert [field for field, _ in model.SESSION.check(session)] == faults
