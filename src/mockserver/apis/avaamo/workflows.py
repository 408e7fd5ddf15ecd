"""Short sequences of requests in which the invariants of the changelog find something to judge."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from mockserver.clock import SECOND
from mockserver.invariant import Caller, Interaction, workflow

_DAY = 24 * 3600
_DAYS = 14
_MOST = 100
"""The greatest `per_page`: a period with no more entries is on one page."""

_ACTIONS = ("update", "create", "destroy")


@workflow()
def a_period_in_pages(call: Caller, _: Mapping[str, str]) -> None:
    """Two weeks as one page, as three, as five, and by default."""
    period = _period(call)
    total = _total(call("listChangeLogs", per_page=_MOST, **period))
    for count in (3, 5):
        size = min(_MOST, max(1, -(-total // count)))
        for page in range(1, count + 1):
            call("listChangeLogs", per_page=size, page=page, **period)
    call("listChangeLogs", **period)


@workflow()
def a_changelog_read_again(call: Caller, _: Mapping[str, str]) -> None:
    """The whole changelog up to now, three times, and its first entries one by one."""
    for _time in range(3):
        call("listChangeLogs")
    for page in (1, 2):
        call("listChangeLogs", per_page=1, page=page)


@workflow()
def a_period_read_again(call: Caller, _: Mapping[str, str]) -> None:
    """Two weeks that are over, twice."""
    period = _period(call)
    for _time in range(2):
        call("listChangeLogs", per_page=_MOST, **period)


@workflow()
def each_action_and_all(call: Caller, _: Mapping[str, str]) -> None:
    """Two weeks of each action, of every two, of all three, and without the filter."""
    period = _period(call)
    for count in (1, 2, 3):
        for actions in combinations(_ACTIONS, count):
            call("listChangeLogs", per_page=_MOST, actions=list(actions), **period)
    call("listChangeLogs", per_page=_MOST, **period)


@workflow()
def periods_within_a_period(call: Caller, _: Mapping[str, str]) -> None:
    """Two weeks, a half of them, from one entry to another, and a single second."""
    period = _period(call)
    times = _times(call("listChangeLogs", per_page=_MOST, **period)) or [period["end_time"]]
    middle = period["start_time"] + _DAYS * _DAY // 2
    for start, end in (
        (middle, period["end_time"]),
        (period["start_time"], middle),
        (times[len(times) // 2], times[len(times) // 4]),
        (times[0], times[0]),
        (times[-1], times[-1]),
    ):
        call("listChangeLogs", per_page=_MOST, start_time=start, end_time=end)
    call("listChangeLogs", per_page=3, start_time=middle, end_time=period["end_time"])


@workflow()
def the_latest_five(call: Caller, _: Mapping[str, str]) -> None:
    """An end without a start, after the period that has the same end; by action too."""
    period = _period(call)
    end = period["end_time"]
    call("listChangeLogs", per_page=_MOST, **period)
    call("listChangeLogs", end_time=end)
    call("listChangeLogs", end_time=end, per_page=2)
    call("listChangeLogs", end_time=end, per_page=2, page=3)
    for action in _ACTIONS:
        call("listChangeLogs", per_page=_MOST, actions=[action], **period)
        call("listChangeLogs", end_time=end, actions=[action])


@workflow()
def a_period_in_every_unit(call: Caller, _: Mapping[str, str]) -> None:
    """Two weeks in seconds, in milliseconds, in microseconds, and with a fraction."""
    period = _period(call)
    for scale in (1, 1_000, 1_000_000):
        scaled = {name: bound * scale for name, bound in period.items()}
        call("listChangeLogs", per_page=_MOST, **scaled)
    call("listChangeLogs", per_page=_MOST, **{name: bound + 0.5 for name, bound in period.items()})


@workflow()
def a_period_without_entries(call: Caller, _: Mapping[str, str]) -> None:
    """A second of 1970, and a period that ends before it starts."""
    period = _period(call)
    call("listChangeLogs", start_time=1, end_time=2)
    call("listChangeLogs", start_time=1, end_time=2, page=2)
    call("listChangeLogs", start_time=period["end_time"], end_time=period["start_time"])


@workflow()
def pages_past_the_end(call: Caller, _: Mapping[str, str]) -> None:
    """Pages that a period does not reach."""
    period = _period(call)
    total = _total(call("listChangeLogs", per_page=_MOST, **period))
    call("listChangeLogs", per_page=1, page=total + 1, **period)
    call("listChangeLogs", page=1_000_000, **period)


@workflow(world="avaamo-equal-timestamps")
def entries_of_one_second(call: Caller, _: Mapping[str, str]) -> None:
    """A changelog with several entries of one second, in pages that part them."""
    call("listChangeLogs", per_page=_MOST)
    for page in (1, 2, 3):
        call("listChangeLogs", per_page=2, page=page)


@workflow()
def parameters_that_are_wrong(call: Caller, _: Mapping[str, str]) -> None:
    """Each parameter once as it must not be."""
    call("listChangeLogs", start_time="yesterday")
    call("listChangeLogs", end_time=-1)
    call("listChangeLogs", page=0)
    call("listChangeLogs", per_page=_MOST + 1)
    call("listChangeLogs", actions=["rename"])


def _period(call: Caller) -> dict[str, int]:
    """Two weeks that ended a minute ago, in seconds."""
    end = call.now // SECOND - 60
    return {"start_time": end - _DAYS * _DAY, "end_time": end}


def _total(seen: Interaction) -> int:
    """How many entries a list says that there are; 1 where it says nothing that can be used."""
    total = seen.answer.get("total_entries") if isinstance(seen.answer, dict) else None
    return total if type(total) is int and 0 < total <= 1_000_000 else 1


def _times(seen: Interaction) -> list[int]:
    """The timestamps of a list's entries, as far as they can be asked for."""
    entries: Any = seen.answer.get("entries") if isinstance(seen.answer, dict) else None
    found = [
        entry.get("timestamp")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    ]
    return [time for time in found if type(time) is int and 0 <= time < 10**11]
