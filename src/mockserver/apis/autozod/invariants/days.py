"""The days of a range: which they are, and how they make up the summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from mockserver.apis.autozod.invariants.report import LIST, Report, read, written
from mockserver.invariant import Interaction, invariant

_OURS = "The page shows null in the place of a day; the object in its place is ours."


@invariant(
    LIST,
    evidence="assumed",
    note="The page shows one item beside a request for one day, in a sketch of the types.",
)
def every_day_has_one_item(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """There are as many items in `daily_breakdown` as days in the range."""
    report = read(now)
    if report is None:
        return None
    if report.items == report.length:
        return []
    return [f"a range of {report.length} days has {report.items} items"]


@invariant(LIST, evidence="assumed", note=_OURS)
def days_are_those_of_the_range(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The days are those of the range, each once, the oldest first, as DD-MM-YYYY."""
    report = read(now)
    if report is None or not report.days:
        return None
    found = [day.date for day in report.days]
    for place, (is_day, should_be) in enumerate(zip(found, _dates(report), strict=False), start=1):
        if is_day != should_be:
            return [f"day {place} of the range is '{is_day:.40}', and not '{should_be}'"]
    if len(found) == max(report.length, 0):
        return []
    return [f"there are {len(found)} days from '{found[0]:.40}' on, and not {report.length}"]


def _dates(report: Report) -> Iterator[str]:
    """The days of the range one by one: who asks for millennia need not get as many."""
    return (written(report.first + timedelta(days=n)) for n in range(max(report.length, 0)))


@invariant(LIST, evidence="assumed", note=_OURS)
def days_add_up_to_the_summary(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The seconds of the days, active and inactive, add up to those of the summary."""
    report = read(now)
    if report is None or not report.days:
        return None
    active = sum(day.account.active for day in report.days)
    inactive = sum(day.account.inactive for day in report.days)
    whole = report.whole
    if (active, inactive) == (whole.active, whole.inactive):
        return []
    return [
        f"the days have {active} active and {inactive} inactive seconds, "
        f"the summary {whole.active} and {whole.inactive}"
    ]


@invariant(
    LIST,
    evidence="assumed",
    note="A session across midnight counts on both its days, and once in the summary.",
)
def sessions_fit_those_of_the_days(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The summary has no fewer sessions than any day, and no more than all days together."""
    report = read(now)
    if report is None or not report.days:
        return None
    counts = [day.account.sessions for day in report.days]
    if max(counts) <= report.whole.sessions <= sum(counts):
        return []
    return [
        f"the summary has {report.whole.sessions} sessions, "
        f"the days up to {max(counts)} each and {sum(counts)} together"
    ]
