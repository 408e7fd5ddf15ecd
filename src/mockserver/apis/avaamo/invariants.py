"""The changelog beyond its traits: the latest five, the present, and long periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from mockserver.apis.avaamo import api, wire
from mockserver.clock import SECOND
from mockserver.invariant import Interaction, invariant
from mockserver.traits.listing import Evaluation, Listing, at
from mockserver.traits.times import read_time

LIST = "listChangeLogs"
_BOUNDS = ("start_time", "end_time")
_FIVE = 5
_FIRST_MILLISECONDS = 10**11
"""What is less is seconds, by its size."""
_SLIP = "The page's own sentence on a timetoken is a slip."


Latest = tuple[Listing, Listing]
"""The latest entries up to an end, and the first page of a period with the same end."""


def read_latest(now: Interaction, _: Sequence[Interaction]) -> Listing | None:
    """The entries up to an end, without a start."""
    listing = Evaluation(api.traits, now, ()).listing
    bounds = listing.bounds if listing else None
    is_latest = bounds and bounds.start is None and bounds.end is not None
    return listing if is_latest else None


def _read_latest_and_period(
    now: Interaction, before: Sequence[Interaction], *, is_all: bool
) -> Latest | None:
    """The latest entries of all actions, or of some, beside a period."""
    found = read_latest(now, before)
    if found is None or found.bounds is None:
        return None
    actions = found.scope.get("actions")
    if (actions == frozenset(wire.ACTIONS)) != is_all:
        return None
    for other in Evaluation(api.traits, now, before).earlier():
        bounds = other.bounds
        if bounds is None or bounds.start is None or bounds.is_reversed or other.first:
            continue
        is_same = (bounds.end, other.scope.get("actions")) == (found.bounds.end, actions)
        if is_same and other.is_settled():
            return found, other
    return None


_read_latest_of_all = partial(_read_latest_and_period, is_all=True)
_read_latest_of_some = partial(_read_latest_and_period, is_all=False)


_DAY = 24 * 3600 * SECOND
Ends = tuple[Listing, Listing, Listing]
"""The first and the last page of what is listed without bounds, and a period that is over."""


def _read_time(row: Any) -> int:
    """The time of an entry in microseconds, the epoch where it is none."""
    return read_time(at(row, "/timestamp"), "seconds") or 0


def read_present(now: Interaction, before: Sequence[Interaction]) -> Ends | None:
    """What is listed without bounds, at its two ends, beside a period."""
    evaluation = Evaluation(api.traits, now, before)
    last = evaluation.listing
    if last is None or last.bounds is None or not last.bounds.is_unbounded or not last.is_last:
        return None
    alike = [page for page in evaluation.same_list() if page.first == 0 and page.size == last.size]
    first = last if last.first == 0 else next(iter(alike), None)
    for other in evaluation.earlier():
        is_period = other.bounds and None not in (other.bounds.start, other.bounds.end)
        if is_period and first and other.is_settled() and other.is_same_but(last, *_BOUNDS):
            return first, last, other
    return None


@invariant(LIST, evidence="documented", reads=read_present)
def an_end_left_out_is_the_present(ends: Ends) -> Iterator[str]:
    """Without bounds, the latest entry of the last day is listed."""
    first, last, period = ends
    pages = (first, last) if first is not last else (first,)
    listed = [_read_time(row) for page in pages for row in page.rows]
    is_all = (first.total or 0) <= len(listed)
    # The order is not documented: where there is one, the latest is at one of the ends.
    if not is_all and listed not in (sorted(listed), sorted(listed, reverse=True)):
        return
    latest = max(period.rows, key=_read_time, default=None)
    if latest is None or _read_time(latest) < last.clock - _DAY:
        return
    if at(latest, "/id") not in first.by_id.keys() | last.by_id.keys():
        yield f"the entry {at(latest, '/id')} is not"


def read_period(now: Interaction, _: Sequence[Interaction]) -> int | None:
    """The status for a period in milliseconds that is over, on its first page."""
    start, end = (now.arguments.get(name) for name in _BOUNDS)
    is_read = now.is_valid and now.is_admitted and now.arguments.get("page") == 1
    if not is_read or type(start) is not int or type(end) is not int:
        return None
    is_over = _FIRST_MILLISECONDS <= start < end <= now.moment // (SECOND // 1000)
    return now.status if is_over and now.status in (200, 400, 422) else None


@invariant(LIST, evidence="documented", note="Seven days are advice.", reads=read_period)
def a_period_is_served_however_long(status: int) -> Iterator[str]:
    """A period that is over is served, of more than seven days too."""
    if status != 200:
        yield f"it gets {status}"


@invariant(LIST, evidence="assumed", note=_SLIP, reads=read_latest)
def an_end_alone_reaches_five(found: Listing) -> Iterator[str]:
    """An upper bound without a lower one yields five entries at most."""
    count = max(found.total or 0, len(found.rows))
    if count > _FIVE:
        yield f"it yields {count}"


@invariant(LIST, evidence="assumed", note=_SLIP, reads=_read_latest_of_all)
def an_end_alone_reaches_the_latest(latest: Latest) -> Iterator[str]:
    """An upper bound without a lower one yields the latest entries up to it."""
    found, period = latest
    total, most = found.total or 0, period.total or 0
    if total < min(_FIVE, most) or (most >= _FIVE and total != _FIVE):
        yield f"it yields {total}, and the period has {most}"
        return
    due = list(period.by_id)[found.first or 0 : _FIVE]
    for id, other in zip(found.by_id, due, strict=False):
        if id != other:
            yield f"it yields the entry {id}, and the latest in the period is {other}"


@invariant(LIST, evidence="assumed", note="The page is silent on it.", reads=_read_latest_of_some)
def actions_are_chosen_before_the_five(latest: Latest) -> Iterator[str]:
    """The latest five are those of the actions that were requested."""
    yield from an_end_alone_reaches_the_latest.find_violations(latest)
