"""What is true of duty: time in whole seconds, counted in the days of the agent's team."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from mockserver.apis.autozod.wire import Account
from mockserver.clock import SECOND, from_datetime, list_days, parse_moment, to_datetime
from mockserver.kind import TEXT, Kind, closed_object
from mockserver.sandbox import World
from mockserver.store import Document

_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_AGENT_ID = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
# Whole seconds, so that the days of a range add up to its summary exactly.
_MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9-]{10}T[0-9:]{8}(Z|[+-][0-9:]{5})$",
}


def _check_zone(team: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(team["timezone"])
    except (ValueError, OSError, KeyError):
        yield "timezone", f"'{team['timezone']}' is no time zone; write one like 'Asia/Riyadh'"


def _check_duty(duty: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if duty["end"] is not None and parse_moment(duty["end"]) < parse_moment(duty["start"]):
        yield "end", f"'{duty['end']}' is before the start, '{duty['start']}'"


TEAM = Kind(
    name="team",
    schema=closed_object(
        {"id": _ID, "name": TEXT, "timezone": TEXT},
        required=["id", "name", "timezone"],
    ),
    key=lambda body: str(body["id"]),
    check=_check_zone,
)

AGENT = Kind(
    name="agent",
    schema=closed_object(
        {"id": _AGENT_ID, "name": TEXT, "team_id": _ID},
        required=["id", "name", "team_id"],
    ),
    key=lambda body: body["id"],
    owner=lambda body: str(body["team_id"]),
    parent="team",
)

DUTY = Kind(
    name="duty",
    schema=closed_object(
        {
            "agent_id": _AGENT_ID,
            "start": _MOMENT,
            "end": {**_MOMENT, "nullable": True},
        },
        required=["agent_id", "start", "end"],
    ),
    owner=lambda body: body["agent_id"],
    parent="agent",
    at=lambda body: parse_moment(body["start"]),
    until=lambda body: None if body["end"] is None else parse_moment(body["end"]),
    check=_check_duty,
)

KINDS = (TEAM, AGENT, DUTY)

Interval = tuple[int, int]
"""From one moment to another, in whole seconds since the epoch."""


def compute_accounts(
    world: World, team_id: int, agent_id: str, type: str, first: date, last: date
) -> tuple[Account, dict[date, Account]]:
    """The account of the days from first to last, both included, and that of each day.

    The days are the team's. Only time that has elapsed counts; a running session counts up to now.
    An unknown team or agent, or one of another team, has zeros throughout.
    """
    days = list_days(first, last)
    agent = world.documents.get("agent", agent_id.lower())
    team = world.documents.get("team", str(team_id))
    if agent is None or team is None or agent.body["team_id"] != team_id:
        nothing = Account(0, 0, 0)
        return nothing, dict.fromkeys(days, nothing)
    now = world.now // SECOND
    midnights = _list_midnights(days, ZoneInfo(team.body["timezone"]))
    elapsed = [min(midnight, now) for midnight in midnights]
    sessions = _list_intervals(world, agent.key, elapsed[0], elapsed[-1])
    times = _merge(sessions)
    if type == "off_duty":
        sessions = times = _invert(times, elapsed[0], elapsed[-1])
    whole = Account(
        active=sum(end - start for start, end in times),
        elapsed=elapsed[-1] - elapsed[0],
        sessions=len(sessions),
    )
    counts = [len(stretch) for stretch in _split_by_day(sessions, elapsed)]
    return whole, {
        day: Account(sum(stretch), end - start, count)
        for day, stretch, count, (start, end) in zip(
            days, _split_by_day(times, elapsed), counts, pairwise(elapsed), strict=True
        )
    }


def build_duty(agent_id: str, start: int, end: int | None) -> Document:
    """A duty session from one moment, in seconds since the epoch, to another or still running."""
    return DUTY.document(
        {
            "agent_id": agent_id,
            "start": _format_moment(start),
            "end": None if end is None else _format_moment(end),
        }
    )


def get_running_duty(world: World, agent_id: str) -> Document | None:
    """The duty session that an agent is in or has yet to begin, without an end, if any."""
    open_ones = world.documents.list_overlapping("duty", world.now, None, owner=agent_id)
    return next((document for document in open_ones if document.until is None), None)


def finish_duty(document: Document, end: int) -> Document:
    """A running duty session, finished at a moment in seconds since the epoch."""
    return DUTY.document({**document.body, "end": _format_moment(end)}, key=document.key)


def _list_midnights(days: Sequence[date], zone: ZoneInfo) -> list[int]:
    """Where each day begins in a zone, and where the last one ends."""
    all_days = [*days, days[-1] + timedelta(days=1)]
    return [from_datetime(datetime.combine(day, time(), zone)) // SECOND for day in all_days]


def _list_intervals(world: World, agent_id: str, start: int, end: int) -> list[Interval]:
    """When the agent was on duty inside a range, clipped to it, by their beginning."""
    documents = world.documents.list_overlapping(
        "duty", start * SECOND, end * SECOND, owner=agent_id
    )
    clipped = [
        (
            max(start, (document.at or 0) // SECOND),
            end if document.until is None else min(end, document.until // SECOND),
        )
        for document in documents
    ]
    return [(begin, finish) for begin, finish in clipped if begin < finish]


def _merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps: nobody is on duty twice at once."""
    merged: list[Interval] = []
    for begin, finish in intervals:
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], finish))
        else:
            merged.append((begin, finish))
    return merged


def _invert(intervals: Iterable[Interval], start: int, end: int) -> list[Interval]:
    """What is left of a range."""
    edges = [start, *(edge for interval in intervals for edge in interval), end]
    return [
        (left, right) for left, right in zip(edges[::2], edges[1::2], strict=True) if left < right
    ]


def _split_by_day(intervals: Iterable[Interval], bounds: Sequence[int]) -> list[list[int]]:
    """For each of the days that the bounds divide, the seconds of each interval that touches it."""
    days: list[list[int]] = [[] for _ in bounds[1:]]
    for start, end in intervals:
        day = bisect_right(bounds, start) - 1
        while day < len(days) and bounds[day] < end:
            days[day].append(min(end, bounds[day + 1]) - max(start, bounds[day]))
            day += 1
    return days


def _format_moment(seconds: int) -> str:
    return to_datetime(seconds * SECOND).isoformat()
