"""The changelog beyond its traits: the present, and long periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.apis.avaamo import api
from mockserver.clock import SECOND
from mockserver.invariant import Interaction, invariant
from mockserver.traits.listing import Evaluation, Listing, at
from mockserver.traits.times import DAY, read_time

LIST = "listChangeLogs"
_BOUNDS = ("start_time", "end_time")
_FIRST_MILLISECONDS = 10**11
"""What is less is seconds, by its size."""

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
    if latest is None or _read_time(latest) < last.clock - DAY:
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
