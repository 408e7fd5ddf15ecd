"""Which ranges are answered, and how the answers to ranges that lie in each other agree."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.apis.autozod.invariants.report import (
    LIST,
    Report,
    earlier,
    read,
    read_range,
    validated,
    written,
)
from mockserver.apis.autozod.invariants.zones import is_over
from mockserver.invariant import Interaction, invariant

_MOST_DAYS = 366
_REFUSED = 422
_OVER = "Compared are days that are over in every time zone, since nothing changes in them."


@invariant(LIST, evidence="assumed", note="The page names no limit and no error.")
def a_range_has_up_to_366_days(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A range is refused with 422 if, and only if, it runs backwards or has over 366 days."""
    asked = read_range(now)
    if asked is None or not now.is_admitted or now.status not in (now.operation.success, _REFUSED):
        return None
    length = (asked[1] - asked[0]).days + 1
    is_taken = now.status != _REFUSED
    if is_taken == (1 <= length <= _MOST_DAYS):
        return []
    first, last = map(written, asked)
    return [f"the range from {first} to {last}, {length} days, is answered {now.status}"]


@invariant(LIST, evidence="assumed", note=_OVER)
def a_day_is_the_same_in_every_range(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A day says the same alone, as the summary of its range, as it does in any longer range."""
    report = read(now)
    if report is None:
        return None
    others = (other for other in earlier(report, before) if _is_other_range(report, other))
    return validated(_days_compared(report, other) for other in others)


def _is_other_range(now: Report, other: Report) -> bool:
    return other.type == now.type and (other.first, other.last) != (now.first, now.last)


def _days_compared(now: Report, other: Report) -> list[str] | None:
    said = other.by_day
    both = [
        (day, account, said[day])
        for day, account in now.by_day.items()
        if day in said and is_over(day, other.moment)
    ]
    if not both:
        return None
    return [
        f"on {written(day)} {difference} in another range"
        for day, account, before in both
        for difference in account.differences(before)
    ]


@invariant(LIST, evidence="assumed", note=_OVER)
def single_days_add_up_to_the_range(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """The seconds of single days, asked one by one, add up to those of the range they make up."""
    report = read(now)
    if report is None or report.length < 2:
        return None
    singles = {
        other.first: other.whole
        for other in earlier(report, before)
        if other.type == report.type and other.length == 1 and is_over(other.last, other.moment)
    }
    days = [whole for day, whole in singles.items() if report.first <= day <= report.last]
    if len(days) != report.length:
        return None
    active, inactive = sum(day.active for day in days), sum(day.inactive for day in days)
    whole = report.whole
    if (active, inactive) == (whole.active, whole.inactive):
        return []
    return [
        f"the days one by one have {active} active and {inactive} inactive seconds, "
        f"their range {whole.active} and {whole.inactive}"
    ]


@invariant(
    LIST,
    evidence="assumed",
    note="A narrower range that is asked later is compared where it is over in every time zone.",
)
def a_wider_range_has_no_less(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """A range has no less of anything than a range that lies within it."""
    report = read(now)
    if report is None:
        return None
    others = (other for other in earlier(report, before) if _is_other_range(report, other))
    return validated(_widths_compared(report, other) for other in others)


def _widths_compared(now: Report, other: Report) -> list[str] | None:
    if now.covers(other):
        wide, narrow = now, other
    elif other.covers(now) and is_over(now.last, other.moment):
        wide, narrow = other, now
    else:
        return None
    more = (
        ("active seconds", wide.whole.active, narrow.whole.active),
        ("inactive seconds", wide.whole.inactive, narrow.whole.inactive),
        ("sessions", wide.whole.sessions, narrow.whole.sessions),
    )
    return [
        f"{wide.length} days have {most} {what}, {narrow.length} days within them {least}"
        for what, most, least in more
        if most < least
    ]
