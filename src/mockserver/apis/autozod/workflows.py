"""Sequences of requests in which the invariants of the session logs apply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mockserver.apis.autozod import wire
from mockserver.apis.autozod.invariants import LIST, read_report
from mockserver.clock import to_datetime
from mockserver.invariant import Caller, Interaction, workflow


def _call(call: Caller, team: str, agent: str, first: int, last: int, **more: Any) -> Interaction:
    """Call for a range, in days from the present one in UTC; `-2` is over in every time zone."""
    today = to_datetime(call.now).date()
    start, end = (wire.format_date(today + timedelta(days=days)) for days in (first, last))
    return call(LIST, team_id=team, agent_id=agent, start_date=start, end_date=end, **more)


@workflow("busy_team", "busy_agent")
def a_week_day_by_day(call: Caller, ids: Mapping[str, str]) -> None:
    """Seven days, one by one, ranges around them, up to a whole year, and back; by either type."""
    days = [(back, back) for back in range(-8, -1)]
    for first, last in (*days, (-8, -2), (-60, 0), (-364, 1), (-3, -2)):
        for type in ("on_duty", "off_duty"):
            _call(call, ids["busy_team"], ids["busy_agent"], first, last, type=type)


@workflow("night_team", "night_agent", world="autozod-daylight-saving-cairo")
def days_that_stand_out(call: Caller, ids: Mapping[str, str]) -> None:
    """The shortest, longest and busiest days of the year that is over, one by one."""
    whom = ids["night_team"], ids["night_agent"]
    report = read_report(_call(call, *whom, -366, -2), ())
    if report is None or not report.days:
        return
    lengths = sorted(report.days, key=lambda day: day.elapsed)
    busiest = max(report.days, key=lambda day: day.amounts[2])
    for day in dict.fromkeys((lengths[0], lengths[-1], busiest)):
        back = (day.first - to_datetime(call.now).date()).days
        for type in ("on_duty", "off_duty"):
            _call(call, *whom, back, back, type=type)
            _call(call, *whom, back, back + 1, type=type)


@workflow("busy_team", "busy_agent")
def today_and_the_future(call: Caller, ids: Mapping[str, str]) -> None:
    """The days about the present one, twice, and days in the future."""
    for first, last in ((-1, 1), (-1, 1), (0, 0), (0, 3), (2, 2), (3, 9), (300, 365)):
        _call(call, ids["busy_team"], ids["busy_agent"], first, last, type="on_duty")


@workflow("team", "agent")
def without_a_credential(call: Caller, ids: Mapping[str, str]) -> None:
    """A day without a credential."""
    day = wire.format_date(to_datetime(call.now).date() - timedelta(days=2))
    range = {"start_date": day, "end_date": day}
    call.call_unauthenticated(LIST, team_id=ids["team"], agent_id=ids["agent"], **range)
