"""What can be wrong with the figures of an account: that they do not hold together."""

from __future__ import annotations

from typing import Any

from mockserver.apis.autozod import wire
from mockserver.apis.autozod.mutations.body import LIST, with_accounts, with_summary
from mockserver.mutation import answered


@answered(LIST)
def seconds_in_milliseconds(body: Any) -> Any:
    """The active time is in milliseconds."""
    name = "total_active_duration_seconds"
    return with_accounts(body, lambda account: {**account, name: account[name] * 1000})


@answered(LIST)
def format_a_minute_more(body: Any) -> Any:
    """The active time is written a minute longer than it is."""

    def changed(account: Any) -> Any:
        text = wire.duration(account["total_active_duration_seconds"] + 60)
        return {**account, "total_active_duration_format": text}

    return with_accounts(body, changed)


@answered(LIST)
def percentage_over_100(body: Any) -> Any:
    """The active share is over a hundred percent."""
    return with_accounts(
        body, lambda it: {**it, "active_percentage": it["active_percentage"] + 100.5}
    )


@answered(LIST)
def percentages_not_100(body: Any) -> Any:
    """The two shares do not add up to a hundred."""
    return with_accounts(
        body, lambda it: {**it, "inactive_percentage": it["inactive_percentage"] / 2}
    )


@answered(LIST)
def shares_swapped(body: Any) -> Any:
    """The active share is said to be the inactive one."""
    return with_accounts(
        body,
        lambda it: {
            **it,
            "active_percentage": it["inactive_percentage"],
            "inactive_percentage": it["active_percentage"],
        },
    )


@answered(LIST)
def percentage_of_many_decimals(body: Any) -> Any:
    """A share has more than two decimals."""

    def changed(account: Any) -> Any:
        share = account["active_percentage"] * 0.999 + 0.0123456
        return {**account, "active_percentage": share, "inactive_percentage": 100 - share}

    return with_accounts(body, changed)


@answered(LIST)
def inactive_time_left_out(body: Any) -> Any:
    """Nobody is ever inactive."""
    none = {
        "total_inactive_duration_seconds": 0,
        "total_inactive_duration_format": "00:00:00",
    }
    return with_accounts(body, lambda account: {**account, **none})


@answered(LIST)
def inactive_time_negative(body: Any) -> Any:
    """The inactive time is less than nothing."""
    name = "total_inactive_duration_seconds"
    return with_accounts(body, lambda account: {**account, name: -account[name] - 1})


@answered(LIST)
def session_count_doubled(body: Any) -> Any:
    """The summary counts every session twice."""
    return with_summary(
        body, total_session_count=2 * body["data"]["summary"]["total_session_count"]
    )


@answered(LIST)
def session_count_of_days_added(body: Any) -> Any:
    """A session that reaches over midnight is counted on each of its days in the summary."""
    days = [day for day in body["data"]["daily_breakdown"] if day]
    return with_summary(body, total_session_count=sum(day["total_session_count"] for day in days))


@answered(LIST)
def future_counts(body: Any) -> Any:
    """The future counts as inactive time."""

    def changed(account: Any) -> Any:
        active = account["total_active_duration_seconds"]
        if active or account["total_inactive_duration_seconds"]:
            return account
        return {**account, **wire.summary(wire.Account(0, 86_400, 0))}

    return with_accounts(body, changed)
