"""What can be wrong with the days of a range: which, in which order, of which date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mockserver.apis.autozod import wire
from mockserver.apis.autozod.mutations.body import LIST, with_data, with_days
from mockserver.mutation import answered


@answered(LIST)
def last_day_missing(body: Any) -> Any:
    """The last day of a range is not listed."""
    return with_data(body, daily_breakdown=body["data"]["daily_breakdown"][:-1])


@answered(LIST)
def first_day_twice(body: Any) -> Any:
    """The first day of a range is listed twice."""
    days = body["data"]["daily_breakdown"]
    return with_data(body, daily_breakdown=[*days[:1], *days])


@answered(LIST)
def latest_day_first(body: Any) -> Any:
    """The days are listed the latest first."""
    return with_data(body, daily_breakdown=body["data"]["daily_breakdown"][::-1])


@answered(LIST)
def days_without_duty_left_out(body: Any) -> Any:
    """A day without a session is not listed."""
    days = body["data"]["daily_breakdown"]
    kept = [day for day in days if day and day["total_session_count"]]
    return with_data(body, daily_breakdown=kept)


@answered(LIST)
def date_year_first(body: Any) -> Any:
    """A day's date is `YYYY-MM-DD`."""
    return with_days(body, lambda day: {**day, "date": "-".join(day["date"].split("-")[::-1])})


@answered(LIST)
def date_month_first(body: Any) -> Any:
    """A day's date is `MM-DD-YYYY`."""

    def changed(day: Any) -> Any:
        number, month, year = day["date"].split("-")
        return {**day, "date": f"{month}-{number}-{year}"}

    return with_days(body, changed)


@answered(LIST)
def date_impossible(body: Any) -> Any:
    """A day's date is the 31st of February."""
    return with_days(body, lambda day: {**day, "date": f"31-02-{day['date'][6:]}"})


@answered(LIST)
def days_a_day_late(body: Any) -> Any:
    """Every day is said to be the one after it."""

    def changed(day: Any) -> Any:
        return {**day, "date": wire.written_date(wire.read_date(day["date"]) + timedelta(1))}

    return with_days(body, changed)
