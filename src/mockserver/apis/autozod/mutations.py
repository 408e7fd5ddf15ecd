"""Breaches of Autozod's contract that only somebody who knows Autozod can think of."""

from __future__ import annotations

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
)

_LIST = "listAgentSessionLogs"


def _list_days(body: Any) -> list[Any]:
    return [day for day in body["data"]["daily_breakdown"] if day]


@change_body(_LIST)
def percentage_of_many_decimals(body: Any) -> Any:
    """A share has more than two decimals."""
    for account in (body["data"]["summary"], *_list_days(body)):
        account["active_percentage"] = account["active_percentage"] * 0.999 + 0.0123456
        account["inactive_percentage"] = 100 - account["active_percentage"]
    return body


@change_body(_LIST)
def session_count_of_days_added(body: Any) -> Any:
    """A session over midnight is counted on each of its days in the summary."""
    count = sum(day["total_session_count"] for day in _list_days(body))
    body["data"]["summary"]["total_session_count"] = count
    return body


@change_body(_LIST)
def future_counts(body: Any) -> Any:
    """The future counts as inactive time."""
    for account in (body["data"]["summary"], *_list_days(body)):
        if not any(account[f"total_{part}_duration_seconds"] for part in ("active", "inactive")):
            account.update(wire.format_summary(wire.Account(0, 86_400, 0)))
    return body


@mutation(_LIST)
def sessions_not_clipped(request: Request) -> Flow:
    """The summary counts the day before the range too."""
    response = yield request
    if response.status != 200:
        return response
    first = wire.parse_date(get_query(request, "start_date") or "") - timedelta(1)
    before = yield with_query(request, start_date=wire.format_date(first))
    body = parse_body(response)
    body["data"]["summary"] = parse_body(before)["data"]["summary"]
    return with_json(response, body)
