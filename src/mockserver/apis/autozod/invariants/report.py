"""What the invariants read: a report of one agent, and earlier reports beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property, lru_cache
from math import isfinite
from typing import Any

from mockserver.clock import SECOND
from mockserver.invariant import Interaction

LIST = "listSessionLogs"
_HOUR = 3600
DAY = 24 * _HOUR
AHEAD, BEHIND = 14 * _HOUR, 12 * _HOUR
"""Kiribati and Baker Island: the team's time zone is not known from outside."""

SHIFT = 3 * _HOUR
"""How far any place's clocks are moved, one way within a year; farthest at Casey station."""

TOLERANCE = 300
_SINCE = date(2012, 1, 1)
"""No place has left out a day since."""


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

    @cached_property
    def dated(self) -> dict[date, Account]:
        """The days that the calendar has."""
        return {day: account for text, account in self.days if (day := _read_date(text))}

    @cached_property
    def by_day(self) -> dict[date, Account]:
        """What it says of each day, which a range of one day says in its summary."""
        own = {day: it for day, it in self.dated.items() if self.first <= day <= self.last}
        return {self.first: self.whole} if self.length == 1 else own


@lru_cache(maxsize=1024)  # every later exchange is compared with it
def _read(seen: Interaction) -> Report | None:
    data = seen.response_body.get("data") if isinstance(seen.response_body, dict) else None
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


def midnight(day: date) -> int:
    """The beginning of a day in UTC, in seconds since the epoch."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY


def is_over(day: date, moment: int) -> bool:
    """Whether a day is over in every time zone."""
    return midnight(day) + DAY + BEHIND + TOLERANCE <= moment // SECOND


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


Compared = list[tuple[str, Account, Account]]
"""Where two accounts are, and the two, which should go together."""


def read_shared_days(now: Interaction, before: Sequence[Interaction]) -> Compared | None:
    """The days that other ranges have too, and that were over when those were answered."""
    return [
        (str(day), account, other.by_day[day])
        for one, other in read_other_ranges(now, before) or ()
        for day, account in one.by_day.items()
        if day in other.by_day and is_over(day, other.moment)
    ] or None


def read_complements(now: Interaction, before: Sequence[Interaction]) -> Compared | None:
    """The accounts of the same time on and off duty, in which nothing can have happened since."""
    found: Compared = []
    for one, other in _read_pairs(now, before):
        if one.type == other.type:
            continue
        on, off = (one, other) if one.type == "on_duty" else (other, one)
        found += [
            (str(day), account, off.by_day[day])
            for day, account in on.by_day.items()
            if day in off.by_day and is_over(day, other.moment)
        ]
        if (on.first, on.last) == (off.first, off.last) and is_over(on.last, other.moment):
            found.append(("the summary", on.whole, off.whole))
    return found or None


def read_running(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
    """Reports of the same request, whose range was not over."""
    return [
        (one, other)
        for one, other in _read_pairs(now, before)
        if one.query == other.query and not is_over(other.last, other.moment)
    ] or None


def read_single_days(
    now: Interaction, before: Sequence[Interaction]
) -> tuple[Report, list[Account]] | None:
    """A range, and the summary of each of its days, requested one by one when they were over."""
    singles = {
        other.first: other.whole
        for one, other in read_other_ranges(now, before) or ()
        if other.length == 1
        and is_over(other.last, other.moment)
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
