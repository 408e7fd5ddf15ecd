"""The arithmetic of an agent's time: what the numbers of a report have to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from mockserver.apis.autozod.invariants.report import (
    AHEAD,
    BEHIND,
    DAY,
    LIST,
    SHIFT,
    TOLERANCE,
    Account,
    Compared,
    Pairs,
    Report,
    is_over,
    midnight,
    read_complements,
    read_days,
    read_days_of_known_length,
    read_elapsed,
    read_other_ranges,
    read_other_teams,
    read_report,
    read_running,
    read_shared_days,
    read_single_days,
)
from mockserver.clock import SECOND
from mockserver.invariant import invariant

_CENT = Fraction(1, 100)
_OURS = "The page shows null in the place of a day; the object in its place is ours."
_OVER = "Only days are compared that are over in every time zone, since nothing changes in them."
_ANY_ZONE = "Every time zone is allowed for; an agent nobody knows has zeros throughout."


@invariant(
    LIST,
    evidence="assumed",
    note="The page shows the keys and the number 0; an agent nobody knows has zeros throughout.",
    reads=read_report,
)
def percentages_add_up_to_100(report: Report) -> Iterator[str]:
    """The two percentages add up to 100 where time has elapsed, and are both 0 otherwise."""
    for where, it in report.accounts:
        total = Fraction(it.active_percentage) + Fraction(it.inactive_percentage)
        is_zero = it.active_percentage == it.inactive_percentage == 0
        if abs(total - 100) >= _CENT / 2 if it.elapsed else not is_zero:
            yield f"{where} has {it.active_percentage} and {it.inactive_percentage} percent"


@invariant(
    LIST,
    evidence="assumed",
    note="The page shows the number 0; a last decimal may be rounded either way.",
    reads=read_report,
)
def percentages_are_those_of_the_seconds(report: Report) -> Iterator[str]:
    """A percentage is the share that its seconds have of what has elapsed, to two decimals."""
    for where, it in report.accounts:
        for share, part in (
            (it.active_percentage, it.active),
            (it.inactive_percentage, it.inactive),
        ):
            off = abs(Fraction(share) * it.elapsed - 100 * part)
            if it.elapsed and (round(share, 2) != share or off > _CENT * it.elapsed):
                yield f"{where} says {share} percent of {part} in {it.elapsed} seconds"


@invariant(
    LIST,
    evidence="assumed",
    note="The page gives each duration twice, once under `_format`; that this is HH:MM:SS is ours.",
    reads=read_report,
)
def formats_say_what_the_seconds_say(report: Report) -> Iterator[str]:
    """A duration's format is its seconds as HH:MM:SS, the hours running on past 24."""
    for where, it in report.accounts:
        for text, seconds in (
            (it.total_active_duration_format, it.active),
            (it.total_inactive_duration_format, it.inactive),
        ):
            if text != f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}":
                yield f"{where} says '{text:.40}' for {seconds} seconds"


@invariant(
    LIST,
    evidence="assumed",
    note="A session counts as soon as it touches the range; one of less than a second has none.",
    reads=read_report,
)
def active_time_has_sessions(report: Report) -> Iterator[str]:
    """There are sessions where there is active time, and none where there is none."""
    for where, it in report.accounts:
        if bool(it.active) != bool(it.total_session_count):
            yield f"{where} has {it.active} active seconds in {it.total_session_count} sessions"


@invariant(
    LIST,
    evidence="assumed",
    note="The page shows one item beside a request for one day, in a sketch of the types.",
    reads=read_report,
)
def every_day_has_one_item(report: Report) -> Iterator[str]:
    """There are as many items in `daily_breakdown` as days in the range."""
    if report.items != report.length:
        yield f"a range of {report.length} days has {report.items} items"


@invariant(LIST, evidence="assumed", note=_OURS, reads=read_days)
def days_are_those_of_the_range(report: Report) -> Iterator[str]:
    """The days are those of the range, each once, the oldest first, as DD-MM-YYYY."""
    for number, (text, _) in enumerate(report.days[: max(report.length, 0)]):
        due = f"{report.first + timedelta(days=number):%d-%m-%Y}"
        if text != due:
            yield f"day {number + 1} of the range is '{text:.40}', and not '{due}'"


@invariant(LIST, evidence="assumed", note=_OURS, reads=read_days)
def days_add_up_to_the_summary(report: Report) -> Iterator[str]:
    """The seconds of the days, active and inactive, add up to those of the summary."""
    active, inactive = (
        sum(it) for it in zip(*((a.active, a.inactive) for _, a in report.days), strict=True)
    )
    if (active, inactive) != (report.whole.active, report.whole.inactive):
        yield f"the days have {active} and {inactive} seconds, the summary {report.whole.amounts}"


@invariant(
    LIST,
    evidence="assumed",
    note="A session across midnight counts on both its days, and once in the summary.",
    reads=read_days,
)
def sessions_fit_those_of_the_days(report: Report) -> Iterator[str]:
    """The summary has no fewer sessions than any day, and no more than all days together."""
    counts = [account.total_session_count for _, account in report.days]
    if not max(counts) <= report.whole.total_session_count <= sum(counts):
        yield f"the summary has {report.whole.total_session_count} sessions, the days {counts}"


@invariant(LIST, evidence="assumed", note=_ANY_ZONE, reads=read_elapsed)
def active_and_inactive_make_up_what_has_elapsed(report: Report) -> Iterator[str]:
    """Active and inactive time are together the elapsed part of the range, without any future."""
    length, now = report.length * DAY, report.moment // SECOND - midnight(report.first)
    least = max(0, min(length - SHIFT, now - TOLERANCE - BEHIND))
    most = max(0, min(length + SHIFT, now + TOLERANCE + AHEAD))
    if not least <= report.whole.elapsed <= most:
        yield f"{report.whole.elapsed} seconds, where from {least} to {most} can have elapsed"


