"""Breaches of Ekran's contract that only somebody who knows Ekran can think of."""

from __future__ import annotations

from typing import Any

from mockserver.contract import Request
from mockserver.mutation import (
    Flow,
    change_body,
    get_query,
    mutation,
    parse_body,
    with_json,
    with_query,
)

_LIST = "listSessions"


@change_body(_LIST)
def running_session_ends_in_year_one(body: Any) -> Any:
    """A session that is still running ends in the year 1."""
    year_one = "0001-01-01T00:00:00.000+00:00"
    return [{**row, "logoutDate": row["logoutDate"] or year_one} for row in body]


@mutation(_LIST)
def end_taken_for_start(request: Request) -> Flow:
    """`end` alone gives the sessions after it, as a slip of the page says."""
    end = get_query(request, "end")
    if end is None or get_query(request, "start") is not None:
        return (yield request)
    return (yield with_query(request, start=end, end=None))


def _unclipped(request: Request, name: str) -> Flow:
    """The sessions of a bounded answer, with one of their times as it is without bounds."""
    response = yield request
    if response.status != 200 or not request.query:
        return response
    whole = yield with_query(request, start=None, end=None)
    times = {row["sessionId"]: row[name] for row in parse_body(whole)}
    rows = [{**row, name: times.get(row["sessionId"], row[name])} for row in parse_body(response)]
    return with_json(response, rows)


@mutation(_LIST)
def login_not_clipped(request: Request) -> Flow:
    """A session begun before `start` keeps its own beginning."""
    return (yield from _unclipped(request, "loginDate"))


@mutation(_LIST)
def logout_not_clipped(request: Request) -> Flow:
    """A session finished after `end` keeps its own end."""
    return (yield from _unclipped(request, "logoutDate"))


@mutation(_LIST)
def session_left_out_of_ranges(request: Request) -> Flow:
    """The last session of a range is left out where there are both bounds."""
    response = yield request
    if response.status != 200 or None in (get_query(request, "start"), get_query(request, "end")):
        return response
    return with_json(response, parse_body(response)[:-1])


@mutation(_LIST)
def range_turned_round(request: Request) -> Flow:
    """A `start` after its `end` is taken as if they were the other way round."""
    start, end = get_query(request, "start"), get_query(request, "end")
    if start and end and start > end:
        return (yield with_query(request, start=end, end=start))
    return (yield request)
