"""Short sequences of requests in which the laws of the session logs find something to judge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mockserver.clock import to_datetime
from mockserver.law import Ask, experiment

_LIST = "listSessionLogs"


@experiment("team", "agent", world="documented")
def the_sample_request(ask: Ask, known: Mapping[str, str]) -> None:
    """The page's own request, with its body, with another one and without."""
    sample = {
        "team_id": known["team"],
        "agent_id": known["agent"],
        "type": "on_duty",
        "start_date": "21-08-2025",
        "end_date": "21-08-2025",
    }
    ask(_LIST, body={}, **sample)
    ask(_LIST, body={"type": "off_duty", "start_date": "01-01-2025"}, **sample)
    ask(_LIST, **sample)
    ask(_LIST, **sample)


@experiment("busy_team", "busy_agent")
def the_same_in_other_words(ask: Ask, known: Mapping[str, str]) -> None:
    """Three days that are over, and today: again, with a body, without a type, in upper case."""
    for first, last in ((_day(ask, -4), _day(ask, -2)), (_day(ask, -1), _day(ask, 1))):
        asked = _of(known, first, last)
        ask(_LIST, **asked, type="on_duty")
        ask(_LIST, **asked, type="on_duty")
        ask(_LIST, **asked, type="on_duty", body={})
        ask(_LIST, **asked)
        ask(_LIST, **{**asked, "agent_id": known["busy_agent"].upper()})
        ask(_LIST, **{**asked, "agent_id": known["busy_agent"].lower()})


@experiment("busy_team", "busy_agent")
def a_week_day_by_day(ask: Ask, known: Mapping[str, str]) -> None:
    """Seven days that are over, one by one and then in one, by either type."""
    for type in ("on_duty", "off_duty"):
        for back in range(-8, -1):
            ask(_LIST, **_of(known, _day(ask, back), _day(ask, back)), type=type)
        ask(_LIST, **_of(known, _day(ask, -8), _day(ask, -2)), type=type)


@experiment("busy_team", "busy_agent")
def wider_and_wider(ask: Ask, known: Mapping[str, str]) -> None:
    """Ranges around one another, up to a whole year and into the future, and back again."""
    for before, after in ((-3, -3), (-5, -2), (-20, -2), (-60, 0), (-364, 1), (-3, -2)):
        for type in ("on_duty", "off_duty"):
            ask(_LIST, **_of(known, _day(ask, before), _day(ask, after)), type=type)


@experiment("night_team", "night_agent", world="autozod-daylight-saving-cairo")
def days_that_stand_out(ask: Ask, known: Mapping[str, str]) -> None:
    """The shortest, longest and busiest days of the year that is over, one by one."""
    whom = {"busy_team": known["night_team"], "busy_agent": known["night_agent"]}
    first, last = _day(ask, -366), _day(ask, -2)
    for day in _standing_out(ask(_LIST, **_of(whom, first, last)).answer, first, last):
        for type in ("on_duty", "off_duty"):
            ask(_LIST, **_of(whom, day, day), type=type)
            ask(_LIST, **_of(whom, day, day + timedelta(days=1)), type=type)


@experiment("busy_team", "busy_agent")
def today_and_the_future(ask: Ask, known: Mapping[str, str]) -> None:
    """The days about the present one, and days that nobody has seen yet."""
    for first, last in ((-1, 1), (0, 0), (0, 3), (2, 2), (3, 9), (300, 365)):
        ask(_LIST, **_of(known, _day(ask, first), _day(ask, last)))


@experiment("busy_team", "busy_agent")
def the_longest_range(ask: Ask, known: Mapping[str, str]) -> None:
    """366 days, one more, and a range that runs backwards."""
    for first, last in ((-367, -2), (-368, -2), (-2, -3)):
        ask(_LIST, **_of(known, _day(ask, first), _day(ask, last)))


@experiment("busy_team", "busy_agent", "other_team", "unknown_agent")
def strangers(ask: Ask, known: Mapping[str, str]) -> None:
    """An agent in his own team and in another one, and an agent nobody knows."""
    first, last = _day(ask, -6), _day(ask, -2)
    ask(_LIST, **_of(known, first, last))
    ask(_LIST, **{**_of(known, first, last), "team_id": known["other_team"]})
    ask(_LIST, **{**_of(known, first, last), "agent_id": known["unknown_agent"]})


def _of(known: Mapping[str, str], first: date, last: date) -> dict[str, str]:
    return {
        "team_id": known["busy_team"],
        "agent_id": known["busy_agent"],
        "start_date": _written(first),
        "end_date": _written(last),
    }


def _written(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _date(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").date()


def _day(ask: Ask, days: int) -> date:
    """So many days from the present one in UTC; two before it, a day is over everywhere."""
    return to_datetime(ask.now).date() + timedelta(days=days)


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
