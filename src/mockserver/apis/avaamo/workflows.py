"""Sequences of requests in which the invariants of the changelog apply."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.apis.avaamo.wire import ACTIONS
from mockserver.clock import SECOND
from mockserver.invariant import Caller, workflow
from mockserver.traits.listing import at

_DAY = 24 * 3_600_000
_LONG_AGO = {"start_time": 1_000_000_000_000, "end_time": 1_000_000_001_000}
_DAYS = 14
_MOST = 100
"""The greatest `per_page`: a period with no more entries is on one page."""


@workflow()
def the_latest_five(call: Caller, _: Mapping[str, str]) -> None:
    """An end without a start, after the period that has the same end; by action too."""
    period = _choose_period(call)
    end = period["end_time"]
    call("listChangeLogs", per_page=_MOST, **period)
    call("listChangeLogs", end_time=end)
    call("listChangeLogs", end_time=end, per_page=2)
    call("listChangeLogs", end_time=end, per_page=2, page=3)
    for action in ACTIONS:
        call("listChangeLogs", per_page=_MOST, actions=[action], **period)
        call("listChangeLogs", end_time=end, actions=[action])


@workflow()
def without_bounds(call: Caller, _: Mapping[str, str]) -> None:
    """A period, and then both ends of what is listed without one."""
    call("listChangeLogs", per_page=_MOST, **_choose_period(call))
    pages = at(call("listChangeLogs", per_page=_MOST).response_body, "/total_pages")
    if isinstance(pages, int) and pages > 1:
        call("listChangeLogs", per_page=_MOST, page=pages)


@workflow()
def a_period_without_entries(call: Caller, _: Mapping[str, str]) -> None:
    """A second of 2001, and a period that ends before it starts."""
    period = _choose_period(call)
    call("listChangeLogs", **_LONG_AGO)
    call("listChangeLogs", **_LONG_AGO, page=2)
    call("listChangeLogs", start_time=period["end_time"], end_time=period["start_time"])


@workflow(world="avaamo-equal-timestamps")
def entries_of_one_second(call: Caller, _: Mapping[str, str]) -> None:
    """A changelog with several entries of one second, in pages that part them."""
    call("listChangeLogs", per_page=_MOST)
    for page in (1, 2, 3):
        call("listChangeLogs", per_page=2, page=page)


def _choose_period(call: Caller) -> dict[str, int]:
    """Two weeks that ended a minute ago, in milliseconds."""
    end = (call.now // SECOND - 60) * 1000
    return {"start_time": end - _DAYS * _DAY, "end_time": end}
