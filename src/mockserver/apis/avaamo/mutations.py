"""Breaches of Avaamo's contract that only somebody who knows Avaamo can think of."""

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

_LIST = "listChangeLogs"


@change_body(_LIST)
def time_token_an_hour_behind(body: Any) -> Any:
    """`time_token` is an hour behind."""
    return {**body, "time_token": body["time_token"] - 3600}


@change_body(_LIST)
def entry_of_the_future(body: Any) -> Any:
    """The first entry of a page has not happened yet."""
    ahead = [{**entry, "timestamp": entry["timestamp"] + 10**9} for entry in body["entries"][:1]]
    return {**body, "entries": [*ahead, *body["entries"][1:]]}


@change_body(_LIST)
def total_entries_of_the_page(body: Any) -> Any:
    """`total_entries` counts the entries of the page alone."""
    return {**body, "total_entries": len(body["entries"])}


@change_body(_LIST)
def total_pages_rounded_down(body: Any) -> Any:
    """`total_pages` leaves out a last page that is not full."""
    return {**body, "total_pages": body["total_entries"] // body["per_page"]}


@mutation(_LIST)
def pages_overlap(request: Request) -> Flow:
    """A page begins with the last entry of the page before it."""
    response = yield request
    page = get_query(request, "page") or "1"
    if response.status != 200 or not parse_body(response)["entries"] or page == "1":
        return response
    before = yield with_query(request, page=str(int(page) - 1))
    body, last = parse_body(response), parse_body(before)["entries"][-1]
    return with_json(response, {**body, "entries": [last, *body["entries"][1:]]})


@mutation(_LIST)
def all_up_to_the_end(request: Request) -> Flow:
    """An `end_time` alone gives all entries up to it, and not the latest five."""
    is_alone = get_query(request, "end_time") and get_query(request, "start_time") is None
    return (yield with_query(request, start_time="0") if is_alone else request)


@mutation(_LIST)
def milliseconds_not_understood(request: Request) -> Flow:
    """Bounds in milliseconds are taken for seconds."""
    start = get_query(request, "start_time") or ""
    is_milliseconds = start.isdecimal() and 10**11 <= int(start) < 10**14
    # So many seconds lie far in the future, where there are no entries.
    return (yield with_query(request, start_time="99999999999") if is_milliseconds else request)