@invariant(
    LIST,
    evidence="assumed",
    note="A day has 27 hours at most, where its clocks are put back.",
    reads=read_days_of_known_length,
)
def a_day_has_no_more_than_its_hours(report: Report) -> Iterator[str]:
    """No day has more active and inactive seconds than a day can have."""
    for text, account in report.days:
        if account.elapsed > DAY + SHIFT:
            yield f"{text} has {account.elapsed} seconds, more than {DAY + SHIFT}"


@invariant(
    LIST,
    evidence="assumed",
    note="A day has 21 hours at least, where its clocks are put forward.",
    reads=read_days_of_known_length,
)
def no_day_begins_before_the_last_is_over(report: Report) -> Iterator[str]:
    """After a day that is not over no other day has begun."""
    for (text, one), (after, two) in pairwise(report.days):
        if one.elapsed < DAY - SHIFT and two.elapsed:
            yield f"{text} has {one.elapsed} seconds only, and {after} already {two.elapsed}"


@invariant(
    LIST,
    evidence="assumed",
    note="A day is in the future when it has begun in no time zone.",
    reads=read_report,
)
def the_future_is_zeros(report: Report) -> Iterator[str]:
    """A range that lies wholly in the future has zeros throughout, and so has each such day."""
    for day, account in ((report.first, report.whole), *report.dated.items()):
        is_to_come = 0 < report.moment // SECOND < midnight(day) - AHEAD - TOLERANCE
        if is_to_come and (account.elapsed or account.total_session_count):
            yield f"{day}, in the future, has {account.amounts}"


@invariant(LIST, evidence="assumed", note=_OVER, reads=read_shared_days)
def a_day_is_the_same_in_every_range(days: Compared) -> Iterator[str]:
    """A day says the same alone, as the summary of its range, as it does in any longer range."""
    for day, account, was in days:
        yield from (f"on {day} {difference}" for difference in account.compare(was))


@invariant(LIST, evidence="assumed", note=_OVER, reads=read_single_days)
def single_days_add_up_to_the_range(found: tuple[Report, list[Account]]) -> Iterator[str]:
    """The seconds of single days, requested one by one, add up to those of the range."""
    report, days = found
    active, inactive = sum(it.active for it in days), sum(it.inactive for it in days)
    if (active, inactive) != (report.whole.active, report.whole.inactive):
        yield f"the days have {active} and {inactive} seconds, the range {report.whole.amounts}"


@invariant(LIST, evidence="assumed", note=_OVER, reads=read_other_ranges)
def a_wider_range_has_no_less(pairs: Pairs) -> Iterator[str]:
    """A range has no less of anything than a range that lies within it."""
    for one, other in pairs:
        wide, narrow = one, other
        if not (one.first <= other.first and other.last <= one.last):
            wide, narrow = other, one
        is_within = wide.first <= narrow.first and narrow.last <= wide.last
        if is_within and (wide is one or is_over(one.last, other.moment)):
            for what, amount in narrow.whole.amounts.items():
                if wide.whole.amounts[what] < amount:
                    yield f"{narrow.length} days have {amount} {what}, {wide.length} days around them fewer"


@invariant(
    LIST,
    evidence="assumed",
    note="The page does not say how far a session counts that runs, nor what the future is.",
    reads=read_running,
)
def what_still_runs_never_shrinks(pairs: Pairs) -> Iterator[str]:
    """Of a range that is not over, the same request has no less, and no more than time passed."""
    for one, other in pairs:
        for what, amount in one.whole.amounts.items():
            if amount < other.whole.amounts[what]:
                yield f"there are {amount} {what} and there were {other.whole.amounts[what]}"
        passed, grown = (
            (one.moment - other.moment) // SECOND,
            one.whole.elapsed - other.whole.elapsed,
        )
        if other.moment and other.whole.elapsed and grown > passed + TOLERANCE:
            yield f"{grown} more seconds have elapsed in {passed} seconds"


@invariant(
    LIST, evidence="assumed", note=f"Only `on_duty` has evidence. {_OVER}", reads=read_complements
)
def on_and_off_duty_complement_each_other(accounts: Compared) -> Iterator[str]:
    """What is active by one type is inactive by the other."""
    for where, on, off in accounts:
        if (on.active, on.inactive) != (off.inactive, off.active):
            yield f"{where} has {on.amounts} on duty and {off.amounts} off duty"


@invariant(
    LIST,
    evidence="assumed",
    note=f"What is counted off duty are the stretches between sessions. {_OVER}",
    reads=read_complements,
)
def stretches_off_duty_lie_between_sessions(accounts: Compared) -> Iterator[str]:
    """Off duty there is at most one stretch more than there are sessions on duty."""
    for where, on, off in accounts:
        if off.total_session_count > on.total_session_count + 1:
            yield f"{where} has {off.total_session_count} stretches off duty"


@invariant(
    LIST,
    evidence="assumed",
    note="The page is silent; an agent who changes teams between two requests is not thought of.",
    reads=read_other_teams,
)
def an_agent_is_in_one_team(pairs: Pairs) -> Iterator[str]:
    """An agent who has time in one team has zeros in every other."""
    for one, other in pairs:
        if one.whole.elapsed or one.whole.total_session_count:
            yield f"agent {one.whom[1]} has time in the teams {one.whom[0]} and {other.whom[0]}"
