"""Duty of agents: time in whole seconds, counted in the days of the agent's team."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from mockserver.apis.autozod.wire import Account
from mockserver.clock import (
    SECOND,
    format_moment,
    from_datetime,
    list_days,
    parse_moment,
    to_datetime,
)
from mockserver.kind import NAME, TEXT, Kind, closed_object
from mockserver.sandbox import World
from mockserver.store import Document, Documents

_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_AGENT_ID = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
# Whole seconds, so that the days of a range add up to its summary exactly.
_SECONDS = r"^[0-9-]{10}T[0-9:]{8}(Z|[+-][0-9:]{5})$"
_MOMENT = {"type": "string", "format": "date-time", "pattern": _SECONDS}


def _check_zone(team: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(team["timezone"])
    except (ValueError, OSError, KeyError):
        yield "timezone", f"'{team['timezone']}' is no time zone; write one like 'Asia/Riyadh'"


def _check_duty(duty: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if duty["end"] is not None and parse_moment(duty["end"]) < parse_moment(duty["start"]):
        yield "end", f"'{duty['end']}' is before the start, '{duty['start']}'"


def _list_duties(documents: Documents, agent: Document, start: int, end: int) -> list[Document]:
    return documents.list_overlapping("duty", agent.key, start, end)


TEAM = Kind(
    name="team",
    schema=closed_object({"id": _ID, "name": TEXT, "timezone": TEXT}, ["id", "name", "timezone"]),
    key=lambda body: str(body["id"]),
    check=_check_zone,
    label="name",
)

AGENT = Kind(
    name="agent",
    schema=closed_object(
        {"id": _AGENT_ID, "name": NAME, "team_id": _ID}, ["id", "name", "team_id"]
    ),
    key=lambda body: body["id"],
    owner=lambda body: str(body["team_id"]),
    parent="team",
    label="name",
    uses={
        "on duty now": lambda agent, documents, now: any(
            duty.until is None for duty in _list_duties(documents, agent, now, now + 1)
        ),
        "hours in the last week": lambda agent, documents, now: bool(
            _list_duties(documents, agent, now - 7 * 86_400 * SECOND, now)
        ),
        "never on duty": lambda agent, documents, _: not documents.get_size("duty", agent.key),
    },
)

DUTY = Kind(
    name="duty",
    schema=closed_object(
        {"agent_id": _AGENT_ID, "start": _MOMENT, "end": {**_MOMENT, "nullable": True}},
        ["agent_id", "start", "end"],
    ),
    owner=lambda body: body["agent_id"],
    parent="agent",
    at=lambda body: parse_moment(body["start"]),
    until=lambda body: None if body["end"] is None else parse_moment(body["end"]),
    moments=dict.fromkeys(("start", "end"), lambda at: format_moment(at // SECOND * SECOND)),
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
    zone = ZoneInfo(team.body["timezone"])
    midnights = [datetime.combine(day, time(), zone) for day in (*days, last + timedelta(days=1))]
    elapsed = [min(from_datetime(midnight), world.now) // SECOND for midnight in midnights]
    start, end = elapsed[0], elapsed[-1]
    intervals = _list_intervals(world, agent.key, start, end)
    if type == "off_duty":
        intervals = _list_gaps(intervals, start, end)
    by_day = zip(days, pairwise(elapsed), _split_by_day(intervals, elapsed), strict=True)
    return _build_account(intervals, start, end), {
        day: _build_account(parts, *bounds) for day, bounds, parts in by_day
    }


def build_duty(agent_id: str, start: int, end: int | None) -> Document:
    """A duty session from one moment, in seconds since the epoch, to another or still running."""
    start_text, end_text = (
        None if moment is None else to_datetime(moment * SECOND).isoformat()
        for moment in (start, end)
    )
    return DUTY.document({"agent_id": agent_id, "start": start_text, "end": end_text})


def get_running_duty(world: World, agent_id: str) -> Document | None:
    """The duty session that an agent is in or has yet to begin, without an end, if any."""
    open_ones = world.documents.list_overlapping("duty", agent_id, world.now, None)
    return next((document for document in open_ones if document.until is None), None)


def _list_intervals(world: World, agent_id: str, start: int, end: int) -> list[Interval]:
    """When the agent was on duty inside a range, clipped to it, by their beginning."""
    bounds = start * SECOND, end * SECOND
    clipped = [
        (
            max(start, (duty.at or 0) // SECOND),
            end if duty.until is None else min(end, duty.until // SECOND),
        )
        for duty in world.documents.list_overlapping("duty", agent_id, *bounds)
    ]
    return [(begin, finish) for begin, finish in clipped if begin < finish]


def _list_gaps(intervals: Iterable[Interval], start: int, end: int) -> list[Interval]:
    """What intervals, sorted by their beginning, leave of a range; they may overlap."""
    gaps, reached = [], start
    for begin, finish in (*intervals, (end, end)):
        if reached < begin:
            gaps.append((reached, begin))
        reached = max(reached, finish)
    return gaps


def _build_account(intervals: Sequence[Interval], start: int, end: int) -> Account:
    """The account of a range; time that several intervals share counts once."""
    inactive = sum(finish - begin for begin, finish in _list_gaps(intervals, start, end))
    return Account(end - start - inactive, end - start, len(intervals))


def _split_by_day(intervals: Iterable[Interval], bounds: Sequence[int]) -> list[list[Interval]]:
    """For each of the days that the bounds divide, the part of each interval that touches it."""
    days: list[list[Interval]] = [[] for _ in bounds[1:]]
    for begin, finish in intervals:
        day = bisect_right(bounds, begin) - 1
        while day < len(days) and bounds[day] < finish:
            days[day].append((max(begin, bounds[day]), min(finish, bounds[day + 1])))
            day += 1
    return days
