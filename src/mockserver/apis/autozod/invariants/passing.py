"""Time passes: what has elapsed of a range, whatever the time zone of the team."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mockserver.apis.autozod.invariants.report import LIST, Report, read, written
from mockserver.apis.autozod.invariants.zones import (
    LONGEST_DAY,
    SHORTEST_DAY,
    SINCE,
    elapsed,
    is_to_come,
)
from mockserver.invariant import Interaction, invariant

_ANY_ZONE = (
    "The team's time zone is not known from outside, so that every one is allowed for; an agent "
    "nobody knows has zeros throughout."
)


@invariant(LIST, evidence="assumed", note=_ANY_ZONE)
def active_and_inactive_make_up_what_has_elapsed(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """Active and inactive time are together the elapsed part of the range, without any future."""
    report = _since(read(now))
    if report is None or not report.whole.elapsed or not report.moment:
        return None
    least, most = elapsed(report.first, report.last, report.moment)
    found = report.whole.elapsed
    if least <= found <= most:
        return []
    return [
        f"{found} seconds are active or inactive, where from {least} to {most} can have elapsed"
    ]


@invariant(
    LIST, evidence="assumed", note="A day has 27 hours at most, where its clocks are put back."
)
def a_day_has_no_more_than_its_hours(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """No day has more active and inactive seconds than a day can have."""
    report = _since(read(now))
    if report is None or not report.days:
        return None
    return [
        f"{day.date} has {day.account.elapsed} seconds, more than {LONGEST_DAY}"
        for day in report.days
        if day.account.elapsed > LONGEST_DAY
    ]


@invariant(
    LIST, evidence="assumed", note="A day has 21 hours at least, where its clocks are put forward."
)
def no_day_begins_before_the_last_is_over(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """After a day that is not over no other day has begun."""
    report = _since(read(now))
    if report is None or len(report.days) < 2:
        return None
    return [
        f"{day.date} has {day.account.elapsed} seconds only, "
        f"and {after.date} after it already {after.account.elapsed}"
        for day, after in pairwise(report.days)
        if day.account.elapsed < SHORTEST_DAY and after.account.elapsed
    ]


@invariant(
    LIST, evidence="assumed", note="A day is in the future when it has begun in no time zone."
)
def the_future_is_zeros(now: Interaction, __: Sequence[Interaction]) -> list[str] | None:
    """A range that lies wholly in the future has zeros throughout, and so has each such day."""
    report = read(now)
    if report is None:
        return None
    parts = [(written(day), day, account) for day, account in report.dated]
    whole = ("the summary", report.first, report.whole)
    to_come = [part for part in (whole, *parts) if is_to_come(part[1], report.moment)]
    if not to_come:
        return None
    return [
        f"{where}, in the future, has {account.elapsed} seconds in {account.sessions} sessions"
        for where, _, account in to_come
        if account.elapsed or account.sessions
    ]


def _since(report: Report | None) -> Report | None:
    """The report, if its range begins when the length of days is known."""
    return report if report is not None and report.first >= SINCE else None
