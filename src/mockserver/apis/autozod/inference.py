"""Infers teams, agents and their duty from recorded reports, which show sums only.

Duty is made up so that it has the sums of every day that was seen. How many sessions go on over a
midnight follows from the sums of the days, which count such a session twice, and of the whole
range, which counts it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from mockserver.apis.autozod import model, wire
from mockserver.apis.autozod.wire import Account
from mockserver.clock import SECOND, from_datetime, list_days
from mockserver.inference import Draft, Observation, find_newest

_LIKELY = ("UTC", "Asia/Riyadh", "Asia/Dubai", "Africa/Cairo", "Europe/Berlin", "Europe/London")
"""The zones that are tried first."""

_TOLERANCE = 450
"""How many seconds a recorder's clock may be wrong: zones are quarters of an hour apart."""

_DAY = 86_400
_LONGEST_EXACT = 62
"""Up to so many days, the sessions on duty and the times off duty are both made to fit."""

_NOTE = "Reports show sums: at which time of a day an agent was on duty is made up."


@dataclass(frozen=True)
class _Report:
    """A report of an agent, at a moment in seconds; without accounts of days, `days` is empty."""

    team: int
    agent: str
    is_off_duty: bool
    first: date
    last: date
    whole: Account
    days: Mapping[date, Account]
    now: int


def infer(observations: Iterable[Observation], draft: Draft) -> None:
    """Put teams, agents and duty into a draft."""
    reports = [_read_report(it) for it in find_newest(observations)]
    # An agent that exists was on duty or not; all is zero of one that does not exist.
    known = _correct_clock([it for it in reports if it.whole.elapsed])
    for team in dict.fromkeys(report.team for report in known):
        of_team = [report for report in known if report.team == team]
        zone, is_certain = _find_zone(of_team)
        name = f"Team {team}"
        note = "" if is_certain else "nothing shows another time zone"
        draft.put("team", {"id": team, "name": name, "timezone": zone}, note)
        for agent in dict.fromkeys(report.agent for report in of_team):
            body = {"id": agent, "name": draft.make_name("agent", agent), "team_id": team}
            draft.put("agent", body, "the name is made up")
            of_agent = [report for report in of_team if report.agent == agent]
            for start, end in _make_duty(of_agent, ZoneInfo(zone)):
                draft.put("duty", model.build_duty(agent, start, end).body)
        if shown := _find_now(of_team[-1], ZoneInfo(zone)):
            is_same = shown == draft.now // SECOND
            draft.now = draft.now if is_same else shown * SECOND
    if draft.documents.get("duty"):
        draft.note("duty", _NOTE)


def _read_report(it: Observation) -> _Report:
    arguments, data = it.arguments, it.body["data"]
    first, last = (wire.parse_date(arguments[name]) for name in ("start_date", "end_date"))
    accounts = [_read_account(day) for day in data["daily_breakdown"] if day]
    days = list_days(first, last)
    is_by_day = len(accounts) == len(days)
    return _Report(
        team=arguments["team_id"],
        agent=arguments["agent_id"].lower(),
        is_off_duty=arguments["type"] == "off_duty",
        first=first,
        last=last,
        whole=_read_account(data["summary"]),
        days=dict(zip(days, accounts, strict=True)) if is_by_day else {},
        now=it.at // SECOND,
    )


def _read_account(summary: Mapping[str, Any]) -> Account:
    active, inactive = (
        round(summary[f"total_{name}_duration_seconds"]) for name in ("active", "inactive")
    )
    return Account(active, active + inactive, round(summary["total_session_count"]))


# Time zones


def _find_zone(reports: Sequence[_Report]) -> tuple[str, bool]:
    """A zone in which the days have the lengths that were reported; whether others have not."""
    fitting = [name for name in _LIKELY if _fits(name, reports)]
    if fitting:
        return fitting[0], len(fitting) < len(_LIKELY)
    others = sorted(name for name in available_timezones() if name[:1].isupper() and "/" in name)
    return next(((name, True) for name in others if _fits(name, reports)), ("UTC", False))


def _fits(name: str, reports: Iterable[_Report]) -> bool:
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    for report in reports:
        for day, account in report.days.items():
            start, end = _get_bounds(day, zone)
            is_running = start < report.now + _TOLERANCE and report.now - _TOLERANCE < end
            elapsed = min(end, report.now) - min(start, report.now)
            if abs(elapsed - account.elapsed) > (_TOLERANCE if is_running else 0):
                return False
    return True


