"""The sessions beyond their traits: what is shown of a session that crosses a bound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from mockserver.apis.ekran import api
from mockserver.invariant import Interaction, invariant
from mockserver.traits.listing import Bounds, Evaluation, at
from mockserver.traits.ranged import Ranged, RangedRow, RangePair, read_pairs, read_ranged
from mockserver.traits.times import describe

LIST = "listSessions"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+00:00")
"""A moment as the page's example writes it."""

_ACTIVITY = "Notes 2 and 3 of the page say activity; the bounds are taken to be strict and in UTC."


Activities = list[tuple[Any, int]]
"""Ids of sessions, each with a moment at which something was done in it."""


def read_sessions(
    now: Interaction, _: Sequence[Interaction], where: Callable[[Bounds], bool] = lambda _: True
) -> Ranged | None:
    """The sessions of a response, and its bounds in UTC, of which something holds."""
    found = read_ranged(Evaluation(api.traits, now, ()).listing, is_exact=True)
    return found if found and found.rows and where(found.bounds) else None


def read_times(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The times of a response as they are written."""
    rows = now.response_body if now.is_success and isinstance(now.response_body, list) else []
    dates = [at(row, pointer) for row in rows for pointer in ("/loginDate", "/logoutDate")]
    return [date for date in dates if isinstance(date, str)] or None


def read_parts_of_all(now: Interaction, before: Sequence[Interaction]) -> list[RangePair] | None:
    """Ranges beside the list of all sessions."""
    read = read_pairs(lambda pair: pair.wide.bounds.is_unbounded, is_exact=True)
    return read(Evaluation(api.traits, now, before))


def read_done(now: Interaction, before: Sequence[Interaction]) -> tuple[Ranged, Activities] | None:
    """The list of a range, and what earlier responses show to have been done inside of it."""
    evaluation = Evaluation(api.traits, now, before)
    listed = read_ranged(evaluation.listing, is_exact=True)
    others = (read_ranged(other, is_exact=True) for other in evaluation.earlier())
    lists = [other for other in others if other]
    whole = next((other for other in lists if other.bounds.is_unbounded), None)
    if listed is None or whole is None or listed.bounds.is_unbounded:
        return None
    start, end = listed.bounds.start, listed.bounds.end
    inside = [
        (id, moment)
        for id, moment in _list_activities(whole, lists)
        if (start is None or moment > start) and (end is None or moment < end)
    ]
    return (listed, inside) if inside else None


def _list_activities(whole: Ranged, lists: list[Ranged]) -> Iterator[tuple[Any, int]]:
    """The times to which other responses cut sessions: something was done then."""
    for found in lists:
        for session in found.rows:
            uncut = whole.by_id.get(session.id, session)
            if session.begin > uncut.begin:
                yield session.id, session.begin
            # One that still ran is known to have gone on until the moment of the response.
            until = whole.since if uncut.end is None else uncut.end
            if session.end is not None and session.end < until:
                yield session.id, session.end


def _is_inside(found: Ranged, session: RangedRow) -> bool:
    """Whether both times of a session that is shown are on the inner side of the bounds."""
    begins = found.bounds.end is None or session.begin <= found.bounds.end
    return begins and (found.bounds.start is None or (session.end or 0) >= found.bounds.start)


@invariant(
    LIST,
    evidence="documented",
    note="The page says that one is when the session started, the other when it ended. By its "
    "notes, read literally, one without activity in the bounds shows the next beyond either.",
    reads=read_sessions,
)
def no_session_ends_before_it_begins(found: Ranged) -> Iterator[str]:
    """A session's `loginDate` is not after its `logoutDate`, as far as both lie in the bounds."""
    for session in found.rows:
        if session.end is not None and session.begin > session.end and _is_inside(found, session):
            yield f"{session} begins {describe(session.begin)} and ends {describe(session.end)}"


@invariant(
    LIST,
    evidence="assumed",
    note="A session without activity inside the bounds is left out.",
    reads=read_sessions,
)
def no_session_is_shown_from_beyond_its_bounds(found: Ranged) -> Iterator[str]:
    """No session begins after `end`, or ends before `start`, and so before it begins."""
    for session in found.rows:
        is_turned = session.end is not None and session.begin > session.end
        if is_turned and not _is_inside(found, session):
            yield f"{session} begins {describe(session.begin)} and ends {describe(session.end)}"


@invariant(LIST, evidence="example", reads=read_times)
def times_are_written_as_in_the_example(times: list[str]) -> Iterator[str]:
    """A time has milliseconds and the zone +00:00, as in `2000-01-23T04:56:07.000+00:00`."""
    yield from (f"'{time:.40}' is not written so" for time in times if not _TIME.fullmatch(time))


@invariant(
    LIST,
    evidence="assumed",
    note="The page says before and after; that both are strict is ours.",
    reads=partial(read_sessions, where=lambda bounds: not bounds.is_unbounded),
)
def what_only_touches_a_bound_is_left_out(found: Ranged) -> Iterator[str]:
    """A session that ends with `start` or begins with `end` is outside the bounds, in UTC."""
    start, end = found.bounds.start, found.bounds.end
    for session in found.rows:
        if None not in (session.end, start) and session.end == start:
            yield f"{session} ends where the range begins, {describe(start)}"
        if session.begin == end:
            yield f"{session} begins where the range ends, {describe(end)}"


@invariant(
    LIST,
    evidence="assumed",
    note="The page does not say how a session is shown that still runs.",
    reads=partial(read_sessions, where=lambda bounds: bounds.end is not None),
)
def with_an_end_every_session_has_a_logout(found: Ranged) -> Iterator[str]:
    """A `logoutDate` is null only where no `end` was given."""
    yield from (f"{session} has none" for session in found.rows if session.end is None)


@invariant(LIST, evidence="assumed", note=_ACTIVITY, reads=read_parts_of_all)
def a_session_is_cut_at_an_activity_not_at_the_bound(pairs: list[RangePair]) -> Iterator[str]:
    """What crosses a bound shows an activity inside it, and not the bound itself."""
    for pair in pairs:
        start, end = pair.narrow.bounds.start, pair.narrow.bounds.end
        for whole, shown in pair.shared:
            if start is not None and whole.begin < start and shown.begin == start:
                yield f"{shown} shows {describe(start)}"
            goes_on = end is not None and (whole.end is None or whole.end > end)
            if goes_on and shown.end == end:
                yield f"{shown} shows {describe(end)}"


@invariant(
    LIST,
    evidence="assumed",
    note="The page says before, and a session begun with `start` is not; in UTC.",
    reads=read_parts_of_all,
)
def what_fills_the_bounds_is_listed_whole(pairs: list[RangePair]) -> Iterator[str]:
    """A session that begins with `start` or ends with `end` does not cross it, and is not cut."""
    for pair in pairs:
        for session in pair.wide.rows:
            may_have_run = pair.earlier is pair.narrow and pair.may_have_changed(session.end)
            is_shown = pair.narrow.by_id.get(session.id) == session
            if _touches_and_fits(session, pair.narrow) and not is_shown and not may_have_run:
                yield f"{session} is not listed so {pair.narrow.describe()}"


def _touches_and_fits(session: RangedRow, part: Ranged) -> bool:
    if session.end is None or session.begin == session.end:
        return False
    start, end = part.bounds.start, part.bounds.end
    touches = session.begin == start or session.end == end
    begins = start is None or session.begin >= start
    return touches and begins and (end is None or session.end <= end)


@invariant(
    LIST,
    evidence="assumed",
    note="Notes 2 and 3 of the page say activity; that the bounds are in UTC is ours.",
    reads=read_done,
)
def what_was_done_inside_is_shown(done: tuple[Ranged, Activities]) -> Iterator[str]:
    """A session is listed, and shown that far, where another response shows an activity inside."""
    listed, activities = done
    for id, moment in activities:
        session = listed.by_id.get(id)
        if (
            session is None
            or session.begin > moment
            or (session.end is not None and session.end < moment)
        ):
            yield f"session {id}, in which something was done {describe(moment)}, is not shown so"
