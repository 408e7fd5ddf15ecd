"""What holds of the session logs beyond their traits: the arithmetic of an agent's time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any

from mockserver.clock import SECOND
from mockserver.invariant import Interaction, invariant

LIST = "listSessionLogs"
_CENT = Fraction(1, 100)
_HOUR = 3600
_DAY = 24 * _HOUR
_AHEAD, _BEHIND = 14 * _HOUR, 12 * _HOUR
"""Kiribati and Baker Island: the team's time zone is not known from outside."""

_SHIFT = 3 * _HOUR
"""How far any place's clocks are moved, one way within a year; farthest at Casey station."""

_TOLERANCE = 300
_SINCE = date(2012, 1, 1)
"""No place has left out a day since."""

_OURS = "The page shows null in the place of a day; the object in its place is ours."
_OVER = "Only days are compared that are over in every time zone, since nothing changes in them."
_ANY_ZONE = "Every time zone is allowed for; an agent nobody knows has zeros throughout."


@dataclass(frozen=True, slots=True)
class Account:
    """The seven numbers of a range or a day, under the keys that they have in a response."""

    total_active_duration_seconds: int
    total_active_duration_format: str
    total_session_count: int
    total_inactive_duration_seconds: int
    total_inactive_duration_format: str
    active_percentage: float
    inactive_percentage: float

    @property
    def active(self) -> int:
        """The active seconds."""
        return self.total_active_duration_seconds

    @property
    def inactive(self) -> int:
        """The inactive seconds."""
        return self.total_inactive_duration_seconds

    @property
    def elapsed(self) -> int:
        """The seconds that it divides."""
        return self.active + self.inactive

    @property
    def amounts(self) -> dict[str, int]:
        """What adds up."""
        sessions = self.total_session_count
        return {
            "active seconds": self.active,
            "inactive seconds": self.inactive,
            "sessions": sessions,
        }

    def compare(self, other: Account) -> Iterator[str]:
        """What another account has otherwise."""
        for field in fields(self):
            one, two = getattr(self, field.name), getattr(other, field.name)
            if one != two:
                yield f"{field.name} is {one} and was {two}"


@dataclass(frozen=True)
class Report:
    """What was answered of an agent; `days` is empty where one has another shape, such as null."""

    whom: tuple[Any, Any]
    type: str
    first: date
    last: date
    moment: int
    query: str
    whole: Account
    items: int
    days: tuple[tuple[str, Account], ...]

    @property
    def length(self) -> int:
        """The days of the range, both ends counted."""
        return (self.last - self.first).days + 1

    @property
    def accounts(self) -> list[tuple[str, Account]]:
        """Every account in the response, each with its place."""
        return [("the summary", self.whole), *self.days]

    @property
    def dated(self) -> dict[date, Account]:
        """The days that the calendar has."""
        return {day: account for text, account in self.days if (day := _read_date(text))}

    @property
    def by_day(self) -> dict[date, Account]:
        """What it says of each day, which a range of one day says in its summary."""
        own = {day: it for day, it in self.dated.items() if self.first <= day <= self.last}
        return {self.first: self.whole} if self.length == 1 else own


@lru_cache(maxsize=1024)  # every later exchange is compared with it
def _read(seen: Interaction) -> Report | None:
    data = seen.answer.get("data") if isinstance(seen.answer, dict) else None
    first, last = (_read_date(seen.arguments.get(name)) for name in ("start_date", "end_date"))
    if (
        not seen.is_valid
        or not seen.is_success
        or not isinstance(data, dict)
        or not first
        or not last
    ):
        return None
    whole, items = _read_account(data.get("summary")), data.get("daily_breakdown")
    if whole is None or not isinstance(items, list):
        return None
    days = tuple(
        (item["date"], account)
        for item in items
        if (account := _read_account(item)) and isinstance(item.get("date"), str)
    )
    arguments = seen.arguments
    return Report(
        whom=(arguments["team_id"], arguments["agent_id"]),
        type=arguments["type"],
        first=first,
        last=last,
        moment=seen.moment,
        query=seen.exchange.request.query,
        whole=whole,
        items=len(items),
        days=days if len(days) == len(items) else (),
    )


def _read_account(value: Any) -> Account | None:
    if not isinstance(value, Mapping):
        return None
    found = {field.name: value.get(field.name) for field in fields(Account)}
    counts = [it for name, it in found.items() if name.endswith(("seconds", "count"))]
    texts = [it for name, it in found.items() if name.endswith("format")]
    shares = [it for name, it in found.items() if name.endswith("percentage")]
    if not all(type(it) is int and it >= 0 for it in counts):
        return None
    is_number = all(type(it) is int or (type(it) is float and isfinite(it)) for it in shares)
    return Account(**found) if is_number and all(isinstance(it, str) for it in texts) else None  # type: ignore[arg-type]


def _read_date(text: Any) -> date | None:
    try:
        return datetime.strptime(text, "%d-%m-%Y").date()
    except (TypeError, ValueError):
        return None


