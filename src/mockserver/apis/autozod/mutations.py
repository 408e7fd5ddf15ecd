"""Breaches of Autozod's contract that only somebody who knows Autozod can think of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mockserver.apis.autozod import wire
from mockserver.contract import Request
from mockserver.mutation import (
    Flow,
    change_body,
    get_query,
    mutation,
    parse_body,
    with_json,
    with_query,
    with_status,
)

_LIST = "listSessionLogs"


def _with_data(body: Any, **fields: Any) -> Any:
    return {**body, "data": {**body["data"], **fields}}


def _with_accounts(body: Any, change: Callable[[Any], Any]) -> Any:
    """The body with its summary and each of its days changed alike."""
    data = body["data"]
    days = [day and change(day) for day in data["daily_breakdown"]]
    return _with_data(body, summary=change(data["summary"]), daily_breakdown=days)


def _move(request: Request, name: str, days: int) -> Request:
    """The request with a bound moved by so many days; as it is where that is no date."""
    try:
        day = wire.parse_date(get_query(request, name) or "")
    except ValueError:
        return request
    return with_query(request, **{name: wire.format_date(day + timedelta(days))})


@change_body(_LIST)
def format_a_minute_more(body: Any) -> Any:
    """The active time as text is a minute more than in seconds."""

    def change(account: Any) -> Any:
        text = wire.format_duration(account["total_active_duration_seconds"] + 60)
        return {**account, "total_active_duration_format": text}

    return _with_accounts(body, change)


@change_body(_LIST)
def percentage_of_many_decimals(body: Any) -> Any:
    """A share has more than two decimals."""

    def change(account: Any) -> Any:
        share = account["active_percentage"] * 0.999 + 0.0123456
        return {**account, "active_percentage": share, "inactive_percentage": 100 - share}

    return _with_accounts(body, change)


@change_body(_LIST)
def inactive_time_left_out(body: Any) -> Any:
    """The inactive time is always zero."""
    none = {
        "total_inactive_duration_seconds": 0,
        "total_inactive_duration_format": "00:00:00",
    }
    return _with_accounts(body, lambda account: {**account, **none})


@change_body(_LIST)
def session_count_of_days_added(body: Any) -> Any:
    """A session over midnight is counted on each of its days in the summary."""
    data = body["data"]
    days = [day for day in data["daily_breakdown"] if day]
    count = sum(day["total_session_count"] for day in days)
    return _with_data(body, summary={**data["summary"], "total_session_count": count})


@change_body(_LIST)
def future_counts(body: Any) -> Any:
    """The future counts as inactive time."""

    def change(account: Any) -> Any:
        active = account["total_active_duration_seconds"]
        if active or account["total_inactive_duration_seconds"]:
            return account
        return {**account, **wire.format_summary(wire.Account(0, 86_400, 0))}

    return _with_accounts(body, change)


@change_body(_LIST)
def days_without_duty_left_out(body: Any) -> Any:
    """A day without a session is not listed."""
    days = body["data"]["daily_breakdown"]
    kept = [day for day in days if day and day["total_session_count"]]
    return _with_data(body, daily_breakdown=kept)


@change_body(_LIST)
def days_a_day_late(body: Any) -> Any:
    """Every day has the date of the next day."""

    def change(day: Any) -> Any:
        return {**day, "date": wire.format_date(wire.parse_date(day["date"]) + timedelta(1))}

    days = body["data"]["daily_breakdown"]
    return _with_data(body, daily_breakdown=[day and change(day) for day in days])


@mutation(_LIST)
def end_exclusive(request: Request) -> Flow:
    """The last day of a range of several days is left out."""
    if get_query(request, "start_date") == get_query(request, "end_date"):
        return (yield request)
    return (yield _move(request, "end_date", -1))


@mutation(_LIST)
def sessions_not_clipped(request: Request) -> Flow:
    """The summary counts the day before the range too."""
    response = yield request
    before = yield _move(request, "start_date", -1)
    if (response.status, before.status) != (200, 200):
        return response
    summary = parse_body(before)["data"]["summary"]
    return with_json(response, _with_data(parse_body(response), summary=summary))


@mutation(_LIST)
def range_turned_round(request: Request) -> Flow:
    """An `end_date` before its `start_date` is accepted: the two change places."""
    response = yield request
    if response.status != 422:
        return response
    start, end = get_query(request, "start_date"), get_query(request, "end_date")
    return (yield with_query(request, start_date=end, end_date=start))


@mutation(_LIST)
def body_on_a_get_refused(request: Request) -> Flow:
    """A GET with a body, as the page's own sample sends it, is refused."""
    response = yield request
    if not request.body:
        return response
    return with_json(with_status(response, 400), {"success": False, "message": "Bad request."})
