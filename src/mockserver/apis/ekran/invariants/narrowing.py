"""Ranges that lie in each other: what the narrower one shows of what the wider one does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver.apis.ekran.invariants.listing import (
    LIST,
    TOLERANCE,
    Listing,
    Session,
    few,
    latest,
    read,
    shown,
    validated,
)
from mockserver.apis.ekran.invariants.zones import ANY_ZONE, UTC, Zone
from mockserver.invariant import Interaction, invariant

_RUNNING = "What ran at the time of the earlier request may have gone on since."


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two listings, one of whose ranges lies in the other's, and when the earlier was made."""

    wide: Listing
    narrow: Listing
    since: int

    @property
    def shared(self) -> Iterator[tuple[Session, Session]]:
        """Each session that both have, as the wide one shows it and as the narrow one does."""
        for session in self.narrow.sessions:
            if session.id in self.wide.by_id:
                yield self.wide.by_id[session.id], session

    def may_have_changed(self, *logouts: int | None) -> bool:
        """Whether a session that is shown with such logouts ran when the earlier one was made."""
        return any(one is not None and one >= self.since - TOLERANCE for one in logouts)


def _pairs(now: Interaction, before: Sequence[Interaction]) -> Iterator[_Pair]:
    listing = read(now)
    if listing is None:
        return
    for other in map(read, reversed(before)):
        if other is None or (other.start, other.end) == (listing.start, listing.end):
            continue
        if _covers(listing, other):
            yield _Pair(listing, other, other.moment)
        elif _covers(other, listing):
            yield _Pair(other, listing, other.moment)


def _covers(wide: Listing, narrow: Listing) -> bool:
    begins = wide.start is None or (narrow.start is not None and wide.start <= narrow.start)
    ends = wide.end is None or (narrow.end is not None and narrow.end <= wide.end)
    return begins and ends


@invariant(LIST, evidence="documented", note=f"Note 1 of the page. {_RUNNING}")
def a_narrower_range_has_no_more_sessions(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """What is listed in a range is listed in every wider one too."""
    return validated(
        few(
            f"{session} is listed {_range(pair.narrow)}, and not {_range(pair.wide)}"
            for session in pair.narrow.sessions
            if session.id not in pair.wide.by_id
            and session.logout is not None
            and not pair.may_have_changed(session.logout)
        )
        for pair in _pairs(now, before)
        if pair.narrow.sessions and not pair.wide.is_unbounded
    )


@invariant(LIST, evidence="documented", note=f"Notes 2 and 3 of the page. {_RUNNING}")
def a_narrower_range_shows_no_more_of_a_session(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A narrower range shows a session from no earlier and to no later than a wider one."""
    return validated(_more(pair) for pair in _pairs(now, before))


def _more(pair: _Pair) -> list[str] | None:
    shared = list(pair.shared)
    if not shared:
        return None
    earlier = (
        f"{narrow} begins {shown(narrow.login)} {_range(pair.narrow)}, "
        f"and {shown(wide.login)} {_range(pair.wide)}"
        for wide, narrow in shared
        if narrow.login < wide.login
    )
    later = (
        f"{narrow} ends {shown(narrow.logout)} {_range(pair.narrow)}, "
        f"and {shown(wide.logout)} {_range(pair.wide)}"
        for wide, narrow in shared
        if _is_later(narrow.logout, wide.logout)
        and not pair.may_have_changed(wide.logout, narrow.logout)
    )
    return few([*earlier, *later])


def _is_later(one: int | None, other: int | None) -> bool:
    return other is not None and (one is None or one > other)


@invariant(
    LIST,
    evidence="documented",
    note=f"Notes 2 and 3 of the page; the bounds may be those of any time zone. {_RUNNING}",
)
def what_lies_inside_is_shown_whole(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A bound changes nothing of what lies on its inner side."""
    return validated(_changed(pair, ANY_ZONE) for pair in _pairs(now, before))


@invariant(
    LIST,
    evidence="assumed",
    note=f"Notes 2 and 3 of the page say activity; that the bounds are in UTC is ours. {_RUNNING}",
)
def the_first_and_last_activity_are_the_same_for_every_bound(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A time that a session shows stays, to the second, until a bound passes it."""
    return validated(_changed(pair, UTC) for pair in _pairs(now, before))


def _changed(pair: _Pair, zone: Zone) -> list[str] | None:
    """What a bound of the narrow range has changed without cutting it."""
    narrow_range = pair.narrow
    logins = [
        (wide.login, narrow)
        for wide, narrow in pair.shared
        if narrow_range.start is None or zone.is_after(wide.login, narrow_range.start)
    ]
    logouts = [
        (wide.logout, narrow)
        for wide, narrow in pair.shared
        if wide.logout is not None
        and (narrow_range.end is None or zone.is_before(wide.logout, narrow_range.end))
        and not pair.may_have_changed(wide.logout, narrow.logout)
    ]
    if not logins and not logouts:
        return None
    return few(
        [
            *(
                f"{one} begins {shown(one.login)} {_range(narrow_range)}, and not {shown(login)}"
                for login, one in logins
                if one.login != login
            ),
            *(
                f"{one} ends {shown(one.logout)} {_range(narrow_range)}, and not {shown(logout)}"
                for logout, one in logouts
                if one.logout != logout
            ),
        ]
    )


@invariant(
    LIST,
    evidence="assumed",
    note="Notes 2 and 3 of the page say activity; that the bounds are in UTC is ours.",
)
def what_was_done_inside_is_shown(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A session is listed, and shown that far, where another answer shows something done inside."""
    listing, whole = read(now), latest(before)
    if listing is None or whole is None or listing.is_unbounded:
        return None
    done = [
        (id, moment)
        for id, moment in _activities(whole, before)
        if UTC.is_after(moment, _start(listing)) and UTC.is_before(moment, _end(listing))
    ]
    if not done:
        return None
    return few(
        f"session {id}, in which something was done {shown(moment)}, is not shown so "
        f"{_range(listing)}"
        for id, moment in done
        if not _shows(listing.by_id.get(id), moment)
    )


def _activities(whole: Listing, before: Sequence[Interaction]) -> Iterator[tuple[int, int]]:
    """What is known to have been done: the times that other answers cut sessions to."""
    for listing in map(read, before):
        for session in listing.sessions if listing else ():
            uncut = whole.by_id.get(session.id, session)
            if session.login > uncut.login:
                yield session.id, session.login
            # One that still ran is known to have gone on until the moment of the answer.
            until = whole.moment - TOLERANCE if uncut.logout is None else uncut.logout
            if session.logout is not None and session.logout < until:
                yield session.id, session.logout


def _shows(session: Session | None, moment: int) -> bool:
    if session is None or session.login > moment:
        return False
    return session.logout is None or moment <= session.logout


def _start(listing: Listing) -> int:
    return -(2**63) if listing.start is None else listing.start


def _end(listing: Listing) -> int:
    return 2**63 if listing.end is None else listing.end


def _range(listing: Listing) -> str:
    if listing.is_unbounded:
        return "without bounds"
    start = f"from {shown(listing.start)}" if listing.start is not None else ""
    end = f"to {shown(listing.end)}" if listing.end is not None else ""
    return " ".join(filter(None, (start, end)))