def _midnight(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * _DAY


def _is_over(day: date, moment: int) -> bool:
    """Whether a day is over in every time zone."""
    return _midnight(day) + _DAY + _BEHIND + _TOLERANCE <= moment // SECOND


def read_report(now: Interaction, _: Sequence[Interaction]) -> Report | None:
    """The report that a valid request was answered with."""
    return _read(now)


def read_days(now: Interaction, _: Sequence[Interaction]) -> Report | None:
    """A report that has days."""
    report = _read(now)
    return report if report and report.days else None


def read_days_of_known_length(now: Interaction, _: Sequence[Interaction]) -> Report | None:
    """A report that has days, of a time when the length of days is known."""
    report = _read(now)
    return report if report and report.days and report.first >= _SINCE else None


def read_elapsed(now: Interaction, _: Sequence[Interaction]) -> Report | None:
    """A report of which something has elapsed."""
    report = _read(now)
    is_known = report and report.first >= _SINCE and report.whole.elapsed and report.moment
    return report if is_known else None


Pairs = list[tuple[Report, Report]]


def _read_pairs(now: Interaction, before: Sequence[Interaction]) -> Pairs:
    """The report, and each earlier one of the same agent of the same team, the newest first."""
    report = _read(now)
    if report is None:
        return []
    others = [other for seen in reversed(before) if (other := _read(seen))]
    return [(report, other) for other in others if other.whom == report.whom]


def read_other_ranges(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
    """Reports of other ranges, by the same type."""
    pairs = _read_pairs(now, before)
    return [
        (one, other)
        for one, other in pairs
        if one.type == other.type and (one.first, one.last) != (other.first, other.last)
    ] or None


def read_other_type(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
    """Reports by the other type."""
    return [pair for pair in _read_pairs(now, before) if pair[0].type != pair[1].type] or None


def read_running(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
    """Reports of the same request, whose range was not over."""
    return [
        (one, other)
        for one, other in _read_pairs(now, before)
        if one.query == other.query and not _is_over(other.last, other.moment)
    ] or None


def read_single_days(
    now: Interaction, before: Sequence[Interaction]
) -> tuple[Report, list[Account]] | None:
    """A range, and the summary of each of its days, requested one by one when they were over."""
    singles = {
        other.first: other.whole
        for one, other in read_other_ranges(now, before) or ()
        if other.length == 1
        and _is_over(other.last, other.moment)
        and one.first <= other.first <= one.last
    }
    report = _read(now)
    is_complete = report and report.length > 1 and len(singles) == report.length
    return (report, list(singles.values())) if report and is_complete else None


def read_other_teams(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
    """Reports of time that the same agent has in other teams."""
    report = _read(now)
    others = [other for seen in before if (other := _read(seen))]
    return [
        (report, other)
        for other in others
        if report
        and (other.whom[1], other.whom[0] != report.whom[0]) == (report.whom[1], True)
        and other.whole.elapsed
    ] or None


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
    length, now = report.length * _DAY, report.moment // SECOND - _midnight(report.first)
    least = max(0, min(length - _SHIFT, now - _TOLERANCE - _BEHIND))
    most = max(0, min(length + _SHIFT, now + _TOLERANCE + _AHEAD))
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
        if account.elapsed > _DAY + _SHIFT:
            yield f"{text} has {account.elapsed} seconds, more than {_DAY + _SHIFT}"


@invariant(
    LIST,
    evidence="assumed",
    note="A day has 21 hours at least, where its clocks are put forward.",
    reads=read_days_of_known_length,
)
def no_day_begins_before_the_last_is_over(report: Report) -> Iterator[str]:
    """After a day that is not over no other day has begun."""
    for (text, one), (after, two) in pairwise(report.days):
        if one.elapsed < _DAY - _SHIFT and two.elapsed:
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
        is_to_come = 0 < report.moment // SECOND < _midnight(day) - _AHEAD - _TOLERANCE
        if is_to_come and (account.elapsed or account.total_session_count):
            yield f"{day}, in the future, has {account.amounts}"


@invariant(LIST, evidence="assumed", note=_OVER, reads=read_other_ranges)
def a_day_is_the_same_in_every_range(pairs: Pairs) -> Iterator[str]:
    """A day says the same alone, as the summary of its range, as it does in any longer range."""
    for one, other in pairs:
        for day, account in one.by_day.items():
            if day in other.by_day and _is_over(day, other.moment):
                yield from (f"on {day} {it}" for it in account.compare(other.by_day[day]))


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
        if is_within and (wide is one or _is_over(one.last, other.moment)):
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
        if other.moment and other.whole.elapsed and grown > passed + _TOLERANCE:
            yield f"{grown} more seconds have elapsed in {passed} seconds"


def _complements(pairs: Pairs) -> Iterator[tuple[str, Account, Account]]:
    """The accounts of the same time by either type, where nothing can have happened in between."""
    for one, other in pairs:
        on, off = (one, other) if one.type == "on_duty" else (other, one)
        for day, account in on.by_day.items():
            if day in off.by_day and _is_over(day, other.moment):
                yield str(day), account, off.by_day[day]
        if (on.first, on.last) == (off.first, off.last) and _is_over(on.last, other.moment):
            yield "the summary", on.whole, off.whole


@invariant(
    LIST, evidence="assumed", note=f"Only `on_duty` has evidence. {_OVER}", reads=read_other_type
)
def on_and_off_duty_complement_each_other(pairs: Pairs) -> Iterator[str]:
    """What is active by one type is inactive by the other."""
    for where, on, off in _complements(pairs):
        if (on.active, on.inactive) != (off.inactive, off.active):
            yield f"{where} has {on.amounts} on duty and {off.amounts} off duty"


@invariant(
    LIST,
    evidence="assumed",
    note=f"What is counted off duty are the stretches between sessions. {_OVER}",
    reads=read_other_type,
)
def stretches_off_duty_lie_between_sessions(pairs: Pairs) -> Iterator[str]:
    """Off duty there is at most one stretch more than there are sessions on duty."""
    for where, on, off in _complements(pairs):
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
