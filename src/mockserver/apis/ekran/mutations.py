"""Breaches of Ekran's contract that only somebody who knows Ekran can think of."""

from __future__ import annotations

from typing import Any

from mockserver.contract import Request
from mockserver.mutation import Flow, change_body, get_query, mutation, parse_body, with_json

_LIST = "listSessions"


@change_body(_LIST)
def running_session_ends_in_year_one(body: Any) -> Any:
    """A session that is still running ends in the year 1."""
    year_one = "0001-01-01T00:00:00.000+00:00"
    return [{**row, "logoutDate": row["logoutDate"] or year_one} for row in body]


@mutation(_LIST)
def session_left_out_of_ranges(request: Request) -> Flow:
    """The last session of a range is left out where there are both bounds."""
    response = yield request
    if response.status != 200 or None in (get_query(request, "start"), get_query(request, "end")):
        return response
    return with_json(response, parse_body(response)[:-1])
