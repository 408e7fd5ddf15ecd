"""Periods: which entries lie in one, and how two periods go together.

Others may change something between two requests. Compared is only what lay in the past already when
the first of them was answered: nothing is added there any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import Any

from mockserver.apis.avaamo.invariants.answers import (
    LIST,
    Listing,
    Scope,
    earlier,
    listing,
    marks,
    seconds,
    unit,
)
from mockserver.invariant import Interaction, invariant

_FIVE = 5
_ALL = frozenset({"update", "create", "destroy"})


@invariant(LIST, evidence="documented")
def entries_lie_within_milliseconds(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """Bounds in milliseconds are kept by every entry."""
    return _outside(now, "milliseconds")


@invariant(LIST, evidence="example", note="The page's own examples have ten digits.")
def entries_lie_within_seconds(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """Bounds in seconds are kept by every entry."""
    return _outside(now, "seconds")


@invariant(LIST, evidence="assumed", note="The unit is told by the size.")
def entries_lie_within_microseconds(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """Bounds in microseconds are kept by every entry."""
    return _outside(now, "microseconds")


@invariant(LIST, evidence="assumed", note="The page is silent on it.")
def a_start_after_the_end_finds_nothing(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A period that ends before it starts has no entries."""
    found = listing(now)
    if found is None or found.scope.start is None or found.scope.end is None:
        return None
    if found.scope.start <= found.scope.end:
        return None
    count = max(found.total, len(found.entries))
    return [f"it has {count} entries"] if count else []


