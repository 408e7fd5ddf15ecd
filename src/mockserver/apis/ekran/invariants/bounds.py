"""The bounds that were given, and what one answer shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.apis.ekran.invariants.listing import LIST, Listing, bounds, few, items, read, shown
from mockserver.apis.ekran.invariants.zones import ANY_ZONE, CLOCK_CHANGE, UTC, Zone
from mockserver.invariant import Interaction, invariant


@invariant(
    LIST,
    evidence="documented",
    note="Notes 2 and 3 of the page; the bounds may be those of any time zone.",
)
def times_lie_inside_the_bounds(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """No session shows a login before `start` or a logout after `end`."""
    return _validated(read(now), ANY_ZONE)


@invariant(LIST, evidence="assumed", note="The page names no zone for the bounds.")
def bounds_are_in_utc(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """To the second, no session shows a login before `start` or a logout after `end` in UTC."""
    return _validated(read(now), UTC)


def _validated(listing: Listing | None, zone: Zone) -> list[str] | None:
    if listing is None or listing.is_unbounded or not listing.sessions:
        return None
    return few(_outside(listing, zone))


def _outside(listing: Listing, zone: Zone) -> Iterator[str]:
    for session in listing.sessions:
        if zone.is_before(session.login, listing.start):
            yield f"{session} begins {shown(session.login)}, before {shown(listing.start)}"
        if session.logout is not None and zone.is_after(session.logout, listing.end):
            yield f"{session} ends {shown(session.logout)}, after {shown(listing.end)}"


@invariant(
    LIST,
    evidence="documented",
    note="Notes 2 and 3 of the page, in whatever time zone; three hours are allowed for its clocks "
    "being put back in between.",
)
def what_is_shown_takes_no_longer_than_the_range(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """With both bounds, no more time lies between the first login and the last logout shown."""
    listing = read(now)
    if listing is None or listing.start is None or listing.end is None:
        return None
    ended = [session for session in listing.sessions if session.logout is not None]
    if not ended or listing.start > listing.end:
        return None
    first = min(ended, key=lambda session: session.login)
    last = max(ended, key=lambda session: session.logout or 0)
    if (last.logout or 0) - first.login <= listing.end - listing.start + CLOCK_CHANGE:
        return []
    return [
        f"{first} begins {shown(first.login)} and {last} ends {shown(last.logout)}, in a range "
        f"from {shown(listing.start)} to {shown(listing.end)}"
    ]


@invariant(
    LIST, evidence="assumed", note="The page says before and after; that both are strict is ours."
)
def what_only_touches_a_bound_is_left_out(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A session that ends with `start` or begins with `end` is outside the bounds, in UTC."""
    listing = read(now)
    if listing is None or listing.is_unbounded or not listing.sessions:
        return None
    ends = (
        f"{session} ends {shown(session.logout)}, where the range begins {shown(listing.start)}"
        for session in listing.sessions
        if None not in (session.logout, listing.start) and session.logout == listing.start
    )
    begins = (
        f"{session} begins {shown(session.login)}, where the range ends {shown(listing.end)}"
        for session in listing.sessions
        if session.login == listing.end
    )
    return few([*ends, *begins])


@invariant(
    LIST, evidence="assumed", note="The page does not say how a session is shown that still runs."
)
def with_an_end_every_session_has_a_logout(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A `logoutDate` is null only where no `end` was given."""
    listing = read(now)
    if listing is None or listing.end is None or not listing.sessions:
        return None
    return few(f"{session} has none" for session in listing.sessions if session.logout is None)


@invariant(LIST, evidence="assumed", note="The page does not speak of it.")
def start_after_end_selects_nothing(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """With `start` after `end` the answer is an empty array."""
    asked, found = bounds(now), items(now)
    if asked is None or found is None:
        return None
    start, end = asked
    if start is None or end is None or start <= end:
        return None
    return [f"there are {len(found)} sessions"] if found else []
