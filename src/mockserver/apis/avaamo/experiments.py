"""Short sequences of requests in which the laws of the changelog find something to judge."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from mockserver.clock import SECOND
from mockserver.law import Ask, Seen, experiment

_DAY = 24 * 3600
_DAYS = 14
_MOST = 100
"""The greatest `per_page`: a period with no more entries is on one page."""

_ACTIONS = ("update", "create", "destroy")


@experiment()
def a_period_in_pages(ask: Ask, _: Mapping[str, str]) -> None:
    """Two weeks as one page, as three, as five, and by default."""
    period = _period(ask)
    total = _total(ask("listChangeLogs", per_page=_MOST, **period))
    for count in (3, 5):
        size = min(_MOST, max(1, -(-total // count)))
        for page in range(1, count + 1):
            ask("listChangeLogs", per_page=size, page=page, **period)
    ask("listChangeLogs", **period)


@experiment()
def a_changelog_read_again(ask: Ask, _: Mapping[str, str]) -> None:
    """The whole changelog up to now, three times, and its first entries one by one."""
    for _time in range(3):
        ask("listChangeLogs")
    for page in (1, 2):
        ask("listChangeLogs", per_page=1, page=page)


@experiment()
def a_period_read_again(ask: Ask, _: Mapping[str, str]) -> None:
    """Two weeks that are over, twice."""
    period = _period(ask)
    for _time in range(2):
        ask("listChangeLogs", per_page=_MOST, **period)


@experiment()
def each_action_and_all(ask: Ask, _: Mapping[str, str]) -> None:
    """Two weeks of each action, of every two, of all three, and without the filter."""
    period = _period(ask)
    for count in (1, 2, 3):
        for actions in combinations(_ACTIONS, count):
            ask("listChangeLogs", per_page=_MOST, actions=list(actions), **period)
    ask("listChangeLogs", per_page=_MOST, **period)


@experiment()
def periods_within_a_period(ask: Ask, _: Mapping[str, str]) -> None:
    """Two weeks, a half of them, from one entry to another, and a single second."""
    period = _period(ask)
    times = _times(ask("listChangeLogs", per_page=_MOST, **period)) or [period["end_time"]]
    middle = period["start_time"] + _DAYS * _DAY // 2
    for start, end in (
        (middle, period["end_time"]),
        (period["start_time"], middle),
        (times[len(times) // 2], times[len(times) // 4]),
        (times[0], times[0]),
        (times[-1], times[-1]),
    ):
        ask("listChangeLogs", per_page=_MOST, start_time=start, end_time=end)
    ask("listChangeLogs", per_page=3, start_time=middle, end_time=period["end_time"])


@experiment()
def the_latest_five(ask: Ask, _: Mapping[str, str]) -> None:
    """An end without a start, after the period that has the same end; by action too."""
    period = _period(ask)
    end = period["end_time"]
    ask("listChangeLogs", per_page=_MOST, **period)
    ask("listChangeLogs", end_time=end)
    ask("listChangeLogs", end_time=end, per_page=2)
    ask("listChangeLogs", end_time=end, per_page=2, page=3)
    for action in _ACTIONS:
        ask("listChangeLogs", per_page=_MOST, actions=[action], **period)
        ask("listChangeLogs", end_time=end, actions=[action])


@experiment()
def a_period_in_every_unit(ask: Ask, _: Mapping[str, str]) -> None:
    """Two weeks in seconds, in milliseconds, in microseconds, and with a fraction."""
    period = _period(ask)
    for scale in (1, 1_000, 1_000_000):
        scaled = {name: bound * scale for name, bound in period.items()}
        ask("listChangeLogs", per_page=_MOST, **scaled)
    ask("listChangeLogs", per_page=_MOST, **{name: bound + 0.5 for name, bound in period.items()})


@experiment()
def a_period_without_entries(ask: Ask, _: Mapping[str, str]) -> None:
    """A second of 1970, and a period that ends before it starts."""
    period = _period(ask)
    ask("listChangeLogs", start_time=1, end_time=2)
    ask("listChangeLogs", start_time=1, end_time=2, page=2)
    ask("listChangeLogs", start_time=period["end_time"], end_time=period["start_time"])


@experiment()
def pages_past_the_end(ask: Ask, _: Mapping[str, str]) -> None:
    """Pages that a period does not reach."""
    period = _period(ask)
    total = _total(ask("listChangeLogs", per_page=_MOST, **period))
    ask("listChangeLogs", per_page=1, page=total + 1, **period)
    ask("listChangeLogs", page=1_000_000, **period)


@experiment(world="avaamo-equal-timestamps")
def entries_of_one_second(ask: Ask, _: Mapping[str, str]) -> None:
    """A changelog with several entries of one second, in pages that part them."""
    ask("listChangeLogs", per_page=_MOST)
    for page in (1, 2, 3):
        ask("listChangeLogs", per_page=2, page=page)


@experiment()
def parameters_that_are_wrong(ask: Ask, _: Mapping[str, str]) -> None:
    """Each parameter once as it must not be."""
    ask("listChangeLogs", start_time="yesterday")
    ask("listChangeLogs", end_time=-1)
    ask("listChangeLogs", page=0)
    ask("listChangeLogs", per_page=_MOST + 1)
    ask("listChangeLogs", actions=["rename"])


def _period(ask: Ask) -> dict[str, int]:
    """Two weeks that ended a minute ago, in seconds."""
    end = ask.now // SECOND - 60
    return {"start_time": end - _DAYS * _DAY, "end_time": end}


def _total(seen: Seen) -> int:
    """How many entries a list says that there are; 1 where it says nothing that can be used."""
    total = seen.answer.get("total_entries") if isinstance(seen.answer, dict) else None
    return total if type(total) is int and 0 < total <= 1_000_000 else 1


def _times(seen: Seen) -> list[int]:
    """The timestamps of a list's entries, as far as they can be asked for."""
    entries: Any = seen.answer.get("entries") if isinstance(seen.answer, dict) else None
    found = [
        entry.get("timestamp")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    ]
    return [time for time in found if type(time) is int and 0 <= time < 10**11]
