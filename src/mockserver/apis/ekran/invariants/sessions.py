"""Sessions in one answer: each by itself, and their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from mockserver.apis.ekran.invariants.listing import (
    LIST,
    TIME,
    TOLERANCE,
    Listing,
    Session,
    few,
    items,
    read,
    shown,
)
from mockserver.invariant import Interaction, invariant


@invariant(
    LIST,
    evidence="documented",
    note="The page says that one is when the session started, the other when it ended. By its "
    "notes, read literally, one without activity in the bounds shows the next beyond either.",
)
def no_session_ends_before_it_begins(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A session's `loginDate` is not after its `logoutDate`, as far as both lie in the bounds."""
    return _turned_round(now, is_inside=True)


@invariant(
    LIST, evidence="assumed", note="A session without activity inside the bounds is left out."
)
def no_session_is_shown_from_beyond_its_bounds(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """No session begins after `end`, or ends before `start`, and so before it begins."""
    return _turned_round(now, is_inside=False)


def _turned_round(now: Interaction, *, is_inside: bool) -> list[str] | None:
    """The sessions that end before they begin, of those that lie in the bounds or of the others."""
    listing = read(now)
    if listing is None:
        return None
    finished = [
        (session, session.logout)
        for session in listing.sessions
        if session.logout is not None
        and (not is_inside or _is_inside(listing, session, session.logout))
    ]
    if not finished:
        return None
    return few(
        f"{session} begins {shown(session.login)} and ends {shown(logout)}"
        for session, logout in finished
        if session.login > logout and (is_inside or not _is_inside(listing, session, logout))
    )


def _is_inside(listing: Listing, session: Session, logout: int) -> bool:
    begins = listing.end is None or session.login <= listing.end
    return begins and (listing.start is None or logout >= listing.start)


@invariant(LIST, evidence="documented", note="The page calls `sessionId` the id of the session.")
def a_session_is_listed_once(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """No two sessions of an answer have the same `sessionId`."""
    listing = read(now)
    if listing is None or not listing.sessions:
        return None
    counts = Counter(session.id for session in listing.sessions)
    return few(f"session {id} is listed {count} times" for id, count in counts.items() if count > 1)


@invariant(LIST, evidence="example")
def times_are_written_as_in_the_example(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A time has milliseconds and the zone +00:00, as in `2000-01-23T04:56:07.000+00:00`."""
    times = list(_times(items(now) or []))
    if not times:
        return None
    return few(f"'{time:.40}' is not written so" for time in times if not TIME.fullmatch(time))


def _times(found: list[Any]) -> Iterator[str]:
    for item in found:
        if isinstance(item, dict):
            dates = (item.get("loginDate"), item.get("logoutDate"))
            yield from (date for date in dates if isinstance(date, str))


@invariant(
    LIST, evidence="assumed", note="The page says nothing of an order; the times are as shown."
)
def sessions_are_in_the_order_of_login_and_id(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """Sessions come by their `loginDate`, those of the same moment by their `sessionId`."""
    listing = read(now)
    if listing is None or len(listing.sessions) < 2:
        return None
    return few(
        f"{after}, begun {shown(after.login)}, comes after {one}, begun {shown(one.login)}"
        for one, after in pairwise(listing.sessions)
        if (one.login, one.id) > (after.login, after.id)
    )


@invariant(
    LIST,
    evidence="assumed",
    note="Five minutes are allowed for clocks that are apart; the page does not speak of it.",
)
def nothing_has_happened_in_the_future(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """No session begins or ends after the moment of the answer."""
    listing = read(now)
    if listing is None or not listing.sessions or not listing.moment:
        return None
    return few(
        f"{session} has {shown(time)}, and it is {shown(listing.moment)}"
        for session in listing.sessions
        for time in (session.login, session.logout)
        if time is not None and time > listing.moment + TOLERANCE
    )
