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