def _correct_clock(reports: list[_Report]) -> list[_Report]:
    """The reports, at the moment that the newest one shows where its clock is plainly another one.

    So it is of a mock whose clock was frozen. The moment depends on a zone: it is one with which
    all teams have likely zones, if there is such a one.
    """
    shown = [
        now
        for name in _LIKELY
        if (now := next(filter(None, (_find_now(it, ZoneInfo(name)) for it in reports[::-1])), 0))
    ]
    if not shown or abs(shown[0] - reports[-1].now) <= _DAY:
        return reports
    corrected = [[replace(it, now=now) for it in reports] for now in shown]
    return next((it for it in corrected if _have_likely_zones(it)), corrected[0])


def _have_likely_zones(reports: Iterable[_Report]) -> bool:
    by_team: dict[int, list[_Report]] = {}
    for report in reports:
        by_team.setdefault(report.team, []).append(report)
    return all(any(_fits(name, it) for name in _LIKELY) for it in by_team.values())


def _find_now(report: _Report, zone: ZoneInfo) -> int | None:
    """The present in seconds, as the day shows that is not over; None where there is none."""
    for day, account in report.days.items():
        start, end = _get_bounds(day, zone)
        if 0 < account.elapsed < end - start:
            return start + account.elapsed
    return None


@cache
def _get_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """The seconds at which a day begins and ends."""
    start, end = (datetime.combine(it, time(), zone) for it in (day, day + timedelta(days=1)))
    return from_datetime(start) // SECOND, from_datetime(end) // SECOND


# Duty

_ON, _OFF, _LEFT, _RIGHT, _BOTH = "on", "off", "left", "right", "both"
"""What is at a midnight: one session, no session, one that ends or begins there, or both."""

_BUSY_BEFORE, _BUSY_AFTER = frozenset({_ON, _LEFT, _BOTH}), frozenset({_ON, _RIGHT, _BOTH})


class _Day(Struct):
    """The duty of a day: seconds, and how many sessions; how many times off duty, if known."""

    start: int
    end: int
    active: int
    sessions: int
    gaps: int | None = None

    @property
    def idle(self) -> int:
        return self.end - self.start - self.active

    def count_gaps(self, before: str, after: str) -> int | None:
        """How many times off duty are between sessions, given its midnights; None if impossible."""
        outer = (before not in _BUSY_AFTER) + (after not in _BUSY_BEFORE)
        if not self.sessions:
            is_idle = outer == 2 and self.gaps in (None, min(1, self.idle))
            return 0 if is_idle else None
        if before == after == _ON and self.sessions == 1 and self.idle:
            return None
        most = min(self.sessions - 1, self.idle - outer)
        least = 1 if self.idle and not outer else 0
        inner = max(least, most) if self.gaps is None else self.gaps - outer
        return inner if least <= inner <= most and (self.idle or not outer) else None


def _make_duty(reports: Sequence[_Report], zone: ZoneInfo) -> list[tuple[int, int]]:
    """Sessions on duty, from one second to another, that give the reports."""
    days: dict[date, _Day] = {}
    for report in reports:
        for day, account in report.days.items():
            start, _ = _get_bounds(day, zone)
            _note_day(days, day, account, start, is_off_duty=report.is_off_duty)
    midnights: dict[date, str] = {}
    for report in sorted(reports, key=lambda it: len(it.days)):
        _find_midnights(report, reports, days, midnights)
    sessions: list[tuple[int, int]] = []
    for day, known in sorted(days.items()):
        before, after = midnights.get(day, _OFF), midnights.get(day + timedelta(days=1), _OFF)
        laid_out = _lay_out(known, before, after)
        if before == _ON and sessions and laid_out and sessions[-1][1] == laid_out[0][0]:
            sessions[-1] = sessions[-1][0], laid_out.pop(0)[1]
        sessions += laid_out
    return [*sessions, *_make_undivided(reports, days, zone)]


def _note_day(
    days: dict[date, _Day], day: date, account: Account, start: int, *, is_off_duty: bool
) -> None:
    known, end = days.get(day), start + account.elapsed
    if not is_off_duty:
        gaps = known.gaps if known and known.end == end else None
        days[day] = _Day(start, end, account.active, account.sessions, gaps)
    elif known and known.end == end:
        known.gaps = account.sessions
    elif known is None:
        active = account.elapsed - account.active
        days[day] = _Day(start, end, active, min(1, active), account.sessions)


def _find_midnights(
    report: _Report,
    reports: Iterable[_Report],
    days: Mapping[date, _Day],
    midnights: dict[date, str],
) -> None:
    """Choose what is at each midnight of a report, where it is not chosen yet."""
    if not report.days or report.is_off_duty:
        return
    crossing = sum(it.sessions for it in report.days.values()) - report.whole.sessions
    off = next(
        (
            sum(it.sessions for it in other.days.values()) - other.whole.sessions
            for other in reports
            if other.is_off_duty and (other.first, other.last) == (report.first, report.last)
        ),
        None,
    )
    if off is None or len(report.days) > _LONGEST_EXACT:
        off = None
    chosen = _choose([(day, days[day]) for day in sorted(report.days)], crossing, off, midnights)
    midnights.update(chosen)


