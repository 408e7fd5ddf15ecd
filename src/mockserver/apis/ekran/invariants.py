"""The sessions beyond their traits: what is shown of a session that crosses a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from mockserver.apis.ekran import api
from mockserver.clock import SECOND
from mockserver.invariant import Interaction, invariant
from mockserver.traits.listing import Bounds, Evaluation, at
from mockserver.traits.ranged import Ranged, RangedRow, RangePair, read_pairs, read_ranged
from mockserver.traits.times import DAY, QUARTER, describe, is_placeholder, read_time

LIST = "listSessions"
_ACTIVITY = "Notes 2 and 3 of the page say activity; the bounds are taken to be strict and in UTC."


_WEEK = 7 * DAY
_ENOUGH = 6

Activities = list[tuple[Any, int]]
"""Ids of sessions, each with a moment at which something was done in it."""


def read_sessions(
    now: Interaction,
    _: Sequence[Interaction],
    where: Callable[[Bounds], bool] = lambda _: True,
    *,
    is_exact: bool = True,
) -> Ranged | None:
    """The sessions of a response, and its bounds, of which something holds, in UTC."""
    found = read_ranged(Evaluation(api.traits, now, ()).listing, is_exact=is_exact)
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
    """Whether both times of a session that is shown are surely on the inner side of the bounds.

    Of one bound they are: what is selected has a time on that side, and the other is cut to it.
    """
    if None in (found.bounds.start, found.bounds.end):
        return True
    begins = found.is_before(session.begin, found.bounds.end)
    return begins and found.is_after(session.end, found.bounds.start)


class Divisions(Struct, frozen=True):
    """Lists with the same moment as their only start and as their only end, in any zone.

    `whole` is the list of all sessions; `after` and `before` are those of each moment.
    """

    whole: Ranged
    after: dict[int, Ranged]
    before: dict[int, Ranged]

    @property
    def over(self) -> list[RangedRow]:
        """The sessions that surely do not go on."""
        since = self.whole.listing.clock - DAY
        return [session for session in self.whole.rows if session.end and session.end < since]

    def list_cuts(self, session: RangedRow) -> tuple[dict[int, int], dict[int, int]]:
        """The times to which a start has cut a session, and those to which an end has, by moment.

        Something was done at each of them.
        """
        last = session.end or 0
        logins = {
            moment: shown.begin
            for moment, found in self.after.items()
            if (shown := found.by_id.get(session.id)) and shown.begin > session.begin
        }
        logouts = {
            moment: shown.end
            for moment, found in self.before.items()
            if (shown := found.by_id.get(session.id)) and shown.end and shown.end < last
        }
        return logins, logouts


def read_divisions(now: Interaction, before: Sequence[Interaction]) -> Divisions | None:
    """The lists of moments, beside the list of all sessions."""
    evaluation = Evaluation(api.traits, now, before)
    listed = read_ranged(evaluation.listing)
    if listed is None or _get_moment(listed) is None:
        return None
    lists = [listed, *filter(None, map(read_ranged, evaluation.earlier()))]
    whole = next((other for other in lists if other.bounds.is_unbounded), None)
    if whole is None or not whole.rows:
        return None
    divisions = Divisions(whole, {}, {})
    for other in lists:
        moment = _get_moment(other)
        if moment is not None:
            side = divisions.before if other.bounds.start is None else divisions.after
            side.setdefault(moment, other)
    return divisions


def _get_moment(found: Ranged) -> int | None:
    """The only bound of a list, where it is a second; of a minute it is open what belongs to it."""
    if (found.bounds.start is None) == (found.bounds.end is None):
        return None
    text = next(text for text in found.bounds.texts if text is not None)
    moment = found.bounds.end if found.bounds.start is None else found.bounds.start
    return moment if len(text) == len("2021-04-01T12:00:00") else None


def _is_at(time: int, moment: int) -> bool:
    """Whether a time may be the second of a moment, in some zone: a bound may be included."""
    return (time - moment) % QUARTER < SECOND


@invariant(
    LIST,
    evidence="documented",
    note="The page says that one is when the session started, the other when it ended. By its "
    "notes, read literally, one without activity in the bounds shows the next beyond either.",
    reads=partial(read_sessions, is_exact=False),
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
    reads=partial(read_sessions, is_exact=False),
)
def no_session_is_shown_from_beyond_its_bounds(found: Ranged) -> Iterator[str]:
    """No session begins after `end`, or ends before `start`, and so before it begins."""
    for session in found.rows:
        is_turned = session.end is not None and session.begin > session.end
        if is_turned and not _is_inside(found, session):
            yield f"{session} begins {describe(session.begin)} and ends {describe(session.end)}"


@invariant(
    LIST,
    evidence="documented",
    note="The page says of `logoutDate` that the session ended then; one that still runs is open.",
    reads=partial(read_sessions, where=lambda bounds: bounds.is_unbounded),
)
def some_session_of_last_week_is_over(found: Ranged) -> Iterator[str]:
    """Not all of the sessions that began more than a week ago still run."""
    old = [session for session in found.rows if session.begin < found.listing.clock - _WEEK]
    if len(old) > 1 and all(session.end is None for session in old):
        yield f"none of {len(old)} has a `logoutDate`"


@invariant(
    LIST,
    evidence="documented",
    note="Notes 1 to 3 of the page, whatever the zone of the bounds is. Something was done when "
    "a session is cut; a session that is not over may have no end.",
    reads=read_divisions,
)
def what_a_moment_divides_is_on_both_sides_of_it(found: Divisions) -> Iterator[str]:
    """What was done before and after a moment is listed to it and from it, as far as it."""
    for session in found.over:
        logins, logouts = found.list_cuts(session)
        done = [*logins.values(), *logouts.values()]
        for moment in found.after.keys() & found.before.keys():
            apart = [time for time in done if not _is_at(time, moment)]
            after = found.after[moment].by_id.get(session.id)
            before = found.before[moment].by_id.get(session.id)
            login, logout = logins.get(moment), logouts.get(moment)
            if logout and not after and any(time > logout for time in apart):
                yield f"{session} is not listed from {describe(moment)}, to which it is cut"
            if login and not before and any(time < login for time in apart):
                yield f"{session} is not listed to {describe(moment)}, from which it is cut"
            if after and before and before.end and session.begin < (session.end or 0):
                is_bound = _is_at(after.begin, moment) and _is_at(before.end, moment)
                if after.begin <= before.end and not is_bound:
                    yield (
                        f"{session} begins {describe(after.begin)} from {describe(moment)}, "
                        f"and ends {describe(before.end)} to it"
                    )


@invariant(
    LIST,
    evidence="documented",
    note="Notes 2 and 3 of the page say activity; that every cut is at the bound is no chance.",
    reads=read_divisions,
)
def not_every_session_is_cut_at_the_bound(found: Divisions) -> Iterator[str]:
    """What crosses a bound shows an activity inside it, and not the bound itself."""
    cuts = [found.list_cuts(session) for session in found.over]
    for side, word in enumerate(("start", "end")):
        pairs = {(moment, time) for both in cuts for moment, time in both[side].items()}
        moments = {moment % QUARTER for moment, _ in pairs}
        if len(moments) >= _ENOUGH and all(_is_at(time, moment) for moment, time in pairs):
            yield f"every session that is cut by {word} shows {word}, at {len(moments)} moments"


@invariant(
    LIST,
    evidence="assumed",
    note="The page does not say how a session is shown that still runs.",
    reads=read_times,
)
def a_session_that_runs_shows_no_other_time(times: list[str]) -> Iterator[str]:
    """A time is none that stands for no time, such as the year 1."""
    for time in times:
        if is_placeholder(read_time(time, "date-time")):
            yield f"'{time}' is one"


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
            if not _touches_and_fits(session, pair.narrow):
                continue
            may_have_run = pair.earlier is pair.narrow and pair.may_have_changed(session.end)
            is_shown = pair.narrow.by_id.get(session.id) == session
            if not is_shown and not may_have_run:
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
