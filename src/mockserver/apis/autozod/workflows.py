"""Short sequences of requests in which the invariants of the session logs find something to judge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mockserver.clock import to_datetime
from mockserver.invariant import Caller, workflow

_LIST = "listSessionLogs"


@workflow("team", "agent", world="documented")
def the_sample_request(call: Caller, ids: Mapping[str, str]) -> None:
    """The page's own request, with its body, with another one and without."""
    sample = {
        "team_id": ids["team"],
        "agent_id": ids["agent"],
        "type": "on_duty",
        "start_date": "21-08-2025",
        "end_date": "21-08-2025",
    }
    call(_LIST, body={}, **sample)
    call(_LIST, body={"type": "off_duty", "start_date": "01-01-2025"}, **sample)
    call(_LIST, **sample)
    call(_LIST, **sample)


@workflow("busy_team", "busy_agent")
def the_same_in_other_words(call: Caller, ids: Mapping[str, str]) -> None:
    """Three days that are over, and today: again, with a body, without a type, in upper case."""
    for first, last in ((_day(call, -4), _day(call, -2)), (_day(call, -1), _day(call, 1))):
        asked = _of(ids, first, last)
        call(_LIST, **asked, type="on_duty")
        call(_LIST, **asked, type="on_duty")
        call(_LIST, **asked, type="on_duty", body={})
        call(_LIST, **asked)
        call(_LIST, **{**asked, "agent_id": ids["busy_agent"].upper()})
        call(_LIST, **{**asked, "agent_id": ids["busy_agent"].lower()})


@workflow("busy_team", "busy_agent")
def a_week_day_by_day(call: Caller, ids: Mapping[str, str]) -> None:
    """Seven days that are over, one by one and then in one, by either type."""
    for type in ("on_duty", "off_duty"):
        for back in range(-8, -1):
            call(_LIST, **_of(ids, _day(call, back), _day(call, back)), type=type)
        call(_LIST, **_of(ids, _day(call, -8), _day(call, -2)), type=type)


@workflow("busy_team", "busy_agent")
def wider_and_wider(call: Caller, ids: Mapping[str, str]) -> None:
    """Ranges around one another, up to a whole year and into the future, and back again."""
    for before, after in ((-3, -3), (-5, -2), (-20, -2), (-60, 0), (-364, 1), (-3, -2)):
        for type in ("on_duty", "off_duty"):
            call(_LIST, **_of(ids, _day(call, before), _day(call, after)), type=type)


@workflow("night_team", "night_agent", world="autozod-daylight-saving-cairo")
def days_that_stand_out(call: Caller, ids: Mapping[str, str]) -> None:
    """The shortest, longest and busiest days of the year that is over, one by one."""
    whom = {"busy_team": ids["night_team"], "busy_agent": ids["night_agent"]}
    first, last = _day(call, -366), _day(call, -2)
    for day in _standing_out(call(_LIST, **_of(whom, first, last)).response_body, first, last):
        for type in ("on_duty", "off_duty"):
            call(_LIST, **_of(whom, day, day), type=type)
            call(_LIST, **_of(whom, day, day + timedelta(days=1)), type=type)


@workflow("busy_team", "busy_agent")
def today_and_the_future(call: Caller, ids: Mapping[str, str]) -> None:
    """The days about the present one, and days that nobody has seen yet."""
    for first, last in ((-1, 1), (0, 0), (0, 3), (2, 2), (3, 9), (300, 365)):
        call(_LIST, **_of(ids, _day(call, first), _day(call, last)))


@workflow("busy_team", "busy_agent")
def the_longest_range(call: Caller, ids: Mapping[str, str]) -> None:
    """366 days, one more, and a range that runs backwards."""
    for first, last in ((-367, -2), (-368, -2), (-2, -3)):
        call(_LIST, **_of(ids, _day(call, first), _day(call, last)))


@workflow("busy_team", "busy_agent", "other_team", "unknown_agent")
def strangers(call: Caller, ids: Mapping[str, str]) -> None:
    """An agent in his own team and in another one, and an agent nobody knows."""
    first, last = _day(call, -6), _day(call, -2)
    call(_LIST, **_of(ids, first, last))
    call(_LIST, **{**_of(ids, first, last), "team_id": ids["other_team"]})
    call(_LIST, **{**_of(ids, first, last), "agent_id": ids["unknown_agent"]})


def _of(ids: Mapping[str, str], first: date, last: date) -> dict[str, str]:
    return {
        "team_id": ids["busy_team"],
        "agent_id": ids["busy_agent"],
        "start_date": _written(first),
        "end_date": _written(last),
    }


def _written(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _date(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").date()


def _day(call: Caller, days: int) -> date:
    """So many days from the present one in UTC; two before it, a day is over everywhere."""
    return to_datetime(call.now).date() + timedelta(days=days)


def _standing_out(answer: Any, first: date, last: date) -> list[date]:
    """The shortest, the longest and the busiest of the days asked for, as far as it has them."""
    match answer:
        case {"data": {"daily_breakdown": [*items]}}:
            read = (day for day in map(_read, items) if day is not None)
            days = [day for day in read if first <= day[0] <= last]
        case _:
            days = []
    if not days:
        return []
    shortest, longest = min(days, key=lambda day: day[1]), max(days, key=lambda day: day[1])
    busiest = max(days, key=lambda day: day[2])
    return sorted({shortest[0], longest[0], busiest[0]})


def _read(item: Any) -> tuple[date, int, int] | None:
    """A day with its seconds and its sessions."""
    match item:
        case {
            "date": str(day),
            "total_active_duration_seconds": int(active),
            "total_inactive_duration_seconds": int(inactive),
            "total_session_count": int(sessions),
        }:
            try:
                return _date(day), active + inactive, sessions
            except ValueError:
                return None
        case _:
            return None
