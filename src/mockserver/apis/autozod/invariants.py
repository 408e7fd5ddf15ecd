"""The arithmetic of an agent's time: what the numbers of a report have to do with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from math import isfinite
from operator import lt
from typing import Any

from msgspec import Struct

from mockserver.apis.autozod import wire
from mockserver.clock import SECOND, list_days
from mockserver.invariant import Interaction, invariant
from mockserver.traits.listing import at
from mockserver.traits.times import ANY_ZONE, DAY, HOUR, TOLERANCE

LIST = "listAgentSessionLogs"
_assumed = partial(invariant, LIST, evidence="assumed")
_KEYS = (
    "total_active_duration_seconds",
    "total_inactive_duration_seconds",
    "total_session_count",
    "total_active_duration_format",
    "total_inactive_duration_format",
    "active_percentage",
    "inactive_percentage",
)
_CENT = Fraction(1, 100)
_SHIFT = 3 * HOUR
"""How far the clocks of any place are moved, one way within a year; farthest at Casey station."""

_SINCE = date(2012, 1, 1)
"""No place has left out a day since."""

_OVER = "Only days are compared that are over in every time zone, since nothing changes in them."


class Account(Struct, frozen=True):
    """What a report says of some days: the active seconds, the inactive ones, and the sessions.

    `texts` and `shares` say the seconds as HH:MM:SS and in percent. `is_summary` tells the summary
    of a range of one day from that day.
    """

    is_summary: bool
    first: date
    last: date
    amounts: tuple[int, ...]
    texts: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def place(self) -> str:
        """Its place in the report, as a sentence has it."""
        if self.is_summary:
            return f"the summary from {self.first:%d-%m-%Y} to {self.last:%d-%m-%Y}"
        return f"{self.first:%d-%m-%Y}"

    @property
    def elapsed(self) -> int:
        """The seconds that it divides."""
        return sum(self.amounts[:2])

    def __str__(self) -> str:
        active, inactive, sessions = self.amounts
        return f"{self.place} has {active} active, {inactive} inactive seconds, {sessions} sessions"


@dataclass(frozen=True)
class Report:
    """The response to a valid request for a range of days; `moment` is 0 where it is not known.

    `dates` has the date of each item of `daily_breakdown`, None where that is null. `days` is empty
    unless there is an account for each day of the range.
    """

    arguments: Mapping[str, Any]
    moment: int
    range: list[date]
    summary: Account
    days: tuple[Account, ...]
    dates: tuple[Any, ...]

    @cached_property
    def by_days(self) -> dict[tuple[date, date], Account]:
        """Every account by its first and last day; that of a range of one day is the summary."""
        accounts = (*self.days, self.summary)
        return {(account.first, account.last): account for account in accounts}

    def was_over(self, last: date) -> bool:
        """Whether a day was over in every time zone when the server responded."""
        return _midnight(last) + DAY + ANY_ZONE.after + TOLERANCE <= self.moment


@lru_cache(maxsize=1024)  # every later exchange is compared with it
def _read(seen: Interaction) -> Report | None:
    items = at(seen.response_body, "/data/daily_breakdown")
    if not seen.is_valid or not seen.is_success or not isinstance(items, list):
        return None
    first = wire.parse_date(seen.arguments["start_date"])
    last = wire.parse_date(seen.arguments["end_date"])
    body = at(seen.response_body, "/data/summary")
    summary = _read_account(body, first, last, is_summary=True)
    if summary is None:
        return None
    range = list_days(first, last)
    days = [_read_account(item, day, day) for day, item in zip(range, items, strict=False)]
    is_complete = len(items) == len(range) and None not in days
    return Report(
        arguments=seen.arguments,
        moment=seen.moment,
        range=range,
        summary=summary,
        days=tuple(filter(None, days)) if is_complete else (),
        dates=tuple(item.get("date") if isinstance(item, dict) else None for item in items),
    )


def _read_account(
    body: Any, first: date, last: date, *, is_summary: bool = False
) -> Account | None:
    values: list[Any] = [body.get(key) for key in _KEYS] if isinstance(body, dict) else []
    match values:
        case [int(), int(), int(), str(), str(), int() | float(), int() | float()]:
            amounts, texts, shares = tuple(values[:3]), tuple(values[3:5]), tuple(values[5:])
            if min(amounts) >= 0 and all(map(isfinite, shares)):
                return Account(is_summary, first, last, amounts, texts, shares)
    return None


def _midnight(day: date) -> int:
    """The beginning of a day in UTC, in microseconds since the epoch."""
    return (day - date(1970, 1, 1)).days * DAY


def read_report(now: Interaction, _: Sequence[Interaction]) -> Report | None:
    """The report of a successful response."""
    return _read(now)


def read_items(now: Interaction, _: Sequence[Interaction]) -> Report | None:
    """A report, unless there is a null for each day of the range, as on the page."""
    report = _read(now)
    return report if report and report.dates != (None,) * len(report.range) else None


Pairs = list[tuple[Any, Any]]
"""Reports, or accounts, that belong together: the present one and an earlier one."""


def _read_pairs(*same: str, other: str = "") -> Any:
    """Reads a report beside earlier ones, newest first, with the same and another argument."""

    def read(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
        report = _read(now)
        others = [_read(seen) for seen in reversed(before)] if report else []
        return [
            (report, earlier)
            for earlier in others
            if earlier
            and all(now.arguments[name] == earlier.arguments[name] for name in same)
            and (not other or now.arguments[other] != earlier.arguments[other])
        ] or None

    return read


read_same_type = _read_pairs("agent_id", "team_id", "type")
_read_other_type = _read_pairs("agent_id", "team_id", other="type")
read_other_teams = _read_pairs("agent_id", other="team_id")


def _pair_accounts(pairs: Pairs | None) -> Pairs | None:
    """The accounts of the same days, as far as those were over when the earlier report was sent."""
    return [
        (account, earlier.by_days[days])
        for report, earlier in pairs or ()
        for days, account in report.by_days.items()
        if days in earlier.by_days and earlier.was_over(days[1])
    ] or None


def read_complements(now: Interaction, before: Sequence[Interaction]) -> Pairs | None:
    """The accounts of the same days on duty and off duty."""
    pairs = _pair_accounts(_read_other_type(now, before))
    is_on_duty = now.arguments.get("type") == "on_duty"
    return pairs if is_on_duty else pairs and [(on, off) for off, on in pairs]


def read_days(now: Interaction, before: Sequence[Interaction]) -> list[Account] | None:
    """A summary and its days after it; where those are null, as they were requested one by one."""
    report = _read(now)
    if report is None or report.days:
        return [report.summary, *report.days] if report else None
    single = {
        start: account
        for _, earlier in read_same_type(now, before) or ()
        for (start, end), account in earlier.by_days.items()
        if report.summary.first <= start == end <= report.summary.last and earlier.was_over(end)
    }
    is_complete = len(single) == len(report.range) > 1
    return [report.summary, *single.values()] if is_complete else None


@_assumed(
    note="The page shows the number 0 and the word string. A last decimal may be rounded either "
    "way; a session counts as soon as it touches the range, if it has a second of it.",
    reads=read_report,
)
def numbers_follow_from_the_active_and_the_inactive_seconds(report: Report) -> Iterator[str]:
    """Seconds are repeated as HH:MM:SS and percent, in all 100 or 0; active time has sessions."""
    for account in (report.summary, *report.days):
        active, _, sessions = account.amounts
        one, two = account.shares
        if abs(Fraction(one) + Fraction(two) - 100 * bool(account.elapsed)) >= _CENT / 2:
            yield f"{account.place} has {one} and {two} percent"
        parts = zip(account.amounts, account.texts, account.shares, strict=False)
        for seconds, text, share in parts:
            if text != f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}":
                yield f"{account.place} says '{text}' for {seconds} seconds"
            off = abs(Fraction(share) * account.elapsed - 100 * seconds)
            if round(share, 2) != share or off > _CENT * account.elapsed:
                yield f"{account.place} says {share} percent of {seconds} in {account.elapsed}"
        if bool(active) != bool(sessions):
            yield f"{account.place} has {active} active seconds in {sessions} sessions"


@_assumed(
    note="The page shows one item, a null, beside a request for one day; the object is ours.",
    reads=read_items,
)
def every_day_of_the_range_has_one_item(report: Report) -> Iterator[str]:
    """`daily_breakdown` has each day of the range once, the oldest first, as DD-MM-YYYY or null."""
    if len(report.dates) != len(report.range):
        yield f"a range of {len(report.range)} days has {len(report.dates)} items"
    for number, (day, text) in enumerate(zip(report.range, report.dates, strict=False), 1):
        if text not in (None, wire.format_date(day)):
            yield f"day {number} is '{text}', and not '{wire.format_date(day)}'"


@_assumed(
    note="A session across midnight counts on both its days, and once in the summary.",
    reads=read_days,
)
def days_add_up_to_the_summary(accounts: list[Account]) -> Iterator[str]:
    """The seconds of the days add up to those of the summary, and its sessions fit theirs."""
    summary, *days = accounts
    active, inactive, counts = zip(*(day.amounts for day in days), strict=True)
    if (sum(active), sum(inactive)) != summary.amounts[:2]:
        yield f"the days have {sum(active)} active, {sum(inactive)} inactive seconds; {summary}"
    if not max(counts) <= summary.amounts[2] <= sum(counts):
        yield f"the days have {counts} sessions; {summary}"


@_assumed(
    note="Every time zone is allowed for, and days of 21 to 27 hours, where clocks are changed; "
    "an unknown agent has zeros throughout.",
    reads=read_report,
)
def active_and_inactive_make_up_what_has_elapsed(report: Report) -> Iterator[str]:
    """Active and inactive time are together what has elapsed of the range, and of each day."""
    is_possible = report.summary.elapsed and report.summary.first >= _SINCE
    for account in (report.summary, *report.days) if is_possible else ():
        first = _midnight(account.first)
        least, most = 0, _midnight(account.last) + DAY + _SHIFT - first
        if report.moment:
            passed = report.moment - first
            least = max(0, min(most - 2 * _SHIFT, passed - TOLERANCE - ANY_ZONE.after))
            most = max(0, min(most, passed + TOLERANCE + ANY_ZONE.before))
        if not least <= account.elapsed * SECOND <= most:
            yield f"{account}; from {least // SECOND} to {most // SECOND} can have elapsed"
    for day, next_day in pairwise(report.days):
        if day.elapsed * SECOND < DAY - _SHIFT and next_day.elapsed:
            yield f"{day}, which is not a whole day, and {next_day}"


@_assumed(note=_OVER, reads=lambda now, before: _pair_accounts(read_same_type(now, before)))
def a_day_is_the_same_in_every_range(pairs: Pairs) -> Iterator[str]:
    """A day says the same alone, as the summary of its range, as it does in any longer range."""
    for account, was in pairs:
        said = account.amounts, account.texts, account.shares
        if said != (was.amounts, was.texts, was.shares):
            yield f"{account}; {was}"


@_assumed(
    note="The page does not say how far a session counts that runs. A wider range that was "
    "requested earlier is compared only where it was over in every time zone.",
    reads=read_same_type,
)
def a_wider_or_later_report_has_no_less(pairs: Pairs) -> Iterator[str]:
    """A range has no less than one within it, or than before, nor more than the time passed."""
    for report, earlier in pairs:
        one, other = report.summary, earlier.summary
        is_around = one.first <= other.first and other.last <= one.last
        is_within = other.first <= one.first and one.last <= other.last
        wide, narrow = (one, other) if is_around else (other, one)
        is_comparable = is_around or (is_within and earlier.was_over(one.last))
        if is_comparable and any(map(lt, wide.amounts, narrow.amounts)):
            yield f"{wide}; {narrow}"
        passed = (report.moment - earlier.moment + TOLERANCE) // SECOND
        is_known = is_around and is_within and earlier.moment and other.elapsed
        if is_known and one.elapsed - other.elapsed > passed:
            yield f"{one}; {other}, at most {passed} seconds before"


@_assumed(
    note=f"Only `on_duty` has evidence; off duty, the stretches between sessions count. {_OVER}",
    reads=read_complements,
)
def on_and_off_duty_complement_each_other(pairs: Pairs) -> Iterator[str]:
    """What is active by one type is inactive by the other, in at most one stretch more off duty."""
    for on, off in pairs:
        if on.amounts[:2] != off.amounts[1::-1] or off.amounts[2] > on.amounts[2] + 1:
            yield f"on duty {on}; off duty {off}"


@_assumed(
    note="The page is silent; an agent who changes teams between two requests is not thought of.",
    reads=read_other_teams,
)
def an_agent_is_in_one_team(pairs: Pairs) -> Iterator[str]:
    """An agent who has time in one team has zeros in every other."""
    for one, other in pairs:
        if other.summary.elapsed and (one.summary.elapsed or one.summary.amounts[2]):
            teams = [report.arguments["team_id"] for report in (one, other)]
            yield f"agent {one.arguments['agent_id']} has time in the teams {teams}"
