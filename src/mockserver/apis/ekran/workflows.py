"""Sequences of requests in which the invariants of the sessions apply.

Bounds are laid through what the deployment has, so that sessions cross them wherever it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.apis.ekran.invariants import LIST, read_sessions
from mockserver.clock import SECOND
from mockserver.invariant import Caller, Interaction, workflow
from mockserver.traits.ranged import RangedRow
from mockserver.traits.times import DAY, HOUR, write_time


def _call(call: Caller, start: int | None = None, end: int | None = None) -> Interaction:
    """List the sessions of a range, with bounds to the second."""
    bounds = {"start": start, "end": end}
    written = {name: write_time(at, "date-time") for name, at in bounds.items() if at is not None}
    return call(LIST, **written)


def _read(seen: Interaction) -> Mapping[int, RangedRow]:
    """The sessions of a response, by their ids."""
    found = read_sessions(seen, ())
    return found.by_id if found else {}


def _list_longest(seen: Interaction) -> list[tuple[int, int, int]]:
    """Three sessions that are over, the longest first: each with its id, its login and logout."""
    spans = [(row.id, row.begin, row.end) for row in _read(seen).values() if row.end]
    return sorted(spans, key=lambda span: (span[1] - span[2], span[0]))[:3]


@workflow()
def bounds_through_sessions(call: Caller, _: Mapping[str, str]) -> None:
    """Bounds through the longest sessions, and then close around what was done in them."""
    for id, login, logout in _list_longest(call(LIST)):
        start, end = login + (logout - login) // 4, logout - (logout - login) // 4
        after = _read(_call(call, start)).get(id)
        before = _read(_call(call, end=end)).get(id)
        _call(call, start, end)
        _call(call, ((before and before.end) or end) - SECOND)
        _call(call, start, (after.begin if after else start) + SECOND)


@workflow()
def moments_through_sessions(call: Caller, _: Mapping[str, str]) -> None:
    """The same moments as `start` and as `end`, within the longest sessions, in any zone."""
    longest = _list_longest(call(LIST))
    spans = [span for span in longest if span[1] < span[2] < call.now - DAY]
    for id, login, logout in spans:
        # A long session is cut although the zone is another; a shorter one needs a better guess.
        zone = _find_zone(call, id, login, logout)
        middle, quarter = (login + logout) // 2, (logout - login) // 4
        for moment in (middle - quarter, middle, middle + quarter):
            # Seldom a second in which something was done.
            _divide(call, moment + zone + 7 * SECOND)


def _divide(call: Caller, moment: int) -> tuple[Mapping[int, RangedRow], Mapping[int, RangedRow]]:
    """The sessions after and before a moment."""
    return _read(_call(call, moment)), _read(_call(call, end=moment))


def _find_zone(call: Caller, id: int, login: int, logout: int) -> int:
    """How far from UTC the zone of the server is, such that a moment in it cuts a session."""
    step = max((logout - login) // 2 // HOUR, 1) * HOUR
    for distance in range(0, 15 * HOUR, step):
        for zone in dict.fromkeys((distance, -distance)):
            after, before = _divide(call, (login + logout) // 2 + zone)
            starts = id in after and after[id].begin > login
            if starts or (id in before and (before[id].end or logout) < logout):
                return zone
    return 0


@workflow(world="ekran-touches-bounds")
def bounds_on_sessions(call: Caller, _: Mapping[str, str]) -> None:
    """Bounds exactly where sessions begin and end."""
    for _id, login, logout in _list_longest(call(LIST)):
        _call(call, login, logout)
        _call(call, logout)
        _call(call, end=login)


@workflow(world="ekran-running")
def what_still_runs(call: Caller, _: Mapping[str, str]) -> None:
    """The present, with bounds behind and before it."""
    now = call.now
    for start, end in (
        (None, None),
        (now - HOUR, None),
        (None, now + DAY),
        (None, now - HOUR),
        (now - 8 * HOUR, now - HOUR),
        (now + DAY, None),
        (None, None),
    ):
        _call(call, start, end)
