"""The operation, and the parts of an answer's body, each changed by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["LIST", "with_accounts", "with_data", "with_days", "with_summary"]

LIST = "listSessionLogs"


def with_data(body: Any, **fields: Any) -> Any:
    """The body with other fields in its `data`."""
    return {**body, "data": {**body["data"], **fields}}


def with_summary(body: Any, **fields: Any) -> Any:
    """The body with other fields in its summary."""
    return with_data(body, summary={**body["data"]["summary"], **fields})


def with_accounts(body: Any, change: Callable[[Any], Any]) -> Any:
    """The body with its summary and each of its days changed alike."""
    data = body["data"]
    days = [day and change(day) for day in data["daily_breakdown"]]
    return with_data(body, summary=change(data["summary"]), daily_breakdown=days)


def with_days(body: Any, change: Callable[[Any], Any]) -> Any:
    """The body with each of its days changed."""
    days = body["data"]["daily_breakdown"]
    return with_data(body, daily_breakdown=[day and change(day) for day in days])
