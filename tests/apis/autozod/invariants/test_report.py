"""A report is read from a response of its shape, and from no other."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mockserver.apis.autozod import api
from mockserver.apis.autozod.invariants.report import is_over, read_report
from mockserver.clock import parse_moment
from mockserver.contract import Exchange, Request, Response
from mockserver.invariant import Interaction

ACCOUNT = {
    "total_active_duration_seconds": 60,
    "total_active_duration_format": "00:01:00",
    "total_session_count": 1,
    "total_inactive_duration_seconds": 0,
    "total_inactive_duration_format": "00:00:00",
    "active_percentage": 100.0,
    "inactive_percentage": 0,
}
ARGUMENTS = {
    "team_id": 1000,
    "agent_id": "68a6d35049a09719b70539b4",
    "type": "on_duty",
    "start_date": "01-08-2025",
    "end_date": "01-08-2025",
}


def read(data: Any) -> Any:
    exchange = Exchange(Request("GET", "/sessionLogs/list"), Response(200))
    operation = api.contract.operation("listSessionLogs")
    return read_report(
        Interaction(operation, exchange, ARGUMENTS, response_body={"data": data}), ()
    )


def test_a_report_of_one_day_says_in_its_summary_what_the_day_is() -> None:
    report = read({"summary": ACCOUNT, "daily_breakdown": [None]})
    assert (report.items, report.days, report.length) == (1, (), 1)
    assert report.by_day == {date(2025, 8, 1): report.whole}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"summary": None, "daily_breakdown": []},
        {"summary": ACCOUNT, "daily_breakdown": None},
        {"summary": {**ACCOUNT, "total_session_count": -1}, "daily_breakdown": []},
        {"summary": {**ACCOUNT, "active_percentage": float("nan")}, "daily_breakdown": []},
        {"summary": {**ACCOUNT, "total_active_duration_format": 60}, "daily_breakdown": []},
    ],
)
def test_another_shape_is_no_report(data: Any) -> None:
    assert read(data) is None


def test_a_day_is_over_when_it_is_over_on_baker_island() -> None:
    assert not is_over(date(2025, 8, 20), parse_moment("2025-08-21T12:00:00Z"))
    assert is_over(date(2025, 8, 20), parse_moment("2025-08-21T12:05:00Z"))