@invariant(LIST, evidence="related", note="The page's own sentence on a timetoken is a slip.")
def an_end_alone_reaches_five(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """An upper bound without a lower one yields five entries at most."""
    found = listing(now)
    if found is None or not found.scope.is_latest_five:
        return None
    count = max(found.total, len(found.entries))
    return [] if count <= _FIVE else [f"it yields {count}"]


@invariant(LIST, evidence="related", note="The page's own sentence on a timetoken is a slip.")
def an_end_alone_reaches_the_latest(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """An upper bound without a lower one yields the latest entries up to it."""
    return _latest(now, before, lambda actions: actions == _ALL)


@invariant(LIST, evidence="assumed", note="The page is silent on it.")
def actions_are_chosen_before_the_five(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """The latest five are those of the actions that were asked for."""
    return _latest(now, before, lambda actions: actions != _ALL)


@invariant(
    LIST, evidence="documented", note="Whether a bound itself is included is left open here."
)
def a_narrower_period_has_a_part(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A period within another has those of its entries that lie in it, and no others."""
    found, wider = _within(now, before)
    if found is None or wider is None:
        return None
    inner, possible = _due(found.scope, wider)
    ids = {id for _, id in marks(found.entries) or ()}
    if strange := sorted(ids - possible):
        return [f"the entry {strange[0]} is in the narrower period only"]
    if found.is_whole and (lost := sorted(inner - ids)):
        return [f"the entry {lost[0]} is in the wider period only"]
    if not len(inner) <= found.total <= len(possible):
        return [f"it has {found.total} entries, and {len(inner)} to {len(possible)} are due"]
    return []


@invariant(LIST, evidence="assumed", note="The page says from and until.")
def bounds_are_included(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """An entry of the very second of a bound is listed."""
    found, wider = _within(now, before)
    if found is None or wider is None or not found.is_whole:
        return None
    scope = found.scope
    due = {
        id
        for time, id in _marks(wider, scope.actions)
        if time in (scope.start, scope.end) and _lies(time, scope)
    }
    lost = sorted(due - {id for _, id in marks(found.entries) or ()})
    if not due:
        return None
    return [f"the entry {lost[0]} is of the second of a bound, and not listed"] if lost else []


@invariant(LIST, evidence="assumed", note="The page's text and its examples have different units.")
def a_moment_is_the_same_in_every_unit(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A bound means the same in seconds, milliseconds and microseconds."""
    found = listing(now)
    if found is None:
        return None
    for other in earlier(before):
        is_alike = other.scope == found.scope and other.is_settled(found.scope.end)
        if is_alike and other.bounds != found.bounds:
            return _unlike(found, other)
    return None


def _unlike(found: Listing, other: Listing) -> list[str]:
    if found.total != other.total:
        return [f"there are {found.total} entries, and there were {other.total}"]
    is_same_page = (found.current, found.per_page) == (other.current, other.per_page)
    if is_same_page and marks(found.entries) != marks(other.entries):
        return ["the entries are others"]
    return []


def _outside(now: Interaction, wanted: str) -> list[str] | None:
    """The entries outside of those bounds that are in a unit; timestamps are whole seconds."""
    found = listing(now)
    times = [time for time, _ in marks(found.entries) or ()] if found else []
    if found is None or not times:
        return None
    start, end = (_in(wanted, bound) for bound in found.bounds)
    if start is None and end is None:
        return None
    breaches = []
    if start is not None and min(times) < floor(start):
        breaches.append(f"an entry is of {min(times)}, and the start is {start:.3f}")
    if end is not None and max(times) > ceil(end):
        breaches.append(f"an entry is of {max(times)}, and the end is {end:.3f}")
    return breaches


def _in(wanted: str, bound: float | None) -> float | None:
    """A bound in seconds, if it was written in that unit."""
    return seconds(bound) if bound is not None and unit(bound) == wanted else None


def _latest(
    now: Interaction, before: Sequence[Interaction], is_meant: Callable[[frozenset[str]], bool]
) -> list[str] | None:
    """The difference between the latest five and the beginning of a period with the same end."""
    found = listing(now)
    if found is None or not found.scope.is_latest_five or not is_meant(found.scope.actions):
        return None
    for other in earlier(before):
        scope = other.scope
        is_period = scope.start is not None and scope.start <= (scope.end or 0)
        is_same = (scope.end, scope.actions) == (found.scope.end, found.scope.actions)
        if is_period and is_same and other.current == 1 and other.is_settled(scope.end):
            return _unlike_the_latest(found, other)
    return None


def _unlike_the_latest(found: Listing, period: Listing) -> list[str]:
    due = min(_FIVE, period.total)
    if found.total < due or (period.total >= _FIVE and found.total != _FIVE):
        return [f"it yields {found.total}, and the period has {period.total}"]
    latest = (marks(period.entries) or [])[found.first : _FIVE]
    yielded = marks(found.entries) or []
    for (_, id), (_, other) in zip(yielded, latest, strict=False):
        if id != other:
            return [f"it yields the entry {id}, and the latest in the period is {other}"]
    return []


def _within(
    now: Interaction, before: Sequence[Interaction]
) -> tuple[Listing | None, Listing | None]:
    """A period, and a whole list of a wider one from before."""
    found = listing(now)
    if found is None or found.scope.start is None or found.scope.end is None:
        return None, None
    wider = (
        other
        for other in earlier(before)
        if other.is_whole
        and other.is_settled(found.scope.end)
        and marks(other.entries) is not None
        and _is_wider(other.scope, found.scope)
    )
    return found, next(wider, None)


def _is_wider(one: Scope, other: Scope) -> bool:
    if one.start is None or other.start is None or other.end is None or one == other:
        return False
    reaches = one.end is None or one.end >= other.end
    return one.start <= other.start and reaches and one.actions >= other.actions


def _due(scope: Scope, wider: Listing) -> tuple[set[int], set[int]]:
    """The ids that a period has for certain, and those that it may have."""
    entries = _marks(wider, scope.actions)
    inner = {id for time, id in entries if ceil(scope.start or 0) < time < floor(scope.end or 0)}
    return inner, {id for time, id in entries if _lies(time, scope)}


def _lies(time: int, scope: Scope) -> bool:
    return floor(scope.start or 0) <= time <= ceil(scope.end or 0)


def _marks(found: Listing, actions: frozenset[str]) -> list[tuple[int, int]]:
    """The timestamps and ids of a list's entries of some actions."""
    return marks([entry for entry in found.entries if _is_of(entry, actions)]) or []


def _is_of(entry: Any, actions: frozenset[str]) -> bool:
    action = entry.get("action") if isinstance(entry, dict) else None
    return isinstance(action, str) and action in actions
