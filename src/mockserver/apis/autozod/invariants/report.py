"""What the invariants read off an answer: a report of one agent; None where its shape is another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

from mockserver.invariant import Interaction

__all__ = [
    "LIST",
    "Account",
    "Day",
    "Report",
    "earlier",
    "read",
    "read_range",
    "validated",
    "written",
]

LIST = "listSessionLogs"


@dataclass(frozen=True, slots=True)
class Account:
    """The seven numbers of a range or a day, as an answer says them."""

    active: int
    active_format: str
    sessions: int
    inactive: int
    inactive_format: str
    active_percentage: float
    inactive_percentage: float

    @property
    def elapsed(self) -> int:
        """The seconds that it divides."""
        return self.active + self.inactive

    def differences(self, other: Account) -> Iterator[str]:
        """What another account says otherwise, by its key."""
        for name, key in _KEYS.items():
            one, two = getattr(self, name), getattr(other, name)
            if one != two:
                yield f"{key} is {one} and was {two}"


@dataclass(frozen=True, slots=True)
class Day:
    """One item of `daily_breakdown`; `date` is as it is written."""

    date: str
    account: Account


@dataclass(frozen=True, slots=True)
class Report:
    """What was answered of an agent, and what was asked.

    `items` counts what stands in `daily_breakdown`; `days` is empty where one of that is no object
    of the contract's shape, such as the vendor's own null. `moment` is in microseconds.
    """

    team: int
    agent: str
    type: str
    first: date
    last: date
    moment: int
    whole: Account
    items: int
    days: tuple[Day, ...]

    @property
    def length(self) -> int:
        """The days of the range, both ends counted."""
        return (self.last - self.first).days + 1

    @property
    def accounts(self) -> list[tuple[str, Account]]:
        """Every account in the answer, each with where it stands."""
        return [("the summary", self.whole), *((day.date, day.account) for day in self.days)]

    @property
    def by_day(self) -> dict[date, Account]:
        """What it says of each day, which a range of one day says in its summary."""
        said = {day: account for day, account in self.dated if self.first <= day <= self.last}
        return {self.first: self.whole} if self.length == 1 else said

    @property
    def dated(self) -> list[tuple[date, Account]]:
        """Its days, those that the calendar has, in the order of the answer."""
        read = ((_date(day.date), day.account) for day in self.days)
        return [(day, account) for day, account in read if day is not None]

    def covers(self, other: Report) -> bool:
        """Whether another range lies within this one."""
        return self.first <= other.first and other.last <= self.last


@lru_cache(maxsize=1024)  # every later exchange is held against it
def read(seen: Interaction) -> Report | None:
    """The report that a valid request was answered with."""
    asked = read_range(seen)
    data = seen.answer.get("data") if isinstance(seen.answer, dict) else None
    if asked is None or not seen.is_success or not isinstance(data, dict):
        return None
    whole, items = _account(data.get("summary")), data.get("daily_breakdown")
    if whole is None or not isinstance(items, list):
        return None
    days = [day for day in map(_day, items) if day is not None]
    return Report(
        team=seen.arguments["team_id"],
        agent=seen.arguments["agent_id"],
        type=seen.arguments["type"],
        first=asked[0],
        last=asked[1],
        moment=seen.moment,
        whole=whole,
        items=len(items),
        days=tuple(days) if len(days) == len(items) else (),
    )


def read_range(seen: Interaction) -> tuple[date, date] | None:
    """The first and the last day that a valid request asks for."""
    if not seen.is_valid:
        return None
    first, last = (_date(seen.arguments.get(name)) for name in ("start_date", "end_date"))
    return None if first is None or last is None else (first, last)


def earlier(now: Report, before: Sequence[Interaction]) -> Iterator[Report]:
    """What was said before of the same agent of the same team, by either type, newest first."""
    for seen in reversed(before):
        if all(seen.arguments.get(name) == getattr(now, name[:-3]) for name in _OF_WHOM):
            report = read(seen)
            if report is not None:
                yield report


def written(day: date) -> str:
    """A day as it is written in requests and answers."""
    return f"{day:%d-%m-%Y}"


def validated(verdicts: Iterable[list[str] | None]) -> list[str] | None:
    """Many verdicts as one: None when none of them has anything to say."""
    heard = [verdict for verdict in verdicts if verdict is not None]
    return list(dict.fromkeys(sentence for one in heard for sentence in one)) if heard else None


_OF_WHOM = ("team_id", "agent_id")
_KEYS = {
    "active": "total_active_duration_seconds",
    "active_format": "total_active_duration_format",
    "sessions": "total_session_count",
    "inactive": "total_inactive_duration_seconds",
    "inactive_format": "total_inactive_duration_format",
    "active_percentage": "active_percentage",
    "inactive_percentage": "inactive_percentage",
}


def _account(value: Any) -> Account | None:
    if not isinstance(value, Mapping):
        return None
    found = {name: value.get(key) for name, key in _KEYS.items()}
    whole = [found[name] for name in ("active", "sessions", "inactive")]
    texts = [found[name] for name in ("active_format", "inactive_format")]
    shares = [found[name] for name in ("active_percentage", "inactive_percentage")]
    if all(map(_is_count, whole)) and all(isinstance(text, str) for text in texts):
        return Account(**found) if all(map(_is_number, shares)) else None  # type: ignore[arg-type]
    return None


def _day(value: Any) -> Day | None:
    account = _account(value)
    written = value.get("date") if account else None
    return Day(written, account) if account and isinstance(written, str) else None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and isfinite(value))


def _date(text: Any) -> date | None:
    try:
        return datetime.strptime(text, "%d-%m-%Y").date()
    except (TypeError, ValueError):
        return None