@dataclass(order=True)
class _Path:
    """Midnights that were chosen, and how unlikely they are."""

    cost: int
    states: tuple[str, ...] = field(compare=False)


def _choose(
    days: Sequence[tuple[date, _Day]], crossing: int, off: int | None, fixed: Mapping[date, str]
) -> dict[date, str]:
    """The likeliest midnights with so many sessions over them, and so many times off duty."""
    paths: dict[tuple[str, int, int], _Path] = {
        (state, 0, 0): _Path(_COSTS[state], (state,))
        for state in _list_states(days[0][0], fixed, is_outer=True)
    }
    for n, (day, known) in enumerate(days):
        following: dict[tuple[str, int, int], _Path] = {}
        is_last = n == len(days) - 1
        states = _list_states(day + timedelta(days=1), fixed, is_outer=is_last)
        for (before, on_count, off_count), path in paths.items():
            for after in states:
                if known.count_gaps(before, after) is None and not _is_future(known):
                    continue
                counted = 0 if is_last else 1
                on = on_count + counted * (after == _ON)
                is_counted = off is not None and not _is_future(days[min(n + 1, len(days) - 1)][1])
                rest = off_count + counted * (after == _OFF and is_counted)
                if on > crossing or (off is not None and rest > off):
                    continue
                new = _Path(path.cost + _COSTS[after], (*path.states, after))
                key = after, on, rest
                following[key] = min(new, following.get(key, new))
        paths = following
    found = [
        path
        for (_, on, rest), path in paths.items()
        if on == crossing and (off is None or rest == off)
    ]
    if not found:
        return {}
    dates = [days[0][0], *(day + timedelta(days=1) for day, _ in days)]
    return dict(zip(dates, min(found).states, strict=True))


_COSTS = {_OFF: 0, _ON: 0, _LEFT: 1, _RIGHT: 1, _BOTH: 2}


def _list_states(midnight: date, fixed: Mapping[date, str], *, is_outer: bool) -> Iterable[str]:
    if midnight in fixed:
        return (fixed[midnight],)
    # What goes on beyond the range is not seen.
    return [it for it in _COSTS if not (is_outer and it == _ON)]


def _is_future(day: _Day) -> bool:
    return day.start == day.end


def _lay_out(day: _Day, before: str, after: str) -> list[tuple[int, int]]:
    """The sessions of a day, with its time off duty in between, and before and after them."""
    if not day.sessions or not day.active:
        return []
    if day.active < day.sessions:  # they overlap
        return [(day.start, day.start + day.active)] * day.sessions
    inner = day.count_gaps(before, after) or 0
    is_idle_before, is_idle_after = before not in _BUSY_AFTER, after not in _BUSY_BEFORE
    pauses = [int(n < inner) for n in range(day.sessions - 1)]
    weights = [2 * is_idle_before, *pauses, 2 * is_idle_after]
    gaps = list(_divide(day.idle, weights))
    lengths = _divide(day.active, [1] * day.sessions)
    at, sessions = day.start, []
    for gap, length in zip(gaps, lengths, strict=False):
        sessions.append((at + gap, at + gap + length))
        at += gap + length
    return sessions


def _divide(whole: int, weights: Sequence[int]) -> Iterator[int]:
    """A number as whole parts by weight; one with a weight is at least 1 where that is possible."""
    count, total = sum(map(bool, weights)), sum(weights)
    if not total:
        yield from (0 for _ in weights)
        return
    rest = max(whole - count, 0)
    ends = [0]
    for weight in weights:
        ends.append(ends[-1] + weight)
    for (before, after), weight in zip(pairwise(ends), weights, strict=True):
        share = rest * after // total - rest * before // total
        yield share + (1 if weight and whole >= count else 0)


def _make_undivided(
    reports: Iterable[_Report], days: Mapping[date, _Day], zone: ZoneInfo
) -> Iterator[tuple[int, int]]:
    """Sessions of reports that have no days, which is what the document shows."""
    done = set(days)
    for report in reports:
        covered = set(list_days(report.first, report.last))
        if report.days or report.is_off_duty or covered & done:
            continue
        done |= covered
        start, _ = _get_bounds(report.first, zone)
        account = report.whole
        whole = _Day(start, start + account.elapsed, account.active, account.sessions)
        yield from _lay_out(whole, _OFF, _OFF)
